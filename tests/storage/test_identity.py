"""Which URLs are one address, and which texts say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.identity import address_key, canonical_url, fingerprint, host_of, near_same, same_text, stated_day
from storage.model.articles import Article, When

LONG = " ".join(f"word{number}" for number in range(60))
SHORT = Article("Harbour counts ships", "A short line.", published=When(datetime(2026, 3, 1, tzinfo=UTC), "day"))


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://WWW.Example.COM:80/a/../b", "http://www.example.com/b"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("http://example.com/a?utm_source=x&id=7&fbclid=y&UTM_Medium=z", "http://example.com/a?id=7"),
        ("http://example.com/a?b=2&a=1", "http://example.com/a?b=2&a=1"),
        ("http://example.com/a?q=", "http://example.com/a?q="),
        ("http://example.com/a?utm_source=x", "http://example.com/a"),
        ("http://example.com/a;jsessionid=12AB?b=1", "http://example.com/a?b=1"),
        ("http://example.com/a#part", "http://example.com/a"),
        ("http://www.kcna.co.jp/item/2010.htm#3", "http://www.kcna.co.jp/item/2010.htm#3"),
        ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
        ("javascript:alert(1)", ""),
        ("http://user:secret@example.com/", ""),
        ("http://", ""),
    ],
)
def test_a_canonical_url_keeps_what_chooses_the_article(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com/a", "https://www.example.com/a"),
        ("http://example.com/%7ea%c3%bc", "http://example.com/~aü"),
        ("http://example.com/a?utm_campaign=spring", "http://example.com/a#top"),
        ("http://example.com/a", "https://m.example.com/a"),
        ("http://example.com/a", "https://mobile.example.com/a?amp=1"),
        ("http://example.com/a/amp/", "http://example.com/a/"),
        ("http://example.com/a.amp.html", "http://amp.example.com/a.html"),
        ("https://example-com.cdn.ampproject.org/c/s/www.example.com/a?id=1", "http://example.com/a?id=1"),
        ("http://example.com/a?id=1&print=1", "http://example.com/a?id=1"),
        ("http://example.com/a/print/", "http://example.com/a/"),
        ("http://example.com/a/index.html", "http://example.com/a/"),
    ],
)
def test_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert address_key(one) == address_key(other) and len(address_key(one)) == 16


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com/a", "http://example.com/a/"),
        ("http://example.com/a", "http://example.com/A"),
        ("http://example.com/a?id=1", "http://example.com/a?id=2"),
        ("http://example.com/a?ref=1", "http://example.com/a"),
        ("http://example.com/a%2Fb", "http://example.com/a/b"),
        ("http://example.com:8080/", "http://example.com/"),
        ("http://example.com/a?page=2", "http://example.com/a"),
        ("http://example.com/a?lang=de", "http://example.com/a?lang=en"),
        ("http://example.com/a?amp=200", "http://example.com/a"),
        ("http://example.com/amp", "http://example.com/"),
        ("http://example.com/print/", "http://example.com/"),
        ("http://m.com/", "http://com/"),
        ("http://en.example.com/", "http://example.com/"),
        ("http://kcna.co.jp/a.htm#1", "http://kcna.co.jp/a.htm#2"),
    ],
)
def test_addresses_that_may_differ_in_meaning_stay_apart(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


def test_what_is_no_public_url_has_no_key() -> None:
    with pytest.raises(ValueError, match="not a public URL"):
        address_key("file:///etc/passwd")


def test_politeness_is_kept_for_a_name_without_its_port() -> None:
    hosts = [
        host_of(url) for url in ("http://EXAMPLE.com:99/a", "https://example.com./", "http://[::1]:8/", "mailto:a@b")
    ]
    assert hosts == ["example.com", "example.com", "::1", ""]


@given(st.text() | st.from_regex(r"https?://[a-z.]{1,9}(:\d{1,3})?/\S{0,20}(\?\S{0,20})?(#\S{0,5})?", fullmatch=True))
def test_canonical_is_canonical(url: str) -> None:
    """Whatever is thrown at it, a canonical URL stays as it is, and keeps its key and its host."""
    canonical = canonical_url(url)
    assert canonical_url(canonical) == canonical
    if canonical:
        assert address_key(canonical) == address_key(url) and host_of(canonical) == host_of(url)


VIEWS = (
    "https://m.example.com/news/{}/amp/",
    "http://example.com/news/{}?print=1",
    "http://amp.example.com/{}.amp.html",
)


@given(st.sampled_from(VIEWS), st.sampled_from(VIEWS), st.integers(0, 10**9), st.integers(0, 10**9))
def test_two_articles_never_share_a_key(view: str, other_view: str, one: int, other: int) -> None:
    """Whichever views are folded, the number of the article counts."""
    if one != other:
        assert address_key(view.format(one)) != address_key(other_view.format(other))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("He said “yes” – twice.", 'He said "yes" - twice.', True),
        ("Two\n\nparagraphs", "Two paragraphs", True),
        ("Ｋｉｍ visits", "Kim visits", True),
        ("no\u00adhyphen\u200b", "nohyphen", True),
        ("Ends here. -0-", "Ends here.", True),
        ("끝이다. (끝)", "끝이다.", True),
        ("Ends here. －－－", "Ends here.", True),
        ("[Juche113.2.11.] Held", "(2024.02.11.) Held", True),
        ("Held [Juche113.2.11.] there", "Held [2024.2.11] there", True),
        ("Held (2024.02.11.) there", "Held (2024.02.12.) there", False),
        ("kim visits", "Kim visits", False),
        ("Two ships.", "Two ships!", False),
        ("Score 3-0-1", "Score 3", False),
        ("one, two", "one two", False),
    ],
)
def test_what_a_reader_would_call_unchanged(one: str, other: str, same: bool) -> None:
    assert same_text(Article("T", f"{LONG} {one}"), Article("T", f"{LONG} {other}")) is same


def test_the_headline_counts_too() -> None:
    assert not same_text(Article("One", LONG), Article("Two", LONG))
    assert same_text(Article("One  [Juche113.2.11.]", LONG), Article("One [2024.02.11.]", LONG))


def test_a_long_text_is_known_by_its_body_alone() -> None:
    """However it is spaced and typeset: sites join and split words around wrapped names."""
    print_ = fingerprint(Article("One", LONG))
    assert print_ == fingerprint(Article("Two", LONG.replace(" ", "\n\n"))) and len(print_) == 16
    assert print_ == fingerprint(replace(SHORT, body=LONG + " -0-"))
    assert print_ != fingerprint(Article("One", LONG + " more"))


@pytest.mark.parametrize("changed", [{"title": "Other"}, {"published": None}, {"body": "Another line."}])
def test_a_short_text_is_known_by_headline_and_day_too(changed: dict[str, str | None]) -> None:
    """A copyright line that every page carries makes no two pages one."""
    assert fingerprint(SHORT) != fingerprint(replace(SHORT, **changed))  # type: ignore[arg-type]


def test_the_clock_of_a_short_text_does_not_tell_it_apart() -> None:
    later = When(datetime(2026, 3, 1, 8, 30, tzinfo=UTC))
    assert fingerprint(SHORT) == fingerprint(replace(SHORT, published=later))


def test_a_long_text_in_chinese_is_not_short() -> None:
    """It has hardly a space in it."""
    body = "".join(chr(0x4E00 + number) for number in range(130))
    assert fingerprint(Article("One", body)) == fingerprint(Article("Two", body))
    assert fingerprint(Article("One", body[:100])) != fingerprint(Article("Two", body[:100]))


def test_near_same_bears_furniture_and_a_few_words() -> None:
    other = " ".join(f"else{number}" for number in range(60))
    assert near_same(LONG, f"From our correspondent. {LONG} Most read today.")
    assert near_same(LONG, LONG.replace("word30", "name"))
    assert not near_same(LONG, other) and not near_same("", LONG) and not near_same("", "")
    assert not near_same(LONG, " ".join(reversed(LONG.split())))


def test_a_line_of_dashes_costs_nothing() -> None:
    """Three dashes may end a report; a hundred are a line across the page."""
    for end in ("", " x", "\n\nMore."):
        assert not same_text(Article("T", "One." + "-" * 5000 + end), Article("T", "Two."))
    assert same_text(Article("T", "One. ---"), Article("T", "One."))


@pytest.mark.parametrize(
    "zone", ["KST", "GMT+9", "+09:00", "Asia/Pyongyang", "Nowhere/Land", "../etc", "+99:99", "x" * 900]
)
def test_a_day_is_found_whatever_a_page_calls_its_zone(zone: str) -> None:
    for year, month, day, hour in ((2026, 3, 1, 20), (1, 1, 1, 0), (9999, 12, 31, 23)):
        moment = datetime(year, month, day, hour, tzinfo=UTC)
        assert abs((stated_day(When(moment, "minute", zone)) - moment.date()).days) <= 1
