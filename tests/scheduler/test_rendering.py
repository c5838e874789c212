"""A delivery in words."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler import rendering
from scheduler.links import Links
from scheduler.message import Message, Voice
from scheduler.rendering import SHOWN, message_of
from scheduler.sending import MessageFault
from storage.model.articles import Article, Change, ChangeKind, StoryMember, When
from storage.model.telling import Alert, Notice
from storage.proof import Proof
from tests.scheduler.made_up import BODY, NOW, alert, article, delivery

EDITED = article("Bridge over the Harl opens late", BODY.replace("Ten", "Twelve"))


def told(*alerts: Alert) -> Message:
    return message_of(delivery(*alerts), NOW)


def test_a_new_article() -> None:
    """What, where and when, with the words that were found in their context."""
    one = told(alert(None, article(published=When(NOW, "minute"))))
    assert one.subject == "bridges: new: Bridge opens at Harl (harl-post)"
    assert one.text.startswith("New: Bridge opens at Harl\n\nThe minister opened the new *bridge* over the Harl")
    assert "harl-post · published 20 November 2026, 12:00 UTC · words: bridge" in one.text
    assert "https://post.example/a?x=1&y=2" in one.text
    assert (one.id, one.rule, one.type, one.created_at) == ("d-1", "bridges", "alerts", NOW)


def test_an_edit_shows_what_changed_first() -> None:
    """The changed words stand before everything else, in headline and body."""
    one = told(alert(article(), EDITED, holds="still"))
    assert one.subject == "bridges: edited, still matches: Bridge over the Harl opens late (harl-post)"
    first, second = one.text.split("\n\n")[:2]
    assert first.startswith("Edited, still matches: ")
    assert "[-" in first
    assert "[-Ten-]{+Twelve+} workers" in second
    assert "Ten</del>" in one.html
    assert "Twelve</ins>" in one.html


def test_what_the_diff_shows_is_not_shown_again() -> None:
    """Though the word was found in the headline, with a capital."""
    one = told(alert(article(), EDITED, holds="still", words=("Bridge",)))
    assert one.text.count("The minister opened") == 1


def test_a_text_that_lost_the_word_is_not_shown_below_what_it_lost() -> None:
    """Its beginning, without a word that was found, would be the same sentences again."""
    without = article(body=BODY.replace("new bridge", "new crossing"))
    one = told(alert(article(), without, holds="no longer"))
    assert "new [-bridge-]{+crossing+} over" in one.text
    assert one.text.count("The minister opened") == 1 and one.html.count("The minister opened") == 1


def test_an_edit_without_its_diff_is_not_blank() -> None:
    """Where no diff was kept the text is shown."""
    bare = alert(article(), EDITED, holds="now")
    one = told(replace(bare, change=replace(bare.change, diff=None)))
    assert one.text.startswith("Edited, now matches: Bridge over the Harl opens late\n\nThe minister opened")


def test_a_removed_article_is_shown_as_it_stood() -> None:
    """What is gone is told from its last revision."""
    one = told(alert(article(), None, holds="no longer"))
    assert one.subject == "bridges: removed: Bridge opens at Harl (harl-post)"
    assert "opened the new *bridge*" in one.text


def test_of_several_what_is_gone_stands_first_in_the_subject() -> None:
    """The message itself keeps the order in which it happened; a title stands in the subject once."""
    one = told(
        alert(None, article("Ferry late"), id=1),
        alert(article(), EDITED, id=2, holds="still"),
        alert(EDITED, None, id=3, holds="no longer"),
    )
    assert one.subject == (
        "bridges: 1 removed, 1 new, 1 edited at harl-post: Bridge over the Harl opens late; Ferry late"
    )
    assert one.text.index("New: ") < one.text.index("Edited, still matches: ") < one.text.index("Removed: ")


def test_of_several_sources_one_stands_in_the_subject() -> None:
    """With how many others, which a reader must not take for articles."""
    at_home = alert(None, article("Ferry late"), id=1)
    abroad = alert(None, article("Ferry late again"), id=2)
    one = told(at_home, replace(abroad, change=replace(abroad.change, sources=("echo",))))
    assert one.subject.startswith("bridges: 2 new at harl-post and 1 more source: Ferry late;")


def test_a_removal_says_since_when() -> None:
    """And how many looks agreed; what was removed by an older Dateline has no proof, and says nothing of it."""
    bare = alert(article(), None, holds="no longer")
    proof = Proof("https://post.example/a", NOW - timedelta(hours=26), 3)
    one = told(replace(bare, change=replace(bare.change, proof=proof)))
    assert "harl-post · not there since 19 November 2026, 10:00 UTC, 3 looks agree · without a date" in joined(one)
    one = told(replace(bare, change=replace(bare.change, proof=replace(proof, shows_another=True))))
    assert "another article at its address since 19 November 2026, 10:00 UTC" in joined(one)
    assert "since" not in told(bare).text


def joined(message: Message) -> str:
    return " ".join(message.text.split())


@pytest.mark.parametrize(
    ("when", "said", "headline"),
    [
        (
            When(NOW - timedelta(days=1), "day"),
            "published 19 November 2026 ·",
            "bridges: new: Bridge opens at Harl (harl-post)",
        ),
        (
            When(NOW - timedelta(days=40), "day"),
            "published 11 October 2026, 40 days ago",
            "bridges: new: Bridge opens at Harl (harl-post, of 11 October 2026)",
        ),
        (None, "without a date", "bridges: new: Bridge opens at Harl (harl-post)"),
    ],
)
def test_dates_are_said_as_the_site_states_them(when: When | None, said: str, headline: str) -> None:
    """A day has no clock; the date of an article over a week old is in the subject."""
    one = told(alert(None, article(published=when)))
    assert said in one.text
    assert one.subject == headline


def test_fields_are_for_programs() -> None:
    """Each alert with all that is known of it; a day stays a day."""
    one = told(alert(article(), replace(EDITED, published=When(NOW, "day")), holds="still", id=7))
    fields = json.loads(json.dumps(one.fields))["alerts"][0]
    assert fields["published"] == {"at": "2026-11-20", "precision": "day"}
    assert (fields["id"], fields["rule"], fields["holds"], fields["kind"]) == (7, "bridges", "still", "edited")
    assert (fields["article"], fields["sources"], fields["words"]) == ("guid-1", ["harl-post"], ["bridge"])
    assert fields["seen_at"] == fields["first_seen_at"] == "2026-11-20T12:00:00Z"
    assert ["+", "Twelve"] in fields["diff"]["body"]
    assert "the new bridge over" in fields["excerpt"]


@pytest.mark.parametrize(
    ("cls", "words"),
    [
        ("headline", "headline edited"),
        ("numbers", "figures edited"),
        ("correction", "corrected"),
        ("editions", "2 editions take turns"),
        ("", "edited"),
        ("of a later version", "edited"),
    ],
)
def test_an_edit_is_told_by_its_class(cls: str, words: str) -> None:
    """In subject, text and fields; one whose class is not known is just edited."""
    edited = alert(article(), EDITED, holds="still")
    one = told(replace(edited, change=replace(edited.change, cls=cls)))
    assert one.subject == f"bridges: {words}, still matches: Bridge over the Harl opens late (harl-post)"
    assert f"{words[0].upper()}{words[1:]}, still matches" in one.text
    assert (one.fields["alerts"][0]["class"], one.fields["alerts"][0]["change"]) == (cls, words)


def test_a_stealth_edit_is_told_as_such() -> None:
    """Where the page states when it was modified, and does not own to this edit."""
    edited = alert(article(), EDITED, holds="still")
    assert "harl-post · without a date" in told(edited).text and told(edited).fields["alerts"][0]["stealth"] is False
    one = told(replace(edited, change=replace(edited.change, stealth=True)))
    assert "harl-post · edited without saying so · " in one.text and "edited without saying so" in one.html
    assert one.fields["alerts"][0]["stealth"] is True


def test_an_alert_that_cannot_be_rendered_is_left_out_and_named() -> None:
    """The others are told."""
    one = told(alert(None, None, id=1), alert(None, article(), id=2))
    assert "New: Bridge opens at Harl" in one.text
    assert "1 alert could not be put into words; see the page: alert 1 (ValueError)." in one.text
    assert "alert 1 (ValueError)" in one.html
    assert one.fields["left_out"] == ["alert 1 (ValueError)"]
    assert [fields["id"] for fields in one.fields["alerts"]] == [2]


def of_rules(one: Alert, *rules: str) -> list[Alert]:
    return [replace(one, id=number, rule=rule, words=(rule,)) for number, rule in enumerate(rules, one.id)]


def test_a_summary_tells_an_article_once_with_all_rules_that_hold() -> None:
    """Their words are marked together; each rule has its own page that says why."""
    both, other = alert(None, article(), id=1), alert(None, article("Harl"), id=5)
    alerts = [*of_rules(both, "bridge", "minister"), *of_rules(other, "harl")]
    one = message_of(delivery(*alerts, rule="bridge, minister, harl"), NOW, Voice(Links("https://news.example")))
    assert one.text.count("New: Bridge opens at Harl") == 1
    text = " ".join(one.text.split())
    assert "The *minister* opened the new *bridge*" in text
    assert "words: bridge, minister · rules: bridge, minister" in text and "· rule: harl" in text
    for number, rule in ((1, "bridge"), (2, "minister")):
        assert f"Why {rule}: https://news.example/alerts/{number}" in one.text
        assert f'<a href="https://news.example/alerts/{number}" style="color:#666666">Why {rule}?</a>' in one.html
    assert one.subject.startswith("bridge, minister, harl: 2 new at harl-post")
    assert "Told by Dateline, rules bridge, minister, harl." in one.text
    assert [(each["id"], each["rule"], each["words"]) for each in one.fields["alerts"]] == [
        (1, "bridge", ["bridge"]),
        (2, "minister", ["minister"]),
        (5, "harl", ["harl"]),
    ]


def test_rules_that_hold_in_different_ways_are_named_with_theirs() -> None:
    """One rule matches now, the other still."""
    now, still = of_rules(alert(article(), EDITED, holds="now"), "bridge", "minister")
    one = told(now, replace(still, holds="still"))
    assert one.text.startswith("Edited: ")
    assert "rules: bridge (now matches), minister (still matches)" in " ".join(one.text.split())


def test_of_one_rule_it_is_not_said_at_each_article() -> None:
    """It stands in the subject and below."""
    assert "rule: " not in told(alert(None, article()), alert(None, article("Harl"), id=2)).text


def test_a_delivery_of_which_nothing_can_be_rendered_is_a_fault_of_the_message() -> None:
    """It is given up and shown, instead of being sent blank."""
    with pytest.raises(MessageFault, match="none of its alerts can be rendered: alert 1"):
        told(alert(None, None))


def test_many_alerts_have_a_line_each() -> None:
    """The first ones in full, the others by title and address; no one is left out."""
    one = told(*(alert(None, article(f"Bridge {number}"), id=number) for number in range(SHOWN + 3)))
    assert one.subject.startswith(f"bridges: {SHOWN + 3} new at harl-post: Bridge 0; Bridge 1; ")
    assert "And 3 more:" in one.text
    for number in range(SHOWN + 3):
        assert f"Bridge {number}" in one.text
        assert f"Bridge {number}" in one.html
    assert len(one.fields["alerts"]) + len(one.fields["more"]) == SHOWN + 3


def test_an_article_without_a_title_or_a_body_is_not_blank() -> None:
    """There is always a subject and an address to follow."""
    one = told(alert(None, Article("", ""), words=()))
    assert one.subject == "bridges: new: (no title) (harl-post)"
    assert "https://post.example/" in one.text


def test_a_notice() -> None:
    """Dateline's own troubles, in the words in which they were noted."""
    one = message_of(delivery(notice=Notice("post is down", "The source post failed: <b>\n\nSince noon.")), NOW)
    assert one.subject == "Dateline: post is down"
    assert one.text.startswith("The source post failed: <b>\n\nSince noon.")
    assert "&lt;b&gt;" in one.html
    assert (one.type, one.rule) == ("notice", "")


