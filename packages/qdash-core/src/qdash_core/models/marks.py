"""Marks of values that need attention."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Value


class Mark(StrEnum):
    """Mark of a value in use. A mark changes no status and starts no measurement."""

    TOO_OLD = "too-old"
    """It is older than the age limit of the metrics file."""
    LAST_FAILED = "last-failed"
    """The newest measurement of it failed or was rejected."""
    INPUTS_MOVED = "inputs-moved"
    """An input used to measure or compute it has since moved by more than its usual scatter."""
    DISPUTED = "disputed"
    """A flagged measurement of it is newer and awaits a decision."""

    @property
    def sign(self) -> str:
        """Character beside a value in tables and pictures."""
        return _SIGNS[self]

    @property
    def explanation(self) -> str:
        """Meaning in a legend."""
        return _EXPLANATIONS[self]


_SIGNS = {Mark.TOO_OLD: "~", Mark.LAST_FAILED: "x", Mark.INPUTS_MOVED: ">", Mark.DISPUTED: "#"}
_EXPLANATIONS = {
    Mark.TOO_OLD: "older than its age limit",
    Mark.LAST_FAILED: "its newest measurement failed",
    Mark.INPUTS_MOVED: "an input has moved since",
    Mark.DISPUTED: "a newer flagged value awaits a decision",
}


ANY_MARK = "any"
"""Name that stands for all marks in a selection."""


class ValueMark(Value):
    """A mark of a value, with its reason and the result that caused it."""

    mark: Mark
    reason: str
    task_id: str = ""
    """The failed or flagged result, or the present result of the moved input; empty if there is none."""


Marks = dict[str, dict[str, list[ValueMark]]]
"""Marks by target and parameter, in the order of `Mark`; values without marks are absent."""


def parse_marks(names: Iterable[str]) -> tuple[Mark, ...]:
    """Return the named marks, or all of them for the name `any`; raise InvalidInputError for another name."""
    found: list[Mark] = []
    known = [*map(str, Mark), ANY_MARK]
    for name in names:
        if name not in known:
            raise InvalidInputError(f"there is no mark {name!r}: the marks are {', '.join(known)}")
        found += Mark if name == ANY_MARK else (Mark(name),)
    return tuple(dict.fromkeys(found))


def format_signs(marks: Sequence[ValueMark]) -> str:
    """Return the signs of marks, in the order of `Mark`."""
    return "".join(one.mark.sign for one in marks)
