"""Why a look came to nothing: the one exception that fetching and reading raise for what a site did."""

from __future__ import annotations

from datetime import timedelta

from storage.model.looking import Outcome
from storage.text import one_line


class LookFault(Exception):
    """A look failed. It is a state of the source or the address, never news.

    `message` is one line for people. `retry_after` is what the server asked for (at most a day), None if nothing.
    """

    def __init__(self, outcome: Outcome, message: str, retry_after: timedelta | None = None) -> None:
        self.outcome, self.message, self.retry_after = outcome, one_line(message, 300), retry_after
        super().__init__(outcome, self.message, retry_after)  # all three, so that it survives a pickle

    def __str__(self) -> str:
        return f"{self.outcome}: {self.message}"
