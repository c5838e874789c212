"""What changed between two revisions, whole: as plain text, and as a page that stands alone."""

from __future__ import annotations

from html import escape

from scheduler.marked import html, text
from storage.model.articles import Diff

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 1rem/1.6 Georgia, serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }}
del {{ background: #fdd8d8; color: #7a1010; }}
ins {{ background: #d6f5d6; color: #0b5a16; text-decoration: none; }}
.moved {{ background: #e8e6f5; color: #43386b; }}
p {{ white-space: pre-wrap; }}
</style>
<h1 dir="auto">{headline}</h1>
<p dir="auto">{body}</p>
</html>
"""


def text_of(diff: Diff) -> bytes:
    """[-went-], {+came+}, what moved as moved: headline, a blank line, body."""
    return f"{text(diff.title)}\n\n{text(diff.body)}\n".encode("utf-8", "surrogatepass")


def page_of(diff: Diff, title: str) -> bytes:
    """The same with `del` and `ins`; it loads nothing and runs nothing."""
    page = _PAGE.format(title=escape(title), headline=html(diff.title), body=html(diff.body))
    return page.encode("utf-8", "surrogatepass")
