"""What the README of an evidence file says: how to check it, what is proved and what not, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from scheduler.evidence.verify import MANIFEST, NOT_PROVED, PROVED, removal_in_words
from storage.evidence import Dossier, StoredRevision
from storage.text import one_line

_README = """\
Evidence of an article, as Dateline stored it
=============================================

Article   {guid}
          {title}
Addresses {addresses}

What is in here
---------------
revisions/N.txt       title and text of revision N, in UTF-8
revisions/N.html      the same as sanitised HTML, without scripts; a browser may load its pictures from the site
revisions/N.warc.gz   the bytes that the server sent, with status and headers, as WARC records (ISO 28500)
diffs/N.txt, N.html   what changed from the revision before to revision N
{manifest}         times, addresses, headers and hashes; each revision's hash covers the one before it
manifest.sha256       the hash of {manifest}
verify.py             checks all of this; Python 3.9 or newer, nothing else

The bytes are as they were after the packing of the transfer (gzip and the like) had been undone. Set-Cookie and the
header fields of the connection were not kept. Times are Dateline's own clock, in UTC.

The revisions
-------------
{revisions}
{removals}
How to check it
---------------
    python3 verify.py                      in the folder into which this was unpacked
    python3 verify.py FILE.zip             on the file itself
    python3 verify.py FILE.zip --noted HASH

Take verify.py from a Dateline that you trust if you do not trust this file: an altered script can say anything.

{proved}

{not_proved}

So note the SHA-256 of {manifest} elsewhere on the day of the export: on paper, in a mail to somebody, with a notary
or a time-stamping service. `dateline evidence` prints it.
"""

_REMOVALS = """
Gone, and back
--------------
{lines}

Of a look that found nothing there are the time, the outcome and the status or words, and no bytes. That several looks
agreed, while the site showed other articles, is what Dateline calls removed; why it is gone, nobody can tell from that.
"""

# Of one, and of several.
_BYTES = {
    "kept": ("1 answer with its bytes", "{count} answers with their bytes"),
    "dropped": (
        "the bytes of 1 answer were dropped by retention; its hash is here",
        "the bytes of {count} answers were dropped by retention; their hashes are here",
    ),
    "damaged": (
        "the bytes of 1 answer are damaged on the disk and left out; its hash is here",
        "the bytes of {count} answers are damaged on the disk and left out; their hashes are here",
    ),
}


def answers(count: int, state: str) -> str:
    """So many answers whose bytes are kept, dropped or damaged; "0 answers with their bytes"."""
    return _BYTES[state][count != 1].format(count=count)


def readme(article: Dossier, states: Sequence[Sequence[str]], steps: Sequence[dict[str, Any]]) -> bytes:
    """`states` are those of the parts of each revision: kept, dropped, damaged; `steps` are the changes as the manifest
    has them."""
    newest = article.revisions[-1]
    removals = [one_line(removal_in_words(one), 4000) for one in steps if one["kind"] in ("removed", "restored")]
    return _README.format(
        guid=article.guid,
        title=one_line(str(newest.covered["title"])) or "(without a title)",
        addresses="\n          ".join(one_line(one, 2048) for one in article.addresses),
        manifest=MANIFEST,
        revisions="\n".join(_in_words(one, parts) for one, parts in zip(article.revisions, states, strict=True)),
        removals="".join(_REMOVALS.format(lines="\n".join(removals)) for _ in removals[:1]),
        proved=PROVED,
        not_proved=NOT_PROVED,
    ).encode("utf-8", "replace")


def _in_words(one: StoredRevision, states: Sequence[str]) -> str:
    said = [answers(states.count(state), state) for state in _BYTES if state in states]
    if one.listing_only:
        said.append("known from the site's list alone: its page could not be read, so there are no bytes")
    elif not states:
        said.append("no bytes are known")
    if states and not one.captures:
        said.append("stored by an older Dateline without status and headers")
    if one.chain is None:
        said.append("not in the chain: stored before there was one")
    if not one.fits:
        said.append("IT DOES NOT FIT ITS CHAIN: somebody changed the store")
    return f"{one.number:>4}  seen {one.seen_at:%Y-%m-%d %H:%M:%S} UTC: {'; '.join(said)}"
