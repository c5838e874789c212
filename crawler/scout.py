"""A scout looks round a site for `dateline add`: a handful of polite requests, nothing stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy import Spider

from crawler.choice import Found, Judged, choice
from crawler.discover import Offer, offers, trust, well_known
from crawler.fault import LookFault
from crawler.fetch import Fetched, Fetcher
from crawler.pages import Page
from crawler.politeness import sitemaps_of
from crawler.pool import Pool
from crawler.read import read_listing, site_name
from crawler.settings import CrawlerSettings, scrapy_settings
from storage.identity import host_of
from storage.model.looking import ListingPage, Outcome, RobotsFile, Validators
from storage.schedule import Schedule
from storage.store import Store

# Of each kind, beside the page itself and robots.txt: 21 at the very most, at two seconds each half a minute.
_MOST_TOLD = {"feed": 4, "sitemap": 2, "wordpress": 1, "json": 1}
_MOST_GUESSED = {"feed": 5, "sitemap": 5, "wordpress": 1, "json": 1}
# Not found is mistyped, most likely: what the rest of the site lists is not what was meant. What the config does not
# allow, it does not allow of the whole host.
_SETTLED = (Outcome.NOT_FOUND, Outcome.NOT_ALLOWED)
TURN_EVERY_S = 0.5
LONGEST_TURN_S = 120.0


@dataclass(frozen=True, slots=True)
class Failed:
    """An address that could not be read as a listing. `is_guess`: nobody named it, it is where listings often lie."""

    url: str
    fault: LookFault
    is_guess: bool


@dataclass(frozen=True, slots=True)
class Scouted:
    """What a site offers. `url` is where the asked address led to; `judged` are the listings that were found, in the
    order of trust; `failed` are those that could not be read, in the order in which they were tried.
    `site` is the file in crawler/sites/ that reads the site, "" if none does."""

    url: str
    judged: tuple[Judged, ...]
    failed: tuple[Failed, ...]
    site: str = ""

    @property
    def chosen(self) -> tuple[Found, ...]:
        """The listings to look at; empty where nothing fit was found."""
        return tuple(one.found for one in self.judged if one.is_chosen)


def scout(
    settings: CrawlerSettings, url: str, *, site: str = "", store: Store | None = None, say: Callable[[str], None]
) -> Scouted:
    """Look round at `url` and answer what was found. `say` gets a word on each request before it is made.

    `store` is where a daemon may be at work: no host is asked while its worker holds it. Blocks; once a process, since
    a reactor cannot run twice. Raises LookFault where there is nothing at the address, or where it could not be
    fetched and nothing else was found.
    """
    from scrapy.crawler import AsyncCrawlerRunner
    from scrapy.utils.reactor import install_reactor

    pool = Pool()  # before the reactor: its fork server must not inherit it
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed

    reactor: Any = installed
    came: list[Scouted | BaseException] = []

    async def look(crawler: Any) -> None:
        try:
            await pool.warm_up()
            trip = _Trip(Fetcher(crawler, settings), pool, site, _Turns(store, settings), say)
            came.append(await trip.run(url))
        except BaseException as reason:
            came.append(reason)

    async def main() -> None:
        try:
            await AsyncCrawlerRunner(scrapy_settings(settings)).crawl(_ScoutSpider, look=look)
        finally:
            reactor.stop()

    begun: list[asyncio.Task[None]] = []
    loop = asyncio.get_event_loop_policy().get_event_loop()
    reactor.callWhenRunning(lambda: begun.append(loop.create_task(main())))
    reactor.run()
    pool.close()
    result = came[0] if came else RuntimeError("the scout ended early")
    if isinstance(result, BaseException):
        raise result
    return result


class _ScoutSpider(Spider):
    name = "scout"

    def __init__(self, look: Callable[[Any], Awaitable[None]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._look = look

    async def start(self) -> AsyncIterator[Any]:
        await self._look(self.crawler)
        return
        yield  # an async generator, as Scrapy wants it, that never yields


class _Turns:
    """Waits for a host's turn where a worker may be asking it, and gives it back."""

    def __init__(self, store: Store | None, settings: CrawlerSettings) -> None:
        self._store, self._settings = store, settings
        self._schedule = Schedule(store) if store else None

    async def fetch(
        self, host: str, make: Callable[[], Awaitable[Fetched]], delay_of: Callable[[str], timedelta]
    ) -> Fetched:
        if self._store is None or self._schedule is None:
            return await make()
        schedule, until = self._schedule, datetime.now(UTC) + timedelta(seconds=LONGEST_TURN_S)
        longest = 2 * (self._settings.timeout + delay_of(host))

        def taken(connection: Any) -> bool:
            now = datetime.now(UTC)
            return schedule.reserve(connection, host, now, now + longest)

        while not self._store.write(taken):
            if datetime.now(UTC) > until:
                raise LookFault(Outcome.RATE_LIMITED, f"the running Dateline is asking {host}; try again later")
            await asyncio.sleep(TURN_EVERY_S)
        try:
            return await make()
        finally:
            pause = datetime.now(UTC) + delay_of(host)
            self._store.write(lambda connection: schedule.give_back(connection, host, pause))


