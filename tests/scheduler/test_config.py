"""The whole config.toml, checked before anything starts: every fault with table, key, line and the mend."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.config import BrokenConfig, Config, load_config, read_config
from scheduler.judge import Rules
from scheduler.limit import Limit
from storage.model.articles import Article, Change, ChangeKind, Revision
from storage.model.looking import SourceConfig
from storage.model.telling import RuleConfig

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
PATH = Path("/etc/dateline/config.toml")
GAZETTE = '[[source]]\nname = "gazette"\nurl = "https://gazette.example/"\n'
HOOK = '[[channel]]\nname = "hook"\ntype = "webhook"\nurl = "http://127.0.0.1:9/hook"\n'


def read(text: str) -> Config:
    return read_config(text, PATH)


def faults(text: str) -> list[str]:
    """The faults, without the path."""
    with pytest.raises(BrokenConfig) as broken:
        read(text)
    assert all(one.startswith(f"{PATH}:") for one in broken.value.faults)
    return [one.removeprefix(f"{PATH}:") for one in broken.value.faults]


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


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[storage]\nurl = "postgresql://db/news"', "2: [storage], url: this version stores in SQLite alone"),
        ('[storage]\nurl = "news.db"', "2: [storage], url: this version stores in SQLite alone"),
        ('[daemon]\nlisten = "8700"', '2: [daemon], listen: \'8700\': write host and port, such as "127.0.0.1:8700"'),
        ('[daemon]\nlisten = "127.0.0.1:99999"', "2: [daemon], listen: '127.0.0.1:99999': write host and port"),
        ('[daemon]\nlisten = "0.0.0.0:8700"', "2: [daemon], listen: '0.0.0.0' would open the page to others"),
        ('[daemon]\nbase_url = "news"', "2: [daemon], base_url: 'news' is no http or https address"),
        ('[daemon]\ntell = ["pigeon"]', "2: [daemon], tell: there is no [[channel]] named 'pigeon'"),
        ('[daemon]\ndata = "a\\u0000b"', "2: [daemon], data: holds control characters"),
        ('[crawler]\nuser_agent = "x\\r\\nCookie: y"', "2: [crawler], user_agent: holds control characters"),
        ('[crawler]\ndelay = "0s"', "2: [crawler], delay: 0ms is too short: at least 10ms"),
        ('[crawler]\ndelay = 2', "2: [crawler], delay: 2 is no duration: write"),
        ("[crawler]\nconcurrency = 0", "2: [crawler], concurrency: Input should be greater than or equal to 1"),
        ('[crawler]\nmax_page = "8 apples"', "2: [crawler], max_page: '8 apples' is no size: write"),
        ('[crawler]\nallow_addresses = ["local"]', "2: [crawler], allow_addresses: 'local' is no network: write"),
        ("[delivery]\nretry = []", "2: [delivery], retry: write at least one"),
        ("[changes]\nsample = -1", "2: [changes], sample: Input should be greater than or equal to 0"),
        ('[changes]\nup_to = "2h"', "2: [changes], up_to: 2h is too short: at least 1d"),
        ('[changes]\nrevisit = ["1h", "soon"]', "2: [changes], revisit: 'soon' is no duration"),
        ('[crawler]\nDelay = "2s"', "2: [crawler], Delay: no such key here; did you mean delay? There are: user_agent"),
        ('[spider]\nname = "x"', "1: [spider]: no such key here; there are: daemon, storage, crawler"),
        ('[source]\nname = "x"', "1: [source]: write [[source]], with two brackets"),
        ('[[daemon]]\nlisten = "x"', "1: [daemon]: write [daemon], with one bracket"),
        ('[[source]]\nname = "x"', "1: [[source]] x, url: is missing"),
        (GAZETTE + 'every = "soon"', "4: [[source]] gazette, every: 'soon' is no duration"),
        (GAZETTE + 'every = "500ms"', "4: [[source]] gazette, every: 500ms is too short: at least 1s"),
        (GAZETTE + 'user-agent = "x"', "4: [[source]] gazette, user-agent: no such key here; there are: name, url"),
        (
            GAZETTE + 'site = "nowhere"',
            "4: [[source]] gazette, site: there is no site file 'nowhere'; there are: chosonsinbo, kcna",
        ),
        (GAZETTE + 'listing = "gopher"', "4: [[source]] gazette, listing: Input should be '', 'feed'"),
        ('[[rules]]\nname = "r"', "1: [rules]: no such key here; did you mean rule? There are: daemon, storage"),
        (GAZETTE + 'timezone = "Berlin"', "4: [[source]] gazette, timezone: 'Berlin' is no time zone: did you mean E"),
        (GAZETTE + 'timezone = "Utopia"', "4: [[source]] gazette, timezone: 'Utopia' is no time zone"),
        ('[[source]]\nname = "a/b"\nurl = "https://a.example"', "2: [[source]] a/b, name: 'a/b' is no name"),
        ('[[source]]\nname = "x"\nurl = "ftp://a"', "3: [[source]] x, url: 'ftp://a' is no http or https address"),
        (
            GAZETTE + GAZETTE.replace("example/", "example/b"),
            "5: [[source]] gazette, name: another [[source]] has the name 'gazette'",
        ),
        (
            GAZETTE + '[[source]]\nname = "other"\nurl = "https://gazette.example"',
            "6: [[source]] other, url: the source 'gazette' watches this address already",
        ),
        ('[[rule]]\nname = "r"\nquery = "(ships"', "3: [[rule]] r, query: "),
        (
            '[[rule]]\nname = "r"\nquery = "x"\non = ["moved"]',
            "4: [[rule]] r, on: 'moved' is no kind of change; did you mean removed? There are: added, edited",
        ),
        ('[[rule]]\nname = "r"\nquery = "x"\nsources = ["y"]', "4: [[rule]] r, sources: there is no [[source]] named"),
        ('[[rule]]\nname = "r"\nquery = "x"\nchannels = ["y"]', "4: [[rule]] r, channels: there is no [[channel]]"),
        (
            GAZETTE + '[[rule]]\nname = "r"\nquery = "x"\nsources = ["gazete"]',
            "7: [[rule]] r, sources: there is no [[source]] named 'gazete'; did you mean gazette? There are: gazette",
        ),
        (HOOK + '[daemon]\ntell = ["hok"]', "6: [daemon], tell: there is no [[channel]] named 'hok'; did you mean hoo"),
        (HOOK + 'quiet = { hour = "22:00-07:00" }', "5: [[channel]] hook, quiet: no such key here: hour; did you mean"),
        ('[[feed]]\nname = "All"', "2: [[feed]] All, name: 'All' is the address of another feed"),
        ('[[feed]]\nname = "search"', "2: [[feed]] search, name: 'search' is the address of another feed"),
        ('[[feed]]\nname = "changes"', "2: [[feed]] changes, name: 'changes' is the address of another feed"),
        ('[[feed]]\nname = "f"\nquery = "(ships"', "3: [[feed]] f, query: "),
        ('[[channel]]\nname = "c"', "1: [[channel]] c, type: None is no type of channel; there are: apprise, email"),
        ('[[channel]]\nname = "c"\ntype = "pigeon"', "3: [[channel]] c, type: 'pigeon' is no type of channel"),
        ('[[channel]]\ntype = "webhook"', "1: [[channel]] number 1, name: '' is no name"),
        (HOOK + "loud = true", "5: [[channel]] hook, loud: no such key here; there are: wait, digest, quiet, zone"),
        (HOOK + HOOK, "6: [[channel]] hook, name: another [[channel]] has the name 'hook'"),
        ('[[channel]]\nname = "c"\ntype = "webhook"', "1: [[channel]] c, url: is missing"),
    ],
)  # fmt: skip
def test_a_fault_says_where_and_what_and_the_mend(text: str, fault: str) -> None:
    """One fault, one line."""
    (said,) = faults(text)
    assert said.startswith(fault), said


def test_all_faults_are_said_at_once() -> None:
    """In all tables, so that nobody mends them one start after the other."""
    said = faults('[crawler]\ndelay = "x"\ntimeout = "y"\n' + GAZETTE + 'every = "z"\n[[channel]]\nname = "c"\n')
    assert [one.split(",")[0].split(": ")[0] for one in said] == ["2", "3", "7", "8"]


def test_faults_come_in_the_order_of_the_file() -> None:
    """Whichever table stands first, and whoever finds the fault: one reads them from top to bottom."""
    said = faults(
        '[[rule]]\nname = "r"\nquery = "x"\nchannels = ["y"]\n'
        '[[channel]]\nname = "c"\ntype = "pigeon"\n' + GAZETTE + 'every = "soon"\n[crawler]\ndelay = "x"\n'
    )
    assert [one.split(":")[0] for one in said] == ["4", "7", "11", "13"]


def test_a_secret_is_in_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that is not set is named; what is wrong with a secret is said without it."""
    monkeypatch.delenv("HOOK_URL", raising=False)
    hook = '[[channel]]\nname = "hook"\ntype = "webhook"\n'
    (said,) = faults(hook + 'url = "env:HOOK_URL"\n')
    assert said.startswith("4: [[channel]] hook, url: the environment variable 'HOOK_URL' is not set")
    (said,) = faults(hook + 'url = "gopher://very.secret/path"\n')
    assert "very.secret" not in said
    for table in ("[daemon]\nbase_url", '[[source]]\nname = "x"\nurl'):
        (said,) = faults(f'{table} = "https://me:very.secret@a.example/"')
        assert said.endswith("no http or https address; one with a user name and a password in it is not taken either")


