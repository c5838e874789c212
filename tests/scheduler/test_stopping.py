"""The page behind "stop this rule", over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from scheduler.links import SigningKey
from scheduler.web.app import make_app
from scheduler.web.feeds import Feeds
from scheduler.web.stopping import Stopping
from storage import stopped
from storage.archive import Archive
from storage.fates import Fates
from storage.store import Store
from storage.writer import Writer
from tests.reading_room import NOW, rulebook, served
from tests.storage.desk import Desk
from tests.storage.watch import Watch


@dataclass
class Door:
    url: str
    session: aiohttp.ClientSession
    store: Store
    token: str

    async def ask(self, method: str, token: str, body: object = None, **headers: str) -> tuple[int, str]:
        address = f"{self.url}/stop?token={token}"
        async with self.session.request(method, address, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    def stopped(self) -> list[tuple[str, str]]:
        with self.store.reader() as connection:
            return [(one.rule, one.channel) for one in stopped.listed(connection)]


@pytest.fixture
async def door(store: Store, tmp_path: Path) -> AsyncIterator[Door]:
    archive, key, writer = Archive(store), SigningKey(tmp_path / "links.key"), Writer(store)
    stopping = Stopping(key, store, writer, lambda: {"ferry <1>": ("me",)}, lambda: NOW)

    def make(base_url):
        feeds = Feeds(archive, [], [], base_url, now=lambda: NOW)
        return make_app(
            archive, Fates(store), feeds, list, base_url, "127.0.0.1", rulebook=rulebook(store), stopping=stopping
        )

    async with served(make) as url, aiohttp.ClientSession() as session:
        yield Door(url, session, store, key.token("ferry <1>", "me"))
    writer.close()


async def test_a_get_changes_nothing(door: Door) -> None:
    """Mail scanners follow every link: the page asks first."""
    status, page = await door.ask("GET", door.token)
    assert status == 200 and "Stop this rule?" in page and "ferry &lt;1&gt;" in page
    assert '<button name="act" value="stop">' in page
    assert (await door.ask("HEAD", door.token))[0] == 200
    assert door.stopped() == []


async def test_the_button_stops_and_starts(door: Door) -> None:
    """The same page takes it back."""
    status, page = await door.ask("POST", door.token, {"act": "stop"})
    assert status == 200 and "is not told through" in page
    assert door.stopped() == [("ferry <1>", "me")]
    status, page = await door.ask("POST", door.token, {"act": "start"})
    assert status == 200 and "Stop this rule?" in page
    assert door.stopped() == []


async def test_one_click_of_a_mail_program(door: Door) -> None:
    """RFC 8058: no cookie, no question, the form urlencoded or as multipart."""
    status, _ = await door.ask("POST", door.token, {"List-Unsubscribe": "One-Click"})
    assert status == 200 and door.stopped() == [("ferry <1>", "me")]
    await door.ask("POST", door.token, {"act": "start"})
    form = aiohttp.MultipartWriter("form-data")
    form.append("One-Click").set_content_disposition("form-data", name="List-Unsubscribe")
    assert (await door.ask("POST", door.token, form))[0] == 200
    assert door.stopped() == [("ferry <1>", "me")]


@pytest.mark.parametrize("token", ["", "x", "e30.e30", "%00%ff", "a" * 5000])
async def test_a_link_that_is_not_ours_does_nothing(door: Door, token: str) -> None:
    """Nor does one of another rule with this one's signature."""
    said, mac = door.token.split(".")
    for wrong in (token, f"{said[:-3]}.{mac}", f"{said}.{mac[:-1]}"):
        for method in ("GET", "POST"):
            status, page = await door.ask(method, wrong, {"act": "stop"} if method == "POST" else None)
            assert status == 403 and "was not made by this Dateline" in page
    assert door.stopped() == []


async def test_a_form_that_says_nothing_does_nothing(door: Door) -> None:
    """And a huge one is not read to its end."""
    assert (await door.ask("POST", door.token, {"act": "explode"}))[0] == 400
    assert (await door.ask("POST", door.token, b"x" * 100_000))[0] == 413
    assert (await door.ask("PUT", door.token))[0] == 405
    assert door.stopped() == []


async def test_the_page_posts_to_itself_alone(door: Door) -> None:
    """A page without a form sends nothing anywhere."""
    for path, wanted in ((f"/stop?token={door.token}", "form-action 'self'"), ("/changes", "form-action 'none'")):
        async with door.session.get(door.url + path) as answer:
            assert wanted in answer.headers["content-security-policy"]


async def test_what_is_stopped_stands_on_the_page_of_alerts(door: Door) -> None:
    """With a link to the button that starts it again; and a story's earlier alert is one click away."""
    desk = Desk(Watch(door.store))
    desk.config()
    desk.raise_alerts(desk.publish())
    desk.raise_alerts(desk.publish(), untold=f"the same story was told in alert {desk.alerts()[0].id}")
    await door.ask("POST", door.token, {"act": "stop"})
    async with door.session.get(f"{door.url}/alerts") as answer:
        page = await answer.text()
    assert "Stopped by their readers" in page and f"/stop?token={door.token}" in page
    first = desk.alerts()[0].id
    assert f'Nobody was told: the same story was told in <a href="/alerts/{first}">alert {first}</a>' in page
    async with door.session.get(f"{door.url}/alerts/{first}") as answer:
        assert answer.status == 200


async def test_the_schema_of_webhooks_is_served(door: Door) -> None:
    """At the address that README names."""
    async with door.session.get(f"{door.url}/schema/alert.json") as answer:
        assert answer.status == 200 and (await answer.json(content_type=None))["title"] == "Dateline webhook"