class _Trip:
    """One look round: the address, what its page names, what its robots.txt names, then the usual places."""

    def __init__(self, fetcher: Fetcher, pool: Pool, site: str, turns: _Turns, say: Callable[[str], None]) -> None:
        self._fetcher, self._pool, self._site, self._turns, self._say = fetcher, pool, site, turns, say
        self._robots: dict[str, str] = {}
        self._link_header = ""  # of the page that was fetched last
        self._found: list[Found] = []
        self._failed: list[Failed] = []
        self._tried: set[str] = set()
        fetcher.robots.on_fetched = self._keep_robots

    def _keep_robots(self, file: RobotsFile) -> None:
        self._robots[file.origin] = file.body

    async def run(self, url: str) -> Scouted:
        page = await self._read(Offer(url, "html", "", "page"))
        if page is None and self._failed[0].fault.outcome in _SETTLED:
            raise self._failed[0].fault
        here = page.url if page else url
        site = site_name(page) if page else ""
        if not site:
            told = () if page is None else await self._offered(page)
            robots = sitemaps_of(self._robots.get(_origin(here), ""), here)
            await self._look_at([*told, *(Offer(one, "sitemap", "", "robots") for one in robots)], here)
        if page is None and not self._found:
            raise self._failed[0].fault
        return Scouted(here, choice(self._found, here), tuple(self._failed), site)

    async def _look_at(self, told: Sequence[Offer], here: str) -> None:
        """Read what the site names, in the order of trust, and of each kind where it usually lies if nothing fit of a
        kind that is trusted as much was found."""
        guesses = well_known(here)
        for kind in ("feed", "sitemap", "wordpress", "json"):
            for offer in _of_kind(told, kind)[: _MOST_TOLD[kind]]:
                await self._read(offer)
            for offer in _of_kind(guesses, kind)[: _MOST_GUESSED[kind]]:
                if any(one.is_chosen and one.found.offer.kind != "html" for one in choice(self._found, here)):
                    break
                await self._read(offer)

    async def _offered(self, page: Page) -> tuple[Offer, ...]:
        try:
            return await self._pool.run(offers, page, self._link_header)
        except LookFault:
            return ()  # a feed, a sitemap: it offers itself

    async def _read(self, offer: Offer) -> Page | None:
        """Fetch what is offered and read it as a listing; the page, None where it could not be fetched."""
        if offer.url in self._tried:
            return None
        is_guess = offer.told_by == "well-known"
        if (page := await self._fetch(offer.url, is_guess=is_guess)) is None:
            return None
        try:
            kind, listing = await self._pool.run(read_listing, page, "")
            if kind == "sitemap" and not listing.links:
                listing = await self._first_below(listing)
        except LookFault as fault:
            self._failed.append(Failed(offer.url, fault, is_guess))
        else:
            self._found.append(Found(replace(offer, kind=kind), listing, page.fetched_at))
        return page

    async def _first_below(self, index: ListingPage) -> ListingPage:
        """An index stands for its newest sitemap: those come and go, and each look follows it to them."""
        for url in index.listings[:1]:
            if url not in self._tried and (page := await self._fetch(url)) is not None:
                try:
                    _, below = await self._pool.run(read_listing, page, "sitemap")
                except LookFault as fault:
                    self._failed.append(Failed(url, fault, False))
                else:
                    return replace(index, links=below.links)
        return index

    async def _fetch(self, url: str, *, is_guess: bool = False) -> Page | None:
        self._tried.add(url)
        self._say(url)
        try:
            fetched = await self._turns.fetch(
                host_of(url),
                lambda: self._fetcher.fetch(url, validators=Validators(), delay=timedelta(0)),
                self._fetcher.delay_of,
            )
        except LookFault as fault:
            self._failed.append(Failed(url, fault, is_guess))
            return None
        self._link_header = fetched.link
        return Page(
            url=fetched.url,
            body=fetched.body,
            content_type=fetched.content_type,
            fetched_at=fetched.fetched_at,
            site=self._site,
        )


def _of_kind(offered: Sequence[Offer], kind: str) -> list[Offer]:
    """Those of a kind, in the order of trust; a JSON Feed is trusted less than other feeds."""
    return [one for one in sorted(offered, key=trust) if kind == ("json" if _is_json(one) else one.kind)]


def _is_json(offer: Offer) -> bool:
    return offer.kind == "feed" and urlsplit(offer.url).path.endswith("json")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