def test_what_no_reader_of_toml_bears_is_a_fault() -> None:
    for text, fault in (("x = " + "[" * 5000, "too deeply"), (f"x = {'9' * 9999}", "not TOML")):
        with pytest.raises(BrokenConfig, match=fault):
            read(text)


def test_a_name_writes_nothing_to_a_terminal_but_letters() -> None:
    (said, _) = faults('[[rule]]\nname = "a\\u001b[2Jb"\nquery = "x AND"\n')
    assert said.startswith("2: [[rule]] a[2Jb, name: 'a\\x1b[2Jb' is no name")


def test_secrets_are_read_from_beside_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative `file:` counts from the config's folder."""
    (tmp_path / "hook").write_text("http://127.0.0.1:9/very/private\n")
    hook = '[[channel]]\nname = "hook"\ntype = "webhook"\nurl = "file:hook"\n'
    (tmp_path / "config.toml").write_text(hook)
    monkeypatch.chdir("/")
    assert "private" not in repr(load_config(tmp_path / "config.toml").channels["hook"])


def test_a_file_that_is_no_config_is_refused_in_words(tmp_path: Path) -> None:
    """Not there, a folder, not UTF-8, not TOML."""
    path = tmp_path / "config.toml"
    with pytest.raises(BrokenConfig, match=r"no such file. Copy config.example.toml to config.toml"):
        load_config(path)
    with pytest.raises(BrokenConfig, match="Is a directory"):
        load_config(tmp_path)
    path.write_bytes(b'[daemon]\nlisten = "\xe9"\n')
    with pytest.raises(BrokenConfig, match="not UTF-8 at byte 19"):
        load_config(path)
    path.write_text("[daemon\n")
    with pytest.raises(BrokenConfig, match=r"not TOML.*line 1"):
        load_config(path)


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
    mail = '[[channel]]\nname = "me"\ntype = "email"\nhost = "127.0.0.1"\nfrom = "a@b.example"\nto = ["c@d.example"]\n'
    good = GAZETTE + '[crawler]\ncontact = "x"\n' + mail + wording
    rule = '\n[[rule]]\nname = "r"\nquery = "x"\nchannels = ["me"]\n'
    told = read(good + rule).warnings
    assert [one.partition(":")[0] for one in told] == [f"the channel 'me', {part}" for part in warned]
    assert all("put {{ stop }} where" in one for one in told)
    assert read(good + '\n[daemon]\ntell = ["me"]').warnings == ()


