"""What is wrong with a config.toml, every fault at once: with table, key, line and the mend, and without a secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scheduler.config import BrokenConfig, load_config
from tests.scheduler.configs import BOATS, GAZETTE, HOOK, MAIL, PATH, faults, read


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[storage]\nurl = "postgresql://db/news"', "2: [storage], url: this version stores in SQLite alone"),
        ('[storage]\nurl = "news.db"', "2: [storage], url: this version stores in SQLite alone"),
        ('[daemon]\nlisten = "8700"', '2: [daemon], listen: \'8700\': write host and port, such as "127.0.0.1:8700"'),
        ('[daemon]\nlisten = "127.0.0.1:99999"', "2: [daemon], listen: '127.0.0.1:99999': write host and port"),
        ('[daemon]\nlisten = "0.0.0.0:8700"', "2: [daemon], listen: '0.0.0.0' would open the page to others"),
        ('[daemon]\nbase_url = "news"', "2: [daemon], base_url: no http or https address"),
        ('[daemon]\ntell = ["pigeon"]', "2: [daemon], tell: there is no [[channel]] named 'pigeon'"),
        ('[daemon]\ndata = "a\\u0000b"', "2: [daemon], data: holds control characters"),
        ('[crawler]\nuser_agent = "x\\r\\nCookie: y"', "2: [crawler], user_agent: holds control characters"),
        ('[crawler]\ndelay = "0s"', "2: [crawler], delay: 0ms is too short: at least 10ms"),
        ('[crawler]\ndelay = 2', "2: [crawler], delay: 2 is no duration: write"),
        ("[crawler]\nconcurrency = 0", "2: [crawler], concurrency: is too small: at least 1"),
        ('[crawler]\nconcurrency = "many"', "2: [crawler], concurrency: write a whole number, without quotes"),
        ('[crawler]\nallow_addresses = "::1"', "2: [crawler], allow_addresses: write a list, in square brackets"),
        ('[crawler]\nmax_page = "8 apples"', "2: [crawler], max_page: '8 apples' is no size: write"),
        ('[crawler]\nallow_addresses = ["local"]', "2: [crawler], allow_addresses: 'local' is no network: write"),
        ("[delivery]\nretry = []", "2: [delivery], retry: write at least one"),
        ("[changes]\nsample = -1", "2: [changes], sample: is too small: at least 0"),
        ('[changes]\nup_to = "2h"', "2: [changes], up_to: 2h is too short: at least 1d"),
        ('[changes]\nrevisit = ["1h", "soon"]', "2: [changes], revisit, number 2: 'soon' is no duration"),
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
        (GAZETTE + 'listing = "gopher"', "4: [[source]] gazette, listing: write 'feed', 'sitemap', 'wordpress' or 'h"),
        (GAZETTE + 'enabled = "maybe"', "4: [[source]] gazette, enabled: write true or false, without quotes"),
        ('[[rule]]\nname = "r"\nquery = "x"\nper = "day"', "4: [[rule]] r, per: write 'story' or 'article'"),
        (MAIL + 'port = "smtp"', "7: [[channel]] me, port: write a whole number, without quotes"),
        (MAIL + "port = 70000", "7: [[channel]] me, port: is too large: at most 65,535"),
        ('[[rules]]\nname = "r"', "1: [rules]: no such key here; did you mean rule? There are: daemon, storage"),
        (GAZETTE + 'timezone = "Berlin"', "4: [[source]] gazette, timezone: 'Berlin' is no time zone: did you mean E"),
        (GAZETTE + 'timezone = "Utopia"', "4: [[source]] gazette, timezone: 'Utopia' is no time zone"),
        ('[[source]]\nname = "a/b"\nurl = "https://a.example"', "2: [[source]] number 1, name: no name: 1 to 64"),
        ('[[source]]\nname = "x"\nurl = "ftp://a"', "3: [[source]] x, url: no http or https address"),
        (
            '[[source]]\nname = "x"\nurl = "kcna.kp"',
            '3: [[source]] x, url: no http or https address, such as "https://www.example.org/"; one with',
        ),
        (
            GAZETTE + GAZETTE.replace("example/", "example/b"),
            "5: [[source]] gazette, name: another [[source]] has this name; capitals make no difference",
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
        ('[[channel]]\nname = "c"', "1: [[channel]] c, type: is missing; there are: apprise, email"),
        ('[[channel]]\nname = "c"\ntype = "pigeon"', "3: [[channel]] c, type: no type of channel; there are: "),
        ('[[channel]]\nname = "c"\ntype = "Slack"', "3: [[channel]] c, type: Slack is a service of Apprise's; write "),
        (
            '[[channel]]\nname = "c"\ntype = "telegram"',
            '3: [[channel]] c, type: telegram is a service of Apprise\'s; write type = "apprise", and ',
        ),
        ('[[channel]]\nname = "c"\ntype = "emial"', "3: [[channel]] c, type: no type of channel; did you mean email? "),
        ('[[channel]]\ntype = "webhook"\nurl = "http://127.0.0.1:9/"', "1: [[channel]] number 1, name: is missing"),
        ('channel = ["c"]', "1: [[channel]] number 1: write [[channel]], and its keys below it"),
        (MAIL.replace('["c@d.example"]', '"c@d.example"'), "6: [[channel]] me, to: write a list, in square brackets"),
        (HOOK + "loud = true", "5: [[channel]] hook, loud: no such key here; there are: wait, digest, quiet, zone"),
        (HOOK + HOOK, "6: [[channel]] hook, name: another [[channel]] has this name"),
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
        assert said.endswith("; one with a user name and a password in it is not taken either")


SECRET = "xoxb-very-secret/token"


@pytest.mark.parametrize(
    "text",
    [
        f'[[channel]]\nname = "hook"\ntype = "slack://{SECRET}"\n',
        f'[[channel]]\nname = "hook"\ntype = ["{SECRET}"]\n',
        f'[[channel]]\nname = "slack://{SECRET}"\ntype = "webhook"\nurl = "http://127.0.0.1:9/"\n',
        MAIL.replace("127.0.0.1", f"smtps://me:{SECRET}@127.0.0.1"),
        MAIL.replace("a@b.example", SECRET),
        MAIL.replace("c@d.example", f'c@d.example", "{SECRET}'),
        MAIL + f'unsubscribe = "{SECRET}"',
        f'[[rule]]\nname = "r"\nquery = "x"\nchannels = ["slack://{SECRET}"]\n',
        f'[daemon]\ntell = ["slack://{SECRET}"]\n',
        f'[daemon]\nbase_url = "htps://a.example/?key={SECRET}"\n',
        f'[[source]]\nname = "x"\nurl = "htps://a.example/feed?key={SECRET}"\n',
        GAZETTE + f'listings = ["htps://a.example/feed?key={SECRET}"]\n',
        f'[storage]\nurl = "postgresql://me:{SECRET}@db/news"\n',
        GAZETTE + f'every = "https://a.example/feed?key={SECRET}"\n',
        GAZETTE + f'site = "https://a.example/feed?key={SECRET}"\n',
        f'[daemon]\nlisten = "https://hooks.example/{SECRET}"\n',
        f'[daemon]\nheartbeat_every = ["https://hooks.example/{SECRET}"]\n',
        HOOK + f'timeout = "https://hooks.example/{SECRET}"\n',
        HOOK + f'wait = "https://hooks.example/{SECRET}"\n',
        HOOK + f'digest = "every https://hooks.example/{SECRET}"\n',
        HOOK + f'limit = "https://hooks.example/{SECRET}"\n',
        HOOK + f'zone = "https://hooks.example/{SECRET}"\n',
    ],
)  # fmt: skip
def test_a_secret_that_stands_where_it_does_not_belong_is_not_repeated(text: str) -> None:
    """A fault reaches a log, a mailbox and the page of health; the line says where to look."""
    (said,) = faults(text)
    assert "very-secret" not in said and re.match(r"\d+: \[", said)


def test_which_of_several_is_wrong_is_said() -> None:
    (said,) = faults(MAIL.replace("c@d.example", 'c@d.example", "nobody", "e@f.example'))
    assert said.startswith("6: [[channel]] me, to, number 2: no mail address: write ")


def test_a_fault_is_said_once() -> None:
    """However often a name stands in a list, and whoever names a list that leads nowhere."""
    assert len(faults(GAZETTE + '[[rule]]\nname = "r"\nquery = "x"\nsources = ["a", "a"]\nchannels = ["b", "b"]')) == 2
    said = faults('[lists]\nx = ["@boats"]\nboats = ["@ships"]\n' + BOATS + '[[feed]]\nname = "f"\nquery = "@x"\n')
    assert [one.partition(";")[0] for one in said] == ["3: [lists], boats: there is no list @ships"]
    said = faults('[lists]\nx = ["@boats"]\nboats = ["@boats"]\ncars = ["!"]\n' + BOATS)
    assert [one.partition(" ")[0] for one in said] == ["3:", "4:"]


def test_a_channel_tells_all_its_faults_at_once() -> None:
    said = faults(HOOK.replace('"hook"', '"h/ok"') + "loud = true\n")
    assert [one.partition(" ")[0] for one in said] == ["2:", "5:"]


def test_what_no_reader_of_toml_bears_is_a_fault() -> None:
    for text, fault in (("x = " + "[" * 5000, "too deeply"), (f"x = {'9' * 9999}", "not TOML")):
        with pytest.raises(BrokenConfig, match=fault):
            read(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[crawler]\ndelay = 2s", "2: not TOML at column 10: Expected newline or end of document after a statement: a"),
        ('[daemon]\nlisten = "127', " not TOML: Unterminated string (at end of document)"),
        ('[daemon]\nlisten = "127\n', "2: not TOML at column 14: Illegal character '\\n': a text ends on its line"),
        ("[[rule]]\nname = ferry", "2: not TOML at column 8: Invalid value: a text stands in straight quotes"),
        ("[[rule]]\nname = “ferry”", "2: not TOML at column 8: Invalid value: a text stands in straight quotes"),
        ('a = "x"\na = "y"\n', "2: not TOML at column 8: Cannot overwrite a value: a key of this table stands"),
        ("[daemon]\n[daemon]\n", "2: not TOML at column 8: Cannot declare ('daemon',) twice: put the keys of both tab"),
    ],
)  # fmt: skip
def test_a_slip_in_toml_itself_is_told_at_its_line(text: str, fault: str) -> None:
    """In the place where every other fault has it, with the mend where a slip is common."""
    with pytest.raises(BrokenConfig) as broken:
        read(text)
    (said,) = broken.value.faults
    assert said.startswith(f"{PATH}:{fault}")


def test_a_name_writes_nothing_to_a_terminal_but_letters() -> None:
    (said, _) = faults('[[rule]]\nname = "a\\u001b[2Jb"\nquery = "x AND"\n')
    assert said.startswith("2: [[rule]] number 1, name: no name: ")


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
    with pytest.raises(BrokenConfig, match=r"config.toml:1: not TOML at column 8: Expected ']'"):
        load_config(path)


def test_faults_between_tables_are_told_beside_faults_within_them() -> None:
    """A rule that names no source is not hidden by a source whose rhythm is wrong."""
    told = faults(
        '[[source]]\nname = "a"\nurl = "https://a.example/"\nevery = "soon"\n'
        '[[rule]]\nname = "r"\nquery = "x"\nsources = ["b"]'
    )
    assert [one.partition(":")[0] for one in told] == ["4", "8"]


RULE = '[[rule]]\nname = "r"\nquery = "x"\n'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RULE + 'limit = "1/1h"', "4: [[rule]] r, limit: no such key here: it belongs to [[channel]]; there are: wait"),
        (
            RULE + 'to = "a@example.org"',
            "4: [[rule]] r, to: no such key here: it belongs to [[channel]] of the type em",
        ),
        (
            GAZETTE + 'delay = "3s"',
            "4: [[source]] gazette, delay: no such key here: it belongs to [crawler]; there are",
        ),
        (
            "[delivery]\nquiet = false",
            "2: [delivery], quiet: no such key here: it belongs to [[rule]] or [[channel]]; ",
        ),
        (
            HOOK + 'to = "a@example.org"',
            "5: [[channel]] hook, to: no such key here: it belongs to [[channel]] of the t",
        ),
        (
            HOOK + 'query = "x"',
            "5: [[channel]] hook, query: no such key here: it belongs to [[rule]] or [[feed]]; there ",
        ),
        ('contact = "a@example.org"', "1: [contact]: no such key here: it belongs to [crawler]; there are: daemon"),
        (RULE + 'url = "x"', "4: [[rule]] r, url: no such key here; there are: wait"),
        (
            RULE + 'must_match = [{ text = "x", limit = 1 }]',
            "4: [[rule]] r, must_match, limit: no such key here; there",
        ),
    ],
)
def test_a_key_of_another_table_is_told_with_that_table(text: str, fault: str) -> None:
    """Where it is a key of so few that they say something."""
    assert fault in "\n".join(faults(text))


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


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (BOATS, "4: [[rule]] r, query: at column 1: there is no list @boats; the config has no [lists]"),
        ('[lists]\nships = ["x y"]\n' + BOATS, "query: at column 1: there is no list @boats; there are: @ships"),
        ("[lists]\nboats = []", "2: [lists], boats: "),
        ('[lists]\nboats = "ferry"', "2: [lists], boats: "),
        ('[lists]\nboats = ["!"]', "2: [lists], boats: '!' has no letter and no digit"),
        ('[lists]\n"sea boats" = ["ferry"]', "'sea boats' is no name of a list"),
        ('[lists]\nboats = ["@boats"]', "2: [lists], boats: the list @boats holds itself"),
        ('[lists]\nboats = ["@ships"]', "2: [lists], boats: there is no list @ships"),
    ],
)
def test_a_list_that_is_none_stops_the_start(text: str, fault: str) -> None:
    """The fault names the list and what is wrong with it."""
    said = faults(text)
    assert any(fault in one for one in said), said
