"""Newspapers on loopback hosts, each with some articles: `python -m bench._news_web PAPERS ARTICLES`.

Prints their feeds' addresses, one a line, then an empty line; serves until its stdin closes.
"""

from __future__ import annotations

import asyncio
import sys

from scheduler.demo.newspaper import Newspaper
from scheduler.demo.texts import made_up


async def main(papers: int, articles: int) -> None:
    for paper in range(papers):
        newspaper = Newspaper(f"Paper {paper}", answer_s=0)
        await newspaper.start(f"127.91.{paper // 250}.{paper % 250 + 1}")
        for article in range(articles):
            newspaper.publish(*made_up(paper * articles + article))
        print(newspaper.feed_url)
    print(flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
