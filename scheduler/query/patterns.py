"""Regular expressions of a query: RE2, which takes time in proportion to the text whatever was written."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The pattern, for small and capital letters alike. Raises ValueError with the reason where it cannot be used."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options)
    except re2.error as fault:
        said = fault.args[0]
        raise ValueError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None
