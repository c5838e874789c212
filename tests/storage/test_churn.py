"""Lines that change by themselves, in the languages of those who print them; and lines that look alike and are news."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from storage.churn import edited_lines, is_churn, without_churn
from storage.identity import fingerprint, same_text
from storage.model.articles import Article

CHURN = """1,234 views|Views: 12|1.2k shares|12 comments|Comments (12)|5 people are reading this|Reads 10 452
조회수 1,234|조회 수: 15|댓글 12|浏览量：3456|阅读 12.3万|閲覧数 250|просмотров: 123
15 комментариев|12 mal geteilt|231 vues
5 minutes ago|Updated 3 hours ago|an hour ago|just now|vor 5 Minuten|il y a 3 heures|hace 2 horas|2 часа назад|3시간 전
방금 전|5分钟前|3 小時前|3時間前|刚刚|Published: 2 days ago
Sunday, November 29, 2026|29 November 2026 10:32 GMT|2026-11-29 10:32|29.11.2026, 10:32 Uhr
Last updated: 10:32 GMT, 29 November 2026
2026년 11월 29일 일요일|입력 2026-11-29 10:20|2026年11月29日 星期日|2026年11月29日(日)
29 ноября 2026 г.|dimanche 29 novembre 2026|[Juche115.11.29]"""
NEWS = """Three people died.|12|1945|2:1|The army marched on 9 October.|5 people were killed an hour ago in the harbour
In 2026 the views of 3 people changed|May 5 was hot|Read 3 books|7 killed|100 visitors came|10 days|Comments are closed
The minister shares the view|6월 25일 전쟁이 일어났다|三人死亡|3万人が参加した|Двое погибли 29 ноября|"""


@pytest.mark.parametrize("line", CHURN.replace("\n", "|").split("|"))
def test_counters_relative_times_and_bare_dates_are_churn(line: str) -> None:
    assert is_churn(line)
    article, beside = (Article("T", body) for body in ("It rained.", f"{line}\n\nIt rained."))
    assert same_text(article, beside) and fingerprint(article) == fingerprint(beside)


@pytest.mark.parametrize("line", NEWS.replace("\n", "|").split("|"))
def test_what_says_something_is_none(line: str) -> None:
    assert not is_churn(line)
    assert without_churn(f"One.\n\n{line}") == f"One.\n\n{line}"


def test_only_the_lines_that_differ_are_edited() -> None:
    before = "It rained.\n\n12 views\n\nThe “old” bridge.\n\nIt rained."
    after = 'It rained.\n\n15 views\n\nThe "old" bridge.\n\nIt snowed.'
    assert edited_lines(before, after) == (("It rained.",), ("It snowed.",))
    assert edited_lines(before, before) == ((), ())


def paragraph(words: str) -> str:
    return f"The {words} of the town was opened on the day of the harbour, which the council had asked for in spring."


DATES = "Saturday, 3 August 2026, 10:00", "Sunday, 4 August 2026, 10:00"
VISITORS = "Visitors: 5,120", "Visitors: 9,120"
FAIR = "The fair opens its doors at the harbour.\n\n{}\n\nTickets cost 5 euros."
MUSEUM = f"{paragraph('museum')}\n\n{{}}\n\n{paragraph('tower')}\n\n{paragraph('gate')}"
LONG = "\n\n".join([*map(paragraph, "abcd"), "{}", *map(paragraph, "efgh")])


@pytest.mark.parametrize("body", [FAIR, MUSEUM, LONG])
@pytest.mark.parametrize("lines", [DATES, VISITORS])
def test_a_day_or_a_count_with_text_round_it_is_news(body: str, lines: tuple[str, str]) -> None:
    """However short the article is: an appointment was moved, more visitors came."""
    before, after = (Article("T", body.format(line)) for line in lines)
    assert not same_text(before, after) and fingerprint(before) != fingerprint(after)
    assert edited_lines(before.body, after.body) == ((lines[0],), (lines[1],))


@pytest.mark.parametrize("lines", [DATES, VISITORS, ("37 views", "74 views"), ("2 minutes ago", "an hour ago")])
@pytest.mark.parametrize(
    "body",
    [
        "{}\n\n" + FAIR.replace("{}\n\n", ""),
        FAIR.replace("{}\n\n", "") + "\n\n{}",
        f"By our reporter\n\n{{}}\n\n{LONG.replace('{}', paragraph('i'))}\n\nFollow us",
        f"{LONG.replace('{}', paragraph('i'))}\n\nFollow us\n\n{{}}\n\nMost read",
    ],
)
def test_before_the_first_paragraph_and_behind_the_last_it_is_none(body: str, lines: tuple[str, str]) -> None:
    assert same_text(*(Article("T", body.format(line)) for line in lines))


@pytest.mark.parametrize("lines", [("37 views", "74 views"), ("2 minutes ago", "an hour ago")])
def test_a_counter_below_the_first_of_many_paragraphs_is_none(lines: tuple[str, str]) -> None:
    assert same_text(*(Article("T", MUSEUM.format(line)) for line in lines))
    assert not same_text(*(Article("T", LONG.format(line)) for line in lines))


def test_lines_that_stand_more_often_are_edited_so_often_in_their_order() -> None:
    chance = Random(1)
    for _ in range(200):
        before, after = ([f"Line {chance.randint(1, 6)} of it." for _ in range(8)] for _ in range(2))
        went, came = edited_lines("\n".join(before), "\n".join(after))
        more = Counter(before) - Counter(after)
        assert (Counter(went), Counter(came)) == (more, Counter(after) - Counter(before))
        assert list(dict.fromkeys(went)) == [line for line in dict.fromkeys(before) if line in more]
