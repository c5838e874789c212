"""The page and the feeds as a web application: it only reads, but for stopping a rule."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from scheduler import kinds, marked, payload, why_words
from scheduler.duration import in_words
from scheduler.excerpt import changed
from scheduler.query.grammar import QueryError
from scheduler.search import fields, snippet, standing
from scheduler.trial_rules import NoSuchRule
from scheduler.web import words
from scheduler.web.change_entries import page_of
from scheduler.web.chart import WEEKS, chart, weekly
from scheduler.web.compare import Compared, Comparisons, whole_of
from scheduler.web.content import page_html
from scheduler.web.doorway import HEADERS, WITH_FORM, WITH_SCRIPT, Doorway
from scheduler.web.feeds import SEARCH, Feeds, KeptFeed
from scheduler.web.happenings import NoSuchPage, read_page, wanted
from scheduler.web.rulebook import MOST_USERS, MOST_VARIANTS, Rulebook, RuleShown
from scheduler.web.searches import BadAsk, Searches, asked_fields, onward
from scheduler.web.stopping import Stopping
from scheduler.web.strip import strip
from storage.archive import Archive, Biography
from storage.fates import Fates
from storage.finding import LONGEST_NUMBER
from storage.model.articles import Revision
from storage.reasons import NoSuchAlert

log = logging.getLogger("dateline.web")

HERE = Path(__file__).parent
ARTICLES, CHANGES = 40, 20  # shown on the first page
ALERTS, RULES = 100, 1000  # that are listed, and that may be chosen


def make_app(
    archive: Archive,
    fates: Fates,
    feeds: Feeds,
    health: Callable[[], Sequence[str]],
    base_url: str,
    listen_host: str,
    *,
    rulebook: Rulebook,
    stopping: Stopping | None = None,
    trouble: Callable[[], Sequence[str]] = lambda: (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """The application for uvicorn, without lifespan.

    `health` answers why the daemon cannot do its work, a line for each reason; none if it can; `trouble` what else a
    person should look at. Neither may block.
    """
    pages = Pages(archive, fates, feeds, health, trouble, base_url, now, stopping, rulebook)
    routes = [
        Route("/", pages.front),
        Route("/article/{guid}", pages.article),
        Route("/changes", pages.changes),
        Route("/alerts", pages.alerts),
        Route("/alerts/{number}", pages.alert),
        Route("/rules", pages.rules),
        Route("/rules/{name}", pages.rule),
        Route("/mass", pages.masses),
        Route("/mass/{number}", pages.mass),
        Route("/sources", pages.sources),
        Route("/search", pages.search),
        Route("/api/search", pages.api_search),
        Route("/feeds", pages.subscriptions),
        Route("/feeds/search.{extension}", pages.search_feed),
        Route("/feeds/{address:path}.{extension}", pages.feed),
        Route("/health", pages.health),
        Route("/schema/alert.json", pages.schema),
        *([Route("/stop", pages.stop, methods=["GET", "POST"])] if stopping else []),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    names = [listen_host, urlsplit(base_url).hostname or ""]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Doorway, names=names)],
        exception_handlers={HTTPException: pages.refused, Exception: pages.broken},
    )


class Pages:
    """One method a page. The archive is read in a thread, so that no page holds up an alert."""

    def __init__(
        self,
        archive: Archive,
        fates: Fates,
        feeds: Feeds,
        health: Callable[[], Sequence[str]],
        trouble: Callable[[], Sequence[str]],
        base_url: str,
        now: Callable[[], datetime],
        stopping: Stopping | None,
        rulebook: Rulebook,
    ) -> None:
        self._stopping, self._rulebook = stopping, rulebook
        self._archive, self._fates, self._feeds, self._health, self._now = archive, fates, feeds, health, now
        self._trouble = trouble
        self._comparisons, self._base_url = Comparisons(), base_url
        self._searches = Searches(archive, lambda: feeds.lists, now)
        # Autoescape for every suffix; a name that is missing is a fault, not an empty string.
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            auto_reload=False,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["root"] = urlsplit(base_url).path.rstrip("/")  # behind a proxy with a path
        self._templates.globals["words"] = words
        self._templates.globals["changed"] = changed
        self._templates.globals["chart"] = chart
        self._templates.globals["weekly"], self._templates.globals["weeks"] = weekly, WEEKS
        self._templates.globals["in_words"] = in_words
        self._templates.globals["most_variants"], self._templates.globals["most_users"] = MOST_VARIANTS, MOST_USERS
        self._templates.globals["why_words"] = why_words
        self._templates.globals["held"] = rulebook.held
        self._templates.globals["page_of"] = partial(page_of, base_url="")
        self._templates.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
        self._templates.globals["marked"] = marked
        self._templates.globals["kinds"] = kinds
        self._templates.globals["whole_of"] = whole_of
        self._templates.globals["strip"] = strip
        self._templates.globals["snippet"] = snippet
        self._templates.globals["standing"] = standing
        self._templates.globals["page_html"] = page_html

    async def front(self, request: Request) -> Response:
        articles = await run_in_threadpool(self._archive.newest, ARTICLES)
        if not articles:
            sources = await run_in_threadpool(self._archive.sources, self._now())
            return await self._page("front.html", days=[], changes=[], sources=sources)
        changes = await run_in_threadpool(self._archive.changes, CHANGES)
        days = [(day, list(seen)) for day, seen in groupby(articles, lambda one: words.day(one.place.first_seen_at))]
        return await self._page("front.html", days=days, changes=changes)

    async def article(self, request: Request) -> Response:
        biography = await run_in_threadpool(self._archive.biography, request.path_params["guid"])
        if biography is None:
            gone = await run_in_threadpool(self._archive.was_dropped, request.path_params["guid"])
            raise HTTPException(410 if gone else 404)
        asked = request.query_params.get("revision", str(biography.newest.number))
        revision = next((one for one in biography.revisions if str(one.number) == asked), None)
        if revision is None:
            raise HTTPException(404)
        page = await self._page(
            "article.html",
            article=biography.newest,
            biography=biography,
            revision=revision,
            compared=await self._compared(biography, revision, request.query_params),
        )
        page.headers["content-security-policy"] = WITH_SCRIPT
        return page

    async def _compared(self, life: Biography, revision: Revision, asked: Mapping[str, str]) -> Compared | None:
        """What lies between a revision and the one that an address names, or the one before it (of the first, the one
        after it); None where an article has but one."""
        against = asked.get("against", "")
        if len(life.revisions) < 2 and not against:
            return None
        other = next((one for one in life.revisions if str(one.number) == against), None)
        if against and other is None:
            raise HTTPException(404)
        if other is None:
            place = life.revisions.index(revision)
            before, after = life.revisions[max(place - 1, 0)], life.revisions[max(place, 1)]
        else:
            before, after = other, revision
        return await self._comparisons.between(life, before, after, full=asked.get("full") == "1")

    async def changes(self, request: Request) -> Response:
        known = await run_in_threadpool(self._archive.source_names)
        try:
            want = wanted(request.query_params, known)
        except NoSuchPage:
            raise HTTPException(404) from None
        now = self._now()
        page = await run_in_threadpool(read_page, self._archive.chronicle, want, known, now)
        newest = replace(want, before=None).url
        return await self._page("changes.html", page=page, want=want, newest=newest, today=now.astimezone(UTC).date())

    async def alerts(self, request: Request) -> Response:
        rule = request.query_params.get("rule", "")
        alerts = await run_in_threadpool(self._fates.alerts, ALERTS, rule)
        rules = await run_in_threadpool(self._fates.rules, RULES + 1)
        channels = await run_in_threadpool(self._fates.channels)
        notices = await run_in_threadpool(self._fates.notices)
        stopped = await self._stopping.listed() if self._stopping else []
        shown = {"alerts": alerts, "channels": channels, "notices": notices, "stopped": stopped}
        page = await self._page("alerts.html", **shown, most=ALERTS, rule=rule, rules=rules, most_rules=RULES)
        page.headers["content-security-policy"] = WITH_FORM
        return page

    async def alert(self, request: Request) -> Response:
        try:
            grounds = await run_in_threadpool(self._rulebook.grounds, request.path_params["number"])
        except NoSuchAlert as reason:
            raise HTTPException(404, str(reason)) from None
        return await self._page("alert.html", grounds=grounds)

    async def rules(self, request: Request) -> Response:
        asked = request.query_params.get("page", "1")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_NUMBER else 0
        found = await run_in_threadpool(self._rulebook.page, request.query_params.get("has", ""), number)
        if found is None:
            raise HTTPException(404)
        page = await self._page("rules.html", page=found, tokens=await self._tokens(found.rules))
        page.headers["content-security-policy"] = WITH_FORM
        return page

    async def rule(self, request: Request) -> Response:
        try:
            found = await run_in_threadpool(self._rulebook.rule, request.path_params["name"])
        except NoSuchRule as reason:
            raise HTTPException(404, str(reason)) from None
        return await self._page("rule.html", one=found, tokens=await self._tokens([found]))

    async def _tokens(self, shown: Sequence[RuleShown]) -> dict[tuple[str, str], str]:
        """By rule and channel, what stops it there or starts it again."""
        ways = [(one.rule.name, way.channel) for one in shown for way in one.ways]
        return await self._stopping.tokens(ways) if self._stopping else {}

    async def stop(self, request: Request) -> Response:
        assert self._stopping is not None  # it has no route otherwise
        asked = self._stopping.done if request.method == "POST" else self._stopping.shown
        page = await self._page("stop.html", **await asked(request))
        page.headers["content-security-policy"] = WITH_FORM
        page.headers["cache-control"] = "no-store"
        return page

    async def schema(self, request: Request) -> Response:
        """What a webhook's body looks like, for programs that check it."""
        return JSONResponse(payload.schema(), media_type="application/schema+json")

    async def masses(self, request: Request) -> Response:
        events = await run_in_threadpool(self._archive.masses)
        return await self._page("masses.html", events=events)

    async def mass(self, request: Request) -> Response:
        asked = request.path_params["number"]
        is_number = asked.isascii() and asked.isdigit() and len(asked) <= LONGEST_NUMBER
        found = await run_in_threadpool(self._archive.mass, int(asked)) if is_number else None
        if found is None:
            raise HTTPException(404)
        return await self._page("mass.html", event=found[0], members=found[1])

    async def sources(self, request: Request) -> Response:
        sources = await run_in_threadpool(self._archive.sources, self._now())
        return await self._page("sources.html", sources=sources)

    async def subscriptions(self, request: Request) -> Response:
        subscriptions = await run_in_threadpool(self._feeds.subscriptions)
        return await self._page("feeds.html", subscriptions=subscriptions, left_out=self._feeds.left_out)

    async def search(self, request: Request) -> Response:
        asks, whole, found, fault, at = asked_fields(request), "", None, "", 0
        if not asks.is_empty:
            try:
                whole, found = await self._searches.found(request)
            except QueryError as reason:
                fault, at = f"The query cannot be used, {reason}", reason.column
            except BadAsk as reason:
                fault = str(reason)
        sources = await run_in_threadpool(self._archive.source_names)
        shown = {"asks": asks, "whole": whole, "found": found, "onward": onward(request)}
        page = await self._page("search.html", **shown, fault=fault, fault_at=at, sources=sources)
        page.status_code = 400 if fault else 200
        page.headers["content-security-policy"] = WITH_FORM
        return page

    async def api_search(self, request: Request) -> Response:
        """The same for programs; what cannot be asked is answered with 400, the reason and, in a query, its column."""
        try:
            query, found = await self._searches.found(request)
        except QueryError as reason:
            return JSONResponse({"error": reason.message, "column": reason.column}, 400)
        except BadAsk as reason:
            return JSONResponse({"error": str(reason)}, 400)
        return JSONResponse(await run_in_threadpool(fields, query, found, self._base_url))

    async def feed(self, request: Request) -> Response:
        address = request.path_params["address"]
        if address.startswith(SEARCH):  # it has a path of its own
            raise HTTPException(404)
        return self._fed(request, await self._feeds.fetch(address, request.path_params["extension"]))

    async def search_feed(self, request: Request) -> Response:
        query = request.query_params.get("q", "")
        try:
            return self._fed(request, await self._feeds.fetch_search(query, request.path_params["extension"]))
        except QueryError as reason:
            return PlainTextResponse(f"The query cannot be used, {reason}\n", 400)

    def _fed(self, request: Request, kept: KeptFeed | None) -> Response:
        if kept is None:
            raise HTTPException(404)
        headers = {
            "etag": kept.etag,
            "last-modified": format_datetime(kept.changed_at, usegmt=True),
            "cache-control": "no-cache",  # ask each time: a 304 costs next to nothing
            "vary": "accept-encoding",
            "content-type": kept.content_type,
        }
        if _is_known(request, kept):
            return Response(status_code=304, headers=headers)
        if _takes_gzip(request.headers.get("accept-encoding", "")):
            return Response(kept.body, headers=headers | {"content-encoding": "gzip"})
        return Response(gzip.decompress(kept.body), headers=headers)

    async def health(self, request: Request) -> Response:
        """503 and "unwell" where the daemon cannot do its work, so that whoever watches it may restart it.

        200 and "degraded" where a restart would mend nothing and a person is wanted: a source down, a channel paused,
        a config refused. A feed that lacks an article is a note. 200 and "well" else.
        """
        troubles = list(self._trouble())
        try:
            await run_in_threadpool(self._archive.version)
            troubles += map(words.down, await run_in_threadpool(self._archive.down))
            troubles += map(words.pause, await run_in_threadpool(self._fates.paused_channels))
            faults = list(self._health())
        except Exception as reason:
            log.exception("health")
            faults = [f"the database cannot be read: {type(reason).__name__}"]
        status = "unwell" if faults else "degraded" if troubles else "well"
        answer = {"status": status, "reasons": faults + troubles, "notes": list(self._feeds.left_out)}
        return JSONResponse(answer, 503 if faults else 200, headers={"cache-control": "no-store"})

    async def refused(self, request: Request, reason: Exception) -> Response:
        assert isinstance(reason, HTTPException)
        is_ours = reason.detail != HTTPStatus(reason.status_code).phrase
        page = await self._page("refused.html", status=reason.status_code, said=reason.detail if is_ours else "")
        return HTMLResponse(page.body, reason.status_code, headers=reason.headers)

    async def broken(self, request: Request, reason: Exception) -> Response:
        """The reason goes to the log, through the server; no word of it to the reader."""
        page = await self._page("refused.html", status=500, said="")
        return HTMLResponse(page.body, 500, headers=HEADERS)  # Starlette answers this one outside of the Doorway

    async def _page(self, template: str, **shown: Any) -> Response:
        shown["now"] = self._now()
        # In a thread as well: an article's HTML is sanitised while it is rendered.
        text = await run_in_threadpool(self._templates.get_template(template).render, **shown)
        return HTMLResponse(text, headers={"cache-control": "no-cache"})


def _is_known(request: Request, kept: KeptFeed) -> bool:
    """Has the reader got this very feed? If-None-Match goes before If-Modified-Since (RFC 9110, section 13.1.3)."""
    if (known := request.headers.get("if-none-match")) is not None:
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        return "*" in tags or kept.etag.removeprefix("W/") in tags
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except (ValueError, OverflowError):
        return False
    return (since if since.tzinfo else since.replace(tzinfo=UTC)) >= kept.changed_at


def _takes_gzip(accepted: str) -> bool:
    """Does an Accept-Encoding header allow gzip? `gzip;q=0` refuses it."""
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
