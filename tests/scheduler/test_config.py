"""The whole config.toml, checked before anything starts: what is read of it, its defaults, and what it warns of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.config import load_config
from scheduler.judge import Rules
from scheduler.limit import Limit
from storage.model.articles import Article, Change, ChangeKind, Revision
from storage.model.looking import SourceConfig
from storage.model.telling import RuleConfig
from tests.scheduler.configs import BOATS, GAZETTE, HOOK, MAIL, read

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_a_source_needs_a_name_and_a_url_alone() -> None:
    """All else has a default."""
    config = read(GAZETTE)
    assert config.sources == (SourceConfig("gazette", "https://gazette.example/", timedelta(minutes=15)),)
    crawler, changes = config.tables.crawler, config.tables.changes
    assert (crawler.delay, crawler.timeout) == (timedelta(seconds=2), timedelta(seconds=30))
    assert (crawler.max_page, crawler.concurrency) == (8_000_000, 16)
    minutes = [one // timedelta(minutes=1) for one in changes.revisit]
    assert minutes == [15, 60, 240, 1440, 2880, 4320, 7200, 10080]
    assert changes.confirm == timedelta(hours=24)
    assert (changes.sample, changes.up_to) == (50, timedelta(days=90))


def test_an_empty_config_is_good_and_warned_of() -> None:
    """It watches nothing, and nobody could reach us."""
    contact, source = read("").warnings
    assert contact.startswith("[crawler] contact is empty")
    assert "dateline add URL" in source


def test_the_example_is_good_and_needs_no_secret() -> None:
    """What `make run` starts with on a fresh machine."""
    config = load_config(EXAMPLE)
    assert len(config.sources) == 2
    assert config.channels == {}


def test_every_table_is_read() -> None:
    """What the daemon hands to the other rooms."""
    config = read(
        """
        [daemon]
        listen = "127.0.0.1:9000"
        base_url = "https://news.example/dateline/"
        tell = ["hook"]
        [crawler]
        contact = "ops@news.example"
        max_page = "500kB"
        allow_addresses = ["127.0.0.0/8", "fd00::/8"]
        [changes]
        revisit = ["1m", "1h"]
        [delivery]
        retry = ["1s", "1m"]
        wait = "5m"
        """
        + GAZETTE
        + 'every = "90s"\nsite = "kcna"\nlisting = "html"\nlanguage = "ko"\ntimezone = "Asia/Pyongyang"\n'
        + "enabled = false\n"
        + HOOK
        + """
        [[rule]]
        name = "ships"
        query = 'title:ship* OR "harbour news"'
        sources = ["gazette"]
        on = ["added"]
        max_age = "2d"
        channels = ["hook"]
        [[feed]]
        name = "all ships"
        query = "ships"
        """
    )
    assert config.warnings == ()
    assert config.address == ("127.0.0.1", 9000)
    assert config.base_url == "https://news.example/dateline"
    assert config.tables.crawler.max_page == 500_000
    assert config.sources[0] == SourceConfig(
        "gazette", "https://gazette.example/", timedelta(seconds=90), "kcna", "html", "ko", "Asia/Pyongyang", False
    )
    query = 'title:ship* OR "harbour news"'
    assert config.rules == (RuleConfig("ships", query, ("gazette",), ("added",), timedelta(days=2), ("hook",)),)
    assert list(config.channels) == ["hook"]
    assert config.tables.delivery.wait == timedelta(minutes=5)


def test_paths_count_from_the_configs_folder() -> None:
    """Wherever the program was started."""
    assert read("").data == Path("/etc/dateline/data")
    assert read("").store_url == "sqlite:////etc/dateline/data/dateline.db"
    assert read('[daemon]\ndata = "/var/lib/dateline"').store_url == "sqlite:////var/lib/dateline/dateline.db"
    assert read('[storage]\nurl = "sqlite:///news.db"').store_url == "sqlite:////etc/dateline/news.db"


def test_secrets_are_read_from_beside_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative `file:` counts from the config's folder."""
    (tmp_path / "hook").write_text("http://127.0.0.1:9/very/private\n")
    hook = '[[channel]]\nname = "hook"\ntype = "webhook"\nurl = "file:hook"\n'
    (tmp_path / "config.toml").write_text(hook)
    monkeypatch.chdir("/")
    assert "private" not in repr(load_config(tmp_path / "config.toml").channels["hook"])


