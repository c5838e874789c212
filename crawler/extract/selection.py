"""Links that a CSS selector of the configuration names."""

from __future__ import annotations

from cssselect import HTMLTranslator, SelectorError
from lxml import etree
from lxml.html import HtmlElement

from crawler.extract import markup
from crawler.fault import LookFault
from storage.model.looking import Outcome


def check_selector(text: str) -> str:
    """Return what is wrong with a CSS selector, in words, or "" where it can be used."""
    try:
        etree.XPath(HTMLTranslator().css_to_xpath(text))
    except (SelectorError, etree.XPathError, ValueError, RecursionError) as fault:
        return f"{text[:200]!r} is no CSS selector: {str(fault)[:200] or 'it is too deep'}"
    return ""


def selected(root: HtmlElement, selector: str) -> list[HtmlElement]:
    """Return the links that match, and of other elements that match the link with the longest text in each.

    In page order, each once. Raises LookFault(UNREADABLE) where the selector is wrong or matches no link.
    """
    if fault := check_selector(selector):
        raise LookFault(Outcome.UNREADABLE, fault)
    found: dict[HtmlElement, None] = {}
    for element in root.xpath(HTMLTranslator().css_to_xpath(selector)):
        if element.tag == "a":
            found.setdefault(element)
        elif links := [one for one in element.iter("a") if one.get("href")][:30]:
            found.setdefault(max(links, key=lambda one: len(markup.flowing(one))))
    if not found:
        raise LookFault(Outcome.UNREADABLE, f"no link on the page matches select = {selector!r}")
    return list(found)
