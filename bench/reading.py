"""The full method on an article's page, from bytes to fields, against what trafilatura's fast mode takes for its text.

`python -m bench reading` makes pages of its own; DATELINE_BENCH_PAGES names a folder of saved pages (.html, .html.gz)
to measure on instead. The figure is the median over all pages, each the best of three.
"""

from __future__ import annotations

import gzip
import logging
import os
import statistics
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import lxml.html

from bench.figure import Figure, cpu_ms
from crawler.fault import LookFault
from crawler.pages import MAX_BYTES, Page
from crawler.read import read_article
from scheduler.demo.texts import made_up

PAGES, RUNS, MOST = 30, 3, 100
_NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def run() -> list[Figure]:
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    folder = os.environ.get("DATELINE_BENCH_PAGES", "")
    pages = _saved(Path(folder)) if folder else [_page(number) for number in range(PAGES)]

    def ours(page: bytes) -> None:
        with suppress(LookFault):
            read_article(Page(url="https://gazette.example/news/2026/11/ferry", body=page, fetched_at=_NOW))

    def floor(page: bytes) -> None:
        with suppress(lxml.etree.LxmlError, ValueError):
            bare_extraction(page, fast=True)

    ours(pages[0]), floor(pages[0])  # the first call imports
    # Side by side, so that whatever else the machine does falls on both.
    times = [[min(cpu_ms(partial(work, page)) for _ in range(RUNS)) for work in (ours, floor)] for page in pages]
    mine, theirs = (statistics.median(each) for each in zip(*times, strict=True))
    return [Figure("an article's page, the full method, CPU", mine, "ms", bar=1.3, floor=theirs)]


def _saved(folder: Path) -> list[bytes]:
    paths = sorted(path for path in folder.iterdir() if path.name.endswith((".html", ".html.gz")))
    step = -(-len(paths) // MOST) or 1
    found = [
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in paths[::step]
    ]
    return [page for page in found if len(page) <= MAX_BYTES]


def _page(number: int) -> bytes:
    """An article in the frame of a real newspaper: most of its elements are links."""
    text = made_up(number)
    body = "".join(
        f"<div class='c-b'><p>{one} <a href='/tag/{n}'><span>Harbour</span></a>, <b>said</b> <i>the mill</i>.</p></div>"
        for n, one in enumerate(text.paragraphs * 5)
    )
    menu = "".join(f"<li class='m-i'><div><a href='/s/{n}'><span>Section {n}</span></a></div></li>" for n in range(60))
    teasers = "".join(
        f"<div class='c-k'><div class='c-k-i'><a href='/n/{n}'><img src='/i/{n}.jpg' alt=''></a></div><div><h3>"
        f"<a href='/n/{n}'>A story {n} of the coast</a></h3><p>What became of the mill number {n} of the town, and of"
        f" all who worked there <span>until the storm</span>.</p><div><span>{n} hours ago</span></div></div></div>"
        for n in range(20)
    )
    script = "<script>" + "var a = {b: 1};" * 4000 + "</script>"
    return (
        f"<html lang=en><head><title>{text.title}</title><meta property='og:type' content='article'>"
        f"<meta name='author' content='An Example'>"
        f"<meta property='article:published_time' content='2026-11-12T10:00:00+00:00'>{script}</head><body>"
        f"<header><nav><ul>{menu}</ul></nav></header><div class='c-w'><div class='c-a'><h1>{text.title}</h1><div>By An"
        f" Example</div>{body}</div><aside class='c-r'>{teasers}</aside></div><footer><ul>{menu}</ul></footer>"
        f"{script}</body>"
    ).encode()
