"""What kinds of changes can be asked for, in a rule's `on` and in queries, and how people are told of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from scheduler.nearest import instead
from storage.model.articles import EDIT_CLASSES, ChangeKind, EditClass

ASKED = (*map(str, ChangeKind), *(f"{ChangeKind.EDITED}:{cls}" for cls in EDIT_CLASSES))
WORDS = {
    EditClass.CORRECTION: "corrected",
    EditClass.REWRITE: "rewritten",
    EditClass.HEADLINE: "headline edited",
    EditClass.QUOTE: "quotation edited",
    EditClass.NUMBERS: "figures edited",
    EditClass.NAMES: "names edited",
    EditClass.PARAGRAPH_REMOVED: "paragraph removed",
    EditClass.PARAGRAPH_ADDED: "paragraph added",
    EditClass.WORDING: "wording edited",
    EditClass.TYPO: "typo edited",
    EditClass.LABEL: "typography edited",
    EditClass.COMPLETED: "text completed",
    EditClass.EDITIONS: "2 editions take turns",
}
STEALTH = "edited without saying so"
_SILENTLY = ", without saying so"


def answers_to(kind: str, cls: str, is_retitled: bool = False, also: Iterable[str] = ()) -> frozenset[str]:
    """The names under which such a change is asked for. `edited` is every edit but those of typography alone;
    `edited:headline` every edit with another headline, whatever changed beside it. So is each class of `also`, for an
    edit is told as what matters most and asked for as all that it is."""
    if kind != ChangeKind.EDITED:
        return frozenset((str(kind),))
    names = {f"{kind}:{one}" for one in (cls, *also) if one}
    if is_retitled and cls not in (EditClass.LABEL, EditClass.COMPLETED):
        names.add(f"{kind}:{EditClass.HEADLINE}")
    return frozenset(names if cls == EditClass.LABEL else names | {str(kind)})


def asks_for(on: Collection[str], kind: str, cls: str, names: Collection[str], is_new: bool) -> bool:
    """Does a rule's `on` ask for such a change? `names` are those that `answers_to` gives it. An article that first
    matches after an edit (`is_new`) is new to a rule that asks for what is added alone."""
    if not set(on).isdisjoint(names):
        return True
    return is_new and kind == ChangeKind.EDITED and cls != EditClass.LABEL and ChangeKind.ADDED in on


def in_words(kind: str, cls: str) -> str:
    """A change in a few words, in lower case: "figures edited"; "edited" for an edit whose class is not known."""
    return WORDS[EditClass(cls)] if cls in EDIT_CLASSES else str(kind)


def in_full(kind: str, cls: str, stealth: bool) -> str:
    """As `in_words`, and whether the page kept the edit to itself: "figures edited, without saying so"."""
    return in_words(kind, cls) + (_SILENTLY if stealth else "")


def check_asked(name: str) -> str:
    """The name as it is, if a change may be asked for by it. Raises ValueError that lists what there is."""
    if name not in ASKED:
        raise ValueError(f"{name!r} is no kind of change; {instead(name, ASKED)}")
    return name
