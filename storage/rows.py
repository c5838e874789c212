"""How dataclasses lie in the tables: an Article in the columns of a revision, a When, a Diff and a Notice as JSON."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from storage.model.articles import Article, Dateline, Diff, DiffOp, Precision, Revision, When
from storage.model.telling import Notice
from storage.packing import pack, unpack

# What a broken value in a row raises when it is read; never a fault of the database, which is everybody's.
BROKEN_ROW = (ValueError, TypeError, KeyError, AttributeError, OverflowError)

_TEXTS = ("section", "image", "canonical_url", "original_url", "next_page")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def article_values(article: Article) -> dict[str, Any]:
    """The columns of `revision` that hold the article; `meta` names only the fields that are not empty."""
    return {
        "title": article.title,
        "body": article.body,
        "html": pack(article.html, article.body),
        "published": article.published.moment if article.published else None,
        "language": article.language,
        "meta": _meta_json(article),
    }


def article_from(row: Any, prefix: str = "") -> Article:
    """The Article in a row that has the columns of `article_values`, each name with `prefix` before it."""
    meta = json.loads(getattr(row, prefix + "meta"))
    moment, body = getattr(row, prefix + "published"), getattr(row, prefix + "body")
    dateline = meta.get("dateline")
    return Article(
        title=getattr(row, prefix + "title"),
        body=body,
        html=unpack(getattr(row, prefix + "html"), body),
        published=_when(moment, meta.get("published", {})) if moment else None,
        modified=_when_of(meta["modified"]) if "modified" in meta else None,
        authors=tuple(meta.get("authors", ())),
        language=getattr(row, prefix + "language"),
        section=meta.get("section", ""),
        image=meta.get("image", ""),
        canonical_url=meta.get("canonical_url", ""),
        original_url=meta.get("original_url", ""),
        next_page=meta.get("next_page", ""),
        dateline=Dateline(*dateline) if dateline else None,
        listing_only=meta.get("listing_only", False),
        teaser=meta.get("teaser", False),
        live=meta.get("live", False),
        doubts=tuple(meta.get("doubts", ())),
    )


def revision_from(row: Any, prefix: str = "") -> Revision:
    """The Revision in a row of `revision`; in a join of two, `prefix` tells them apart (`before_id`, `after_id`)."""
    return Revision(
        id=getattr(row, prefix + "id"),
        article_id=getattr(row, prefix + "article_id"),
        number=getattr(row, prefix + "number"),
        seen_at=getattr(row, prefix + "seen_at"),
        article=article_from(row, prefix),
        snapshot=getattr(row, prefix + "snapshot"),
        chain=getattr(row, prefix + "chain"),
    )


def when_json(when: When | None) -> str:
    """A When as JSON; "" for None."""
    return _encode({"moment": when.moment.isoformat()} | _how_stated(when)) if when else ""


def when_from(text: str) -> When | None:
    return _when_of(json.loads(text)) if text else None


def classes_text(classes: Collection[str]) -> str:
    """As they are stored: each between two spaces, so that a query finds one of them."""
    return f" {' '.join(sorted(classes))} " if classes else ""


def classes_from(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def diff_json(diff: Diff | None) -> str:
    """A Diff as JSON; "" for None."""
    return _encode({"title": diff.title, "body": diff.body, "cls": diff.cls}) if diff else ""


def diff_from(text: str) -> Diff | None:
    if not text:
        return None
    stored = json.loads(text)
    return Diff(title=_ops(stored["title"]), body=_ops(stored["body"]), cls=stored["cls"])


def _ops(stored: list[list[str]]) -> tuple[DiffOp, ...]:
    return tuple(cast(DiffOp, (sign, text)) for sign, text in stored)


def _meta_json(article: Article) -> str:
    meta: dict[str, Any] = {}
    if article.published and (stated := _how_stated(article.published)):
        meta["published"] = stated
    if article.modified:
        meta["modified"] = {"moment": article.modified.moment.isoformat()} | _how_stated(article.modified)
    for name in (*_TEXTS, "authors", "listing_only", "teaser", "live", "doubts"):
        if value := getattr(article, name):
            meta[name] = value
    if article.dateline:
        meta["dateline"] = (article.dateline.place, article.dateline.date, article.dateline.agency)
    return _encode(meta)


def _how_stated(when: When) -> dict[str, str]:
    stated = {} if when.precision == "second" else {"precision": str(when.precision)}
    return stated | ({"zone": when.zone} if when.zone else {}) | ({"origin": when.origin} if when.origin else {})


def _when_of(stored: dict[str, str]) -> When:
    return _when(datetime.fromisoformat(stored["moment"]), stored)


def _when(moment: datetime, stored: dict[str, str]) -> When:
    precision = cast(Precision, stored.get("precision", "second"))
    return When(moment, precision, stored.get("zone", ""), stored.get("origin", ""))


def notice_json(notice: Notice) -> str:
    return _encode(asdict(notice))


def notice_from(text: str) -> Notice | None:
    """The notice that `notice_json` wrote, "about" or not; None for ""."""
    if not text:
        return None
    said = json.loads(text)
    return Notice(said["subject"], said["text"], tuple(said.get("about", ())))
