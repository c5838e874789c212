"""A reader's own wording of messages: Jinja2 in a sandbox, with bounds on time and size. What pages contain is data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from storage.text import clean, one_line

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

LONGEST_TEMPLATE = 200_000  # characters
LONGEST_OUTPUT = 1_000_000
LONGEST_CPU_S = 0.3  # of this thread: a busy machine is no fault of the template; a plain one takes milliseconds
MOST_AT_ONCE = 10_000  # a number that a call may be given: "x".center(10 ** 9) is one step, and a gigabyte

# Of Jinja's filters those that neither make a text many times as long nor mark it as markup ("safe").
FILTERS = (
    "abs", "attr", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby",
    "int", "items", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse",
    "round", "select", "selectattr", "sort", "string", "striptags", "sum", "title", "trim", "truncate", "unique",
    "upper", "urlencode", "wordcount",
)  # fmt: skip
_STRING_METHODS = frozenset((
    "capitalize", "casefold", "endswith", "find", "isdigit", "lower", "lstrip", "rstrip", "split", "splitlines",
    "startswith", "strip", "title", "upper",
))  # fmt: skip


# Those that make a text of whatever they are given: of a list in a list in a list, a gigabyte.
_OF_TEXT = (
    "capitalize", "e", "escape", "float", "int", "lower", "string", "striptags", "title", "trim", "truncate", "upper",
    "urlencode", "wordcount",
)  # fmt: skip


class TemplateFault(Exception):
    """A template cannot be used; the words say which, where and why."""


class Template:
    """One wording. The one named `html` is escaped. Equal by its text, so that a reload sees whether it changed."""

    __slots__ = ("_compiled", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        """Raises TemplateFault with the line of a mistake."""
        from jinja2 import TemplateSyntaxError

        if len(text) > LONGEST_TEMPLATE:
            raise TemplateFault(f"longer than {LONGEST_TEMPLATE:,} characters")
        self.name, self.text = name, text
        try:
            self._compiled = _environment(name == "html").from_string(text)
        except TemplateSyntaxError as wrong:
            raise TemplateFault(f"line {wrong.lineno} of the template: {one_line(wrong.message or '')}") from None
        except (RecursionError, SyntaxError, ValueError, OverflowError, MemoryError) as wrong:
            raise TemplateFault(f"cannot be compiled: {type(wrong).__name__}") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Template) and (other.name, other.text) == (self.name, self.text)

    def __hash__(self) -> int:
        return hash((self.name, self.text))

    def __repr__(self) -> str:
        return f"Template({self.name!r}, {len(self.text)} characters)"

    def render(self, variables: Mapping[str, Any]) -> str:
        """The wording of a message. Raises TemplateFault, also where it takes too long or comes out too long."""
        budget = _BUDGET.set(_Budget())
        try:
            parts = list(_counted(self._compiled.generate(**variables)))
        except Exception as wrong:  # whatever a template may do
            raise TemplateFault(f"{self.name}{_line_of(wrong)}: {_in_words(wrong)}") from None
        finally:
            _BUDGET.reset(budget)
        return clean("".join(parts), LONGEST_OUTPUT)


# Bounds. Nothing in Python stops a loop from outside: each turn, each call and each text that is put together asks.


class _TooMuch(Exception):
    """What a template asks for is beyond its bounds."""


class _Budget:
    def __init__(self) -> None:
        self._until = time.thread_time() + LONGEST_CPU_S

    def ask(self) -> None:
        if time.thread_time() > self._until:
            raise _TooMuch(f"takes longer than {LONGEST_CPU_S:g} s")


_BUDGET: ContextVar[_Budget] = ContextVar("budget")


def _turns(values: Iterable[Any]) -> Iterator[Any]:
    for one in values:
        _BUDGET.get().ask()
        yield one


def _bounded(value: Any) -> Any:
    _BUDGET.get().ask()
    if isinstance(value, str | list | tuple) and len(value) > LONGEST_OUTPUT:
        raise _TooMuch(f"comes out longer than {LONGEST_OUTPUT:,} characters")
    if isinstance(value, int) and value.bit_length() > 256:
        raise _TooMuch("makes a number of more than 256 bits")
    return value


def _counted(parts: Iterable[str]) -> Iterator[str]:
    length = 0
    for part in parts:
        _BUDGET.get().ask()
        length += len(part)
        if length > LONGEST_OUTPUT:
            raise _TooMuch(f"comes out longer than {LONGEST_OUTPUT:,} characters")
        yield part


def _plain(value: Any) -> Any:
    """What may be put into a text as it is."""
    if isinstance(value, list | tuple | dict):
        raise _TooMuch("a list cannot be shown as it is: loop over it, or write {{ it | join(', ') }}")
    return value


def _of_text(work: Callable[..., Any]) -> Callable[..., Any]:
    """One of Jinja's filters, for what is no list."""

    @wraps(work)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        for one in args:
            _plain(one)
        return work(*args, **kwargs)

    return guarded


