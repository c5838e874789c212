"""One claim's trip through a host: its listings first, then its addresses, one request after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic

from crawler.extract.metadata import is_home
from crawler.extract.parts import joined
from crawler.extract.wall import is_teaser_of
from crawler.fault import LookFault
from crawler.fetch import Fetched, Fetcher
from crawler.ledger import AddressRead, Ledger
from crawler.lessons import Lessons
from crawler.link_lessons import LinkLessons
from crawler.pages import Page
from crawler.pool import Pool
from crawler.read import read_listing
from crawler.reading import Reading, read_page
from crawler.served import Served, keep, only, with_page
from storage.articles import Articles
from storage.diff import diff
from storage.furniture import KnownFurniture
from storage.identity import fingerprint, host_of, same_text
from storage.looks import Looks, Unchanged
from storage.minhash import bands
from storage.model.articles import Article
from storage.model.looking import Claim, DueAddress, DueListing, Outcome, Validators
from storage.schedule import ClaimLost, Release
from storage.sightings import Known, Saved, Sighting
from storage.snapshots import Snapshots
from storage.store import Connection, Store
from storage.text import one_line
from storage.writer import Writer

log = logging.getLogger("dateline.look")

LONGEST_CLAIM_S = 60.0
GIVE_UP_AFTER = 3  # requests in a row that the host did not answer at all
REST_OF_A_DEAD_HOST = timedelta(minutes=5)
MOST_PAGES_OF_A_WALK = 2  # that wait so: pages that take the reader its 20 s each are not queued before another's
MOST_WAITING_PAGES = 32  # whole pages in memory that wait for the extraction process
MOST_PARTS = 20  # pages of one text
LONGEST_PARTS_S = 180.0  # that they are asked for; what is left then could not be read

# What a further page of a text answers that is not there, or not for us: no later look would have it.
FOR_GOOD = (
    *(Outcome.NOT_FOUND, Outcome.UNREADABLE, Outcome.NOT_ASKED_FOR),
    *(Outcome.LOGIN, Outcome.ROBOTS, Outcome.NOT_ALLOWED),
)

# Nothing more is to be had from the host for now; the rest of the claim stays due.
HOST_WIDE = (Outcome.RATE_LIMITED,)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What a walk works with."""

    store: Store
    writer: Writer
    ledger: Ledger
    looks: Looks
    articles: Articles
    snapshots: Snapshots
    fetcher: Fetcher
    pool: Pool
    links: LinkLessons
    lessons: Lessons
    furniture: KnownFurniture
    changed: Callable[[], None]  # wakes the daemon: something was stored that rules may hold for
    waiting: asyncio.Semaphore  # MOST_WAITING_PAGES
    stopping: asyncio.Event