def test_the_test_message() -> None:
    """It says what it tests and when it was sent."""
    one = rendering.test_message("t-1", "desk", NOW)
    assert one.subject == "Dateline: a test of desk"
    assert "sent at 12:00:00 UTC on 20 November\n2026. It works." in one.text
    assert (one.type, one.fields["channel"]) == ("test", "desk")


HOSTILE = st.text(max_size=60) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "]]>",
        "\ud800",
        "\x00\x1b",
        "\u202eetad",
        "{{ 7*7 }}",
        "a\r\nBcc: x",
        '"><img src=x>',
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_whatever_a_site_wrote_is_text(title: str, body: str, word: str, source: str, url: str) -> None:
    """HTML is well formed and ours, JSON and UTF-8 hold everything, the subject is one line."""
    before, after = Article(title, body), Article(body, title + body)
    one = alert(before, after, words=(word,), url=url)
    change: Change = replace(one.change, sources=(source,), cls=word, kind=ChangeKind.EDITED)
    found = message_of(delivery(replace(one, change=change, rule=word), rule=source), NOW)
    # Spaces of HTML's own kind apart, our template is well-formed XML once its void elements are closed.
    page = found.html.replace("<!DOCTYPE html>", "").replace("<br>", "")
    page = re.sub(r"<meta [^>]*>|<style>.*?</style>", "", page, flags=re.DOTALL)
    tags = {element.tag for element in ElementTree.fromstring(page).iter()}
    assert tags <= {"html", "head", "title", "body", "div", "p", "h2", "a", "mark", "del", "ins", "span"}
    assert "\n" not in found.subject
    assert "\r" not in found.subject
    assert len(found.subject) <= 180
    for text in (found.subject, found.text, found.html, json.dumps(found.fields, ensure_ascii=False)):
        text.encode()
        assert not set(text) & {"\x00", "\x1b", "\u202e"}


def test_other_places_of_the_story_are_named() -> None:
    """At most five of them, in mail and for programs; what a site calls itself is no markup."""
    members = tuple(
        StoryMember(f"g-{number}", f"https://copy.example/{number}", "T", ("Copy & Sons",), NOW) for number in range(7)
    )
    one = alert(None, article())
    one = told(replace(one, change=replace(one.change, also_at=members, story="g-0")))
    assert one.text.count("Also at Copy & Sons: https://copy.example/") == 5
    assert 'Also at <a href="https://copy.example/0"' in one.html and "Copy &amp; Sons" in one.html
    (fields,) = one.fields["alerts"]
    assert fields["story"] == "g-0" and len(fields["also_at"]) == 5
    assert fields["also_at"][0] == {
        "article": "g-0",
        "url": "https://copy.example/0",
        "title": "T",
        "sources": ["Copy & Sons"],
    }
