"""An agency's own words: datelines, end marks, sign-off; and the language of a text."""

from datetime import UTC, datetime

import pytest

from crawler.extract.agency import plain_paragraphs
from crawler.extract.dateline import date_of, read_dateline
from crawler.extract.language import read_language
from storage.model.articles import Dateline
from storage.text import fold


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ("Pyongyang, November 8 (KCNA) -- Text", ("Pyongyang", "November 8", "KCNA")),
        ("SEOUL (Example News) — Text", ("SEOUL", "", "Example News")),
        ("Пхеньян, 8 ноября. /ЦТАК/ -- Текст", ("Пхеньян", "8 ноября", "ЦТАК")),
        ("Pyongyang, 8 de noviembre (ACNC) -- Texto", ("Pyongyang", "8 de noviembre", "ACNC")),
        ("(평양 8월 21일발 조선중앙통신)\n\n글", ("평양", "8월 21일", "조선중앙통신")),
        ("【平壌７月５日発朝鮮中央通信】文", ("平壌", "７月５日", "朝鮮中央通信")),
        ("朝中社平壤7月5日电 文", ("平壤", "7月5日", "朝中社")),
    ],
)
def test_dateline_is_read_as_fields(body: str, fields: tuple[str, str, str]) -> None:
    """Place, date as written, agency."""
    assert read_dateline(body) == Dateline(*fields)


@pytest.mark.parametrize(
    "body", ["", "One day in June the mill opened.", "The mill, (it is said) -- text", "x" * 10_000]
)
def test_text_without_dateline_has_none(body: str) -> None:
    """Anecdotes and columns begin at once."""
    assert read_dateline(body) is None


@pytest.mark.parametrize(
    ("date", "now", "day"),
    [
        ("December 30", datetime(2026, 1, 2, tzinfo=UTC), "2025-12-30"),
        ("January 1", datetime(2025, 12, 31, 16, tzinfo=UTC), "2026-01-01"),
        ("8월 21일", datetime(2026, 11, 1, tzinfo=UTC), "2026-08-21"),
        ("７月５日", datetime(2026, 11, 1, tzinfo=UTC), "2026-07-05"),
        ("February 29", datetime(2026, 3, 1, tzinfo=UTC), None),
    ],
)
def test_year_of_a_dateline_is_the_last_possible_one(date: str, now: datetime, day: str | None) -> None:
    """December read in January is of the year before; Pyongyang may be a day ahead."""
    when = date_of(Dateline("P", date, "A"), now=now)
    assert (str(when.moment.date()) if when else None) == day


def test_original_and_copy_have_an_equal_body() -> None:
    """Whatever each kept of end mark, sign-off and spaces."""
    original = ["Pyongyang, May 1 (KCNA) -- An\u00a0Example, a person, came.", "It rained. -0-"]
    copy = ["Pyongyang, May 1 (KCNA) -- An Example , a person, came.", "It rained. -0-", "www.kcna.kp (Juche112.5.1.)"]
    first, no_date = plain_paragraphs(original)
    second, date = plain_paragraphs(copy)
    assert fold("\n\n".join(first)) == fold("\n\n".join(second))
    assert (no_date, date) == ("", "Juche112.5.1.")


@pytest.mark.parametrize("end", ["-0-", "- 0 -", "(끝)", "－－－", "（完）"])
def test_end_marks_go_and_nothing_else(end: str) -> None:
    """A mark alone in its paragraph takes the paragraph along."""
    assert plain_paragraphs(["Text 10-0-5 (end).", end])[0] == ["Text 10-0-5 (end)."]
    assert plain_paragraphs([f"Text. {end}"])[0] == ["Text."]
    assert plain_paragraphs([])[0] == []


@pytest.mark.parametrize(
    ("stated", "configured", "text", "language"),
    [
        ("en-US", "", "The mill of the town was opened and it is said that the rain fell on it for a day.", "en"),
        (
            "",
            "",
            "Die Mühle der Stadt ist eröffnet, und es heißt, dass der Regen den ganzen Tag auf sie fiel, sagt man.",
            "de",
        ),
        (
            "en",
            "",
            "Die Mühle der Stadt ist eröffnet, und es heißt, dass der Regen den ganzen Tag auf sie fiel, sagt man.",
            "de",
        ),
        ("en", "ko", "지어낸 공장이 조업을 시작하였다고 한다", "ko"),
        ("en", "", "東京で新しい工場が操業を始めたという", "ja"),
        ("zh-TW", "", "新的工廠在城裡開始運作", "zh"),
        ("uk", "", "Вигаданий млин відкрили вчора в місті", "uk"),
        ("xx-invalid-long", "", "Zork blag.", "xx"),
        ("", "", "", ""),
        ("not a tag", "", "Zork", ""),
    ],
)
def test_language_is_what_is_stated_unless_the_text_says_otherwise(
    stated: str, configured: str, text: str, language: str
) -> None:
    """Templates keep the language of their maker; letters and common words do not lie."""
    assert read_language(stated, configured, text) == language