def test_faults_between_tables_are_told_beside_faults_within_them() -> None:
    """A rule that names no source is not hidden by a source whose rhythm is wrong."""
    told = faults(
        '[[source]]\nname = "a"\nurl = "https://a.example/"\nevery = "soon"\n'
        '[[rule]]\nname = "r"\nquery = "x"\nsources = ["b"]'
    )
    assert [one.partition(":")[0] for one in told] == ["4", "8"]


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


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[delivery]\nzone = "Berlin"', "2: [delivery], zone: 'Berlin' is no time zone"),
        ('[[rule]]\nname = "r"\nquery = "x"\nwait = "1h"\ndigest = "every 4h"', "1: [[rule]] r: wait and digest"),
        ('[[rule]]\nname = "r"\nquery = "x"\ndigest = "8:00"', "4: [[rule]] r, digest: '8:00': write cron times as"),
        ('[[rule]]\nname = "r"\nquery = "x"\nquiet = true', "4: [[rule]] r, quiet: write { hours = "),
        ('[[rule]]\nname = "r"\nquery = "x"\nlimit = "1/1h"', "4: [[rule]] r, limit: no such key here"),
        (HOOK + 'limit = "20 an hour"', "5: [[channel]] hook, limit: '20 an hour' is no limit: write how many"),
        (HOOK + 'quiet = { hours = "22-7" }', "5: [[channel]] hook, quiet: hours: '22-7': write from and to"),
        (HOOK + '[channel.quiet]\nhours = "22:00-07:00"\nday = "mon"', "[[channel]] hook, quiet: no such key"),
        ('[daemon]\nheartbeat = "ftp://x/y"', "2: [daemon], heartbeat: no http or https address"),
        ('[daemon]\nheartbeat_every = "5ms"', "2: [daemon], heartbeat_every: 5ms is too short"),
    ],
)  # fmt: skip
def test_a_plan_that_is_none_stops_the_start(text: str, fault: str) -> None:
    """With table, key, line and the mend, and without what a secret holds."""
    (said,) = faults(text)
    assert fault in said, said
    assert "ftp://x/y" not in said


ADDED = Change(
    1, 1, "guid", ChangeKind.ADDED, "", datetime(2026, 11, 20, tzinfo=UTC), "http://127.0.0.1/a", ("gazette",), None,
    Revision(1, 1, 1, datetime(2026, 11, 20, tzinfo=UTC), Article("A boat sails", "The Seagull-II sails.")),
)  # fmt: skip
RULE = '\n[[rule]]\nname = "r"\nquery = "@boats"\n'


def test_a_rule_names_a_list() -> None:
    """Rules, feeds and lists themselves may say @name; its variants are those of the config."""
    config = read('[lists]\nboats = ["ferry*", "@ships"]\nships = ["Seagull II"]\n' + RULE)
    (alert,) = Rules(config.rules, config.lists).judge(ADDED, {"r": ADDED.seen_at}, ADDED.seen_at)
    assert alert.words == ("Seagull-II",)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RULE, "4: [[rule]] r, query: at column 1: there is no list @boats; the config has no [lists]"),
        ('[lists]\nships = ["x y"]\n' + RULE, "query: at column 1: there is no list @boats; there are: @ships"),
        ("[lists]\nboats = []", "2: [lists], boats: "),
        ('[lists]\nboats = "ferry"', "2: [lists], boats: "),
        ('[lists]\nboats = ["!"]', "2: [lists], boats: '!' has no letter and no digit"),
        ('[lists]\n"sea boats" = ["ferry"]', "'sea boats' is no name of a list"),
        ('[lists]\nboats = ["@boats"]', "[lists]: @boats: the list @boats holds itself"),
        ('[lists]\nboats = ["@ships"]', "[lists]: @boats: there is no list @ships"),
    ],
)
def test_a_list_that_is_none_stops_the_start(text: str, fault: str) -> None:
    """The fault names the list and what is wrong with it."""
    said = faults(text)
    assert any(fault in one for one in said), said
