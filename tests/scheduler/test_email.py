"""Mail: what a reader's program gets, who must not see the password, and recipients who differ."""

from __future__ import annotations

import email
import re
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.channels.email import Channel
from scheduler.demo.postbox import Postbox
from scheduler.links import Links, SigningKey
from scheduler.rendering import message_of
from scheduler.sending import ChannelFault, MessageFault, TryLater
from storage.model.telling import Alert, Notice
from tests.scheduler.made_up import BODY, NOW, alert, article, delivery

TABLE = {
    "name": "me",
    "type": "email",
    "host": "mail.example.org",
    "from": "Dateline <dateline@example.org>",
    "to": ["ann@example.org", "Bob Ö. <bob@example.net>"],
}
HEADERS = sorted(
    [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "list-id",
        "auto-submitted",
        "mime-version",
        "content-type",
    ]
)
MESSAGE = message_of(delivery(alert(None, article())), NOW)


def channel(**more: Any) -> Channel:
    return Channel.model_validate(TABLE | more)


def to_postbox(postbox: Postbox, **more: Any) -> Channel:
    return channel(host="127.0.0.1", port=postbox.mail.port, **more)


def read(payload: bytes) -> EmailMessage:
    return email.message_from_bytes(payload, policy=policy.default)


async def send(one: Channel) -> None:
    await one.send(one.render(MESSAGE), delivery_id=MESSAGE.id, now=NOW)


def test_headers_are_those_of_an_automatic_list() -> None:
    """The Message-ID is the delivery's, the List-Id the rule's, and nobody's holiday answers it."""
    mail = read(channel().render(MESSAGE))
    assert mail["Message-ID"] == "<d-1@example.org>"
    assert mail["List-Id"] == "<bridges.dateline.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Dateline <dateline@example.org>"
    assert [one.addr_spec for one in mail["To"].addresses] == ["ann@example.org", "bob@example.net"]
    assert mail["Subject"] == "bridges: new: Bridge opens at Harl (harl-post)"


def test_a_digest_has_the_date_of_its_mail() -> None:
    """Not of its first alert, a week before: it would stand among last week's mail, and look like spam to a filter."""
    told = message_of(delivery(alert(None, article())), NOW + timedelta(days=7))
    assert read(channel().render(told))["Date"] == "Fri, 27 Nov 2026 12:00:00 +0000"


def test_it_has_a_text_and_an_html_part() -> None:
    """The text comes first, for readers that show no HTML; neither loads anything."""
    mail = read(channel().render(MESSAGE))
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, page = (part.get_content() for part in mail.iter_parts())
    assert "opened the new *bridge* over the Harl" in text
    assert "<mark" in page
    assert "<img" not in page


@pytest.mark.parametrize("rule", ["bridges", "Bridges", "Kim & Co", "다리", "a" * 60])
def test_every_rule_has_a_list_of_its_own(rule: str) -> None:
    """A List-Id is ASCII on one line, and two rules do not share one."""
    listed, other = (read(channel().render(replace(MESSAGE, rule=one)))["List-Id"] for one in (rule, rule + "&"))
    assert re.fullmatch(r"<[a-z0-9-]{1,63}\.dateline\.example\.org>", listed)
    assert listed != other


def test_a_notice_is_on_no_list() -> None:
    """Dateline's own troubles belong to no rule."""
    mail = read(channel().render(message_of(delivery(notice=Notice("post is down", "Since noon.")), NOW)))
    assert mail["List-Id"] is None
    assert mail["Subject"] == "Dateline: post is down"


ATTACKS = [
    "\r\nBcc: eve@example.com",
    "\n\n<script>",
    "\x85X: y",
    "\u2028",
    "=?utf-8?q?a=0D=0AReply-To:_eve=40example.com=0D=0A=0D=0A<b>hello</b>?=",
    "=?utf-8?b?YQ0KQmNjOiBldmVAZXhhbXBsZS5jb20NCg==?=",
    "",
]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=300), st.sampled_from(ATTACKS))
def test_a_title_never_becomes_a_header(title: str, attack: str) -> None:
    """Whatever stands in a title or a rule's name, the headers are ours and there is one of each."""
    told = message_of(delivery(alert(None, article(title + attack)), rule=f"r{attack}"), NOW)
    mail = read(channel().render(told))
    assert sorted(name.lower() for name in mail) == HEADERS
    assert len(mail["Subject"]) <= 200


WORDS = st.sampled_from(["지도자:", "headline", "edited,", "김정은", "北京", "für", "(ilbo)", "—"])


