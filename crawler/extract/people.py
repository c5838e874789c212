"""People's names out of what pages state as authors: bylines with roles, places, addresses and connecting words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from storage.text import one_line

MAX_NAMES = 20
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,64}|(?:^|(?<=\s))@\w{1,40}|\(\s*\)")
_NO_NAME = re.compile(r"https?:|www\.|@|\.(?:com|org|net)\b|^\W*$|\d{3}", re.IGNORECASE)
_BY = re.compile(
    r"^(?:(?:\w+\s){0,2}by\b\s*:?|von\s*:"
    r"|(?:artikel|kommentar|interview|analyse|bericht|gastbeitrag|kolumne|reportage|texte|article)\s(?:von|par)\b:?"
    r"|автор\w*\s*:|текст\s*:|autor\w*\s*:|auteur\s*:|text\w*\s*:|author\s*:|words\s*:"
    r"|作者\s*[:：]|(?:取材・)?文\s*[/／＝:：]|撰文\s*[/／:：]?|(?:本[报報]|[见見][习習])?[记記]者\s*[:：]?)\s*(?=\S)",
    re.IGNORECASE,
)
# The second group begins names as well: it is left off only where two words follow.
_OF = re.compile(
    r"^(?:(?:von|par|por|door|av|af)\s+(?=\S)|(?:di|da|od|autor\w*|text|auteur|от)\s+(?=\S+\s+\S))", re.IGNORECASE
)
_BETWEEN = re.compile(
    r"\s*(?:[;|、•…\n]|(?<=[^\W\d_]{3})\s?/\s?(?=[^\W\d_]{2,20}\s[^\W\d_])|\s[–—-]\s|·|\b(?i:and|und|og|och|et|ve|with|avec|mit)\b|&|\s(?:y|e|i|en|и|та|і|a)\s(?=[^\W\d_a-zа-яё])"
    r"|,(?!\s*(?:Jr|Sr|PhD|MD)\b))\s*"
)
_LATER = re.compile(
    r"\s+(?:in|à|en|aus)\s+[A-ZÄÖÜÉ][\w.-]+(?:\s[A-ZÄÖÜÉ][\w.-]+)?$|\s*[(\[（【].*$|\s+(?:updated|published|posted)\b.*$"
    r"|\s+(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day\b.*$|\s+on\s+[a-z]{3,9}\s+\d.*$|\s+for\s+(?:the\s+|[a-z]+\.).*$",
    re.I,
)
_ROLES = (
    r"(?:correspondent|reporter|editor(?:ial)?|writer|columnist|commentator|analyst|producer|journalist|contributor"
    r"|freelancer?|bureau chief|photographer|professor|fellow|(?:\w*korrespondent|\w*redakteur|\w*reporter|journalist"
    r"|autor)(?:in)?|redaktor|redaktør|journaliste|correspondante?|rédact(?:eur|rice)|envoyée? spéciale?|corresponsal"
    r"|periodista|redactora?|enviad[oa] especial|inviat[oa]|giornalista|repórter|jornalista|muhabir\w*"
    r"|редактор|корреспондент|журналист|обозреватель)"
)
_ROLE = re.compile(rf"\b{_ROLES}s?\b", re.IGNORECASE)
_MODIFIED_ROLE = re.compile(
    r"\s+(?:(?:the|staff|senior|chief|special|political|foreign|science|business|economics|sports?|health|education"
    rf"|contributing|deputy|news|guest|bbc)\s+)*{_ROLES}s?$",
    re.IGNORECASE,
)
_TITLE_AFTER = re.compile(
    r"\s*(?:(?:선임|인턴|수습|전문|객원|대학생)?\s?기자|특파원|논설위원|칼럼니스트|앵커|에디터|리포터"
    r"|[记記]者|[编編][辑輯]委[员員]|特派[员員]|論説委員)$"
)
_PLACE_BEFORE = re.compile(r"^[가-힣A-Za-z]{1,12}\s?=\s?(?=[가-힣])")
_WHEN = re.compile(
    r"^\d+\W*\w?$|\d:\d|\d\s?(?:th|st|nd|rd|am|pm|uhr)\b"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s\d",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"^(?:follow|published|updated|posted|get author|search author|authors? of|learn|trending|last|photo|foto|фото"
    r"|autorenseite|share|view|see|read|more|all|posts?|tweet|facebook|twitter|x|e-?mail|contact|linkedin|instagram|print"
    r"|comments?|subscribe|login|admin|null|undefined|none|n/?a|unknown|author|by|mehr|alle|voir|ver)(?:\s|$)",
    re.IGNORECASE,
)
# Words without a capital that stand within names.
_WITHIN = (
    "de da do das dos del della di du des la le van von der den ter ten zu zur af av bin ibn bint al el ben y e i v. st"
)
_PARTICLES = frozenset(_WITHIN.split())
_BODY_CORPORATE = re.compile(
    r"\b(?:news|agenc(?:y|ies|ia|e)|agentur|redaktion|redacci[oó]n|r[eé]daction|redazione|redação|editorial|editors|staff"
    r"|desk|team|online|media|press|presse|times|post|tribune|herald|magazine|magazin|zeitung|foundation|university"
    r"|institute|association|inc|gmbh|ltd|llc|network|tv|radio|afp|dpa|reuters|ap|efe|ansa|apa|tass|редакция)\b"
    r"|通信社|新聞|新闻|日報|日报|通讯社|編集部|编辑部|뉴스|신문|일보|방송|편집부|ajans",
    re.IGNORECASE,
)


def names(stated: Iterable[str]) -> tuple[str, ...]:
    """Return the names in bylines: no "By", role, place, address or e-mail, each once, in order, at most MAX_NAMES."""
    found: dict[str, str] = {}
    for line in stated:
        whole = _ADDRESS.sub(" ", one_line(line, 300)).strip()
        if re.match(r"https?:|www\.", whole, re.IGNORECASE):
            continue
        stated_parts = _BETWEEN.split(_without_by(whole))
        if len(stated_parts[0].split()) > 7:
            continue  # a sentence
        parts = [name for part in stated_parts if 2 <= len(name := _name(part)) <= 80]
        if parts and _is_person(parts[0]):  # what is no person after one is what he is, or where: "Dietitian", "Paris"
            parts = [one for one in parts if _is_person(one)]
        found |= {name.casefold(): name for name in parts if name.casefold() not in found}
    return tuple(found.values())[:MAX_NAMES]


def are_people(found: Sequence[str]) -> bool:
    """Could one of the names be a person's: two to five words with capitals, or a few letters of Han or Hangul?"""
    return any(_is_person(one) for one in found)