class Walk:
    """Looks at what a claim names, as long as the host answers and the claim is young; then gives the host back."""

    def __init__(self, rooms: Rooms, claim: Claim) -> None:
        self._rooms, self._claim = rooms, claim
        self._reading: set[asyncio.Task[None]] = set()
        self._pages = asyncio.Semaphore(MOST_PAGES_OF_A_WALK)
        self._unanswered = 0
        self._latest: tuple[str, Fetched] | None = None
        self._allowed_at = claim.next_allowed_at
        self._again = timedelta(0)  # of the host's time, that looks again have taken
        self._lost = False
        self._is_refused = False  # the host wants to be left alone, said while a page of it was read

    async def run(self) -> None:
        self._rooms.fetcher.robots.load(self._claim.robots)
        until = monotonic() + LONGEST_CLAIM_S
        try:
            dues: list[DueListing | DueAddress] = [*self._claim.listings, *self._claim.addresses]
            for due in dues:
                if self._rooms.stopping.is_set() or self._lost or monotonic() > until:
                    break
                if _is_again(due) and self._again >= self._claim.again_for:
                    break
                if not await self._look(due) or self._is_refused:
                    break
            if self._reading:
                await asyncio.gather(*self._reading)
        finally:
            for task in self._reading:
                task.cancel()
            delay, at = self._rooms.fetcher.delay_of(self._claim.host), now()
            ended = Release(self._claim, max(self._allowed_at, at + delay), delay, at, self._again)
            await self._rooms.ledger.release(ended)

    async def _look(self, due: DueListing | DueAddress) -> bool:
        """Ask for one page; what it says is read and stored beside the next request. False ends the walk."""
        try:
            fetched = self._shared(due) or await self._fetch(due)
        except LookFault as fault:
            await self._failed(due, fault)
            return self._goes_on(fault)
        except Exception:  # a fault of ours: it is booked, or this page would stay first in line and keep all others
            log.exception("could not fetch url=%s", one_line(due.url))
            await self._failed(due, LookFault(Outcome.UNREACHABLE, "an error of Dateline's own; see the log"))
            return True
        self._unanswered = 0
        self._latest = due.url.partition("#")[0], fetched
        if fetched.not_modified:
            self._rooms.ledger.unchanged(Unchanged(self._claim, due, _validators(fetched), fetched.fetched_at))
            return True
        await self._pages.acquire()
        await self._rooms.waiting.acquire()
        task = asyncio.create_task(self._read(due, fetched))
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)
        return True

    async def _fetch(self, due: DueListing | DueAddress) -> Fetched:
        """Ask for its page, and book a look again on their share of the host's time: its pause belongs to it."""
        began = monotonic()
        try:
            return await self._rooms.fetcher.fetch(due.url, validators=due.validators, delay=self._claim.delay)
        finally:
            if _is_again(due):
                took = timedelta(seconds=monotonic() - began)
                self._again += max(took, self._rooms.fetcher.delay_of(self._claim.host))

    def _shared(self, due: DueListing | DueAddress) -> Fetched | None:
        """The page that was just fetched, where this is another story of it; a page of twenty is asked for once."""
        page, told, _ = due.url.partition("#")
        if not told or self._latest is None or self._latest[0] != page:
            return None
        fetched, known = self._latest[1], due.validators.body_hash
        if fetched.body_hash == known:
            return replace(fetched, body=b"", not_modified=True)
        return replace(fetched, not_modified=False) if fetched.body else None

    def _goes_on(self, fault: LookFault) -> bool:
        if fault.outcome in HOST_WIDE:
            self._allowed_at = now() + (fault.retry_after or timedelta(minutes=1))
            return False
        self._unanswered = self._unanswered + 1 if fault.outcome == Outcome.UNREACHABLE else 0
        if self._unanswered >= GIVE_UP_AFTER:
            self._allowed_at = now() + REST_OF_A_DEAD_HOST
            return False
        return True

    async def _read(self, due: DueListing | DueAddress, fetched: Fetched) -> None:
        try:
            if isinstance(due, DueListing):
                await self._read_listing(due, fetched)
            else:
                await self._read_address(due, fetched)
        except LookFault as fault:
            await self._failed(due, fault)
            self._is_refused = self._is_refused or not self._goes_on(fault)
        except ClaimLost:
            self._lost = True
            log.warning("claim lost host=%s url=%s", self._claim.host, one_line(due.url))
        except Exception:  # a fault of ours: this page is left, the others go on
            log.exception("could not store url=%s", one_line(due.url))
            await self._failed(due, LookFault(Outcome.UNREADABLE, "an error of Dateline's own; see the log"))
        finally:
            self._rooms.waiting.release()
            self._pages.release()

    async def _read_listing(self, due: DueListing, fetched: Fetched) -> None:
        known = self._rooms.links.shapes(due.source_id)
        kind, page = await self._rooms.pool.run(
            read_listing, replace(_page(due, fetched), known_shapes=known), due.kind
        )
        if not page.links and not page.listings and due.links:
            raise LookFault(Outcome.UNREADABLE, f"no article is listed where there were {due.links}")
        saved = await self._rooms.writer.do(
            lambda connection: self._rooms.looks.listing_read(
                connection, self._claim, due, kind, page, _validators(fetched), fetched.fetched_at
            )
        )
        log.info(
            "listing source=%s url=%s kind=%s links=%d new=%d again=%d",
            *(due.source, one_line(due.url), kind, len(page.links), saved.new, saved.again),
        )

    async def _read_address(self, due: DueAddress, fetched: Fetched) -> None:
        if fetched.redirected and is_home(fetched.url) and not is_home(due.url):
            raise LookFault(Outcome.NOT_FOUND, "the address led to the home page")
        page, host = _page(due, fetched), host_of(fetched.url)
        layouts, in_full = self._rooms.lessons.of(due.source_id, host)
        reading = await self._rooms.pool.run(read_page, page, layouts, in_full=in_full)
        self._rooms.lessons.take(due.source_id, host, layouts, reading, fetched.fetched_at)
        served = only(fetched)
        if reading.article.next_page:
            # Any of its pages may change, so each look reads all of them.
            article, served = await self._all_pages(due, reading.article, fetched)
            reading = replace(reading, article=article)
            fetched = replace(fetched, etag="", last_modified="", body_hash=b"")
        saved = await self._save(due, page, reading, fetched, served)
        if saved.doubt:
            log.warning("look doubted source=%s url=%s reason=%s", due.source, one_line(due.url), saved.doubt)
            return
        if not due.looks:
            self._rooms.links.take(due.source_id, due.url, was_article=True)
        if saved.outcome is not Outcome.UNCHANGED:
            log.info("article source=%s url=%s outcome=%s", due.source, one_line(due.url), saved.outcome)
        if saved.change_id is not None:
            self._rooms.changed()

    def _is_furniture(self, due: DueAddress, before: Article, after: Article) -> bool:
        with self._rooms.store.reader() as connection:
            return self._rooms.furniture.of(connection, due.source_id).explains(before, after)

    async def _read_both_ways(self, due: DueAddress, page: Page) -> Article:
        """Read in full what its layout has read, and learn from it."""
        host = host_of(page.url)
        layouts, _ = self._rooms.lessons.of(due.source_id, host)
        reading = await self._rooms.pool.run(read_page, page, layouts, in_full=True)
        self._rooms.lessons.take(due.source_id, host, layouts, reading, page.fetched_at)
        return reading.article

    async def _all_pages(self, due: DueAddress, first: Article, begins: Fetched) -> tuple[Article, Served]:
        """Fetch the pages on which a text goes on, and join them; its `next_page` is then one that is not to be had.

        Answers also what was served, page by page. Raises LookFault where one may be had later: a part of a text must
        not pass for all of it.
        """
        parts, seen, until = [first], {due.url}, monotonic() + LONGEST_PARTS_S
        served = only(begins)
        while (url := parts[-1].next_page) and url not in seen and len(parts) < MOST_PARTS:
            if monotonic() > until:  # a host that wants minutes between two requests: others wait for its place
                return joined(parts), served
            seen.add(url)
            try:
                fetched = await self._rooms.fetcher.fetch(url, validators=Validators(), delay=self._claim.delay)
                page = replace(_page(due, fetched), listed=None)
                parts.append((await self._rooms.pool.run(read_page, page)).article)
                served = await asyncio.to_thread(with_page, served, fetched, self._rooms.snapshots)
            except LookFault as fault:
                if fault.outcome not in FOR_GOOD:
                    raise
                log.warning("text goes on url=%s reason=%s", one_line(url), fault.message)
                return joined(parts), served
        whole = joined(parts)
        whole = whole if whole.next_page and whole.next_page not in seen else replace(whole, next_page="")
        return whole, served

    async def _save(self, due: DueAddress, page: Page, reading: Reading, fetched: Fetched, served: Served) -> Saved:
        """Decide first, then write; where the article moved on meanwhile, decide anew."""
        article, by_layout = reading.article, reading.by_layout
        while True:
            with self._rooms.store.reader() as connection:
                known = self._rooms.articles.known(connection, due.id)
            before = known.current.article if known.current else None
            made, same = None, before is not None and same_text(before, article)
            if before is not None and known.leads and not same:
                # Two ways of reading may differ in a comma: an edit is what neither of them has read before.
                if reading.other is not None and article is not reading.other and same_text(before, reading.other):
                    article = reading.other
                    continue
                if self._is_furniture(due, before, article):
                    article, same = replace(article, title=before.title, body=before.body), True
                elif by_layout:
                    article, by_layout = await self._read_both_ways(due, page), False
                    if article.next_page:
                        article, served = await self._all_pages(due, article, served[0][0])
                    continue
                else:
                    made = await self._rooms.pool.run(diff, before, article)
            if same and known.stays_with(article):  # most looks: no more is to be found out, and nothing to be written
                sighting = Sighting(due.id, article, (), None, known.number, known.fingerprint, may_write=False)
            else:
                sighting = Sighting(due.id, article, (), made, known.number, fingerprint(article))
                sighting = await self._prepared(sighting, known, served, fetched.fetched_at)
            saved = await self._rooms.ledger.read(
                AddressRead(self._claim, due, sighting, _validators(fetched), fetched.fetched_at)
            )
            if not saved.redo:
                return saved

    async def _prepared(self, sighting: Sighting, known: Known, served: Served, at: datetime) -> Sighting:
        """The sighting with what a save needs of it: if it makes a revision, its evidence is on the disk before."""
        if known.article_id is None:
            sighting = replace(sighting, bands=bands(sighting.article.body))
        if known.leads and known.current is not None:
            _refuse_less(known.current.article, sighting.article)
        with self._rooms.store.reader() as connection:
            foreseen = self._rooms.articles.foresee(connection, sighting, at)
        if foreseen.is_elsewhere:
            raise LookFault(Outcome.NOT_FOUND, "the address shows another article, which stands elsewhere too")
        if foreseen.revises:
            sighting = replace(sighting, captures=await asyncio.to_thread(keep, served, self._rooms.snapshots))
        return replace(sighting, may_write=foreseen.revises)

    async def _failed(self, due: DueListing | DueAddress, fault: LookFault) -> None:
        at = now()

        def write(connection: Connection) -> Saved | None:
            self._rooms.looks.failed(connection, self._claim, due, fault.outcome, fault.message, fault.retry_after, at)
            if isinstance(due, DueListing) or not self._is_told_by_listing(due, fault.outcome):
                return None
            if fault.outcome is Outcome.UNREADABLE and not self._rooms.looks.is_stated(connection, due.id):
                return None  # a link on a page that turned out to be no article
            return self._rooms.articles.save(connection, Sighting(due.id, _from_listing(due)), at)

        is_first = isinstance(due, DueAddress) and not due.looks and due.article_id is None
        if is_first and fault.outcome in (Outcome.UNREADABLE, Outcome.NOT_ASKED_FOR):
            self._rooms.links.take(due.source_id, due.url, was_article=False)
        log.warning(
            "look failed source=%s url=%s outcome=%s reason=%s",
            *(due.source, one_line(due.url), fault.outcome.name.lower(), fault.message),
        )
        try:
            saved = await self._rooms.writer.do(write)
        except ClaimLost:
            self._lost = True
        else:
            if saved is not None and saved.change_id is not None:
                self._rooms.changed()

    @staticmethod
    def _is_told_by_listing(due: DueAddress, outcome: Outcome) -> bool:
        """An article whose page may not or cannot be read is stored as its listing tells it."""
        cannot = outcome in (Outcome.ROBOTS, Outcome.LOGIN, Outcome.UNREADABLE)
        return cannot and due.article_id is None and bool(due.listed.title)


