"""A hostile web and a crawler that fetches from it, each as long as the tests of one file."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from crawler.settings import CrawlerSettings
from tests.crawler.certificates import Authority
from tests.crawler.fetching import Fetching
from tests.crawler.hostile import Site, Web, answer

DELAY_S = 0.02
TIMEOUT_S = 3.0  # of a site that hangs; a loaded machine must bring a hostile answer to its end within it
MAX_PAGE = 200_000
ALL_DISALLOWED = answer(b"User-agent: *\nDisallow: /\n", Content_Type="text/plain")


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


@pytest.fixture(scope="module")
def trap(web: Web) -> Site:
    """A site at an address that is not allowed; it is also named as everybody's proxy."""
    return web.site("127.0.0.66")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def crawler(trap: Site, authority: Authority) -> Iterator[Fetching]:
    settings = CrawlerSettings(
        user_agent="Dateline/0.1",
        contact="https://news.example/about",
        delay=timedelta(seconds=DELAY_S),
        timeout=timedelta(seconds=TIMEOUT_S),
        max_page=MAX_PAGE,
        allow_addresses=("127.1.0.0/16", "127.0.0.1/32"),
    )
    proxies = {name: trap.url() for name in ("http_proxy", "https_proxy", "all_proxy")}
    crawler = Fetching(settings, {**proxies, "SSL_CERT_FILE": str(authority.file)})
    yield crawler
    status = crawler.close()
    assert (status, crawler.log) == (0, ""), "a crawler ends in order, and no fault of a site reaches its log"


@pytest.fixture(scope="module")
def addresses() -> Iterator[str]:
    return (f"127.1.{n // 250}.{n % 250 + 1}" for n in itertools.count())


@pytest.fixture
def new_site(web: Web, addresses: Iterator[str]) -> Callable[[], Site]:
    return lambda: web.site(next(addresses))


@pytest.fixture
def site(new_site: Callable[[], Site]) -> Site:
    """A site without robots.txt, at an address of its own."""
    return new_site()
