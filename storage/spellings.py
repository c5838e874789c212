"""Other ways in which a text may write what a query asks for. Pure; shared by the matcher and the index of search."""

from __future__ import annotations

from storage import acronyms, proclitics
from storage.query import Term


def other_spellings(term: Term) -> tuple[str, ...]:
    """A term's words as they may stand in a text as well; none of one that says how it is written."""
    text = term.text
    if term.stem or term.exact or (text.islower() and text.isascii()):
        return ()
    led = () if text.isascii() else proclitics.spellings(text)
    return led if term.prefix else (*led, *acronyms.spellings(text))
