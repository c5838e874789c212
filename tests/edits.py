"""Edits of made-up news by the thousand, each labelled with its class, in eight languages; from a seed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from storage.model.articles import Article


@dataclass(frozen=True)
class Language:
    """What a paper of that language writes. `texts` have slots: {person}, {other}, {place}, {town} are names; {n}, {m},
    {day}, {year} numbers; {said} what somebody says; {word} one of several wordings, parted by "|"."""

    code: str
    headlines: tuple[str, ...]
    persons: tuple[str, ...]
    places: tuple[str, ...]
    days: tuple[str, ...]
    numbers: tuple[str, ...]
    said: tuple[str, ...]
    texts: tuple[str, ...]
    notes: tuple[str, ...]
    stamps: tuple[str, ...]


@dataclass(frozen=True)
class Paragraph:
    """A text with its slots, and which of them are filled with what."""

    text: str
    slots: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return re.sub(r"\{(\w+)[^}]*\}", lambda slot: dict(self.slots)[slot[1]], self.text)

    def has(self, *names: str) -> bool:
        return any(name in dict(self.slots) for name in names)

    def filled(self, name: str, value: str) -> Paragraph:
        return replace(self, slots=tuple((slot, value if slot == name else old) for slot, old in self.slots))


LANGUAGES = [
    Language(**{key: tuple(value) if isinstance(value, list) else value for key, value in one.items()})
    for one in tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["language"]
]
Story = list[Paragraph]
NAMES, NUMBERS = ("person", "other", "place", "town"), ("n", "m", "day", "year")


def edit(cls: str, language: Language, random: Random) -> tuple[Article, Article]:
    """One edit of that class, before and after."""
    return _EDITS[cls](language, random)


def _story(language: Language, random: Random, *, size: int = 7, having: tuple[str, ...] = ()) -> Story:
    """Some paragraphs of a paper of that language, one of them at least with one of these slots."""
    texts = random.sample(language.texts, size)
    while having and not any(f"{{{slot}" in text for text in texts for slot in having):
        texts = random.sample(language.texts, size)
    story: Story = []
    for text in texts:
        slots: dict[str, str] = {}
        for name, choice in re.findall(r"\{(\w+)\|?([^}]*)\}", text):
            slots[name] = _value(language, name, choice, random, set(slots.values()))
        story.append(Paragraph(text, tuple(slots.items())))
    return story


def _value(language: Language, name: str, choice: str, random: Random, taken: set[str]) -> str:
    values: dict[str, Callable[[], str]] = {
        "n": lambda: random.choice(language.numbers),
        "m": lambda: str(random.randint(11, 990)),
        "year": lambda: str(random.randint(1950, 2020)),
        "day": lambda: random.choice(language.days),
        "said": lambda: random.choice(language.said),
        "word": lambda: random.choice(choice.split("|")),
        **dict.fromkeys(("person", "other"), lambda: random.choice(language.persons)),
        **dict.fromkeys(("place", "town"), lambda: random.choice(language.places)),
    }
    value = values[name]()
    while value in taken:
        value = values[name]()
    return value


def _article(title: str, story: Story) -> Article:
    return Article(title, "\n\n".join(map(str, story)))


def _other(language: Language, story: Story, at: int, names: tuple[str, ...], random: Random) -> Paragraph:
    """The paragraph with another value in one of these slots."""
    one = story[at]
    name = random.choice([slot for slot, _ in one.slots if slot in names])
    [choice] = [choice for slot, choice in re.findall(r"\{(\w+)\|?([^}]*)\}", one.text) if slot == name]
    return one.filled(name, _value(language, name, choice, random, {value for _, value in one.slots}))


def _of_slots(*names: str) -> Callable[[Language, Random], tuple[Article, Article]]:
    def made(language: Language, random: Random) -> tuple[Article, Article]:
        story = _story(language, random, having=names)
        after = list(story)
        places = [at for at, one in enumerate(story) if one.has(*names)]
        for at in random.sample(places, min(len(places), random.choice((1, 1, 2)))):
            after[at] = _other(language, after, at, names, random)
        title = random.choice(language.headlines)
        return _article(title, story), _article(title, after)

    return made


def _wording(language: Language, random: Random) -> tuple[Article, Article]:
    before, after = _of_slots("word")(language, random)
    if random.random() < 0.2:  # paragraphs that only moved
        paragraphs = before.body.split("\n\n")
        paragraphs.insert(random.randrange(3), paragraphs.pop(random.randrange(4, len(paragraphs))))
        after = replace(before, body="\n\n".join(paragraphs))
    return before, after


def _typo(language: Language, random: Random) -> tuple[Article, Article]:
    story, title = _story(language, random), random.choice(language.headlines)
    before = _article(title, story)
    bodies = [str(one) for one in story]
    places = [at for at, one in enumerate(story) if language.code in ("zh", "ja") or _plain_words(language, one)]
    for at in random.sample(places, random.choice((1, 1, 2))):
        bodies[at] = _slipped(language, story[at], random)
    after = replace(before, body="\n\n".join(bodies))
    return (before, after) if random.random() < 0.5 else (after, before)  # a slip that is made, or mended


def _plain_words(language: Language, one: Paragraph) -> list[str]:
    """Words that are not in its slots and no names, long enough to be known by the rest of their letters."""
    shortest = 3 if language.code == "ko" else 5
    parts = re.split(r"\{[^}]*\}", one.text)
    return [word for part in parts for word in re.findall(rf"(?<= )[^\W\d_A-ZА-ЯÀ-Þ]{{{shortest},}}(?=[ ,.])", part)]


def _slipped(language: Language, one: Paragraph, random: Random) -> str:
    """The paragraph with a slip in what is none of its slots."""
    text, parts = str(one), [part for part in re.split(r"\{[^}]*\}", one.text) if part]
    if language.code in ("zh", "ja"):
        places = [
            (part, at)
            for part in parts
            for at, sign in enumerate(part[:-1])
            if at and "\u4e00" <= sign <= "\u9fff" and sign not in SIGNS_WITH_A_SENSE
        ]
        part, at = random.choice(places)
        slip = random.choice((part[:at] + random.choice(SLIPS) + part[at + 1 :], part[:at] + part[at] + part[at:]))
        return text.replace(part, slip, 1)
    word = random.choice(_plain_words(language, one))
    if language.code == "ko":
        at = random.randrange(len(word) - 1)
        vowel = chr(ord(word[at]) + (28 if word[at] < "히" else -28))  # the next vowel under the same consonants
        return text.replace(word, word[:at] + vowel + word[at + 1 :], 1)
    at = random.randrange(1, len(word) - 2)
    slip = random.choice(
        (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :] if word[at] != word[at + 1] else word[:at] + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            f"{word} {word}",
        )
    )
    if slip == word:
        slip = word[:at] + word[at + 1 :]
    return text.replace(word, slip, 1)


def _added(language: Language, random: Random) -> tuple[Article, Article]:
    story, title = _story(language, random), random.choice(language.headlines)
    fewer = list(story)
    for _ in range(random.choice((1, 1, 2))):
        del fewer[random.randrange(len(fewer))]
    return _article(title, fewer), _article(title, story)


def _removed(language: Language, random: Random) -> tuple[Article, Article]:
    return _added(language, random)[::-1]


def _headline(language: Language, random: Random) -> tuple[Article, Article]:
    before, after = _typo(language, random) if random.random() < 0.2 else (_article("", _story(language, random)),) * 2
    titles = random.sample(language.headlines, 2)
    return replace(before, title=titles[0]), replace(after, title=titles[1])


def _rewrite(language: Language, random: Random) -> tuple[Article, Article]:
    story = _story(language, random, size=10)
    titles = random.sample(language.headlines, 2)
    return _article(titles[0], story[:5]), _article(titles[1], [*story[5:], *story[: random.choice((0, 0, 1))]])


def _correction(language: Language, random: Random) -> tuple[Article, Article]:
    edited = random.choice((_of_slots(*NUMBERS), _of_slots(*NAMES), _wording, _headline))
    before, after = edited(language, random)
    note = random.choice(language.notes).replace("{n}", str(random.randint(2, 99)))
    body = f"{note}\n\n{after.body}" if random.random() < 0.3 else f"{after.body}\n\n{note}"
    return before, replace(after, body=body)


def _label(language: Language, random: Random) -> tuple[Article, Article]:
    before = _article(random.choice(language.headlines), _story(language, random))
    body = before.body
    at = random.randrange(len(body) - 1)
    stamp = random.choice(language.stamps).replace("{n}", str(random.randint(10, 28)))
    changed = random.choice(
        (
            body.translate(str.maketrans("“”„«»「」《》", '""""""""""'[:9])),
            body.replace(". ", ".  ").replace("\n\n", "\n\n\n"),
            body.replace(" ", "\u00a0", random.randint(1, 9)) + " ",
            body[:at] + "\u200b" + body[at:],
            f"{stamp}\n\n{body}",
            f"{body}\n\n{stamp}",
            f"{body} -0-",
        )
    )
    return before, replace(before, body=changed)


_EDITS = {
    "correction": _correction,
    "rewrite": _rewrite,
    "headline": _headline,
    "quote": _of_slots("said"),
    "numbers": _of_slots(*NUMBERS),
    "names": _of_slots(*NAMES),
    "paragraph_removed": _removed,
    "paragraph_added": _added,
    "wording": _wording,
    "typo": _typo,
    "label": _label,
}
CLASSES = tuple(_EDITS)
SIGNS_WITH_A_SENSE = (
    "不没未无非大小多少上下前后後東西南北男女増减減高低长短長内外新旧开開关年月日"
    "人名时時分件回一二三四五六七八九十百千万第"
)
SLIPS = "俢绐刖曰巳圴玫恵沬遣攴艮臾戍朿"
