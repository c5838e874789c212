"""A reader stops a rule from a mail, with the real daemon."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.postbox import Postbox
from scheduler.demo.texts import made_up
from storage.schema.articles import article
from storage.schema.telling import alert
from tests.running import config_text, dateline, said


async def test_a_reader_stops_a_rule_and_starts_it_again(
    tmp_path: Path, newspaper: Newspaper, postbox: Postbox
) -> None:
    """The link in the mail, a click of the mail program, then nothing more by mail while the webhook goes on; and all
    of it back by a command."""
    newspaper.publish(*made_up(4))
    async with dateline(tmp_path) as running:
        running.write(config_text(running.port, {"courier": newspaper.url}, postbox, query="ferry"))
        await running.start()
        await running.until(lambda: running.count(article) == 1, "the first look")
        newspaper.publish("Ferry sails again", made_up(11).paragraphs)
        await postbox.wait_for(hooks=1, mails=1)

        (link,) = re.findall(r"Stop this rule in mail: (\S+)", postbox.received_mail[0].text)
        async with aiohttp.ClientSession() as session:
            async with session.get(link) as answer:
                assert answer.status == 200 and "Stop this rule?" in await answer.text()
            async with session.post(link, data={"List-Unsubscribe": "One-Click"}) as answer:
                assert answer.status == 200
        newspaper.publish("Ferry is painted", made_up(12).paragraphs)
        await postbox.wait_for(hooks=2)
        assert "rule watch in mail" in (await said(tmp_path, "status")).out
        assert (await said(tmp_path, "rules", "start", "watch")).status == 0
        newspaper.publish("Ferry is late", made_up(13).paragraphs)
        await postbox.wait_for(hooks=3, mails=2)
        assert "Ferry is late" in postbox.received_mail[1].text
        assert running.count(alert, alert.c.untold == "") == 3
        assert (tmp_path / "data/links.key").stat().st_mode & 0o777 == 0o600
        assert await running.stop() == 0
