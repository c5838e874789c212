"""A number that is asked for is whole in a text: no part of one with a fraction, but a part of a date or a list."""

from __future__ import annotations

import pytest

from scheduler.query.grammar import parse
from scheduler.query.matcher import Text, compile_rules


def holds(query: str, body: str) -> bool:
    return bool(compile_rules({"": parse(query)}).match(Text("", body)))


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("5", "a quake of magnitude 5.5"),
        ("5", "5,5 Prozent"),
        ("5", "٥٫٥"),
        ("5 million", "it cost 1.5 million"),
        ('"5 million"', "it cost 1.5 million"),
        ('"magnitude 5"', "of magnitude 5.5"),
        ('="5"', "magnitude 5.5"),
        ("$5", "for $5.50"),
        ("5%", "up 1.5%"),
        ("5", "规模为5.5级"),
        ("1", "1,234.56 tonnes"),
        ("56", "1.234,56 Tonnen"),
        ("1000", "1 000,5 tonnes"),
        ("3000", "3,000.50 dollars"),
        ("1", "1,00,000 rupees"),
        ("10", "10'000.50 Franken"),
        ("000", "10’000.50 Franken"),
        ("3000", "for 3,000.01 dollars"),
        ("000", "for 3,000.00 dollars"),
        ("12345678", "12345.678 metres"),
        ("2", "half is ½"),
        ("00", "for $100.00 each"),
        ("5", "up 5.05"),
    ],
)
def test_a_part_of_a_number_is_not_found(query: str, body: str) -> None:
    assert not holds(query, body)


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("5", "It is 5. Then 6."),
        ("5", "No.5, 6"),
        ("5.5", "a magnitude of 5.5."),
        ("12.5", "up 12.5%"),
        ('"12.5"', "(12.5)"),
        ('="12.5"', "12.5"),
        ("1,5", "1,5 Millionen"),
        ("3000", "3,000 men"),
        ("3,000", "3000 men"),
        ("3000", "for $3,000.00 each"),
        ("3,000", "for 3.000,00 Euro"),
        ("1234.56", "1,234.56 tonnes"),
        ("1.234,56", "1234,56 Tonnen"),
        ("1234567,89", "1'234'567,89 Franken"),
        ("12345.678", "12345.678 metres"),
        ("1,234.56", "1,234.56 tonnes"),
        ("2026", "am 5.11.2026"),
        ("5.11", "am 5.11.2026"),
        ("2026", "Nov 5,2026"),
        ("2026", "2026.11"),
        ("2026", "in 2025,2026"),
        ("11", "1.11.2"),
        ("7", "pages 5,6,7"),
        ("15", "at 15:30"),
        ("100", "for $100.00 each"),
        ("2", "Web 2.0"),
        ("5", "by 5-3"),
        ("5", "a '5' in quotes"),
        ("5", "5'30 minutes"),
        ('"iOS 17*"', "iOS 17.4 is out"),
        ("17*", "iOS 17.4 is out"),
    ],
)
def test_a_whole_number_is_found_and_a_part_of_a_date(query: str, body: str) -> None:
    assert holds(query, body)
