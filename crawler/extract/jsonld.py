"""The article that a page describes in JSON-LD (schema.org), found among everything else that stands there."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from storage.text import public_url

_ARTICLE = re.compile(
    r"(?:article|blogposting|reportage|^report|reviewnewsarticle|liveblogposting|advertisercontent)$", re.I
)
_LONE_BACKSLASH = re.compile(r"\\(?![\"\\/bfnrtu])")
_PAIR = re.compile(
    r"\"(@type|headline|datePublished|dateModified|url)\"\s*:\s*\"([^\"\\]{1,300})\"(?=\s*[,}])",
)
_MAX_SCRIPT = 2_000_000
_MAX_NODES = 3000


def stated_article(root: HtmlElement, url: str) -> dict[str, Any]:
    """Return the properties of the article that the page at `url` is, {} where none is described.

    Of several, the one that names this address; else the one with the longest text; else the first. Authors and
    publisher that are only referred to by their "@id" are put in their places.
    """
    nodes = list(things(root))
    found = [one for one in nodes if any(_ARTICLE.search(kind) for kind in _kinds(one)) and one.get("headline")]
    found += [one for one in nodes if one not in found and "WebPage" in _kinds(one) and one.get("datePublished")]
    here = _place(url)
    named = [one for one in found if here in {_place(public_url(each, url)) for each in _addresses(one)}]
    of_these = named or (found[:1] if len(found) > 3 else found)  # many that do not name the page: it lists them
    article = max(of_these, key=lambda one: len(text(one.get("articleBody"))), default={})
    known = {one["@id"]: one for one in nodes if isinstance(one.get("@id"), str) and one.get("name")}
    return article | {key: _resolved(article[key], known) for key in ("author", "publisher") if key in article}


def _resolved(value: Any, known: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_resolved(one, known) for one in value[:50]]
    name = value.get("@id") if isinstance(value, dict) and not value.get("name") else None
    return known.get(name, value) if isinstance(name, str) else value


def text(value: Any) -> str:
    """Return a property that should be a text as one: of a list the first, of a thing its name."""
    for _ in range(4):
        if isinstance(value, list) and value:
            value = value[0]
        elif isinstance(value, dict):
            value = value.get("name") or value.get("@value") or ""
    return html.unescape(value).strip() if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """Return a property that may hold one or many as a list of texts, none empty."""
    return [one for each in (value if isinstance(value, list) else [value]) if (one := text(each))]


def things(root: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield every object on the page, outer ones first, at most _MAX_NODES."""
    seen = 0
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        waiting = [_loaded(script.text or "")]
        while waiting and seen < _MAX_NODES:
            one = waiting.pop(0)
            seen += 1
            if isinstance(one, list):
                waiting.extend(one)
            elif isinstance(one, dict):
                yield one
                waiting.extend(
                    one[key] for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement") if key in one
                )


def _loaded(script: str) -> Any:
    """Return the script as JSON, else what can be saved of it. Real ones hold bare line ends, and comments round."""
    script = script[:_MAX_SCRIPT].strip()
    if "<![CDATA[" in script[:40]:  # an XML habit, in comments or not
        script = script[script.index("<![CDATA[") + 9 :]
        script = script[: script.rindex("]]>")] if "]]>" in script[-40:] else script
    begins = [at for at in (script.find("{"), script.find("[")) if at >= 0]
    script = script[min(begins) : max(script.rfind("}"), script.rfind("]")) + 1] if begins else ""
    for attempt in (script, _LONE_BACKSLASH.sub("", re.sub(r",\s*([}\]])", r"\1", script))):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return _saved(script)


def _saved(script: str) -> dict[str, Any] | None:
    """Return the type, headline and dates of an article whose JSON is broken elsewhere, None where it shows none."""
    found: dict[str, Any] = {}
    for key, value in _PAIR.findall(script):
        if key not in found and (key != "@type" or _ARTICLE.search(value)):
            found[key] = value
    return found if {"@type", "headline"} <= found.keys() else None


def _kinds(one: dict[str, Any]) -> list[str]:
    kinds = one.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _addresses(one: dict[str, Any]) -> list[str]:
    page = one.get("mainEntityOfPage")
    stated = [one.get("url"), one.get("@id"), page.get("@id") if isinstance(page, dict) else page]
    return [each for each in stated if isinstance(each, str)]


def _place(url: str) -> str:
    """What of an address says which article it is: the path, without the slash at its end."""
    return urlsplit(url).path.rstrip("/") or "/"
