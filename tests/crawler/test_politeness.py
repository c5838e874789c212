"""robots.txt as RFC 9309 has it, Crawl-delay and Retry-After, decided without a network."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from crawler.fault import LookFault
from crawler.politeness import LONGEST_CRAWL_DELAY, MAX_ROBOTS, MOST_FILES, Robots, Rules, retry_after, sitemaps_of
from storage.model.looking import Outcome, RobotsFile

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ORIGIN = "https://news.example"


def rules_of(text: str | bytes, status: int = 200, agent: str = "Dateline/0.1 (+https://x.example/bot)") -> Rules:
    robots = Robots(agent)
    robots.answered(ORIGIN, status, text.encode() if isinstance(text, str) else text, NOW)
    rules = robots.rules(ORIGIN, NOW)
    assert rules is not None
    return rules


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf", False),
        ("User-agent: *\nDisallow: /소식", "/%EC%86%8C%EC%8B%9D/1", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: Dateline\nAllow: /", "/a", True),
        ("User-agent: dateline\nDisallow: /\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: Dateline/2.0\nDisallow: /", "/a", False),
        ("User-agent: datelinebot\nDisallow: /", "/a", True),
        ("User-agent: date\nDisallow: /", "/a", True),
        ("User-agent: bot\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nUser-agent: other\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /x\nUser-agent: other\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /x\nUser-agent: other\nDisallow: /\nUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\nSitemap: https://news.example/s.xml\nDisallow: /a", "/a", False),
        ("\ufeffUser-agent: * # all\r\nDisallow: /a # not this\r\n", "/a", False),
        ("User-agent: *\rDisallow: /a\r", "/a", False),
        ("User-agent: *\nDisallow: /a\0", "/a", False),
        ("<html><body>User-agent: we do not know</body></html>", "/a", True),
    ],
)
def test_rules_are_read(text: str, path: str, allowed: bool) -> None:
    """The groups for our product token count, else those for all; the longest rule wins."""
    assert rules_of(text).allow(ORIGIN + path) is allowed


LINES = st.lists(
    st.sampled_from(
        ["User-agent: *", "User-agent: Dateline", "user agent other", "Useragent: third", "User-agent:", "",
         "Disallow: /", "Disallow: /a", "Allow: /a/b", "Disallow:", "Sitemap: /s.xml", "Host: x", "nonsense",
         "# User-agent: *"]
    ),
    max_size=12,
)  # fmt: skip


@given(LINES)
@settings(max_examples=400, deadline=None)
def test_leaving_out_the_groups_of_others_changes_nothing(lines: list[str]) -> None:
    """What is kept of a file answers as the whole file does."""
    text = "\n".join(lines)
    ours, whole = Rules(text, "dateline"), Protego.parse(text)
    for path in ("/", "/a", "/a/b", "/c"):
        assert ours.allow(ORIGIN + path) == whole.can_fetch(ORIGIN + path, "dateline")


@pytest.mark.parametrize("other", ["Noindex: /b", "Sitemap: /s.xml", "Crawl-delay: 3", "what is this"])
def test_only_a_rule_ends_the_names_of_a_group(other: str) -> None:
    """What is no Allow and no Disallow leaves a group as it is (RFC 9309, section 2.2.4)."""
    rules = rules_of(f"User-agent: Dateline\n{other}\nUser-agent: *\nDisallow: /a")
    assert not rules.allow(ORIGIN + "/a")
    assert not rules_of(f"User-agent: Dateline\nDisallow: /a\n{other}\nDisallow: /b").allow(ORIGIN + "/b")


def test_a_crawl_delay_is_for_the_names_right_above_it() -> None:
    """Files with nothing but delays name one crawler after another."""
    delays = "User-agent: *\nCrawl-delay: 10\nUser-agent: Dateline\nCrawl-delay: 15\nUser-agent: other\nCrawl-delay: 20"
    assert rules_of(delays).crawl_delay == timedelta(seconds=15)


@pytest.mark.parametrize(
    ("name", "is_ours"),
    [("dateline bot", True), ("DATELINE/1.0", True), ("dateline*", True), ("date*line", True), ("Datelinebot", False),
     ("dateline-images", False), ("my-dateline", False), ("date", False)],
)  # fmt: skip
def test_a_name_counts_up_to_what_no_product_token_has(name: str, is_ours: bool) -> None:
    """Names with a version, a star or a word more are ours; longer names are another's (section 2.2.1)."""
    assert rules_of(f"User-agent: {name}\nDisallow: /a").allow(ORIGIN + "/a") is not is_ours


