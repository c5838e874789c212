"""A made-up state agency as snapshots of its site would show it: each article under two to four addresses, pages in two
layouts side by side, later all of them in a third; and a dozen edits that a person classed by hand."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from html import escape
from random import Random

from tests.made_up import text

HOME = "https://gazette.example/news"
ARTICLES = 36


@dataclass(frozen=True)
class Report:
    number: int
    title: str
    paragraphs: tuple[str, ...]

    @property
    def urls(self) -> list[str]:
        """As the real one: one text under a plain address, one in base64, a view by number, a section's."""
        code = urlsafe_b64encode(f"ar{self.number}:en".encode()).decode().rstrip("=")
        every = [
            f"https://gazette.example/en/article/{code}.html",
            f"https://gazette.example/en/q/{urlsafe_b64encode(code.encode()).decode().rstrip('=')}",
            f"https://gazette.example/view?lang=en&id={self.number}",
            f"https://gazette.example/en/politics/{self.number}/report-of-the-day-{self.number}.html",
        ]
        return every[: 2 + self.number % 3]


def report(number: int) -> Report:
    chance = Random(number)
    filler = text(chance, 4)
    return Report(
        number,
        f"Director inspects works number {number} of the {filler[0].split()[1]} district",
        (
            f"Lanternport, November {number % 27 + 1} (Agency) -- The director visited the {filler[0].split()[3]} "
            f"works, where {number + 340} ships were built in the year 1984, and talked with Captain Anna Berg.",
            *filler[:2],
            f'"We are ready for the winter of the {number}th brigade," he told the workers.',
            f"The crew of Heron Rock quickly repaired gate {number} of the lock before the tide came in.",
            *filler[2:],
            f"At the end of the day {number}, the workers sang in the hall and went home to their families.",
        ),
    )


@dataclass(frozen=True)
class Edit:
    """What a newsroom did to an article, and which class a person gave it; "" is no edit at all."""

    of: int
    cls: str
    find: str = ""
    by: str = ""
    title: str = ""
    adds: str = ""
    drops: int | None = None
    anew: bool = False

    def made(self, before: Report) -> Report:
        paragraphs = [one.replace(self.find, self.by) if self.find else one for one in before.paragraphs]
        if self.find:
            assert tuple(paragraphs) != before.paragraphs, f"{self.find!r} does not stand in article {self.of}"
        if self.anew:
            paragraphs = text(Random(9_000 + self.of), 7)
        if self.drops is not None:
            del paragraphs[self.drops]
        return replace(before, title=self.title or before.title, paragraphs=(*paragraphs, *filter(None, [self.adds])))


EDITS = (
    Edit(1, "numbers", "341 ships", "431 ships"),
    Edit(4, "names", "Captain Anna Berg", "Captain Olga Lund"),
    Edit(7, "quote", "ready for the winter of", "ready for the storms of"),
    Edit(10, "headline", title="Director does not inspect works number 10"),
    Edit(12, "typo", "quickly repaired", "quikcly repaired"),
    Edit(15, "paragraph_added", adds="The harbour will stay closed until the lanterns are lit, as the council agreed."),
    Edit(18, "paragraph_removed", drops=2),
    Edit(20, "wording", "quickly repaired gate", "patiently looked after gate"),
    Edit(23, "correction", adds="Correction: An earlier version of this article gave a wrong name of the lock."),
    Edit(26, "rewrite", anew=True),
    Edit(29, "label", "(Agency) -- The", "(Agency) – The"),
    Edit(31, "", "sang in the hall", "sang\u00a0in \u200bthe  hall"),
    Edit(32, "names", "Heron Rock", "Gull Island"),
)  # fmt: skip
LATER_EDITS = (
    Edit(2, "numbers", "342 ships", "352 ships"),
    Edit(9, "names", "Captain Anna Berg", "Captain Mary Holm"),
)


def _old(one: Report, view: int) -> str:
    """A table of the last century, whose counter and date are of the visit."""
    lines = "".join(f'<p class="txt">{escape(part)}</p>' for part in one.paragraphs)
    return (
        f'<table width="900"><tr><td class="left"><a href="/news">News</a><br><a href="/photo">Photo</a></td><td>'
        f'<div class="date">Today: November {view % 27 + 1}, 2026</div><h1 class="ttl">{escape(one.title)}</h1>'
        f'<div class="views">Views: {view * 37}</div><div class="body">{lines}</div></td></tr></table>'
    )


def _view(one: Report, view: int) -> str:
    lines = "".join(f"<p>{escape(part)}</p>" for part in one.paragraphs)
    return (
        f'<div id="wrap"><ul class="menu"><li><a href="/news">News</a></li></ul><h2>{escape(one.title)}</h2>'
        f'<div id="content"><p class="cnt">{view * 11} views</p>{lines}<p>{view % 50 + 2} minutes ago</p></div></div>'
    )


def _new(one: Report, view: int) -> str:
    lines = "".join(f'<div class="para"><p><span>{escape(part)}</span></p></div>' for part in one.paragraphs)
    return (
        '<div id="app"><header><nav><a href="/news">Latest</a> <a href="/video">Video</a></nav></header><main>'
        f'<article class="story"><h1 class="headline">{escape(one.title)}</h1><div class="share">Share</div>'
        f'<div class="story-body">{lines}</div></article></main><aside><h3>Read also</h3>'
        f'<a href="/view?lang=en&amp;id={view % ARTICLES}">{escape(report(view % ARTICLES).title)}</a></aside>'
        f"<footer><p>Visitors: {view * 3}</p><p>The Agency, all rights reserved.</p></footer></div>"
    )


@dataclass
class Site:
    """What the site shows now. `view` counts snapshots: what is of the visit differs in each."""

    reports: dict[int, Report] = field(default_factory=lambda: {n: report(n) for n in range(ARTICLES)})
    view: int = 0
    is_new: bool = False

    def edit(self, *edits: Edit) -> None:
        for one in edits:
            self.reports[one.of] = one.made(self.reports[one.of])

    def publish(self, number: int) -> None:
        self.reports[number] = report(number)

    @property
    def listed(self) -> list[str]:
        return [url for one in self.reports.values() for url in one.urls]

    def page(self, url: str) -> bytes:
        """The listing, or the article that stands there. KeyError for what does not."""
        if url == HOME:
            rows = "".join(
                f'<li><h3><a href="{escape(each)}">{escape(one.title)}</a></h3></li>'
                for one in reversed(self.reports.values())
                for each in one.urls
            )
            frame = "section" if self.is_new else "div"
            return self._whole("News of the Agency", f'<{frame} class="list"><ul>{rows}</ul></{frame}>')
        [found] = [(one, one.urls.index(url)) for one in self.reports.values() if url in one.urls]
        one, place = found
        layout = _new if self.is_new else (_old, _view)[place % 2]
        return self._whole(one.title, layout(one, self.view))

    def _whole(self, title: str, body: str) -> bytes:
        name = "The New Agency" if self.is_new else "Agency"
        head = f'<head><meta charset="utf-8"><title>{escape(title)} - {name}</title></head>'
        return f'<!doctype html><html lang="en">{head}<body><!-- {self.view} -->{body}</body></html>'.encode()
