"""A reader's own wording: what it may use, what it may not, and what becomes of a fault."""

from __future__ import annotations

from pathlib import Path
from time import thread_time

import pytest

from scheduler.config import BrokenConfig, read_config
from scheduler.message import Voice
from scheduler.rendering import message_of
from scheduler.sample import variables
from scheduler.template import LONGEST_CPU_S, Template, TemplateFault
from tests.scheduler.made_up import BODY, NOW, alert, article, delivery

CHANNEL = """
[[channel]]
name = "me"
type = "email"
host = "localhost"
from = "a@example.org"
to = ["b@example.org"]
"""
EDITED = alert(article(), article("Bridge <late>", BODY.replace("Ten", "Twelve")), holds="still")


def said(text: str, name: str = "text") -> str:
    return Template(name, text).render(variables())


def test_what_readme_names_is_there() -> None:
    """Every variable of its table."""
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    table = readme.partition("### Your own wording")[2].partition("\n#")[0]
    named = [one for row in table.split("\n") if row.startswith("| `") for one in row.split("|")[1].split("`")[1::2]]
    assert len(named) > 25
    of_alert = variables()["alerts"][1]
    for name in named:
        where, _, key = name.rpartition(".")
        assert key in (of_alert if where else variables()), name
    assert {f"alert.{key}" for key in of_alert} | set(variables()) == set(named)


def test_a_channel_speaks_in_its_own_words() -> None:
    """Subject, text and HTML, each by itself; the subject is one line."""
    text = "{% for alert in alerts %}\n{{ alert.title|upper }} {{ alert.diff_text }}\n{% endfor %}\nstop: {{ stop }}"
    templates = {"subject": "{{ count }}\n{{ kinds|join('+') }}", "text": text, "html": "<p>{{ alerts[0].title }}</p>"}
    voice = Voice(templates={name: Template(name, one) for name, one in templates.items()})
    one = message_of(delivery(EDITED), NOW, voice)
    assert one.subject == "1 edited"
    assert one.text.startswith("BRIDGE <LATE> The minister") and "[-Ten-]{+Twelve+}" in one.text
    assert one.html == "<p>Bridge &lt;late&gt;</p>" and one.fault == ""


def test_what_a_page_contains_is_data() -> None:
    """A title that is a template is shown as it stands, and markup in it is none."""
    hostile = alert(None, article("{{ 7 * 7 }}<script>{% raw %}", "{{ alerts }}"))
    voice = Voice(templates={"html": Template("html", "{{ alerts[0].title }}|{{ alerts[0].excerpt_html }}")})
    one = message_of(delivery(hostile), NOW, voice)
    assert one.html == "{{ 7 * 7 }}&lt;script&gt;{% raw %}|{{ alerts }}"


def test_a_fault_while_rendering_falls_back_and_says_so() -> None:
    """In the foot of the message, in text and HTML; nothing is lost, also not what other templates would say."""
    templates = {"text": "a\n{{ alerts[0].published.at }}", "subject": "x"}
    voice = Voice(templates={name: Template(name, one) for name, one in templates.items()})
    one = message_of(delivery(EDITED), NOW, voice)
    plain = message_of(delivery(EDITED), NOW)
    assert one.subject == plain.subject
    assert one.fault.startswith("text, line 2: ")
    where = "The template of the channel desk failed (text, line 2: "
    assert where in " ".join(one.text.split()) and where in one.html
    assert "Twelve" in one.text


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
        "{% macro m(n) %}{{ m(n - 1) }}{{ m(n - 1) }}{% endmacro %}{{ m(900) }}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{% for a in range(9999) %}{% for b in range(9999) %}xxxxxxxxxx{% endfor %}{% endfor %}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ 'x'.center(1000000000) }}",
        "{{ 'x'.ljust(9999999) }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ range(10 ** 9)|list }}",
        "{% set n = namespace(t='x') %}{% for a in range(60) %}{% set n.t = n.t ~ n.t %}{% endfor %}",
        "{% set n = namespace(t='x') %}{% for a in range(60) %}{% set n.t = n.t + n.t %}{% endfor %}",
        "{% set n = namespace(t='x') %}{% for a in range(60) %}{% set n.t %}{{ n.t }}{{ n.t }}{% endset %}{% endfor %}",
        "{% set n = namespace(t='xx') %}{% for a in range(60) %}{% set n.t = n.t|replace('x', n.t) %}{% endfor %}",
        "{% set n = namespace(t='xx') %}{% for a in range(60) %}{% set n.t = [n.t, n.t]|join %}{% endfor %}",
        "{% set n = namespace(t=[1]) %}{% for a in range(60) %}{% set n.t = n.t + n.t %}{% endfor %}",
        "{% set n = namespace(t=9) %}{% for a in range(9999) %}{% set n.t = n.t * n.t %}{% endfor %}",
        "{% set n = namespace(t=['x']) %}{% for a in range(40) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t }}",
        "{% set n = namespace(t=['x']) %}{% for a in range(40) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t|upper }}",
        "{% set n = namespace(t=['x']) %}{% for a in range(40) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ 'x' ~ n.t }}",
        "{% set n = namespace(t=['x']) %}{% for a in range(40) %}{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.t|join }}",
        "{{ 1|round(3000000, 'ceil') }}",
        "{{ alerts[0].title|safe }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ alerts.append(1) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ no_such }}",
        "{{ alerts[0].no_such }}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_template_is_bounded(text: str) -> None:
    """In time and in size, and it reaches nothing but what it is given."""
    begun = thread_time()
    with pytest.raises(TemplateFault):
        said(text)
    assert thread_time() - begun < 4 * LONGEST_CPU_S


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('subject = "{{ rule"', "config.toml:8: [[channel]] me, subject: as a template: line 1 of"),
        (
            'text = "{% for x in alerts %}"',
            "config.toml:8: [[channel]] me, text: as a template: line 1 of",
        ),
        ('html = "{{ titel }}"', "html: as a template: html, line 1: 'titel' is undefined"),
        ('html = "{{ alerts[0].titel }}"', "has no attribute 'titel'"),
        ('text = "file:nowhere.txt"', "nowhere.txt cannot be read: No such file or directory"),
        ("text = 5", 'write the template itself or "file:PATH"'),
    ],
)
def test_a_wrong_template_stops_the_start(line: str, words: str) -> None:
    """With table, key and line."""
    with pytest.raises(BrokenConfig) as broken:
        read_config(CHANNEL.strip() + f"\n\n{line}\n", Path("config.toml"))
    assert words in str(broken.value)


def test_a_template_may_stand_in_a_file_beside_the_config(tmp_path: Path) -> None:
    """One that changed is another channel; one that did not is the same."""
    (tmp_path / "mail.txt").write_text("{{ rule }}: {{ count }}\n{% for one in alerts %}{{ one.text }}{% endfor %}")
    first, again = (
        read_config(f'{CHANNEL}text = "file:mail.txt"\n', tmp_path / "config.toml").channels["me"] for _ in range(2)
    )
    assert message_of(delivery(EDITED), NOW, first.voice).text.startswith("bridges: 1\n")
    assert first.voice.templates == again.voice.templates
