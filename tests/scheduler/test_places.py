"""Where what made a rule hold stands in a text: the same places in a message, on the page of an alert and in search."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler import marked
from scheduler.judge import Rules
from scheduler.message import Voice
from scheduler.rendering import message_of
from scheduler.search import fields, snippet
from scheduler.searching import Asked, search
from storage.archive import Archive
from storage.model.articles import Article
from storage.model.telling import Alert, RuleConfig
from storage.store import Store
from tests.press import Press
from tests.scheduler.made_up import NOW, alert, delivery

FAR = "The river is wide here and slow. " * 20

PLACES = [
    pytest.param('="US"', "", f"Let us go. {FAR}The US said so.", "The *US* said so.", id="as it is written"),
    pytest.param('="Café"', "", f"A cafe. {FAR}The Café opens.", "The *Café* opens.", id="with its accent"),
    pytest.param("/KN-?[0-9]{2}/", "", f"{FAR}A KN-235 flew.", "A *KN-23*5 flew.", id="a pattern within a word"),
    pytest.param(
        "kim NEAR/2 missile", "", f"Kim slept. {FAR}Kim saw a missile.", "*Kim* saw a *missile*.", id="near another"
    ),
    pytest.param("title:kim ferry", "Kim", f"Kim slept. {FAR}A ferry.", "A *ferry*.", id="in the title"),
    pytest.param("author:ann ferry", "", f"Ann slept. {FAR}A ferry.", "A *ferry*.", id="of an author"),
    pytest.param("rocket*", "", f"{FAR}Rocketry here.", "*Rocketry* here.", id="a beginning"),
]


def raised(title: str, body: str, words: tuple[str, ...]) -> Alert:
    return alert(None, Article(title, body, authors=("Ann",)), words=words)


def rules(query: str) -> Rules:
    return Rules([RuleConfig("bridges", query)])


@pytest.mark.parametrize(("query", "title", "body", "shown"), PLACES)
def test_a_message_shows_the_places_where_the_query_holds(query: str, title: str, body: str, shown: str) -> None:
    """And marks no other place of the same words."""
    rule = rules(query)
    change = raised(title, body, ()).change
    [judged] = rule.judge(change, {"bridges": change.seen_at}, NOW)
    told = message_of(delivery(raised(title, body, judged.words)), NOW, Voice(), rule.places)
    text = " ".join(told.text.split())
    assert shown in text
    assert text.count("*") == shown.count("*")
    assert shown.replace("*", "") in told.fields["alerts"][0]["excerpt"]


@pytest.mark.parametrize(("query", "title", "body", "shown"), PLACES)
def test_search_shows_them_too(store: Store, query: str, title: str, body: str, shown: str) -> None:
    """In the command and on the page; programs get them as parts."""
    Press(store).publish(Article(title or "Of the day", body, authors=("Ann",)))
    found = search(Archive(store), Asked(query), 10)
    text = marked.text(snippet(found.hits[0])[1])
    assert text.endswith(shown) and text.count("*") == shown.count("*")
    parts = fields(query, found, "")["articles"][0]["snippet"]
    assert [part for sign, part in parts if sign == "!"] == shown.split("*")[1::2]


def test_of_a_rule_that_left_the_config_the_words_are_shown() -> None:
    """And of one whose query was changed so that it does not hold for this text."""
    one = raised("", f"{FAR}A KN-23 flew.", ("KN-23",))
    for left in (Rules(()), rules("nothing")):
        assert "A *KN-23* flew." in message_of(delivery(one), NOW, Voice(), left.places).text


def test_an_article_that_cannot_be_matched_again_is_told() -> None:
    """By its words, as if its rule had left."""
    one = raised("Ferry", f"{FAR}A ferry sailed.", ("ferry",))
    broken = replace(one, change=replace(one.change, sources=(None,)))  # type: ignore[arg-type]
    found = rules("source:post OR ferry").places(broken, broken.change.after)  # type: ignore[arg-type]
    assert len(found.body) == 1 and found.variants == ()


def test_programs_hear_which_names_of_a_list_hit() -> None:
    """As the config writes them, beside the words of the text."""
    rule = Rules([RuleConfig("bridges", "@boats OR /KN-?[0-9]{2}/")], {"boats": ("ferry boat", "Dampfer", "tug")})
    one = raised("Tugs and a ferry-boat", "A tug saw the KN-23.", ("tug",))
    [told] = message_of(delivery(one), NOW, Voice(), rule.places).fields["alerts"]
    assert told["variants"] == ["ferry boat", "tug", "/KN-?[0-9]{2}/"]
