"""What a query writes as one word in Korean, Chinese and Japanese, and a text parts: names, not seams of two words."""

from __future__ import annotations

from random import Random

import pytest

from scheduler.query.grammar import parse
from scheduler.query.trying import try_match
from storage.index_tokens import index_tokens
from storage.narrowing import narrow
from tests.scheduler.test_narrowing import is_let_through


def found(query: str, text: str) -> list[str]:
    """What stands at the places of a query; none may hold that search would leave out."""
    answer = try_match({"query": query, "text": text})
    assert not answer["match"] or is_let_through(narrow(parse(query)), index_tokens("", text))
    return [text[start:end] for start, end in answer["spans"]]


@pytest.mark.parametrize(
    ("query", "text", "place"),
    [
        ("한미", "한·미 연합훈련", "한·미"),
        ("한미", "한ㆍ미 정상", "한ㆍ미"),
        ("한미", "한・미 정상", "한・미"),
        ("한미", "한‧미 정상", "한‧미"),
        ("한미", "한•미 정상", "한•미"),
        ("한미", "‘한·미’는", "한·미"),
        ("한미", "한·미·일이", "한·미"),
        ("한미", "한·미동맹이", "한·미"),
        ("한미", "한·미FTA", "한·미"),
        ("한미일", "한·미·일 회담", "한·미·일"),
        ("북러", "북·러는", "북·러"),
        ("국공립", "국·공립 유치원", "국·공립"),
        ("대구경북", "대구·경북 통합", "대구·경북"),
        ("한·미", "한미 정상", "한미"),
        ("미사일ㆍ핵", "미사일ㆍ핵 개발", "미사일ㆍ핵"),
        ("미사일ㆍ핵", "미사일·핵 개발", "미사일·핵"),
        ("김정은", "김 정은이 말했다", "김 정은"),
        ("김정은", "이 김 정은", "김 정은"),
        ("윤대통령", "윤 대통령은", "윤 대통령"),
        ("이대통령", "이 대통령이", "이 대통령"),
        ('"윤 대통령"', "윤대통령은", "윤대통령"),
        ("김정은", "“김 정은”", "김 정은"),
        ("김정은", "김·정은", "김·정은"),
        ('"김 정은"', "김정은", "김정은"),
        ('"김정은 동지"', "김 정은 동지께서", "김 정은 동지"),
        ("남궁민", "남궁 민이", "남궁 민"),
        ("金正恩", "委員長の金 正恩氏", "金 正恩"),
        ("金正恩", "金　正恩同志", "金　正恩"),
        ("金正恩", "金·正恩", "金·正恩"),
        ('"金 正恩"', "金正恩", "金正恩"),
        ("李强", "习近平 李　强 赵乐际", "李　强"),
        ("安倍晋三", "首相 安倍 晋三は", "安倍 晋三"),
        ("石破茂", "内閣総理大臣　石破　茂", "石破　茂"),
        ("米中", "今後の米・中関係", "米・中"),
        ("日米", "日・米両政府は", "日・米"),
        ("日米韓", "日・米・韓", "日・米・韓"),
        ("唐纳德特朗普", "总统唐纳德·特朗普说", "唐纳德·特朗普"),
        ("唐纳德特朗普", "总统唐纳德•特朗普说", "唐纳德•特朗普"),
        ("唐纳德·特朗普", "唐纳德特朗普", "唐纳德特朗普"),
        ("さくらももこ", "さくら・ももこの本", "さくら・ももこ"),
        ("ドナルドトランプ", "ドナルド・トランプ氏", "ドナルド・トランプ"),
        ("ドナルドトランプ", "ﾄﾞﾅﾙﾄﾞ･ﾄﾗﾝﾌﾟ氏", "ﾄﾞﾅﾙﾄﾞ･ﾄﾗﾝﾌﾟ"),
        ("ドナルドトランプ", "ドナルド トランプ", "ドナルド トランプ"),
        ("ドナルド・トランプ", "ドナルドトランプ", "ドナルドトランプ"),
        ("ジョーバイデン", "ジョー・バイデン米大統領", "ジョー・バイデン"),
        ("ジャンリュック", "ジャン＝リュック・ゴダール", "ジャン＝リュック"),
        ("ジャンリュックゴダール", "ジャン＝リュック・ゴダール", "ジャン＝リュック・ゴダール"),
        ("ジャン＝リュック", "ジャン・リュック", "ジャン・リュック"),
        ("ジャン・リュック", "ジャン゠リュック", "ジャン゠リュック"),
        ("ジャン゠リュック", "ジャンリュック", "ジャンリュック"),
        ("サンテグジュペリ", "ｻﾝ=ﾃｸﾞｼﾞｭﾍﾟﾘ", "ｻﾝ=ﾃｸﾞｼﾞｭﾍﾟﾘ"),
        ("コイン", "コイン＝ドル", "コイン"),
        ("한EU", "한·EU FTA", "한·EU"),
        ("한EU", "한ㆍEU정상회담", "한ㆍEU"),
        ("한EU", "한•EU는", "한•EU"),
        ("한EU", "한-EU FTA", "한-EU"),
        ("한·EU", "한EU", "한EU"),
        ("한-EU", "한·EU", "한·EU"),
        ("한미EU", "한·미·EU 회담", "한·미·EU"),
        ("EU한국", "EU·한국의", "EU·한국"),
        ("G7한국", "G7·한국", "G7·한국"),
        ("日EU", "日・EU首脳", "日・EU"),
        ("日ASEAN", "日・ASEAN首脳会議", "日・ASEAN"),
        ("中EU", "中·EU关系", "中·EU"),
        ("米イラン", "米・イラン協議", "米・イラン"),
        ("イラン核", "イラン・核合意", "イラン・核"),
    ],
)
def test_a_name_is_found_as_the_text_parts_it(query: str, text: str, place: str) -> None:
    assert found(query, text) == [place]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("국민", "한국 민족"),
        ("국민", "한국·민족"),
        ("북한", "경북 한우"),
        ("북한군", "북한·군사"),
        ("한미", "대한·미국의"),
        ("한미", "한 미군"),
        ("한미", "한·미얀마 정상회담"),
        ("한인", "한·인도 정상회담"),
        ("미국인", "미국·인도"),
        ("수출", "수·출입"),
        ("미사일", "미사 일정"),
        ("핵실험", "핵 실험"),
        ("김정은", "김 정 은혜로운"),
        ("김정은", "김 정은혜"),
        ("윤대통령", "윤 대통령실"),
        ("이대통령", "제이 대통령"),
        ("김정은", "김정 은"),
        ("김정은", "김\n정은"),
        ("조교수", "조 교수는"),
        ("이사회", "이 사회는"),
        ("전국민", "전 국민"),
        ("中国", "発展中 国内"),
        ("中国", "集中・国内"),
        ("東京", "関東・京都"),
        ("東京", "1.東・京都"),
        ("北京", "河北·京津冀"),
        ("日本人", "12 日 本人が"),
        ("日本人", "日本・人民"),
        ("日本経済", "タグ 日本 経済 円安"),
        ("日本経済", "政治 日本 経済"),
        ("安倍晋三", "安倍\n晋三"),
        ("金正恩", "领导人金 正恩"),
        ("インド", "コイン・ドル"),
        ("はい", "私は・いつか"),
        ("のはいつ", "ものは・いつか"),
        ("สวัสดี", "สวัส・ดี"),
        ("インド", "イン ドル"),
        ("スターウォーズ", "モンスター・ウォーズ"),
        ("インドル", "コイン＝ドル"),
        ("ジャンリュック", "ジャン = リュック"),
        ("한EU", "북한·EU의"),
        ("한EU", "한 EU"),
        ("EU한", "EU·한국"),
        ("日EU", "今日・EU"),
        ("米イラン", "欧米・イラン"),
        ("イラン核", "イラン・核家族"),
        ("경북EU", "대구경북·EU"),
    ],
)
def test_no_term_stands_across_two_other_words(query: str, text: str) -> None:
    assert found(query, text) == []


