"""Capitals and their small letters, by language: the small letter of I is ı in Turkish, and i elsewhere."""

from __future__ import annotations

from functools import lru_cache

_DOTLESS = frozenset(("tr", "az", "crh", "gag"))  # Turkish, Azerbaijani, Crimean Tatar, Gagauz


def small(word: str, language: str) -> str:
    """A word in small letters; `language` is that of its text, a code (BCP 47) or "". İ is i everywhere."""
    if not word.isascii() or _has_dotless(language):
        word = word.replace("İ", "i")
        word = word.replace("I", "ı") if _has_dotless(language) else word
    return word.lower()


def stands_as_asked(written: str, asked: str, language: str) -> bool:
    """Is what stands in a text written as it is asked for: its accents the same, and its capitals where a capital is
    asked for? A small letter holds for its capital as well, as a sentence and a headline have it."""
    if written == asked:
        return True
    return len(written) == len(asked) and all(
        one == other or other in _small_letters(one, language) for one, other in zip(written, asked, strict=True)
    )


@lru_cache(maxsize=4096)
def _small_letters(letter: str, language: str) -> tuple[str, ...]:
    """Those that a letter may be the capital of."""
    if letter == "I" and not language:
        return ("i", "ı")
    return ("σ", "ς") if letter == "Σ" else (small(letter, language),)


def _has_dotless(language: str) -> bool:
    return language.partition("-")[0].lower() in _DOTLESS
