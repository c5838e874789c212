"""What the crawler is told, and Scrapy's settings, each with its reason: politeness and limits first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from storage.text import one_line


@dataclass(frozen=True, slots=True)
class CrawlerSettings:
    """The table `[crawler]` as the worker gets it.

    `delay` is the least time between two requests to a host, more than nothing. `timeout` is for one whole answer.
    `max_page` is in bytes, unpacked. `allow_addresses` are networks ("192.168.7.0/24") that the guard lets through
    although they are not public. Raises ValueError where `delay` is none.
    """

    user_agent: str
    contact: str = ""
    delay: timedelta = timedelta(seconds=2)
    concurrency: int = 16
    timeout: timedelta = timedelta(seconds=30)
    max_page: int = 8_000_000
    allow_addresses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.delay <= timedelta(0):
            raise ValueError("[crawler] delay must be longer than nothing: a host is never asked without a pause")

    @property
    def user_agent_line(self) -> str:
        """The User-Agent header: who asks, and where to complain."""
        return one_line(f"{self.user_agent} (+{self.contact})" if self.contact else self.user_agent)

    def to_json(self) -> dict[str, Any]:
        """What `json.dumps` takes; durations as seconds."""
        return asdict(self) | {"delay": self.delay.total_seconds(), "timeout": self.timeout.total_seconds()}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> CrawlerSettings:
        durations = {name: timedelta(seconds=told[name]) for name in ("delay", "timeout")}
        return cls(**{**told, **durations, "allow_addresses": tuple(told["allow_addresses"])})


def scrapy_settings(settings: CrawlerSettings) -> dict[str, Any]:
    """Scrapy's settings for the worker's one engine. What is not named here is Scrapy's default."""
    return {
        "USER_AGENT": settings.user_agent_line,
        # Politeness: one request at a time and never faster than the floor; `Fetcher` only ever asks for more delay.
        "DOWNLOAD_DELAY": settings.delay.total_seconds(),
        "DOWNLOAD_DELAY_JITTER": 0,  # the default takes up to half of the delay away
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_REQUESTS": settings.concurrency,
        "AUTOTHROTTLE_ENABLED": False,  # it lowers a slot's delay below what robots.txt asked for
        # Limits: the defaults are 3 minutes and a gigabyte.
        "DOWNLOAD_TIMEOUT": settings.timeout.total_seconds(),
        "DOWNLOAD_MAXSIZE": settings.max_page,
        "DOWNLOAD_WARNSIZE": 0,
        # Cut answers arrive with a flag and become a fault in whole.py, not an exception and a warning in the log.
        "DOWNLOAD_FAIL_ON_DATALOSS": False,
        # Safety: certificates are not verified by default, and two consoles that run code listen on local ports.
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "DOWNLOAD_HANDLERS": {
            "http": "crawler.wire.BoundedHandler",
            "https": "crawler.wire.BoundedHandler",
            "data": None,
            "file": None,
            "ftp": None,
            "s3": None,
        },
        "COOKIES_ENABLED": False,
        "REFERER_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # a proxy of the environment would dial for us, past the guard
        "HTTPCACHE_ENABLED": False,  # validators live in our own columns
        # Strict robots.txt, redirects with every hop checked, and unpacking that notices a cut stream are ours
        # (politeness.py, fetch.py, whole.py), so every middleware of Scrapy's is off: -42 % CPU for a request.
        "ROBOTSTXT_OBEY": False,
        "REDIRECT_ENABLED": False,
        "COMPRESSION_ENABLED": False,
        "RETRY_ENABLED": False,  # a failed look is due again later, not at once
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {},
        "CONCURRENT_ITEMS": 1,  # Scrapy starts that many tasks for every response: a third of the CPU for nothing
        "STATS_DUMP": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }
