"""Texts that nobody wrote, each with words of its own, the same for the same chance."""

from __future__ import annotations

import random

WORDS = tuple(
    """
    harbour ministry letter council bridge orchard winter report soldier market teacher river engine
    parliament doctor museum border village signal factory student painter railway election border
    station weather minister captain garden bakery concert island tunnel library theatre hospital
    airport quarry valley fisher printer lighthouse
    """.split()  # noqa: SIM905
)
VERBS = tuple(
    """
    opened closed praised visited repaired refused counted measured welcomed questioned announced
    denied
    """.split()  # noqa: SIM905
)


def text(chance: random.Random, paragraphs: int = 6) -> list[str]:
    return [
        " ".join(
            f"The {chance.choice(WORDS)} of {chance.choice(WORDS)} {chance.choice(VERBS)} the "
            f"{chance.choice(WORDS)} near the {chance.choice(WORDS)} on day {chance.randint(1, 400)}."
            for _ in range(3)
        )
        for _ in range(paragraphs)
    ]


def title(chance: random.Random) -> str:
    return f"{chance.choice(WORDS)} {chance.choice(VERBS)} {chance.choice(WORDS)} {chance.randint(1, 999)}".capitalize()
