"""`dateline try`: what Dateline makes of pages, lists and queries, for programs; offline, nothing is stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import click


@click.command("try")
@click.argument("verb", type=click.Choice(["read", "list", "feed", "sitemap", "discover", "robots", "match", "same"]))
def try_(verb: str) -> None:
    """Read JSON lines from stdin, answer each with a JSON line: offline, nothing is stored.

    \b
    read {"file","url","charset"?} | list {"file","url"} | feed {"file","url"?,"content_type"?}
    sitemap {"responses":[{"url","headers","body"|"body_hex"}],"homepage"} | discover {"file","url"}
    robots {"robots","url","agent"} | match {"query","text","title"?,"language"?,"lists"?}
    same {"a":{"url","title","body"},"b":{...}}
    """
    answer = _verb(verb)
    for line in sys.stdin.buffer:  # bytes: one line that is not UTF-8 must not end the others
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            said = answer(record) if isinstance(record, dict) else {"error": "the line is no JSON object"}
        except KeyError as missing:
            said = {"error": f'the line has no "{missing.args[0]}"'}
        except (json.JSONDecodeError, UnicodeDecodeError) as broken:
            said = {"error": f"the line is no JSON: {broken}"[:300]}
        except Exception as reason:
            said = {"error": f"{type(reason).__name__}: {reason}"[:300]}
        click.echo(json.dumps(said, ensure_ascii=True))
        sys.stdout.flush()


def _verb(verb: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    if verb == "same":
        from scheduler.pairs import try_same

        return try_same
    if verb == "match":
        from scheduler.query.trying import try_match

        return try_match
    from crawler import trying, trying_site

    return {
        "read": trying.try_read,
        "list": trying.try_list,
        "feed": trying_site.try_feed,
        "sitemap": trying_site.try_sitemap,
        "discover": trying_site.try_discover,
        "robots": trying_site.try_robots,
    }[verb]