@settings(max_examples=200, deadline=None)
@given(st.lists(WORDS, max_size=20))
def test_a_subject_keeps_its_spaces(words: list[str]) -> None:
    """Whatever scripts it mixes, and wherever its lines end; each line is as short as mail asks for."""
    subject = " ".join(words)
    payload = channel().render(replace(MESSAGE, subject=subject))
    assert (read(payload)["Subject"] or "").strip() == subject
    assert all(len(line) <= 78 for line in payload.partition(b"\r\n\r\n")[0].split(b"\r\n"))


async def test_it_logs_in(postbox: Postbox) -> None:
    """With the right password a mail is taken, for each recipient, from the sender's address."""
    postbox.mail.user, postbox.mail.password = "ann", "right"
    await send(to_postbox(postbox, username="ann", password="right"))
    assert postbox.mail.logins[-1]
    assert postbox.received_mail[0].sender == "dateline@example.org"
    assert postbox.received_mail[0].recipients == ("ann@example.org", "bob@example.net")


async def test_a_refused_login_is_named(postbox: Postbox) -> None:
    """Who was refused is said, with what password is not."""
    postbox.mail.user, postbox.mail.password = "ann", "right"
    with pytest.raises(ChannelFault, match="refused the login of ann: 535") as refused:
        await send(to_postbox(postbox, username="ann", password="wrong-4711"))
    assert "wrong-4711" not in repr(refused.value)


async def test_a_refused_sender_is_a_fault_of_the_channel(postbox: Postbox) -> None:
    """No message of this channel would get further."""
    postbox.mail.refuse("sender")
    with pytest.raises(ChannelFault, match="550"):
        await send(to_postbox(postbox))


async def test_a_recipient_who_was_put_off_gets_it_later_and_nobody_twice(postbox: Postbox) -> None:
    """Those who have their copy are left out when the mail is sent again to the others."""
    one = to_postbox(postbox)
    postbox.mail.refuse("recipient", 450, times=1)
    with pytest.raises(TryLater, match=r"ann@example\.org: 450"):
        await send(one)
    await send(one)
    assert [mail.recipients for mail in postbox.received_mail] == [("bob@example.net",), ("ann@example.org",)]
    await send(one)
    assert len(postbox.received_mail[-1].recipients) == 2


async def test_a_recipient_who_is_refused_does_not_keep_it_from_the_others(postbox: Postbox) -> None:
    """The others get it, and the delivery is given up with the name of who did not."""
    postbox.mail.refuse("recipient", 550, times=1)
    with pytest.raises(MessageFault, match=r"not taken for ann@example\.org: 550"):
        await send(to_postbox(postbox))
    assert [mail.recipients for mail in postbox.received_mail] == [("bob@example.net",)]


@pytest.mark.parametrize("stage", ["recipient", "data"])
async def test_what_a_server_says_of_the_session_is_no_fault_of_the_message(postbox: Postbox, stage: Any) -> None:
    """ "Shutting down", "bad sequence" or "authentication required" would meet every message: none is given up for it,
    and none spends its three days on it."""
    for code in (421, 503, 530):
        postbox.mail.refuse(stage, code)
        with pytest.raises(ChannelFault, match=str(code)):
            await send(to_postbox(postbox))


async def test_a_server_that_relays_for_nobody_is_a_fault_of_the_channel(postbox: Postbox) -> None:
    """Of one recipient among several it is a fault of that one: the others have theirs."""
    postbox.mail.refuse("recipient", 554)
    with pytest.raises(ChannelFault, match="Relay access denied"):
        await send(to_postbox(postbox))
    postbox.mail.refuse("recipient", 554, times=1)
    with pytest.raises(MessageFault, match="Relay access denied"):
        await send(to_postbox(postbox))
    assert [mail.recipients for mail in postbox.received_mail] == [("bob@example.net",)]


@pytest.mark.parametrize(("code", "fault"), [(451, TryLater), (552, MessageFault)])
async def test_a_mail_refused_after_data(postbox: Postbox, code: int, fault: type[Exception]) -> None:
    """4xx is tried again, 5xx is given up."""
    postbox.mail.refuse("data", code)
    with pytest.raises(fault, match=str(code)):
        await send(to_postbox(postbox))


async def test_a_server_without_starttls_gets_nothing(postbox: Postbox) -> None:
    """Where STARTTLS is asked for and not offered, no word of the mail is sent."""
    with pytest.raises(ChannelFault, match="STARTTLS"):
        await send(to_postbox(postbox, tls="starttls"))
    assert postbox.received_mail == []


