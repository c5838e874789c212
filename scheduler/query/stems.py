"""Forms of one word: `stem:attack` is attacks, attacked, attacking. Which forms there are, the text's language says."""

from __future__ import annotations

from functools import cache, lru_cache
from threading import Lock
from typing import Any

from scheduler.query.capitals import small
from scheduler.query.folding import fold_word

# The language codes of pages (BCP 47) and the names that Snowball's algorithms have.
_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
_SHARED = 3  # letters that all forms of a word have in common
# An algorithm keeps the word that it is at in itself. Long texts, searches and feeds are judged in threads: two at once
# had each other's stems, which were then known for good.
_one_at_a_time = Lock()


def shared_beginning(word: str) -> str:
    """What every form of a folded word begins with: a form is one that does."""
    return word[:_SHARED]


def same_stem(one: str, other: str, language: str) -> bool:
    """Are two words forms of one? As they are given, their case apart, and as they are folded. A text whose language
    is not known, or has no algorithm, is read as English."""
    code = language.partition("-")[0].lower()
    algorithm = _ALGORITHMS.get(code, "english")
    if _stem(fold_word(one), algorithm) == _stem(fold_word(other), algorithm):
        return True
    first, second = small(one, language), small(other, language)
    stems = {fold_word(_stem(first, algorithm))}, {fold_word(_stem(second, algorithm))}
    if algorithm == "turkish":  # takes the end off saldırı and leaves it in saldırılar
        stems[0].add(fold_word(first))
        stems[1].add(fold_word(second))
    return not stems[0].isdisjoint(stems[1])


@lru_cache(maxsize=65536)
def _stem(word: str, algorithm: str) -> str:
    with _one_at_a_time:
        stemmed: str = _stemmer(algorithm).stemWord(word)
    return stemmed


@cache
def _stemmer(algorithm: str) -> Any:
    from snowballstemmer import stemmer  # .1 s, and few rules ask for it

    return stemmer(algorithm)
