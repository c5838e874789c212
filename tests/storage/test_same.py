"""Two texts at two addresses: one article, an edit, a copy, or two articles. Beside what a good measure finds easily,
the pairs that an address or a similarity alone get wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from storage.model.articles import Article, When
from storage.same import Seen, is_another, is_moved, relate
from tests.made_up import WORDS, text, title

FURNITURE = (
    "Subscribe to our newsletter and never miss a story again.",
    "Follow us on all channels for the latest news from the region and the world.",
    "All rights reserved. Reproduction without the written permission of the publisher is not allowed.",
    "The Gazette has been printed in the harbour town since 1871 and is read by forty thousand people.",
)


def seen(url: str, headline: str, paragraphs: list[str], **more: object) -> Seen:
    return Seen(url, Article(headline, "\n\n".join(paragraphs), **more))  # type: ignore[arg-type]


def at(day: int, hour: int | None = None) -> When:
    return When(datetime(2026, 3, day, hour or 0, tzinfo=UTC), "day" if hour is None else "minute")


HERE, SLUG, ELSEWHERE = "https://gazette.example/a/1", "https://gazette.example/a/one", "https://herald.example/9"


def relation(one: Seen, other: Seen) -> str:
    forth, back = relate(one, other), relate(other, one)
    assert forth == back, "a relation has no direction"
    return str(forth.relation)


@pytest.mark.parametrize("seed", range(40))
def test_each_relation_is_told_whatever_the_texts_are(seed: int) -> None:
    chance = random.Random(seed)
    headline, body = title(chance), text(chance, chance.randint(5, 9))
    here = seen(HERE, headline, body)
    edited = [*body]
    edited[chance.randrange(len(body))] = " ".join(text(chance, 1))
    cases = {
        "same": [
            seen(HERE + "?utm_source=x", headline, body),
            seen(SLUG, headline, body),
            seen(HERE, headline, ["1,204 views", *body, "Updated 5 minutes ago"]),
            seen(HERE, headline.replace("'", "’"), [one.replace(" ", "  ", 3) for one in body]),
        ],
        "edited": [
            seen(HERE, headline, edited),
            seen(HERE, title(chance), body),
            seen(HERE, headline, body[:-1]),
            seen(SLUG, headline, edited[:-1]),
        ],
        "copy": [
            seen(ELSEWHERE, headline, body),
            seen(ELSEWHERE, "Herald: " + title(chance), ["HARBOUR (Agency) -- " + body[0], *body[1:]]),
            seen(ELSEWHERE, headline, [*body, *FURNITURE]),
            seen(ELSEWHERE, title(chance), body[: len(body) // 3 + 1]),
        ],
        "different": [
            seen(ELSEWHERE, title(chance), text(chance)),
            seen(SLUG, title(chance), text(chance)),
            seen(ELSEWHERE, headline, text(chance)),
        ],
    }
    for expected, others in cases.items():
        for number, other in enumerate(others):
            assert relation(here, other) == expected, (expected, number)


@pytest.mark.parametrize("seed", range(20))
def test_short_articles_that_share_their_furniture_are_two(seed: int) -> None:
    """Most of what such pages say is the same: their own sentence is not."""
    chance = random.Random(seed)
    one, other = text(chance, 1), text(chance, 1)
    assert relation(seen(HERE, title(chance), [*one, *FURNITURE]), seen(SLUG, title(chance), [*other, *FURNITURE])) == (
        "different"
    )


@pytest.mark.parametrize("seed", range(20))
def test_press_reviews_of_one_title_are_two(seed: int) -> None:
    """ "Press Review" stood sixty times in a hundred days, each time with other texts between the same lines."""
    chance = random.Random(seed)
    frame = ["Newspapers here today carry the following articles.", *FURNITURE[:2]]
    one, other = (seen(url, "Press Review", [frame[0], *text(chance, 3), *frame[1:]]) for url in (HERE, SLUG))
    assert relation(one, other) == "different"


@pytest.mark.parametrize("seed", range(20))
def test_an_address_that_was_given_to_another_article_is_told_from_an_edit(seed: int) -> None:
    chance = random.Random(seed)
    headline, body = title(chance), text(chance)
    other = seen(HERE, "Tomorrow " + " ".join(chance.sample(WORDS, 4)), [*text(chance), *FURNITURE])
    assert relation(seen(HERE, headline, [*body, *FURNITURE]), other) == "different"
    # Written anew under its headline, or with sentences that stayed: still the article.
    assert relation(seen(HERE, headline, body), seen(HERE, headline, text(chance))) == "edited"
    assert relation(seen(HERE, headline, body), seen(HERE, "Anew", [body[0], body[2], *text(chance, 3)])) == "edited"


def test_a_rewrite_that_kept_its_time_of_publication_is_an_edit() -> None:
    chance = random.Random(1)
    before = Article("Ships are counted in the harbour", "\n\n".join(text(chance)), published=at(1, 9))
    after = Article("Nobody knows the number of lanterns", "\n\n".join(text(chance)), published=at(1, 9))
    assert not is_another(before, after)
    assert is_another(before, replace(after, published=at(1, 10)))
    assert is_another(replace(before, published=at(1)), replace(after, published=at(1)))  # a day has many articles


def test_two_updates_of_a_wire_story_are_copies_and_an_edit_under_a_new_slug_is_an_edit() -> None:
    """Both keep most of the text. The later report has a headline of its own; the corrected slug has nearly the old."""
    chance = random.Random(2)
    body = text(chance)
    first = seen(HERE, "Ferry stopped by ice off the northern island", body)
    assert (
        relation(first, seen(SLUG, "Passengers brought ashore after night on frozen ferry", [*text(chance, 1), *body]))
        == "copy"
    )
    assert (
        relation(first, seen(SLUG, "Ferry stopped by fog off the northern island", [body[0] + " More.", *body[1:]]))
        == "edited"
    )


WEATHER = [
    "{day}: the weather service of the harbour reports {a} degrees at noon and {b} in the night.",
    "The wind blows from the west at {c} knots, and the water stands at {d} centimetres above its mean.",
    "Skippers of small boats are asked to listen to the harbour office on channel nine before they sail.",
]


def weather(url: str, headline: str, day: str, *figures: int, **more: object) -> Seen:
    return seen(
        url, headline, [one.format(**dict(zip("abcd", figures, strict=True)), day=day) for one in WEATHER], **more
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Weather on Monday", "Monday", 12, 3, 20, 140), ("Weather on Tuesday", "Tuesday", 9, 1, 35, 212)),
        (("Weather", "Monday, 2 March", 12, 3, 20, 140), ("Weather", "Tuesday, 3 March", 9, 1, 35, 212)),
        (("Weather for 2 March", "Today", 12, 3, 20, 140), ("Weather for 3 March", "Today", 9, 1, 35, 212)),
        (("天气预报", "今天是星期一", 12, 3, 20, 140), ("天气预报", "今天是星期二", 9, 1, 35, 212)),
        (("天気予報", "今日は月曜日", 12, 3, 20, 140), ("天気予報", "今日は火曜日", 9, 1, 35, 212)),
        (("3월 2일 날씨", "3월 2일", 12, 3, 20, 140), ("3월 3일 날씨", "3월 3일", 9, 1, 35, 212)),
    ],
)
def test_reports_of_two_days_from_one_form_are_two(
    one: tuple[str, str, int, int, int, int], other: tuple[str, str, int, int, int, int]
) -> None:
    assert relation(weather(HERE, *one), weather(SLUG, *other)) == "different"
    assert relation(weather(HERE, *one), weather(HERE, *other)) == "edited", "at one address it is an edit"


def test_the_days_of_reports_may_stand_in_their_addresses_or_be_stated() -> None:
    monday, tuesday = ("Weather", "Today", 12, 3, 20, 140), ("Weather", "Today", 9, 1, 35, 212)
    places = "https://gazette.example/2026/03/02/weather", "https://gazette.example/2026/03/03/weather"
    assert relation(weather(places[0], *monday), weather(places[1], *tuesday)) == "different"
    assert relation(weather(HERE, *monday, published=at(2)), weather(SLUG, *tuesday, published=at(3))) == "different"


def test_a_correction_under_a_new_slug_stays_an_edit_whatever_day_it_names() -> None:
    monday = ("Weather on Monday", "Monday", 12, 3, 20, 140)
    assert relation(weather(HERE, *monday), weather(SLUG, "Weather on Tuesday", "Tuesday", 12, 3, 20, 140)) == "edited"
    assert relation(weather(HERE, *monday), weather(SLUG, "Weather on Monday", "Monday", 12, 3, 25, 140)) == "edited"


def test_a_translation_is_another_article() -> None:
    english = seen(HERE, "Harbour counts its ships", ["The harbour office counted seven ships in the morning."])
    german = seen(ELSEWHERE, "Hafen zählt Schiffe", ["Das Hafenamt zählte am Morgen sieben Schiffe."])
    assert relation(english, german) == "different"


def test_texts_without_spaces_are_compared_by_the_character() -> None:
    body = [
        "平壌市の学校で新しい図書館の開館式が行われ、多くの生徒と教師が参加した。",
        "図書館には三万冊の本がある。",
    ] * 2
    here = seen(HERE, "図書館が開館", body)
    assert relation(here, seen(ELSEWHERE, "新しい図書館", ["（中央通信）" + body[0], *body[1:]])) == "copy"
    assert relation(here, seen(HERE, "図書館が開館", [body[0].replace("多く", "百人"), *body[1:]])) == "edited"


def test_what_moved_has_its_title_its_day_and_nearly_its_words() -> None:
    chance = random.Random(3)
    body = text(chance)
    before = Article("Harbour counts its ships", "\n\n".join(body), published=at(1))
    assert is_moved(before, Article("Harbour counts its  ships", "\n\n".join([*FURNITURE, *body]), published=at(1, 15)))
    assert not is_moved(before, replace(before, published=at(2)))
    assert not is_moved(before, replace(before, title="Harbour recounts its ships"))
    assert not is_moved(before, replace(before, body="\n\n".join(text(chance))))
    assert not is_moved(replace(before, published=None), replace(before, published=None))