def is_name_alone(line: str) -> bool:
    """Is the line a person's name and nothing else, as reports are signed?"""
    words = line.split()
    return len(line) <= 40 and _is_person(line) and len(words) <= 4 and all(one[0].isupper() for one in words)


def without_bodies(found: Sequence[str], sites: Iterable[str]) -> tuple[str, ...]:
    """Return the names without the site's own and other bodies, if a person's name remains; else as they are."""
    own = {_letters(one) for one in sites}
    people = tuple(one for one in found if _letters(one) not in own and not _BODY_CORPORATE.search(one))
    return people if are_people(people) else tuple(found)


def is_site(name: str, sites: Iterable[str]) -> bool:
    """Is the name the site's, or one that has the site's within it ("Gazette Online" of The Gazette)?"""
    mine = _letters(name)
    return any(own and (own == mine or (len(own) > 4 and own in mine)) for own in map(_letters, sites))


def _name(part: str) -> str:
    """Return the name in one part of a byline, "" where it holds none."""
    name = _without_by(part.strip(" ,;:-–—|/\"'“”"))
    name = _TITLE_AFTER.sub("", _PLACE_BEFORE.sub("", _LATER.sub("", name)))
    if len(name.split()) > 2:
        name = _MODIFIED_ROLE.sub("", name)
    name = name.strip(" ,;:-–—|/\"'“”")
    if not re.search(r"\b[^\W\d]\.$|\b(?:Jr|Sr)\.$", name):
        name = name.rstrip(". ")
    if _WHEN.search(name) or _NO_NAME.search(name) or _BUTTON.match(name) or _ROLE.search(name):
        return ""
    return name


def _without_by(line: str) -> str:
    return _OF.sub("", _BY.sub("", line))


def _is_person(name: str) -> bool:
    if re.fullmatch(
        r"[가-힣]{2,4}|[\u4e00-\u9fff\u3040-\u30ff々]{2,6}(?:[ \u3000・][\u4e00-\u9fff\u3040-\u30ff々]{1,8})?", name
    ):
        return not _BODY_CORPORATE.search(name)
    words = name.split()
    if not 2 <= len(words) <= 5 or _BODY_CORPORATE.search(name) or any(one.isdigit() for one in name):
        return False
    return not words[0][0].islower() and all(not one[0].islower() or one in _PARTICLES for one in words[1:])


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
