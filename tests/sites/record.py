"""Record a page as a fixture: the page with made-up text, and what is read from it.

    python -m tests.sites.record SITE URL [--as listing]
    python -m tests.sites.record SITE FILE --url URL [--as listing]

SITE is a file in crawler/sites/, or one that you are about to write. A URL is asked for once, by the guarded, polite
fetcher. Written are tests/sites/SITE/NAME.html and NAME.json; check what it prints against the page in a browser.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

from crawler.fault import LookFault
from crawler.pages import Page
from crawler.settings import CrawlerSettings
from storage.text import public_url
from tests.crawler.fetching import Fetching
from tests.sites.making_up import MakingUp
from tests.sites.recorded import page_of, read

HERE = Path(__file__).parent
# Made-up words must not change these; titles and texts are meant to change.
_SHAPE = ("published", "modified", "language", "dateline", "listings", "older")


class NotRecorded(Exception):
    """The page cannot be recorded; the message says why and what to do."""


def record(
    folder: Path, page: Page, reads: str, *, name: str = "", keep: Sequence[str] = (), site: str = ""
) -> dict[str, Any]:
    """Write the fixture and return its record, with `expected` or `fault` as the made-up page is read.

    `site` is what a source would name as its `site`. Raises NotRecorded where the name is taken, or the made-up page
    reads otherwise than the real one.
    """
    target = folder / (name or reads)
    if target.with_suffix(".json").exists() or target.with_suffix(".html").exists():
        raise NotRecorded(
            f"{target}.json is there already and stays: a layout that changed gets a second file beside it. "
            f"Name it: --name {reads}_{page.fetched_at:%Y}"
        )
    made: dict[str, Any] = {"url": urldefrag(page.url).url, "reads": reads}
    made |= {"site": site} if site else {}
    made["fetched_at"] = page.fetched_at.isoformat(timespec="seconds")
    if urlsplit(page.url).fragment:
        made["listed"] = {"url": page.url, "title": "", "published": ""}
    html = re.sub(r"(<meta[^>]*charset=[\"']?)[\w-]+", r"\1utf-8", page.text(), flags=re.IGNORECASE)
    made_up = MakingUp(keep).html(html)
    found = _read(made_up, made)
    _compare(_read(html, made), found)
    made |= found if "fault" in found else {"expected": found}
    folder.mkdir(parents=True, exist_ok=True)
    target.with_suffix(".html").write_text(made_up, encoding="utf-8")
    target.with_suffix(".json").write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return made


def _read(html: str, made: dict[str, Any]) -> dict[str, Any]:
    try:
        return read(page_of(html.encode(), made), made["reads"])
    except LookFault as fault:
        return {"fault": str(fault.outcome)}


def _compare(was: dict[str, Any], found: dict[str, Any]) -> None:
    """Raise NotRecorded where made-up words hid something from the reader: a label that it leans on, mostly."""
    other = [
        f"{key}: {was.get(key)!r}, made up {found.get(key)!r}"
        for key in ("fault", *_SHAPE)
        if was.get(key) != found.get(key)
    ]
    lengths = [one.get("body", "").count("\n\n") + 1 for one in (was, found)]
    if lengths[0] != lengths[1]:
        other.append(f"paragraphs: {lengths[0]}, made up {lengths[1]}")
    rows = [[(one[0], one[2]) for one in each.get("links", ())] for each in (was, found)]
    if rows[0] != rows[1]:
        other.append(f"links: {len(rows[0])}, made up {len(rows[1])}, or their dates")
    if other:
        raise NotRecorded(
            "the page with made-up text is read otherwise than the real one:\n  "
            + "\n  ".join(other)
            + "\nKeep the word that the reader leans on: --keep WORD"
        )


def fetch(url: str, settings: CrawlerSettings) -> Page:
    """Return the page as the crawler gets it. Raises NotRecorded with the crawler's reason."""
    crawler = Fetching(settings)
    try:
        got = crawler.fetch(url)
    finally:
        crawler.close()
    if got["outcome"] != "FETCHED":
        raise NotRecorded(f"{url} was not fetched: {got['message']}")
    fragment = urlsplit(url).fragment
    return Page(
        url=got["url"] + (f"#{fragment}" if fragment else ""),
        body=got["body"].encode("latin-1"),
        content_type=got["content_type"],
        fetched_at=datetime.now(UTC),
    )


def _named(site: str) -> str:
    """Return the site's name where pages are read by it only if a source names it: its file is for no host."""
    try:
        return "" if import_module(f"crawler.sites.{site}").HOSTS else site
    except ModuleNotFoundError:  # it is yet to be written
        return ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sites.record", description=__doc__.partition("\n")[0])
    parser.add_argument("site", metavar="SITE")
    parser.add_argument("page", metavar="URL|FILE")
    parser.add_argument("--url", default="", help="the address that a saved FILE was saved from")
    parser.add_argument("--as", dest="reads", choices=("article", "listing"), default="article")
    parser.add_argument("--name", default="", help="the fixture's file name; default: article or listing")
    parser.add_argument("--keep", action="append", default=[], metavar="WORD", help="a label that stays as it is")
    parser.add_argument("--contact", default="", help="your address, for the User-Agent")
    given = parser.parse_args(arguments)
    url = public_url(given.url or given.page)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", given.site) or not re.fullmatch(r"\w*", given.name):
        parser.error("SITE and --name are file names: small letters, digits and _")
    if not url:
        parser.error(f"{given.page} is a file: say where it was saved from, --url https://...")
    try:
        page = (
            Page(url=url, body=Path(given.page).read_bytes(), fetched_at=datetime.now(UTC))
            if given.url
            else fetch(url, CrawlerSettings("Dateline", given.contact))
        )
        made = record(HERE / given.site, page, given.reads, name=given.name, keep=given.keep, site=_named(given.site))
    except (NotRecorded, LookFault, OSError) as reason:
        print(reason, file=sys.stderr)
        return 1
    target = HERE / given.site / (given.name or given.reads)
    print(json.dumps(made.get("expected", made), ensure_ascii=False, indent=2))
    print(f"\nWritten: {target}.html and {target.name}.json. Is that all that the page says? If not, correct the JSON.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
