"""Addresses as `site:` and `url:` ask for them. They are kept in signs of ASCII, xn--e1afmkfd.xn--p1ai/%D0%BD; people
write what their browser shows, пример.рф/н, and either form is found."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote, urlsplit

import ada_url

from storage.text import public_url


def is_of_site(url: str, site: str) -> bool:
    """Is an address of this host, or of one below it?"""
    host, wanted = urlsplit(url).hostname or "", _ascii(site).removeprefix("www.")
    return host == wanted or host.endswith(f".{wanted}")


def holds(url: str, part: str) -> bool:
    """Does this part stand in an address? Small and capital letters are alike."""
    asked = part.casefold()
    return asked in url.casefold() or asked in _readable(url)


@lru_cache(maxsize=4096)
def _ascii(host: str) -> str:
    return host.lower() if host.isascii() else urlsplit(public_url(f"https://{host}/")).hostname or host


@lru_cache(maxsize=4096)
def _readable(url: str) -> str:
    if "%" not in url and "xn--" not in url:
        return ""  # it is readable as it is
    parts = urlsplit(url)
    return unquote(parts._replace(netloc=ada_url.idna_to_unicode(parts.netloc)).geturl()).casefold()