def _rounded(value: float, precision: int = 0) -> float:
    """Jinja's `round` without its methods, which raise ten to whatever they are given."""
    return round(float(value), max(-20, min(int(precision), 20)))


def _lengths_added(values: Iterable[Any], between: str) -> list[Any]:
    """The values as a list, if they joined are short enough."""
    parts, length = [], 0
    for one in _turns(values):
        parts.append(one if isinstance(one, str) else str(_plain(one)))
        length += len(parts[-1]) + len(between)
        if length > LONGEST_OUTPUT:
            raise _TooMuch(f"comes out longer than {LONGEST_OUTPUT:,} characters")
    return parts


def _replaced(value: Any, old: str, new: str) -> str:
    text = str(value)
    if len(text) + text.count(old) * len(new) > LONGEST_OUTPUT:
        raise _TooMuch(f"comes out longer than {LONGEST_OUTPUT:,} characters")
    return text.replace(old, new)


@cache
def _environment(autoescape: bool) -> SandboxedEnvironment:
    from jinja2 import StrictUndefined, nodes, pass_eval_context
    from jinja2.filters import sync_do_join
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from jinja2.visitor import NodeTransformer

    class Asking(NodeTransformer):
        """Has every loop ask for its turn, and everything that puts texts together for its length."""

        def visit_For(self, node: nodes.For) -> nodes.Node:
            node = self.generic_visit(node)  # type: ignore[assignment]
            node.iter = _through("_turns", node.iter)
            return node

        def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
            node = self.generic_visit(node)  # type: ignore[assignment]
            node.nodes = [_through("_plain", one) for one in node.nodes]
            return _through("_bounded", node)

        def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:
            node = self.generic_visit(node)  # type: ignore[assignment]
            node.filter = _through("_bounded", node.filter)
            return node

    def _through(name: str, node: Any) -> nodes.Filter:
        made = nodes.Filter(node, name, [], [], None, None)
        made.set_lineno(node.lineno if node is not None else 1)
        return made

    class Bounded(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset(["+", "*", "**", "%"])

        def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
            parsed: nodes.Template = Asking().visit(super()._parse(source, name, filename))
            return parsed

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            if isinstance(obj, str) and attr not in _STRING_METHODS:
                return False
            return super().is_safe_attribute(obj, attr, value)

        def wrap_str_format(self, value: Any) -> None:
            """No `format` of a text, either: "{:1000000000}" is a gigabyte."""

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator != "+" and not all(isinstance(one, int | float) for one in (left, right)):
                raise _TooMuch(f"{operator} takes numbers alone here")
            if operator == "**" and (abs(right) > 64 or abs(left) > MOST_AT_ONCE):
                raise _TooMuch("makes a number that is too large")
            return _bounded(super().call_binop(context, operator, left, right))

        def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:
            for one in (*args, *kwargs.values()):
                if isinstance(one, int) and abs(one) > MOST_AT_ONCE:
                    raise _TooMuch(f"calls with a number above {MOST_AT_ONCE:,}")
            _BUDGET.get().ask()
            return _bounded(super().call(__context, __obj, *args, **kwargs))

    @pass_eval_context
    def joined(eval_context: nodes.EvalContext, values: Iterable[Any], between: str = "") -> str:
        """Jinja's `join`; what it took by attribute, `map(attribute=...)` gives."""
        made: str = sync_do_join(eval_context, _lengths_added(values, between), between)
        return made

    made = Bounded(
        autoescape=autoescape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_plain
    )
    bound: dict[str, Callable[..., Any]] = {
        "_turns": _turns, "_bounded": _bounded, "_plain": _plain, "join": joined, "replace": _replaced,
        "round": _rounded,
    }  # fmt: skip
    guarded = {name: _of_text(made.filters[name]) for name in _OF_TEXT}
    made.filters = {name: made.filters[name] for name in FILTERS} | guarded | bound
    made.globals = {name: made.globals[name] for name in ("range", "dict", "namespace", "joiner", "cycler")}
    return made


def _line_of(wrong: Exception) -> str:
    trace, line = wrong.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return f", line {line}" if line else ""


def _in_words(wrong: Exception) -> str:
    """What is wrong; other errors than Jinja's and ours may repeat what an article says."""
    from jinja2 import TemplateError

    if isinstance(wrong, TemplateError | _TooMuch):
        return one_line(str(wrong))
    return type(wrong).__name__
