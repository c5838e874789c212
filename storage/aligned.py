"""Which paragraphs of two texts are one: the same, edited, moved, or there in one text alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

# A paragraph with the line ends behind it; either may be empty, not both.
Paragraph = tuple[str, str]
# "=" the same paragraph and "~" an edited one (split or joined: two of a text), in both texts; "-" and "+" in one text
# alone, "<" and ">" the same one at another place. Numbers of paragraphs in the text before and after.
Step = tuple[Literal["=", "~", "-", "+", "<", ">"], range, range]

ALIKE = 0.4  # of the words of two paragraphs between the same neighbours, that both have: one is the other, edited
HELD = 0.6  # of the words of a paragraph, that stand in the one that it was joined to or split from
MOST_PAIRS = 10_000  # that are weighed between two paragraphs that stayed; more are left to the word diff
_SHORTEST_MOVED = 4  # letters and digits: a line of stars is no paragraph
_PARAGRAPH = re.compile(r"([^\n]*)(\n+|\Z)")
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")


def paragraphs(text: str) -> list[Paragraph]:
    """The text in paragraphs; joined they are the text."""
    return [(found[1], found[2]) for found in _PARAGRAPH.finditer(text) if found[0]]


def aligned(
    before: Sequence[str], after: Sequence[str], same: Callable[[Sequence[str], Sequence[str]], list[tuple[int, int]]]
) -> Iterator[Step]:
    """The steps in reading order; `same` answers the pairs of paragraphs that both texts have in the same order."""
    stays = [(-1, -1), *same(before, after), (len(before), len(after))]
    gaps = [(range(one[0] + 1, other[0]), range(one[1] + 1, other[1])) for one, other in pairwise(stays)]
    moved = _moved(before, after, gaps)
    for (removed, added), (i, j) in zip(gaps, stays[1:], strict=True):
        yield from _between(before, after, removed, added, moved)
        if i < len(before):
            yield ("=", range(i, i + 1), range(j, j + 1))


def _moved(
    before: Sequence[str], after: Sequence[str], gaps: Sequence[tuple[range, range]]
) -> tuple[set[int], set[int]]:
    """The numbers of the paragraphs that left their place, and of those that came from another."""
    left: dict[str, list[int]] = {}
    for removed, _ in gaps:
        for i in removed:
            left.setdefault(before[i], []).append(i)
    away, here = set[int](), set[int]()
    for _, added in gaps:
        for j in added:
            if left.get(after[j]) and sum(map(str.isalnum, after[j])) >= _SHORTEST_MOVED:
                away.add(left[after[j]].pop(0))
                here.add(j)
    return away, here


def _between(
    before: Sequence[str], after: Sequence[str], removed: range, added: range, moved: tuple[set[int], set[int]]
) -> Iterator[Step]:
    """What became of the paragraphs between two that stayed."""
    gone = [i for i in removed if i not in moved[0]]
    come = [j for j in added if j not in moved[1]]
    if len(gone) * len(come) > MOST_PAIRS and len(gone) == len(removed) and len(come) == len(added):
        yield ("~", removed, added)
        return
    i, j = removed.start, added.start
    end = (range(removed.stop, removed.stop), range(added.stop, added.stop))
    for olds, news in [*_pairs(before, after, gone, come), end]:
        yield from (("<" if n in moved[0] else "-", range(n, n + 1), range(0)) for n in range(i, olds.start))
        yield from ((">" if n in moved[1] else "+", range(0), range(n, n + 1)) for n in range(j, news.start))
        if olds:
            yield ("~", olds, news)
        i, j = olds.stop, news.stop


def _pairs(
    before: Sequence[str], after: Sequence[str], gone: Sequence[int], come: Sequence[int]
) -> list[tuple[range, range]]:
    """Which of the paragraphs are one and the same, edited: in order, and so that most words stay."""
    if len(gone) == len(come) == 1:
        return [(range(gone[0], gone[0] + 1), range(come[0], come[0] + 1))]
    if not gone or not come or len(gone) * len(come) > MOST_PAIRS:
        return []
    olds, news = ([set(_WORD.findall(text[n])) for n in of] for text, of in ((before, gone), (after, come)))
    common = [[len(old & new) for new in news] for old in olds]
    # For the first i and j paragraphs: how many words stay at most, and how many of each the last step takes.
    best = [[(0, 0, 0)] * (len(news) + 1) for _ in range(len(olds) + 1)]
    for i in range(1, len(olds) + 1):
        for j in range(1, len(news) + 1):
            ways = [(best[i - 1][j][0], 1, 0), (best[i][j - 1][0], 0, 1)]
            stay, size = common[i - 1][j - 1], len(olds[i - 1]) + len(news[j - 1])
            if 2 * stay >= ALIKE * max(size, 1):
                ways.append((best[i - 1][j - 1][0] + stay, 1, 1))
            if i > 1 and gone[i - 2] == gone[i - 1] - 1:
                other = common[i - 2][j - 1]
                if stay >= HELD * len(olds[i - 1]) and other >= HELD * len(olds[i - 2]):
                    both = min(stay + other, len(news[j - 1]))
                    ways.append((best[i - 2][j - 1][0] + both, 2, 1))
            if j > 1 and come[j - 2] == come[j - 1] - 1:
                other = common[i - 1][j - 2]
                if stay >= HELD * len(news[j - 1]) and other >= HELD * len(news[j - 2]):
                    both = min(stay + other, len(olds[i - 1]))
                    ways.append((best[i - 1][j - 2][0] + both, 1, 2))
            best[i][j] = max(ways, key=lambda way: way[0])
    found = []
    i, j = len(olds), len(news)
    while i and j:
        _, of_olds, of_news = best[i][j]
        if of_olds and of_news:
            found.append((range(gone[i - of_olds], gone[i - 1] + 1), range(come[j - of_news], come[j - 1] + 1)))
        i, j = i - of_olds, j - of_news
    return found[::-1]