async def test_tls_to_a_port_without_it_says_what_to_try(postbox: Postbox) -> None:
    """A mail server's port for STARTTLS, asked for TLS from the first byte, is named as that in words."""
    with pytest.raises(ChannelFault, match=r'^127\.0\.0\.1: no TLS on port \d+: is it one for tls = "starttls"\?$'):
        await send(to_postbox(postbox, tls="tls"))


@pytest.mark.parametrize(
    ("table", "tls", "port"),
    [
        ({}, "starttls", 587),
        ({"tls": "tls"}, "tls", 465),
        ({"tls": "none"}, "none", 25),
        ({"port": 2525}, "starttls", 2525),
        ({"host": "localhost"}, "none", 25),
        ({"host": "::1"}, "none", 25),
        ({"host": "fe80::1%eth0"}, "starttls", 587),
        ({"host": "127.0.0.2", "tls": "starttls"}, "starttls", 587),
    ],
)
def test_port_and_tls_have_sensible_defaults(table: dict[str, Any], tls: str, port: int) -> None:
    """STARTTLS on 587, but plain on 25 where the mail does not leave the machine."""
    one = channel(**table)
    assert (one.tls, one.port) == (tls, port)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"tls": "none", "username": "ann", "password": "hush-4711"}, "in the clear"),
        ({"password": "hush-4711"}, "username and password go together"),
        ({"username": "ann"}, "username and password go together"),
        ({"from": "Dateline"}, "no mail address"),
        ({"from": "a@b.c\r\nBcc: eve@b.c"}, "no mail address"),
        ({"to": ["ann@example.org, bob@example.org"]}, "no mail address"),
        ({"to": []}, "at least 1 item"),
        ({"host": "smtps://ann:hush-4711@mail.example.org"}, "no host: write its name alone"),
        ({"host": ""}, "no host: write its name alone"),
        ({"tls": "ssl"}, "'starttls', 'tls' or 'none'"),
    ],
)
def test_a_wrong_table_is_refused(wrong: dict[str, Any], words: str) -> None:
    """A password never travels in the clear, addresses are addresses; the fault holds no secret."""
    with pytest.raises(ValueError, match=words) as refused:
        channel(**wrong)
    assert "hush-4711" not in str(refused.value)


# Where a mail leads


def leading(tmp_path: Path, base_url: str = "https://news.example.org", **more: Any) -> Channel:
    made = channel(**more)
    made.lead_to(Links(base_url, SigningKey(tmp_path / "links.key")))
    return made


def rendered(one: Channel, *alerts: Alert, rule: str = "bridges") -> EmailMessage:
    told = [replace(each, rule=rule) for each in alerts or (alert(None, article()),)]
    return read(one.render(message_of(delivery(*told, rule=rule), NOW, one.voice)))


@pytest.mark.parametrize("rule", ["bridges", "다리 " * 20 + "x"])
def test_one_click_unsubscribes(tmp_path: Path, rule: str) -> None:
    """RFC 8058, over https alone; the address stands whole in its header, however long it is."""
    one = leading(tmp_path, unsubscribe="Desk <stop@example.org>")
    mail = rendered(one, rule=rule)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    https, mailto = re.fullmatch(r"<(https://[^>]*)>,\s*<(mailto:[^>]*)>", mail["List-Unsubscribe"]).groups()
    token = https.removeprefix("https://news.example.org/stop?token=")
    assert SigningKey(tmp_path / "links.key").opened(token) == (rule, "desk")
    assert mailto.startswith("mailto:stop@example.org?subject=stop%20")
    assert https in mail.get_body(("html",)).get_content().replace("&amp;", "&")
    assert all(len(line) <= 998 for line in one.render(MESSAGE).split(b"\r\n"))


def test_raw_header_of_a_long_link_is_plain(tmp_path: Path) -> None:
    """A program that unsubscribes reads it as it stands: no encoded words in it."""
    one = leading(tmp_path)
    rule = "다리 " * 20 + "x"
    told = message_of(delivery(replace(alert(None, article()), rule=rule), rule=rule), NOW, one.voice)
    header = one.render(told).split(b"List-Unsubscribe: ")[1]
    header = re.split(rb"\r\n(?=\S)", header)[0]
    assert b"=?" not in header and b" " not in header.strip()


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8700", "http://news.example.org"])
def test_without_https_nothing_is_clicked_by_programs(tmp_path: Path, base_url: str) -> None:
    """The link stands in the foot for people."""
    mail = rendered(leading(tmp_path, base_url))
    assert mail["List-Unsubscribe"] is None and mail["List-Unsubscribe-Post"] is None
    assert f"Stop this rule in desk: {base_url}/stop?token=" in mail.get_body(("plain",)).get_content()