def test_a_name_with_a_hyphen_is_also_named_by_its_beginning() -> None:
    """The group with more of the name counts alone."""
    short, whole = "User-agent: dateline\nDisallow: /a\n", "User-agent: dateline-news\nDisallow: /b\n"
    assert not Rules(short, "dateline-news").allow(ORIGIN + "/a")
    assert Rules(short + whole, "dateline-news").allow(ORIGIN + "/a")
    assert not Rules(short + whole, "dateline-news").allow(ORIGIN + "/b")


def test_sitemaps_are_named_anywhere_in_the_file() -> None:
    """In a group or before it, relative or of another host, each once; what may not be followed is left out."""
    text = (
        "\ufeffSitemap: /a.xml\nUser-agent: *\n sitemap:https://maps.example/b.xml   # all\n"
        "SiteMap: /a.xml\nSitemap: file:///c"
    )
    assert sitemaps_of(text, ORIGIN + "/robots.txt") == (ORIGIN + "/a.xml", "https://maps.example/b.xml")


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 410, 451])
def test_without_a_file_everything_is_allowed(status: int) -> None:
    """4xx means that there are no rules, whatever its body says (section 2.3.1.3)."""
    rules = rules_of("User-agent: *\nDisallow: /", status)
    assert rules.allow(ORIGIN + "/a")
    assert rules.crawl_delay == timedelta(0)


@pytest.mark.parametrize(
    ("said", "delay"),
    [("7", 7), ("0.5", 0.5), ("999999999", 300), ("1e400", 0), ("-3", 0), ("nan", 0), ("soon", 0), ("", 0)],
)
def test_crawl_delay_is_kept_up_to_five_minutes(said: str, delay: float) -> None:
    """A number of seconds is obeyed; a trap is capped, and nonsense is none."""
    assert rules_of(f"User-agent: *\nCrawl-delay: {said}\nDisallow: /x").crawl_delay == timedelta(seconds=delay)
    assert timedelta(minutes=5) == LONGEST_CRAWL_DELAY


def test_a_file_is_kept_for_a_day() -> None:
    """After a day, or where the clock was set back, it must be fetched again."""
    robots = Robots("Dateline")
    assert robots.rules(ORIGIN, NOW) is None
    robots.answered(ORIGIN, 200, b"", NOW)
    assert robots.rules(ORIGIN, NOW + timedelta(hours=23, minutes=59))
    assert robots.rules(ORIGIN, NOW + timedelta(days=1)) is None
    assert robots.rules(ORIGIN, NOW - timedelta(minutes=1)) is None
    assert robots.rules("http://news.example", NOW) is None, "another origin has a file of its own"


def test_an_unreadable_file_disallows_everything_for_ten_minutes() -> None:
    """The fault is told again to whoever asks, without a request, and then the file is tried again."""
    robots = Robots("Dateline")
    fault = LookFault(Outcome.RATE_LIMITED, "robots.txt: 429", timedelta(hours=1))
    robots.unreadable(ORIGIN, fault, NOW)
    with pytest.raises(LookFault) as caught:
        robots.rules(ORIGIN, NOW + timedelta(minutes=9))
    assert caught.value.args == fault.args
    assert caught.value is not fault, "its traceback would keep what it met in memory"
    assert robots.rules(ORIGIN, NOW + timedelta(minutes=10)) is None


