"""All rules against one article: 10,000 rules with 100,000 terms on a text of 500 words, beside what others do.

Vocabulary and texts are made up from a seed. A third of the terms are words of the texts' vocabulary, by their
frequency there; the others are names that no text holds, as most words of a watch list are not in the paper of the day.
The texts are judged one after another, each once, as a daemon judges the articles of a day.
"""

from __future__ import annotations

import gc
import random
import re
import resource
import statistics
from collections.abc import Callable
from time import process_time

from ahocorasick_rs import AhoCorasick

from bench.figure import Figure, cpu_ms
from scheduler.collecting import without_collecting
from scheduler.query.folding import Folded
from scheduler.query.grammar import parse
from scheduler.query.matcher import Matcher, Text, compile_rules
from storage.query import Query, terms

RULES, TERMS, TEXTS = 10_000, 10, 300
_LETTERS = "eeeeeeeetttttaaaaaooooiiiinnnnsssshhhrrrddlllccuummwffggyyppbbvk"  # as often as in English


def run() -> list[Figure]:
    rng = random.Random(26)
    print("seed 26")
    words, names = _vocabulary(rng, 20_000), _vocabulary(rng, 60_000)
    queries = {f"rule {number}": _query(rng, words, names) for number in range(RULES)}
    texts = [_text(rng, words) for _ in range(TEXTS)]

    trees: dict[str, Query] = {}
    made: list[Matcher] = []
    with without_collecting():  # as the daemon does
        reading = cpu_ms(lambda: trees.update((name, parse(query)) for name, query in queries.items())) / 1000
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        compiling = cpu_ms(lambda: made.append(compile_rules(trees))) / 1000
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    matcher = made[0]
    held = sum(len(matcher.match(one)) for one in texts) / len(texts)
    print(f"{RULES:,} rules, {RULES * TERMS:,} terms; {held:.1f} rules hold an article")

    bare = AhoCorasick(sorted({Folded(term.text).text for tree in trees.values() for term in terms(tree)}))
    floor = _median(lambda one: bare.find_matches_as_indexes(Folded(one.body).text), texts)
    single = [re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE) for name in names[:1000]]
    each = _median(lambda one: [one_term.search(one.body) for one_term in single], texts[:5]) * RULES * TERMS / 1000
    big = re.compile(r"\b(?:" + "|".join(map(re.escape, names[:10_000])) + r")\b", re.IGNORECASE)
    at_once = _median(lambda one: big.findall(one.body), texts[:3]) * RULES * TERMS / 10_000
    fold = "a bare Aho-Corasick over the folded text"
    return [
        Figure("10,000 rules: an article", _median(matcher.match, texts), "ms", 1.0, floor, fold, bar_in_unit=True),
        Figure("a regex a term, of 1,000 reckoned up", each, "ms", float("inf"), floor, "for comparison"),
        Figure("one regex of 10,000 terms, reckoned up", at_once, "ms", float("inf"), floor, "for comparison"),
        Figure("10,000 rules: compiled", reading + compiling, "s", 3.0, note=f"{reading:.1f} s of it to read them"),
        Figure("10,000 rules: memory", megabytes, "MB", 200.0),
    ]


def _median(work: Callable[[Text], object], texts: list[Text]) -> float:
    """CPU milliseconds of a text, without a full collection of garbage before each: it would empty the processor's
    caches, which nothing does between two articles."""
    gc.collect()
    taken = []
    for one in texts:
        began = process_time()
        work(one)
        taken.append((process_time() - began) * 1000)
    return statistics.median(taken)


def _vocabulary(rng: random.Random, size: int) -> list[str]:
    return ["".join(rng.choices(_LETTERS, k=rng.randint(4, 10))) for _ in range(size)]


def _often(rng: random.Random, words: list[str]) -> str:
    """A word by its frequency: few are common, most are rare."""
    return words[min(int(rng.paretovariate(0.6)) - 1, len(words) - 1)]


def _query(rng: random.Random, words: list[str], names: list[str]) -> str:
    def term() -> str:
        if rng.random() < 0.33:
            return rng.choice(words[500:]) + ("*" if rng.random() < 0.1 else "")
        name = rng.choice(names).capitalize()
        return f'"{name} {rng.choice(names).capitalize()}-{rng.choice(names)}"' if rng.random() < 0.5 else name

    some, others = [term() for _ in range(TERMS - 2)], [term() for _ in range(2)]
    return f"({' OR '.join(some)}) {rng.choice(('AND', 'NOT', 'NOT'))} ({' OR '.join(others)})"


def _text(rng: random.Random, words: list[str]) -> Text:
    title = " ".join(_often(rng, words) for _ in range(9))
    return Text(title, "\n\n".join(" ".join(_often(rng, words) for _ in range(50)) for _ in range(10)))
