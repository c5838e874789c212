"""Korean nouns of one syllable, each of which is a piece of a hundred other words."""

from __future__ import annotations

import pytest

from scheduler.query.trying import try_match


def holds(query: str, text: str) -> bool:
    return bool(try_match({"query": query, "text": text})["match"])


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("핵", "핵은 없다"),
        ("핵", "핵·미사일"),
        ("핵", "핵무기를 포기"),
        ("핵", "핵보유국이 되었다"),
        ("핵", "핵무력정책"),
        ("핵", "북핵문제는"),
        ("핵", "비핵화를 위한"),
        ("강", "강에서는"),
        ("강", "강유역의"),
        ("물", "물로 만든"),
        ("물", "물부족이"),
        ("차", "차를 타고"),
        ("쌀", "쌀값이 올랐다"),
        ("군", "군당국은"),
        ("당", "당대회에서"),
        ("한", "한·미 정상"),
        ("한", "한미동맹"),
        ("일", "한중일 정상회의"),
        ("미", "대미 정책"),
        ("미", "미국무부는"),
        ("북", "북미사일"),
        ("남", "남북정상회담에서"),
        ('"북한 핵"', "북한 핵은"),
        ("핵*", "핵심"),
    ],
)
def test_one_syllable_stands_before_particles_and_in_compounds(query: str, text: str) -> None:
    assert holds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("핵", "핵심은"),
        ("핵", "핵가족이"),
        ("핵", "결핵 환자"),
        ("강", "강제로"),
        ("강", "강원도에서"),
        ("강", "강가에서"),
        ("강", "강도가 들었다"),
        ("물", "물가가 올랐다"),
        ("불", "불만을"),
        ("차", "차이가 있다"),
        ("쌀", "쌀쌀한"),
        ("군", "군인이"),
        ("당", "당시에"),
        ("한", "한국의"),
        ("한", "북한의"),
        ("한", "통일에 대한"),
        ("한", "공부한다"),
        ("미", "미공개"),
        ("미", "미래를"),
        ("중", "중요한"),
        ("중", "비중이"),
        ("북", "경북에서"),
        ("김", "김정은이"),
        ('"북한 핵"', "북한 핵심 인사"),
    ],
)
def test_one_syllable_is_not_the_beginning_or_end_of_another_word(query: str, text: str) -> None:
    assert not holds(query, text)
