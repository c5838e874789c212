"""Which language a text is in: what is stated, unless the letters say otherwise."""

from __future__ import annotations

import re

# Scripts, the languages written in them, and the one to assume where a page states another. Latin says nothing.
_SCRIPTS: tuple[tuple[str, re.Pattern[str], frozenset[str]], ...] = tuple(
    (assumed, re.compile(f"[{letters}]"), frozenset(languages.split()))
    for assumed, letters, languages in (
        ("ko", "\uac00-\ud7a3\u1100-\u11ff", "ko"),
        ("ja", "\u3040-\u30ff", "ja"),
        ("zh", "\u4e00-\u9fff", "zh ja yue wuu"),
        ("ru", "\u0400-\u04ff", "ru uk be bg sr mk kk ky tg mn tt ba os ce"),
        ("ar", "\u0600-\u06ff", "ar fa ur ps ku ckb sd ug"),
        ("he", "\u0590-\u05ff", "he yi"),
        ("el", "\u0370-\u03ff", "el"),
        ("th", "\u0e00-\u0e7f", "th"),
        ("hi", "\u0900-\u097f", "hi mr ne sa kok mai bho"),
    )
)
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f]")
_TAG = re.compile(r"^[a-zA-Z]{2,3}(?=$|[-_])")


def read_language(stated: str, configured: str, text: str) -> str:
    """Return the primary subtag of a text's language ("ko", "en"), "" if it is not known.

    What the source's config says goes before what the page states: templates keep the language of their maker. Both
    yield to letters that the language is not written with.
    """
    letters = text[:3000]
    latin = len(_LATIN.findall(letters))
    counts = [(len(pattern.findall(letters)), assumed, languages) for assumed, pattern, languages in _SCRIPTS]
    # A Japanese text has more kanji than kana, and a Korean one may quote Chinese.
    most, assumed, languages = max(counts)
    for kana_or_hangul in counts[:2]:
        if kana_or_hangul[0] * 5 > most:
            most, assumed, languages = kana_or_hangul
            break
    for name in (configured, stated):
        if found := _TAG.match(name):
            tag = found[0].lower()
            in_script = tag in languages if most * 2 > latin else all(tag not in one for _, _, one in counts)
            if in_script or most + latin < 20:
                return tag
    return assumed if most * 2 > latin and most >= 10 else ""
