"""What webhooks carry keeps to the schema that is handed out, and to 20 kB."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler import payload
from scheduler.channels.webhook import Channel
from scheduler.cli import main
from scheduler.links import Links
from scheduler.message import Message, Voice
from scheduler.rendering import message_of
from scheduler.rendering import test_message as trial_message
from storage.model.articles import StoryMember, When
from storage.model.telling import Alert, Notice
from storage.proof import Counted, Proof
from tests.scheduler.made_up import BODY, NOW, alert, article, delivery

HOOK = Channel.model_validate({"name": "desk", "type": "webhook", "url": "https://hooks.example/"})
EDITED = alert(article(), article("Late", BODY.replace("Ten", "12"), When(NOW, "day")), holds="still")
VOICE = Voice(Links("https://news.example"))


def checked(message: Message) -> dict:
    """The body as it is sent, once our own model has found no key too many, too few or of another type."""
    body = HOOK.render(message)
    assert len(body) < 20_000
    payload.BODY.validate_json(body)
    return json.loads(body)


def test_every_kind_of_message_keeps_to_the_schema() -> None:
    """Alerts of every kind of change, a notice, a test."""
    for one in (EDITED, alert(None, article()), alert(article(), None, holds="no longer")):
        body = checked(message_of(delivery(one), NOW, VOICE))
        assert (body["schema"], body["type"]) == (1, "alerts")
        assert body["data"]["alerts"][0]["page"] == "https://news.example/article/guid-1"
        assert body["data"]["alerts"][0]["why"] == f"https://news.example/alerts/{one.id}"
    assert checked(message_of(delivery(notice=Notice("down", "since noon")), NOW))["data"]["text"] == "since noon"
    checked(message_of(delivery(notice=Notice("many", "한\n" * 50_000)), NOW))
    assert checked(trial_message("t", "desk", NOW))["type"] == "test"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=80), min_size=5, max_size=5), st.integers(1, 60))
def test_whatever_a_site_wrote_keeps_to_the_schema(texts: list[str], number: int) -> None:
    """Also when there is too much of it."""
    title, body, word, source, url = texts
    member = StoryMember(title, "https://copy.example/" + "y" * 1900, title * 9, (source,), NOW)
    one = alert(article(title, body * 90), article(body, title * 90), words=(word * 2,) * 20, url=url)
    one = replace(one, change=replace(one.change, sources=(source,) * 9, also_at=(member,) * 9, cls=word))
    data = checked(message_of(delivery(*[replace(one, id=each) for each in range(number)]), NOW, VOICE))["data"]
    assert len(data["alerts"]) + len(data["more"]) + data["omitted"] == number


def removed(looks: tuple[Counted, ...], url: str = "https://post.example/a", **how: bool) -> Alert:
    """An article is gone, as these looks found out."""
    bare = alert(article(), None, holds="no longer", url=url)
    proof = Proof(url, looks[0].at, len(looks), looks, **how)
    return replace(bare, change=replace(bare.change, proof=proof))


def test_a_removal_carries_its_proof() -> None:
    """Since when, and each look that agreed with its answer, as a person is told and the evidence has it."""
    since = NOW - timedelta(hours=26)
    looks = tuple(Counted(since + timedelta(hours=13 * each), "not found", "404") for each in range(3))
    [told] = checked(message_of(delivery(removed(looks)), NOW, VOICE))["data"]["alerts"]
    assert told["proof"] == {
        "url": "https://post.example/a",
        "since": "2026-11-19T10:00:00Z",
        "number": 3,
        "looks": [
            {"at": f"2026-11-{day}:00:00Z", "outcome": "not found", "said": "404"}
            for day in ("19T10", "19T23", "20T12")
        ],
        "shows_another": False,
    }
    [told] = checked(message_of(delivery(removed(looks, shows_another=True)), NOW, VOICE))["data"]["alerts"]
    assert told["proof"]["shows_another"] is True


def test_what_is_no_removal_has_no_proof() -> None:
    """Nor has one that an older Dateline recorded."""
    for one in (EDITED, alert(article(), None, holds="no longer")):
        [told] = checked(message_of(delivery(one), NOW, VOICE))["data"]["alerts"]
        assert told["proof"] is None
    assert "proof" not in payload.schema()["$defs"]["AlertData"]["required"], "bodies that wait since before have none"


@pytest.mark.parametrize("number", [1, 50])
def test_the_longest_proof_leaves_room(number: int) -> None:
    """Ten looks, each with a title of the site's own in any script, at an address of two kilobytes."""
    looks = tuple(Counted(NOW, "unchanged", "한" * 300) for _ in range(10))
    one = removed(looks, "https://post.example/" + "x" * 2000, shows_another=True)
    told = delivery(*[replace(one, id=each) for each in range(number)])
    data = checked(message_of(told, NOW, VOICE))["data"]
    assert len(data["alerts"]) + len(data["more"]) + data["omitted"] == number
    assert data["alerts"][0]["proof"]["number"] == 10 and len(data["alerts"][0]["proof"]["looks"]) == 3


def alerts(number: int, url: str = "https://post.example/a") -> list[Alert]:
    long = article(body="The bridge over the Harl is long. " * 100)
    edited = article(body=long.body.replace("long", "short"))
    one = alert(long, edited, holds="still", url=url)
    return [replace(one, id=each) for each in range(number)]


def test_what_finds_no_room_in_full_has_a_line() -> None:
    """Diffs go first, then fields; who reads only ids still hears of every alert."""
    data = checked(message_of(delivery(*alerts(50)), NOW, VOICE))["data"]
    assert "diff" not in data["alerts"][-1] and data["omitted"] == 0
    assert [one["id"] for one in data["alerts"] + data["more"]] == list(range(50))
    assert set(data["more"][0]) == {"id", "kind", "article", "url"}


@pytest.mark.parametrize("number", [1, 50, 500])
def test_very_long_fields_leave_room(number: int) -> None:
    """Addresses of two kilobytes, in every alert."""
    url = "https://post.example/" + "x" * 2000
    data = checked(message_of(delivery(*alerts(number, url)), NOW, VOICE))["data"]
    assert data["alerts"]
    assert len(data["alerts"]) + len(data["more"]) + data["omitted"] == number


def test_the_schema_is_handed_out() -> None:
    """By the command as by the page; other keys may come, and those that are there are named."""
    printed = json.loads(CliRunner().invoke(main, ["schema"]).output)
    assert printed == payload.schema()
    assert printed["$schema"].endswith("2020-12/schema")
    assert "additionalProperties" not in json.dumps(printed)
    named = set(printed["$defs"]["AlertData"]["properties"])
    assert named == set(checked(message_of(delivery(EDITED), NOW, VOICE))["data"]["alerts"][0])
    assert "why" not in printed["$defs"]["AlertData"]["required"], "bodies that wait since before have none"
    assert "class" in named and "schema" in printed["$defs"]["AlertsBody"]["required"]
