"""The newspaper and the postbox do what the other tests rely on."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from urllib.robotparser import RobotFileParser

import aiohttp
import aiosmtplib
import feedparser
import pytest
from lxml import etree, html
from standardwebhooks.webhooks import Webhook

from scheduler.demo.newspaper import Newspaper, Statistics
from scheduler.demo.postbox import Postbox
from scheduler.demo.texts import made_up


async def get(url: str, **headers: str) -> tuple[int, str, Mapping[str, str]]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, headers=names) as answer:
        return answer.status, await answer.text(), answer.headers


# The newspaper


async def test_a_published_article_stands_in_every_listing_and_on_its_page(newspaper):
    """Front page, section, feed and sitemap name the same URL, and the page there holds the whole text."""
    text = made_up(1)
    url = newspaper.publish(*text, section="trade", at=datetime(2026, 7, 1, 9, 30, tzinfo=UTC))

    front = html.document_fromstring((await get(newspaper.url))[1], base_url=newspaper.url)
    front.make_links_absolute()
    assert front.xpath("//h2/a/@href") == [url]
    assert text.title in (await get(newspaper.url + "section/trade/"))[1]
    assert text.title not in (await get(newspaper.url + "section/culture/"))[1]

    feed = feedparser.parse((await get(newspaper.feed_url))[1])
    assert not feed.bozo
    assert [(one.link, one.title, one.published_parsed[:5]) for one in feed.entries] == [
        (url, text.title, (2026, 7, 1, 9, 30))
    ]
    sitemap = etree.fromstring((await get(newspaper.sitemap_url))[1].encode())
    assert sitemap.xpath("//*[local-name()='loc']/text()") == [url]

    page = html.document_fromstring((await get(url))[1])
    assert tuple(page.xpath("//div[@class='article-body']/p/text()")) == text.paragraphs
    linked = json.loads(page.xpath("string(//script[@type='application/ld+json'])"))
    assert (linked["headline"], linked["datePublished"]) == (text.title, "2026-07-01T09:30:00+00:00")


async def test_listings_show_the_newest_twenty(newspaper):
    """What is older ages off the listings and stays at its address, so that off the list is not removed."""
    urls = [newspaper.publish(*made_up(number)) for number in range(21)]
    feed = feedparser.parse((await get(newspaper.feed_url))[1])
    assert [one.link for one in feed.entries] == urls[:0:-1]
    assert (await get(urls[0]))[0] == 200


async def test_markup_in_a_headline_stays_text(newspaper):
    """Whatever a test publishes, pages and feeds are well-formed."""
    title = 'Less < more & "quotes" </script><script>alert(1)</script>'
    url = newspaper.publish(title, ["<b>bold</b> & plain"])
    page = html.document_fromstring((await get(url))[1])
    assert page.xpath("string(//h1)") == title
    assert json.loads(page.xpath("string(//script)"))["headline"] == title
    assert not feedparser.parse((await get(newspaper.feed_url))[1]).bozo


async def test_an_edit_changes_the_page_and_its_validators(newspaper):
    """Known validators get a 304 until the text is edited, and then the new text."""
    url = newspaper.publish("The mill opens", ["The mill of Norimere opens on Monday."])
    _, first, headers = await get(url)
    status, nothing, _ = await get(url, If_None_Match=headers["ETag"])
    assert (status, nothing) == (304, "")
    assert (await get(url, If_Modified_Since=headers["Last-Modified"]))[0] == 304
    assert newspaper.statistics.not_modified == 2

    newspaper.edit(url, "Monday", "Friday")
    status, second, _ = await get(url, If_None_Match=headers["ETag"])
    assert status == 200 and "on Friday" in second and "on Monday" in first
    with pytest.raises(ValueError, match="nowhere"):
        newspaper.edit(url, "Monday", "Sunday")


async def test_the_box_beside_the_text_changes_on_every_request(newspaper):
    """Without validators two looks get different bytes that say the same."""
    newspaper.validators = False
    url, *_ = [newspaper.publish(*made_up(number)) for number in range(4)]
    (_, first, headers), (_, second, _) = await get(url), await get(url)
    assert first != second and "ETag" not in headers
    assert [html.document_fromstring(page).xpath("string(//article)") for page in (first, second)] == [
        html.document_fromstring(first).xpath("string(//article)")
    ] * 2


@pytest.mark.parametrize("status", [404, 410])
async def test_a_removed_article_leaves_the_listings_and_can_return(newspaper, status):
    """Its page answers 404 or 410 even to validators that were right; restored, it is as it was."""
    url = newspaper.publish(*made_up(1))
    _, _, headers = await get(url)
    newspaper.remove(url, status)
    assert (await get(url, If_None_Match=headers["ETag"]))[0] == status
    assert url not in (await get(newspaper.feed_url))[1]
    newspaper.restore(url)
    assert (await get(url, If_None_Match=headers["ETag"]))[0] == 304
    assert url in (await get(newspaper.feed_url))[1]


@pytest.mark.parametrize(
    "trouble, status, says",
    [
        ("500", 500, "presses are standing still"),
        ("503", 503, "presses are standing still"),
        ("429", 429, "presses are standing still"),
        ("empty200", 200, ""),
        ("captcha200", 200, "Checking your browser"),
        ("loginwall", 200, "Log in to continue"),
        ("home200", 200, "Latest news"),
    ],
)
async def test_a_broken_newspaper_answers_in_the_wrong_way(newspaper, trouble, status, says):
    """Each trouble replaces the article, not robots.txt, and ends after the requests that it was given."""
    url = newspaper.publish(*made_up(1))
    newspaper.break_(trouble, requests=1, retry_after="7")
    assert (await get(newspaper.url + "robots.txt"))[0] == 200
    got, text, headers = await get(url)
    assert got == status and says in text and made_up(1).paragraphs[-1] not in text
    assert (text == "") == (trouble == "empty200")
    assert headers.get("Retry-After") == ("7" if trouble in ("503", "429") else None)
    assert made_up(1).paragraphs[-1] in (await get(url))[1]


@pytest.mark.parametrize(
    "trouble, error", [("truncated", aiohttp.ClientPayloadError), ("reset", aiohttp.ClientOSError)]
)
async def test_a_broken_connection_ends_before_the_page_does(newspaper, trouble, error):
    """A client that checks lengths sees the cut; a reset comes before any answer."""
    url = newspaper.publish(*made_up(1))
    newspaper.break_(trouble)
    with pytest.raises(error):
        await get(url)
    newspaper.heal()
    assert (await get(url))[0] == 200


async def test_a_hanging_newspaper_answers_once_it_is_healed(newspaper):
    """A request waits, counts as in flight, and robots.txt hangs only when it is named."""
    newspaper.break_("timeout", under="/robots.txt")
    asking = asyncio.create_task(get(newspaper.url + "robots.txt"))
    await newspaper.wait_for("/robots.txt")
    assert (await get(newspaper.url))[0] == 200
    assert not asking.done() and newspaper.statistics.most_in_flight == 2
    newspaper.heal()
    assert (await asking)[0] == 504
    assert newspaper.statistics.in_flight == 0


async def test_a_client_that_gives_up_is_no_longer_in_flight(newspaper):
    """A hang is counted only as long as somebody waits for it."""
    newspaper.break_("timeout", under="/feed.xml")
    asking = asyncio.create_task(get(newspaper.feed_url))
    await newspaper.wait_for("/feed.xml")
    asking.cancel()
    await asyncio.wait([asking])
    await get(newspaper.url)
    assert newspaper.statistics.in_flight == 0


async def test_a_closed_newspaper_refuses_and_opens_again_at_its_address(newspaper):
    """After stop and start the same URLs hold what they held."""
    url = newspaper.publish(*made_up(1))
    await newspaper.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await get(url)
    await newspaper.start()
    assert (await get(url))[0] == 200


async def test_statistics_show_overlap_haste_and_disobedience(newspaper):
    """Two requests at once, a gap of nearly nothing, and a path against robots.txt are all seen."""
    newspaper.crawl_delay_s = 2
    _, robots, _ = await get(newspaper.url + "robots.txt")
    parser = RobotFileParser()
    parser.parse(robots.splitlines())
    closed = newspaper.publish(*made_up(1), section="members")
    assert not parser.can_fetch("Dateline", closed) and parser.crawl_delay("Dateline") == 2
    assert newspaper.statistics.disallowed == []

    newspaper.statistics = Statistics()
    newspaper.answer_s = 0.2
    await asyncio.gather(get(newspaper.url, User_Agent="one"), get(closed, User_Agent="two"))
    statistics = newspaper.statistics
    assert statistics.most_in_flight == 2
    assert statistics.shortest_gap_s < 0.2
    assert statistics.disallowed == [closed.removeprefix(newspaper.url.rstrip("/"))]
    assert statistics.requests["/"] == 1 and statistics.user_agents == {"one": 1, "two": 1}


async def test_two_newspapers_are_two_hosts():
    """Each opens at a loopback address of its own."""
    here, there = Newspaper(), Newspaper("Tageblatt", language="ko")
    await here.start("127.0.0.2")
    await there.start("127.0.0.3")
    try:
        assert here.url.startswith("http://127.0.0.2:") and there.url.startswith("http://127.0.0.3:")
        url = there.publish(*made_up(1, "ko"))
        assert made_up(1, "ko").title in (await get(url))[1]
        with pytest.raises(KeyError):
            here.edit(url, "a", "b")
    finally:
        await here.stop()
        await there.stop()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_made_up_texts_are_distinct_and_always_the_same(language):
    """A number gives one text; two numbers share neither headline nor much wording."""
    texts = [made_up(number, language) for number in range(60)]
    assert texts == [made_up(number, language) for number in range(60)]
    assert len({text.title for text in texts}) == 60
    assert all(5 <= len(text.paragraphs) <= 8 for text in texts)
    runs = []
    for text in texts:
        words = re.findall(r"\w+", " ".join(text.paragraphs))
        runs.append(set(zip(words, words[1:], words[2:], words[3:])))
    shared = [len(a & b) / min(len(a), len(b)) for n, a in enumerate(runs) for b in runs[:n]]
    assert max(shared) < 0.35


# The postbox


async def post(postbox: Postbox, delivery_id: str = "msg_1", secret: str = "", body: str = '{"type": "test"}') -> int:
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    headers = {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret or postbox.secret).sign(delivery_id, moment, body),
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(postbox.hook_url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status


async def test_a_webhook_is_kept_with_its_id_and_signature(postbox):
    """The right secret makes it signed, another does not, and both are received."""
    waiting = asyncio.create_task(postbox.wait_for(hooks=2))
    assert await post(postbox, "msg_1") == 204
    assert not waiting.done()
    await post(postbox, "msg_2", secret="whsec_" + base64.b64encode(b"another secret").decode())
    await waiting
    assert [(hook.id, hook.signed) for hook in postbox.received_hooks] == [("msg_1", True), ("msg_2", False)]
    assert postbox.received_hooks[0].content == {"type": "test"}


async def test_webhooks_are_refused_so_many_times(postbox):
    """Refused attempts are kept apart from what was received, and Retry-After is sent."""
    postbox.answer_hooks(503, times=2, retry_after="3")
    assert [await post(postbox) for _ in range(3)] == [503, 503, 204]
    assert [hook.answer for hook in postbox.attempts] == [503, 503, 204]
    assert len(postbox.received_hooks) == 1


async def test_a_redirect_leads_to_where_following_it_is_seen(postbox):
    """A sender that does not follow it leaves `followed` at 0."""
    postbox.answer_hooks("redirect")
    assert await post(postbox) == 307
    assert postbox.followed == 0
    async with aiohttp.ClientSession() as session, session.post(postbox.hook_url, data="{}") as answer:
        assert answer.status == 204
    assert postbox.followed == 1 and postbox.received_hooks == []


async def test_a_hanging_postbox_answers_once_it_is_told_to(postbox):
    """An attempt that hangs is seen, and ends with the next instruction."""
    postbox.answer_hooks("hang")
    posting = asyncio.create_task(post(postbox))
    await postbox.wait_for(attempts=1)
    assert not posting.done()
    postbox.answer_hooks(204)
    assert await posting == 504


async def test_waiting_in_vain_says_what_came(postbox):
    """The error counts what was received instead."""
    await post(postbox)
    with pytest.raises(TimeoutError, match=r"for 2 webhooks, 0 mails and 0 attempts; there came 1, 0 and 1"):
        await postbox.wait_for(hooks=2, timeout_s=0.01)


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "dateline@example.org", "reader@example.org", "등대 reopened"
    message["Message-ID"] = "<1@example.org>"
    message.set_content("A line.\n.hidden\n..\n.\nThe end: 등대.\n")
    return message


async def send(postbox: Postbox, **login: str) -> None:
    await aiosmtplib.send(letter(), hostname="127.0.0.1", port=postbox.mail.port, start_tls=False, timeout=5, **login)


async def test_a_mail_arrives_as_it_was_sent(postbox):
    """Lines that begin with a dot, and letters of any script, come through."""
    await send(postbox)
    await postbox.wait_for(mails=1)
    [mail] = postbox.received_mail
    assert (mail.sender, mail.recipients) == ("dateline@example.org", ("reader@example.org",))
    assert mail.message["Subject"] == "등대 reopened" and mail.message["Message-ID"] == "<1@example.org>"
    assert mail.text.replace("\r\n", "\n") == "A line.\n.hidden\n..\n.\nThe end: 등대.\n"


@pytest.mark.parametrize(
    "stage, code, error",
    [
        ("greeting", 421, aiosmtplib.SMTPConnectError),
        ("sender", 550, aiosmtplib.SMTPSenderRefused),
        ("recipient", 550, aiosmtplib.SMTPRecipientsRefused),
        ("data", 451, aiosmtplib.SMTPDataError),
    ],
)
async def test_mail_is_refused_at_each_step(postbox, stage, code, error):
    """The client sees the code of that step once, and the next mail is taken over."""
    postbox.mail.refuse(stage, times=1)
    with pytest.raises(error) as refused:
        await send(postbox)
    assert str(code) in str(refused.value)
    await send(postbox)
    assert len(postbox.received_mail) == 1


async def test_a_mail_server_with_an_account_wants_its_password(postbox):
    """No login, a wrong password and a failing AUTH are refused; the right password is let in."""
    postbox.mail.user, postbox.mail.password = "dateline", "open sesame"
    with pytest.raises(aiosmtplib.SMTPSenderRefused, match="530"):
        await send(postbox)
    with pytest.raises(aiosmtplib.SMTPAuthenticationError, match="535"):
        await send(postbox, username="dateline", password="wrong")
    await send(postbox, username="dateline", password="open sesame")
    assert postbox.mail.logins[-1] is True and False in postbox.mail.logins
    postbox.mail.refuse("auth")
    with pytest.raises(aiosmtplib.SMTPAuthenticationError):
        await send(postbox, username="dateline", password="open sesame")
    assert len(postbox.received_mail) == 1


async def test_the_mail_server_survives_clients_that_speak_nonsense(postbox):
    """Unknown words, words out of order and a client that leaves cost nobody else anything."""
    reader, writer = await asyncio.open_connection("127.0.0.1", postbox.mail.port)
    replies = [await reader.readline()]
    for line in (b"WHAT", b"DATA", b"RCPT TO:<a@b>", b"MAIL nobody", b"AUTH", b"AUTH PLAIN !!", b"RSET"):
        writer.write(line + b"\r\n")
        replies.append(await reader.readline())
    assert [reply[:3] for reply in replies] == [b"220", b"502", b"503", b"503", b"501", b"504", b"501", b"250"]
    writer.close()
    await writer.wait_closed()
    await send(postbox)
    assert len(postbox.received_mail) == 1


async def test_the_mail_server_ends_a_conversation(postbox):
    """After QUIT, after a 421 and when it stops, the connection is closed from its side."""
    reader, writer = await asyncio.open_connection("127.0.0.1", postbox.mail.port)
    writer.write(b"QUIT\r\n")
    assert (await reader.read()).split(b"\r\n")[1][:3] == b"221"
    writer.close()

    postbox.mail.refuse("greeting", times=1)
    reader, writer = await asyncio.open_connection("127.0.0.1", postbox.mail.port)
    assert (await reader.read())[:3] == b"421"
    writer.close()

    reader, writer = await asyncio.open_connection("127.0.0.1", postbox.mail.port)
    await reader.readline()
    await postbox.stop()
    assert await reader.read() == b""
    writer.close()


async def test_a_closed_postbox_refuses_and_opens_again_at_its_address(postbox):
    """Both doors are shut at once and keep their ports."""
    await postbox.stop()
    with pytest.raises(aiohttp.ClientConnectorError):
        await post(postbox)
    with pytest.raises(aiosmtplib.SMTPConnectError):
        await send(postbox)
    await postbox.start()
    assert await post(postbox) == 204
    await send(postbox)
    assert len(postbox.received_mail) == 1


def test_the_store_is_empty_and_of_this_version(store):
    """Tests begin with tables and nothing in them."""
    with store.reader() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM article").scalar() == 0
