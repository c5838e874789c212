"""What addresses say becomes articles, revisions and changes: read how things stand, judge, write a little."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage import strangers, tombstones
from storage.carrying_out import Step, carry_out
from storage.homes import Asked, lately, standings
from storage.identity import address_key, fingerprint, title_key
from storage.model.looking import Outcome
from storage.sightings import Foreseen, Known, Saved, Sighting
from storage.verdict import Act, Homes, Place, Verdict, judge, takes_over, taking_turns


class Articles:
    """Articles with their revisions and changes; every method works in the caller's transaction.

    An edit is told after `wait`, in which its siblings are looked at: a change of the whole site is one event. Over
    `confirm` lie the looks that must agree before a stub of an article counts as an edit.
    """

    def __init__(self, wait: timedelta = timedelta(0), confirm: timedelta = timedelta(days=1)) -> None:
        self._wait, self._confirm = wait, confirm

    def known(self, connection: sa.Connection, address_id: int) -> Known:
        """What a save at this address has to be prepared for; for a reading connection, before the write."""
        [(place, homes)] = standings(connection, [Asked(address_id)], lock=False)
        home = homes.own or homes.naming
        if home is None:
            return Known()
        leads = home.lead_id == place.id or homes.own is None or takes_over(place, home)
        return Known(place.article_id, home.number, home.lead_id, leads, home.current, home.fingerprint)

    def foresee(self, connection: sa.Connection, sighting: Sighting, now: datetime) -> Foreseen:
        """What a save would come to, as things stand."""
        asked = _asked(sighting)
        if tombstones.among(connection, [(asked.address_id, asked.fingerprint)]):
            return Foreseen(revises=False, is_elsewhere=False)
        [(place, homes)] = standings(connection, [asked], lock=False)
        verdict = self._judged(connection, sighting, asked.fingerprint, place, homes, now)
        return Foreseen(verdict.act in (Act.ADD, Act.REVISE), verdict.act is Act.ELSEWHERE)

    def save(self, connection: sa.Connection, sighting: Sighting, now: datetime) -> Saved:
        """Take in what an address said: a new article, a revision, another address of an article, or nothing.

        The same sighting saved again changes nothing. Raises ValueError for a text that was read and is empty, and
        KeyError for an address that is not known.
        """
        return self.save_all(connection, [sighting], now)[0]

    def save_all(self, connection: sa.Connection, sightings: Sequence[Sighting], now: datetime) -> list[Saved]:
        """Save some dozens, as if one after the other, at a third of the cost; either all are saved or it raises."""
        for one in sightings:
            if not one.article.body and not one.article.listing_only:
                raise ValueError(f"address {one.address_id} was read, and no text was found: that is no sighting")
        asked = [_asked(one) for one in sightings]
        dropped = tombstones.lay(connection, [(one.address_id, one.fingerprint) for one in asked])
        saved = {index: Saved(Outcome.UNCHANGED) for index in dropped}
        left = [index for index in range(len(sightings)) if index not in saved]
        while left:
            steps: dict[int, Step] = {}
            touched: set[object] = set()
            for index, (place, homes) in zip(
                left, standings(connection, [asked[index] for index in left], lock=True), strict=True
            ):
                verdict = self._judged(connection, sightings[index], asked[index].fingerprint, place, homes, now)
                concerns = _concerns(asked[index], place, homes, verdict)
                # What concerns the same article as one before it has to see what that one wrote; what comes after it
                # has to come after it, or the oldest of two articles would be the younger one.
                if not touched.isdisjoint(concerns):
                    break
                steps[index] = Step(sightings[index], asked[index].fingerprint, place, verdict)
                touched |= concerns
            saved |= zip(steps, carry_out(connection, list(steps.values()), now, self._wait), strict=True)
            left = [index for index in left if index not in steps]
        return [saved[index] for index in range(len(sightings))]

    def _judged(
        self, connection: sa.Connection, sighting: Sighting, mark: bytes, place: Place, homes: Homes, now: datetime
    ) -> Verdict:
        """`mark` is the fingerprint of what was read."""
        verdict = judge(place, homes, sighting.article, sighting.diff, sighting.expected)
        if verdict.act is Act.REVISE and verdict.home and verdict.home.number > 2:  # else nothing can have taken turns
            verdict = taking_turns(verdict, lately(connection, verdict.home.article_id), sighting.article, mark)
        verdict = strangers.doubted(connection, place, homes, sighting.article, verdict, now, self._confirm)
        if verdict.act in (Act.ADD, Act.REVISE) and not sighting.may_write:
            return Verdict(Act.REDO, verdict.home)
        return verdict


def _asked(sighting: Sighting) -> Asked:
    original = None
    if sighting.article.original_url:
        with suppress(ValueError):  # not a public URL: it names nothing
            original = address_key(sighting.article.original_url)
    said = sighting.article
    return Asked(sighting.address_id, sighting.fingerprint or fingerprint(said), original, said, sighting.bands)


def _concerns(asked: Asked, place: Place, homes: Homes, verdict: Verdict) -> set[object]:
    """All that another sighting must not have in common with this one, to be judged on the same reading."""
    found = (homes.own, homes.naming, homes.named, homes.by_text, homes.by_title, homes.lost, homes.by_near)
    concerns = {place.id, place.key, asked.fingerprint, *(("article", home.article_id) for home in found if home)}
    titled = title_key(asked.article, place.host) if asked.article else b""
    return concerns | {key for key in (place.original_key, titled, verdict.mark) if key}