def test_a_config_as_windows_writes_it(tmp_path: Path) -> None:
    """With a byte order mark and CR LF."""
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GAZETTE.replace("\n", "\r\n").encode())
    assert len(load_config(path).sources) == 1


def test_a_rule_without_channels_is_warned_of() -> None:
    """It may be meant: its alerts stand in its feed."""
    warnings = read(GAZETTE + '[[rule]]\nname = "r"\nquery = "ships"\n[crawler]\ncontact = "x"').warnings
    assert len(warnings) == 1
    assert warnings[0].startswith("the rule 'r' has no channels")


def test_a_channel_that_nothing_uses_is_warned_of() -> None:
    """A rule that was taken out, or a name that was never put in; what hears of Dateline's own troubles is used."""
    good = GAZETTE + '[crawler]\ncontact = "x"\n'
    [warning] = read(good + HOOK).warnings
    assert warning.startswith("the channel 'hook' is told nothing: name it in the channels of a rule, or in [daemon]")
    assert read(good + HOOK + '[daemon]\ntell = ["hook"]').warnings == ()
    assert read(good + HOOK + '[[rule]]\nname = "r"\nquery = "x"\nchannels = ["hook"]').warnings == ()


@pytest.mark.parametrize(
    ("wording", "warned"),
    [
        ("", []),
        ('subject = "{{ rule }}"', []),
        ("html = '<p>{{ rule }}</p>'", ["html"]),
        ("html = '<a href=\"{{ stop }}\">no more</a>'", []),
        ("html = '{% for one in rules %}<a href=\"{{ one.stop }}\">x</a>{% endfor %}'\ntext = '{{ rule }}'", ["text"]),
        ("text = '{{ text }}'", []),
        ("text = 'stop'\nhtml = '{{ feed }}'", ["text", "html"]),
    ],
)
def test_a_mail_that_cannot_be_stopped_is_warned_of(wording: str, warned: list[str]) -> None:
    """Where its operator's own words leave out the link; a channel that no rule uses words no alert."""
    good = GAZETTE + '[crawler]\ncontact = "x"\n' + MAIL + wording
    rule = '\n[[rule]]\nname = "r"\nquery = "x"\nchannels = ["me"]\n'
    told = read(good + rule).warnings
    assert [one.partition(":")[0] for one in told] == [f"the channel 'me', {part}" for part in warned]
    assert all("put {{ stop }} where" in one for one in told)
    assert read(good + '\n[daemon]\ntell = ["me"]').warnings == ()


def test_when_something_is_told_is_read_from_rules_and_channels() -> None:
    """The rule's own word before the channel's, zones by default those of [delivery]."""
    config = read(
        '[delivery]\nwait = "5m"\nzone = "Europe/Berlin"\n'
        '[[rule]]\nname = "urgent"\nquery = "x"\nwait = "0s"\nquiet = false\nchannels = ["hook"]\n'
        '[[rule]]\nname = "daily"\nquery = "x"\ndigest = "0 8 * * mon-fri"\nchannels = ["hook"]\n'
        + HOOK
        + 'quiet = { hours = "22:00-07:00", days = "mon-fri" }\nlimit = "20/1h"\n'
    )
    assert config.channels["hook"].limit == Limit(20, timedelta(hours=1))
    evening = datetime(2026, 11, 20, 22, tzinfo=UTC)  # 23:00 on a Friday in Berlin
    assert config.plans.due_at("urgent", "hook", evening) == evening
    assert config.plans.due_at("daily", "hook", evening) == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert config.plans.due_at("", "hook", evening) == datetime(2026, 11, 21, 6, tzinfo=UTC)


ADDED = Change(
    1, 1, "guid", ChangeKind.ADDED, "", datetime(2026, 11, 20, tzinfo=UTC), "http://127.0.0.1/a", ("gazette",), None,
    Revision(1, 1, 1, datetime(2026, 11, 20, tzinfo=UTC), Article("A boat sails", "The Seagull-II sails.")),
)  # fmt: skip


def test_a_rule_names_a_list() -> None:
    """Rules, feeds and lists themselves may say @name; its variants are those of the config."""
    config = read('[lists]\nboats = ["ferry*", "@ships"]\nships = ["Seagull II"]\n' + BOATS)
    (alert,) = Rules(config.rules, config.lists).judge(ADDED, {"r": ADDED.seen_at}, ADDED.seen_at)
    assert alert.words == ("Seagull-II",)