@pytest.mark.parametrize("sign", [". ", ".", ", ", "，", "、", "。", "/", " – ", " · ", "\n", "\n\n", "\n• ", ": "])
@pytest.mark.parametrize(
    ("query", "before", "after"),
    [("한미", "한", "미"), ("金正恩", "金", "正恩"), ("キムジョンウン", "キム", "ジョンウン")],
)
def test_nothing_but_a_dot_or_a_space_parts_a_name(query: str, before: str, after: str, sign: str) -> None:
    assert found(query, f"{before}{sign}{after}") == []


def test_a_bullet_before_a_line_parts_phrases() -> None:
    assert found('"한국 미국"', "한국\n• 미국") == []
    assert found('"old harbour"', "old • harbour") == []


def test_search_leaves_out_nothing_for_which_a_part_of_the_text_holds() -> None:
    """Names, gaps and other signs in any order, each text asked for its own pieces."""
    rng = Random(5)
    letters, gaps = (
        "한미김정은이를金正恩李强中国安倍ドナルトﾅﾙ남궁민박FTA3",
        ["", "", "", *"·ㆍ•・=＝゠ \u3000\n-\u200b\u0300\u00ad", ". ", "\n·\n"],
    )
    for _ in range(1500):
        text = "".join(rng.choice(letters) + rng.choice(gaps) for _ in range(rng.randint(2, 9)))
        at = rng.randrange(len(text))
        piece = "".join(char for char in text[at : at + 8] if char.isalnum() and char != "ㆍ")
        if len(piece) > 1:
            found(f"{piece}{rng.choice(['', '*'])}", text)
