"""Which language a text is in: what is stated, unless the letters or the commonest words say otherwise."""

from __future__ import annotations

import re
from collections import Counter

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
        ("gu", "\u0a80-\u0aff", "gu"),
        ("ta", "\u0b80-\u0bff", "ta"),
    )
)
_LATIN = re.compile("[a-zA-Z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W\d_]+")
_TAG = re.compile(r"^[a-zA-Z]{2,3}(?=$|[-_])")

# Words that stand in nearly every sentence of their language and in few of another's.
_COMMON: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in that is was for on with his he said by has have from are at as be it an not this they",
        "de": "der die und das den von zu mit ist des auf für nicht ein eine sich dem auch es im wird bei sind nach",
        "fr": "le la les des et en du une un est que pour dans qui par sur au pas avec plus ce il sont aux cette",
        "es": "el los las y en del una que por con para se su al como más es un lo este fue sus ha pero",
        "it": "il di che la e un per è del una con della dei non si le da gli nel alla sono al più ha anche",
        "pt": "o os as e em do da uma que não com para um por dos no na se mais das ao foi como são ele",
        "nl": "de het een van en dat is op te zijn voor met niet aan er ook die bij heeft om wordt door uit naar",
        "pl": "w i na z się do nie to że jest o jak po od za przez dla przy oraz ale który są czy tym",
        "sv": "och i att det som en på är av för med till den har inte om ett han men de från var vi",
        "no": "og i det på som er en til av for at med har de ikke den et han om fra men var vi også",
        "da": "og i at det er en til på som for af de med den har ikke et der han om fra men var også",
        "fi": "ja on ei että se oli hän mukaan myös kun ovat mutta joka ole kuin tai sen olla vuoden",
        "tr": "ve bir bu için ile da de olarak olan daha çok gibi sonra kadar en ancak ise değil oldu",
        "cs": "a v se na je že z do s o to i pro ve by po jako za ale si od jsou který podle tak",
        "id": "yang dan di dengan untuk dari ini itu tidak pada dalam akan oleh juga ke adalah karena ada",
        "vi": "và của là các có được trong cho không một với người những để đã này khi từ đến",
    }.items()
}


def read_language(stated: str, configured: str, text: str) -> str:
    """Return the primary subtag of a text's language ("ko", "en"), "" if it is not known.

    What the source's config says goes before what the page states: templates keep the language of their maker. Both
    yield to letters that the language is not written with, and the page's statement to a clear count of words.
    """
    letters = text[:1500]
    latin = len(_LATIN.findall(letters))
    counts = [(len(pattern.findall(letters)), assumed, languages) for assumed, pattern, languages in _SCRIPTS]
    most, assumed, languages = max(counts, key=lambda one: one[0])
    # A Japanese text has more kanji than kana, and a Korean one may quote Chinese.
    for number, name, own in counts[:2]:
        if most and number * 5 > most:
            most, assumed, languages = number, name, own
            break
    if most * 2 <= latin:
        return _in_latin(stated, configured, letters, latin, counts)
    for tag in (_tag(configured), _tag(stated)):
        if tag in languages:
            return tag
    return assumed if most >= 10 else _tag(configured) or _tag(stated)


def _in_latin(
    stated: str, configured: str, text: str, letters: int, counts: list[tuple[int, str, frozenset[str]]]
) -> str:
    others = frozenset().union(*(languages for _, _, languages in counts))
    tags = [tag for tag in (_tag(configured), _tag(stated)) if tag and (tag not in others or letters < 20)]
    guess = _by_words(text)
    if _tag(configured) in tags or (tags and not guess) or (tags and tags[0] not in _COMMON):
        return tags[0]
    return guess


def _by_words(text: str) -> str:
    """Return the language whose common words clearly lead, "" where none does."""
    words = Counter(_WORD.findall(text.lower()))
    total = sum(words.values())
    shares = sorted(((sum(words[one] for one in common), name) for name, common in _COMMON.items()), reverse=True)
    (best, name), (second, _) = shares[0], shares[1]
    return name if total >= 20 and best * 100 >= total * 12 and best * 4 >= second * 5 else ""


def _tag(stated: str) -> str:
    found = _TAG.match(stated)
    return found[0].lower() if found else ""
