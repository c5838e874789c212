"""What the worker is told, and that Scrapy takes it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from scrapy.settings import Settings, default_settings

from crawler.settings import CrawlerSettings, scrapy_settings

SETTINGS = CrawlerSettings(
    user_agent="Dateline/0.1",
    contact="https://news.example/about",
    delay=timedelta(seconds=1.5),
    concurrency=4,
    timeout=timedelta(seconds=20),
    max_page=1_000_000,
    allow_addresses=("10.1.0.0/16", "fd00::/8"),
)


def test_settings_travel_as_json() -> None:
    """What is written as JSON is read back equal."""
    assert CrawlerSettings.from_json(json.loads(json.dumps(SETTINGS.to_json()))) == SETTINGS


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_delay_of_nothing_is_refused(seconds: int) -> None:
    """No host is ever asked without a pause."""
    with pytest.raises(ValueError, match="delay"):
        CrawlerSettings(user_agent="Dateline/0.1", delay=timedelta(seconds=seconds))


def test_the_user_agent_names_the_contact_on_one_line() -> None:
    """A site's owner reads in the log who asks; a line end in the config makes no header of its own."""
    assert SETTINGS.user_agent_line == "Dateline/0.1 (+https://news.example/about)"
    assert CrawlerSettings("Dateline/0.1\r\nX: 1").user_agent_line == "Dateline/0.1 X: 1"


def test_every_setting_is_one_that_scrapy_knows() -> None:
    """A setting that Scrapy renames would be ignored in silence."""
    assert [name for name in scrapy_settings(SETTINGS) if not hasattr(default_settings, name)] == []


def test_nothing_of_scrapys_runs_beside_the_engine() -> None:
    """No console, no cookie jar, no proxy, and no handler but http and https."""
    settings = Settings(scrapy_settings(SETTINGS))
    for kind in ("DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "EXTENSIONS"):
        assert dict(settings.get_component_priority_dict_with_base(kind)) == {}
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    assert sorted(name for name, handler in handlers.items() if handler) == ["http", "https"]
