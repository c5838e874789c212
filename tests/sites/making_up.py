"""Other people's text becomes made-up text of the same shape: scripts, lengths, digits, marks and markup stay.

A word is always replaced by the same word, so a headline that stands in five places still stands in five places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from html import escape, unescape
from random import Random
from typing import Any

# Words that readers lean on: months, days of the week, calendars, agencies, and what stands before a date or a name.
_LABELS = (
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun am pm "
    "juche kcna pyongyang date source read original version at published updated posted by copyright calendar ago "
    "hours hour minutes days next older newer previous"
)
_CJK_LABELS = (
    "朝鮮中央通信|조선중앙통신|チュチェ|월요일|화요일|수요일|목요일|금요일|토요일|일요일|星期[一二三四五六日]|주체|主体|평양|平壌|平壤|입력|수정"
    "|(?<=[\\d０-９])\\s?[년월일시분초年月日時时分秒발発发]+|(?<=[\\d０-９]\\))\\s?[년年]|[(（](?:끝|完|終|终)[)）]"
)
_LETTERS = r"[^\W\d_]+"
_HANGUL = "가나다라마바사아자차카타파하고노도로모보소오조구누두루무부수우주기니디리미비시이지"
_HAN = "山川田木林森花草竹石泉河湖海島村町橋道門窓車船鳥魚馬牛羊犬猫米麦茶水火土金空雨雪雲風星光音色形"
_KANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわ"
_KATAKANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"
_SMALL = 3  # letters: "the", "und", "не" tell the language and belong to nobody; names are not written small
_CONSONANTS, _VOWELS = "bdfgklmnprstv", "aeiou"
_STRUCTURAL = re.compile(
    r"^(?:class|id|style|rel|href|src|srcset|sizes|d|viewbox|datetime|content|media|type|on\w+)$", re.I
)
_SPOKEN = ("alt", "title", "aria-label", "placeholder", "summary", "label", "value", "content")
_TEXT_META = re.compile(r"title|description|keywords|author|creator|site_name|section|tag|caption|alt", re.IGNORECASE)
_NO_TEXT = re.compile(r"^(?:https?:|/|#|mailto:)\S*$|^[\w-]+/[\w.+-]+$|^\s*[\d:T.+\-\sZ/]*$", re.IGNORECASE)
_LD_KEPT = re.compile(r"^@|url|date|time|type|language|context|identifier|encoding|width|height|^id$", re.IGNORECASE)
_PIECES = re.compile(
    r"(?P<comment><!--.*?(?:-->|$))|(?P<script><script\b[^>]*>)(?P<code>.*?)(?P<end></script\s*>|$)"
    r"|(?P<style><style\b[^>]*>).*?(?:</style\s*>|$)|(?P<tag><[/!?a-zA-Z](?:[^<>\"']|\"[^<\"]*\"|'[^<']*')*>|<[/!?a-zA-Z][^<>]*>)|(?P<text>[^<]+|<)",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"(?P<name>[\w:-]+)\s*=\s*(?P<quote>[\"'])(?P<value>.*?)(?P=quote)", re.DOTALL)
_STRING = re.compile(r"(?P<quote>[\"'])(?P<value>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)")
_PAIR = re.compile(r'"(?P<key>[^"\\]{1,60})"(?P<colon>\s*:\s*)"(?P<value>(?:\\.|[^"\\])*)"', re.DOTALL)
_FEW = 5  # words; what a page tells a browser has no more
_SHORT = 40  # characters of a date, a type, a language
_MOST_CODE = 500  # characters; short scripts carry numbers of pages, long ones are programs


class MakingUp:
    """Replaces words but the labels, and `keep`: further words, in any case, that a site's reader leans on."""

    def __init__(self, keep: Collection[str] = ()) -> None:
        self._kept = {*_LABELS.split(), *(one.casefold() for one in keep)}
        phrases = "|".join(re.escape(one) for one in sorted(keep, key=len, reverse=True))
        self._words = re.compile(
            f"({phrases + '|' if phrases else ''}{_CJK_LABELS})|({_LETTERS}?(?=(?:{_CJK_LABELS}))|{_LETTERS})", re.I
        )

    def text(self, text: str) -> str:
        """Return made-up text: letters become other letters of their script, all else stays where it is."""
        return self._words.sub(lambda found: found[1] or self._word(found[2]), text)

    def html(self, html: str) -> str:
        """Return the page with made-up text in text nodes, spoken attributes and JSON-LD.

        Addresses, classes and broken markup stay. Comments, style sheets, long scripts and data: images are emptied.
        """
        return _PIECES.sub(self._piece, html)

    def _piece(self, found: re.Match[str]) -> str:
        if found["text"]:
            return self._escaped(found["text"])
        if found["tag"]:
            return self._tag(found["tag"])
        if found["script"]:
            return found["script"] + self._code(found["script"], found["code"]) + found["end"]
        return "<!-- -->" if found["comment"] else found["style"] + "</style>"

    def _escaped(self, text: str) -> str:
        """Named references are markup, not letters."""
        parts = re.split(r"(&#?\w+;?)", text)
        return "".join(self._reference(one) if place % 2 else self.text(one) for place, one in enumerate(parts))

    def _reference(self, reference: str) -> str:
        meant = unescape(reference)
        return escape(self.text(meant)) if meant.isalpha() else reference

    def _tag(self, tag: str) -> str:
        speaks = not tag.lower().startswith("<meta") or any(
            _TEXT_META.search(found["value"])
            for found in _ATTRIBUTE.finditer(tag)
            if found["name"].lower() in ("name", "property", "itemprop")
        )

        def is_spoken(name: str, value: str) -> bool:
            if name.lower() in _SPOKEN and not _NO_TEXT.search(value):
                return speaks or len(value.split()) > _FEW
            return " " in value.strip() and not _STRUCTURAL.search(name)  # data-title, data-props

        def attribute(found: re.Match[str]) -> str:
            name, value, quote = found["name"], found["value"], found["quote"]
            if name.lower() in ("src", "srcset", "href", "poster") and value.lstrip().startswith("data:"):
                value = "data:,"
            elif is_spoken(name, value):
                value = self._escaped(value)
            elif name.lower() in ("style", "onclick", "onload", "onerror") and len(value) > _MOST_CODE:
                value = ""
            return f"{name}={quote}{value}{quote}"

        made, at = "", 0
        for found in _ATTRIBUTE.finditer(tag):
            made += self._between(tag[at : found.start()]) + attribute(found)
            at = found.end()
        return made + self._between(tag[at:])

    def _between(self, markup: str) -> str:
        """A quote between attributes is a value that holds quotes: `alt=""Works" Published"`."""
        return self.text(markup) if '"' in markup or "'" in markup else markup

    def _code(self, start: str, code: str) -> str:
        if "ld+json" in start.lower():
            try:
                return json.dumps(self._ld("", json.loads(code)), ensure_ascii=False)
            except (ValueError, RecursionError):
                return _PAIR.sub(self._pair, code)
        if len(code) > _MOST_CODE:
            return ""
        return _STRING.sub(
            lambda found: (
                found[0]
                if " " not in found["value"]
                else f"{found['quote']}{self.text(found['value'])}{found['quote']}"
            ),
            code,
        )

    def _pair(self, found: re.Match[str]) -> str:
        """JSON that only a patient reader takes: its pairs stay as broken as they are."""
        parts = re.split(r"(\\u[0-9a-fA-F]{4}|\\.)", found["value"], flags=re.DOTALL)
        made = "".join(one if place % 2 else str(self._ld(found["key"], one)) for place, one in enumerate(parts))
        return f'"{found["key"]}"{found["colon"]}"{made}"'

    def _ld(self, key: str, stated: Any) -> Any:
        if isinstance(stated, dict):
            return {name: self._ld(name, value) for name, value in stated.items()}
        if isinstance(stated, list):
            return [self._ld(key, one) for one in stated]
        if not isinstance(stated, str) or _NO_TEXT.search(stated) or (len(stated) <= _SHORT and _LD_KEPT.search(key)):
            return stated
        return self._escaped(stated)

    def _word(self, word: str) -> str:
        is_small = word.islower() and len(word) <= _SMALL
        if word.casefold() in self._kept or is_small:
            return word
        drawn = Random(word.casefold())
        made = [_letter(letter, drawn, place) for place, letter in enumerate(word)]
        return "".join(made)


def _letter(letter: str, drawn: Random, place: int) -> str:
    """Return a letter of the same script and case; of a script that is not named here, one near it in Unicode."""
    code = ord(letter)
    if letter.isascii() or 0xC0 <= code <= 0x24F or 0xFF21 <= code <= 0xFF5A:
        made = drawn.choice(_VOWELS if place % 2 else _CONSONANTS)
        return made.upper() if letter.isupper() else made
    if 0xAC00 <= code <= 0xD7A3:
        return drawn.choice(_HANGUL)
    if 0x3040 <= code <= 0x309F:
        return drawn.choice(_KANA)
    if 0x30A0 <= code <= 0x30FF:
        return drawn.choice(_KATAKANA)
    if 0x3400 <= code <= 0x9FFF:
        return drawn.choice(_HAN)
    near = [chr(one) for one in range(code & ~0x1F, (code & ~0x1F) + 32)]
    alike = [one for one in near if one.isalpha() and one.isupper() == letter.isupper()]
    return drawn.choice(alike or [letter])
