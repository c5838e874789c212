"""`python -m bench [NAME...]`: measure, and print each figure beside its floor and its bar.

A bench is a file in this folder with `run() -> list[Figure]`. Ends with 1 where a bar is not kept.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure

FOLDER = Path(__file__).parent


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("[!_]*.py") if path.stem != Figure.__module__.split(".")[-1])


def measure(wanted: list[str]) -> Iterator[Figure]:
    for name in wanted:
        yield from importlib.import_module(f"bench.{name}").run()


def main(wanted: list[str]) -> int:
    known = names()
    if unknown := [name for name in wanted if name not in known]:
        print(f"no bench named {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    print(f"{'':44}{'figure':>14}{'floor':>14}{'ratio':>8}{'bar':>8}")
    kept = True
    for figure in measure(wanted or known):
        kept = kept and figure.is_kept
        floor = f"{figure.floor:.3f} {figure.unit}" if figure.floor else "-"
        ratio = f"{figure.ratio:.2f}" if figure.ratio is not None else "-"
        value = f"{figure.value:.3f} {figure.unit}"
        bar = f"{figure.bar:g}" + (f" {figure.unit}" if figure.bar_in_unit else "")
        verdict = "" if figure.is_kept else "  ABOVE THE BAR"
        note = f"  ({figure.note})" if figure.note else ""
        print(f"{figure.name:44}{value:>14}{floor:>14}{ratio:>8}{bar:>8}{verdict}{note}", flush=True)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
