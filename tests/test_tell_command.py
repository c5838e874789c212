"""`dateline tell` as a user calls it: a test message, what came of it, and a paused channel that goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.postbox import Postbox
from storage.schema.telling import channel
from storage.store import open_store
from tests.running import config_text, free_port, said


async def test_tell_reports_the_truth(tmp_path: Path, newspaper: Newspaper, postbox: Postbox) -> None:
    """Taken is success; a 404 is none; and a channel that is not there is named."""
    (tmp_path / "config.toml").write_text(
        config_text(free_port(), {"courier": newspaper.url}, postbox), encoding="utf-8"
    )
    assert (await said(tmp_path, "tell", "mail")).status == 0
    answer = await said(tmp_path, "tell", "hook")
    assert (answer.status, answer.out) == (0, "hook: the test message was taken\n")
    assert postbox.received_hooks[0].signed
    assert postbox.received_mail[0].message["Subject"] == "Dateline: a test of mail"

    postbox.answer_hooks(404)
    answer = await said(tmp_path, "tell", "hook")
    assert (answer.status, answer.out) == (1, "")
    assert "hook: not delivered:" in answer.err
    assert "404" in answer.err
    answer = await said(tmp_path, "tell", "nobody")
    assert answer.status == 2
    assert "hook, mail" in answer.err


async def test_tell_has_a_channel_that_was_paused_go_on(tmp_path: Path, postbox: Postbox) -> None:
    """Its next attempt of its own may be hours away; a test that fails leaves it there."""
    (tmp_path / "config.toml").write_text(config_text(free_port(), {}, postbox), encoding="utf-8")
    store = open_store(f"sqlite:///{tmp_path}/data/dateline.db", migrate=True)
    then = datetime(2999, 11, 8, 6, 30, tzinfo=UTC)
    with store.writer() as connection:
        connection.execute(channel.insert().values(name="hook", paused_at=then, probe_at=then, error="refused"))
    assert "refused; tried again 2999-11-08 06:30 UTC\n" in (await said(tmp_path, "status")).out
    postbox.answer_hooks(404, times=1)
    assert (await said(tmp_path, "tell", "hook")).status == 1
    with store.reader() as connection:
        assert connection.execute(sa.select(channel.c.probe_at)).scalar_one() == then
    answer = await said(tmp_path, "tell", "hook")
    assert answer.out == "hook: the test message was taken\nhook: it was paused, and what waits goes on now\n"
    with store.reader() as connection:
        assert connection.execute(sa.select(channel.c.probe_at)).scalar_one() < then
    store.close()


async def test_tell_says_what_came_of_the_test_also_where_the_database_cannot_be_used(
    tmp_path: Path, postbox: Postbox
) -> None:
    """Whoever reads of the database alone would send it once more."""
    (tmp_path / "config.toml").write_text(config_text(free_port(), {}, postbox), encoding="utf-8")
    (tmp_path / "data/dateline.db").mkdir(parents=True)
    answer = await said(tmp_path, "tell", "hook")
    assert (answer.status, answer.out) == (1, "hook: the test message was taken\n")
    assert "the database cannot be used" in answer.err