def _is_again(due: DueListing | DueAddress) -> bool:
    return isinstance(due, DueAddress) and due.is_again


def now() -> datetime:
    return datetime.now(UTC)


def _page(due: DueListing | DueAddress, fetched: Fetched) -> Page:
    return Page(
        url=fetched.url,
        body=fetched.body,
        content_type=fetched.content_type,
        fetched_at=fetched.fetched_at,
        language=due.language,
        timezone=due.timezone,
        site=due.site,
        select=due.select if isinstance(due, DueListing) else "",
        listed=due.listed if isinstance(due, DueAddress) else None,
    )


def _validators(fetched: Fetched) -> Validators:
    return Validators(fetched.etag, fetched.last_modified, fetched.body_hash)


def _from_listing(due: DueAddress) -> Article:
    return Article(
        title=due.listed.title,
        body=due.listed.summary,
        published=due.listed.published,
        language=due.language,
        listing_only=True,
    )


def _refuse_less(before: Article, after: Article) -> None:
    """What a wall leaves of a page is a fault of the look, however often: a doubtful reading replaces no good one."""
    if after.teaser and not before.teaser and is_teaser_of(after, before):
        raise LookFault(Outcome.LOGIN, "only a teaser is public now; the text that was read before stays")
    if after.next_page and not before.next_page and is_teaser_of(after, before):
        raise LookFault(Outcome.NOT_WHOLE, f"the text goes on at {after.next_page}, which could not be read")
