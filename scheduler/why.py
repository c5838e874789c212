"""`dateline why` and `why-not`: why an alert was raised, and what kept an article from being told."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import click

from scheduler.options import AS_JSON, CONFIG, load


@click.command()
@click.argument("alert")
@AS_JSON
@CONFIG
def why(alert: str, as_json: bool, path: Path) -> None:
    """Say why ALERT was raised: its rule clause by clause with what was found, what would have made it otherwise, and
    what became of it in each channel.

    ALERT is its number, as /alerts and webhooks have it.
    """
    from scheduler import explaining, why_words
    from scheduler.steps import utc_now
    from scheduler.trial_rules import NoSuchRule
    from storage.reasons import NoSuchAlert
    from storage.store import WrongSchema, open_store

    config = load(path)
    try:
        with closing(open_store(config.store_url)) as store, store.reader() as connection:
            rule, found = explaining.of_alert(config, connection, alert, utc_now())
    except (WrongSchema, NoSuchAlert, NoSuchRule) as reason:
        raise click.ClickException(str(reason)) from None
    if as_json:
        click.echo(json.dumps({"rule": why_words.rule_as_json(rule), **why_words.as_json(found)}, ensure_ascii=False))
    else:
        click.echo(why_words.why(rule, found, config.plans))


@click.command("why-not")
@click.argument("rule")
@click.argument("article")
@AS_JSON
@CONFIG
def why_not(rule: str, article: str, as_json: bool, path: Path) -> None:
    """Say what kept RULE from telling of ARTICLE, for each of its changes; if it was told, in which alert.

    ARTICLE is one of its addresses, its guid or its page here.
    """
    from scheduler import explaining, why_words
    from scheduler.steps import utc_now
    from scheduler.trial_rules import NoSuchRule
    from storage.finding import NoSuchArticle
    from storage.store import WrongSchema, open_store

    config = load(path)
    try:
        with closing(open_store(config.store_url)) as store, store.reader() as connection:
            known, found = explaining.of_article(config, connection, rule, article, utc_now())
    except (WrongSchema, NoSuchArticle, NoSuchRule) as reason:
        raise click.ClickException(str(reason)) from None
    if as_json:
        changes = [why_words.as_json(one) for one in found]
        click.echo(json.dumps({"rule": why_words.rule_as_json(known), "changes": changes}, ensure_ascii=False))
    else:
        click.echo(why_words.why_not(known, found))