def test_stored_files_are_taken_over() -> None:
    """After a restart neither the rules nor that they could not be read are asked for again."""
    robots = Robots("Dateline")
    robots.load(
        [
            RobotsFile("http://a.example", 200, "User-agent: *\nDisallow: /x", NOW - timedelta(hours=3)),
            RobotsFile("http://b.example", 0, "", NOW - timedelta(minutes=3)),
            RobotsFile("http://c.example", 200, "", NOW - timedelta(hours=25)),
        ]
    )
    rules = robots.rules("http://a.example", NOW)
    assert rules and not rules.allow("http://a.example/x") and rules.allow("http://a.example/y")
    with pytest.raises(LookFault, match=r"nothing is fetched before 12:07 UTC"):
        robots.rules("http://b.example", NOW)
    assert robots.rules("http://c.example", NOW) is None


def test_what_this_worker_fetched_is_newer_than_what_was_stored() -> None:
    """A claim that brings an old file does not replace a new one."""
    robots = Robots("Dateline")
    robots.answered(ORIGIN, 200, b"User-agent: *\nDisallow: /", NOW)
    robots.load([RobotsFile(ORIGIN, 404, "", NOW - timedelta(hours=1))])
    rules = robots.rules(ORIGIN, NOW)
    assert rules and not rules.allow(ORIGIN + "/a")


def test_every_fetched_file_is_handed_over_to_be_stored() -> None:
    """Files, missing files and faults alike; a body is text without NUL, cut at 500 KiB."""
    robots, stored = Robots("Dateline"), list[RobotsFile]()
    robots.on_fetched = stored.append
    robots.answered(ORIGIN, 200, b"\xef\xbb\xbfUser-agent: *\0\n\xff" + b"#" * 600_000, NOW)
    robots.answered(ORIGIN, 404, b"not found", NOW)
    robots.unreadable(ORIGIN, LookFault(Outcome.UNREACHABLE, "connection refused"), NOW)
    assert [(one.status, one.body[:16]) for one in stored] == [(200, "User-agent: *\n\ufffd#"), (404, ""), (0, "")]
    assert len(stored[0].body) <= MAX_ROBOTS


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: a{n}\n" for n in range(14_000)) + "Allow: /a\n" * 30_000,
        "".join(f"User  agent a{n}\n" for n in range(14_000)) + "Allow: /a\n" * 30_000,
        "User-agent: *\n" + "".join(f"Disallow: /*a*{n}b\n" for n in range(24_000)),
        "User-agent: *\nDisallow: /" + "*a" * 250_000 + "z",
        "User-agent" + " " * 500_000,
    ],
    ids=["groups", "oddly spelt groups", "stars", "one line of stars", "spaces"],
)
def test_a_hostile_file_costs_little(text: str) -> None:
    """500 kB made to be slow are read in less than a second (it took minutes before other groups were left out)."""
    begun = time.process_time()
    rules_of(text[:MAX_ROBOTS]).allow(f"{ORIGIN}/{'a' * 2000}")
    assert time.process_time() - begun < 2


def test_memory_is_bounded() -> None:
    """However many origins are seen, the files of the latest are kept."""
    robots = Robots("Dateline")
    for n in range(MOST_FILES + 10):
        robots.answered(f"http://h{n}.example", 404, b"", NOW)
    assert robots.rules("http://h9.example", NOW) is None
    assert robots.rules("http://h10.example", NOW)
    for n in range(10):
        robots.answered(f"http://big{n}.example", 200, b"User-agent: *\n" + b"Disallow: /x\n" * 38_000, NOW)
    assert robots.rules("http://big5.example", NOW) is None
    assert robots.rules("http://big9.example", NOW)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("999999999999999999999", 86_400),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sunday, 01-Mar-26 12:02:00 GMT", 120),
        ("Sun Mar  1 12:02:00 2026", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2099 11:00:00 GMT", 86_400),
        ("Sun, 32 Mar 2026 11:00:00 GMT", None),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(said: str, seconds: int | None) -> None:
    """Seconds or a date, from nothing to a day; what cannot be read says nothing."""
    assert retry_after(said, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text(max_size=40))
def test_any_retry_after_is_survived(said: str) -> None:
    """No header makes it raise, or wait longer than a day."""
    wait = retry_after(said, NOW)
    assert wait is None or timedelta(0) <= wait <= timedelta(days=1)