def test_a_mail_leads_to_all_there_is(tmp_path: Path) -> None:
    """The article, its saved copy, why it was told, the rule, its feed, all alerts."""
    mail = rendered(leading(tmp_path))
    for part in ("plain", "html"):
        text = mail.get_body((part,)).get_content()
        for url in (
            "https://post.example/a?x=1",
            "https://news.example.org/article/guid-1",
            "https://news.example.org/alerts/1",
            "https://news.example.org/rules/bridges",
            "https://news.example.org/feeds/rule/bridges.rss",
            "https://news.example.org/alerts",
            "https://news.example.org/stop?token=",
        ):
            assert url in text


def test_mails_of_one_story_are_one_thread(tmp_path: Path) -> None:
    """Whatever rule told of it first; a mail about several stories is of no thread."""
    one = leading(tmp_path)
    first = alert(None, article())
    copy = replace(first, change=replace(first.change, id=2, guid="guid-2", story="guid-1"))
    other = replace(first, change=replace(first.change, id=3, guid="guid-3"))
    anchors = [rendered(one, each, rule=rule)["References"] for each, rule in ((first, "a"), (copy, "b"), (other, "a"))]
    assert anchors[0] == anchors[1] != anchors[2]
    assert re.fullmatch(r"<[a-z0-9.]+@example\.org>", anchors[0])
    assert rendered(one, first)["In-Reply-To"] == anchors[0]
    assert rendered(one, first, copy)["References"] == anchors[0]
    assert rendered(one, first, other)["References"] is None
    hostile = replace(first, change=replace(first.change, story="x>\r\nBcc: eve@example.com"))
    assert re.fullmatch(r"<[a-z0-9.]+@example\.org>", rendered(one, hostile)["References"])


def test_the_text_is_for_terminals_and_the_html_for_dark_and_light(tmp_path: Path) -> None:
    """Short lines but for addresses; nothing is loaded from anywhere."""
    long = alert(article(), article("Late", BODY.replace("Ten", "Twelve") * 5), holds="still")
    mail = rendered(leading(tmp_path), long)
    for line in mail.get_body(("plain",)).get_content().splitlines():
        assert len(line) <= 76 or "https://" in line
    page = mail.get_body(("html",)).get_content()
    assert "@media (prefers-color-scheme: dark)" in page and 'name="color-scheme" content="light dark"' in page
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import", page)


def test_a_summary_of_several_rules_has_a_link_that_stops_each(tmp_path: Path) -> None:
    """What a channel's limit has made one message: programs that unsubscribe would not know of what."""
    one = leading(tmp_path, unsubscribe="list@example.org")
    both = [replace(alert(None, article(), id=number), rule=rule) for number, rule in enumerate(("a", "b"))]
    mail = read(one.render(message_of(delivery(*both, rule="a, b"), NOW, one.voice)))
    assert mail["List-Unsubscribe"] is None
    for part in ("plain", "html"):
        text = mail.get_body((part,)).get_content()
        assert "/feeds/rule/" not in text and "https://news.example.org/alerts" in text
        opened = [SigningKey(tmp_path / "links.key").opened(one) for one in re.findall(r"/stop\?token=([\w.-]+)", text)]
        assert opened == [("a", "desk"), ("b", "desk")]
        assert "Stop the rule a in desk" in text


def test_a_summary_of_hundreds_of_rules_leads_to_their_page(tmp_path: Path) -> None:
    """Nobody reads three hundred links: the first ten rules have one each, for the others there is /rules."""
    one = leading(tmp_path)
    many = [replace(alert(None, article(), id=number), rule=f"r{number}") for number in range(300)]
    message = message_of(delivery(*many, rule="r0 and 299 more"), NOW, one.voice)
    mail = read(one.render(message))
    for part in ("plain", "html"):
        text = mail.get_body((part,)).get_content()
        opened = [SigningKey(tmp_path / "links.key").opened(one) for one in re.findall(r"/stop\?token=([\w.-]+)", text)]
        assert opened == [(f"r{number}", "desk") for number in range(10)]
        assert "Stop another of its 300 rules" in text and "https://news.example.org/rules" in text
    assert message.foot.count("Stop ") == 11 and len(message.stops) == 300


def test_an_event_of_hundreds_is_one_mail(tmp_path: Path) -> None:
    """Its subject counts, its text names the first fifty in full and the others by title and address."""
    many = [alert(None, article(f"Bridge {number}"), id=number) for number in range(300)]
    mail = rendered(leading(tmp_path), *many)
    assert mail["Subject"].startswith("bridges: 300 new at harl-post: Bridge 0; Bridge 1")
    text = mail.get_body(("plain",)).get_content()
    assert all(f"Bridge {number}" in text for number in range(300))
