"""Marks of values that need attention."""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

from qdash_core.models.base import Value
from qdash_core.models.judgement import Trust


class Mark(StrEnum):
    """Mark of a value in use: the name of a reason for its trust. A mark changes no status and starts no measurement."""

    TOO_OLD = "too-old"
    """It is older than the age limit of the metrics file."""
    LAST_FAILED = "last-failed"
    """The newest measurement of it failed or was rejected by a validator."""
    INPUTS_MOVED = "inputs-moved"
    """An input used to measure or compute it has since moved by more than its usual scatter."""
    DISPUTED = "disputed"
    """A flagged measurement of it is newer and awaits a decision."""
    OTHER_COOLDOWN = "other-cooldown"
    """It was measured before the current cool-down and is a starting value."""
    CONTRADICTED = "contradicted"
    """Another value of the same execution contradicts it."""
    NO_SIGNAL = "no-signal"
    """It was measured before the signal of its target was lost."""

    SET_BROKEN = "set-broken"
    """Another part of its set comes from a newer result."""
    SETTING_CHANGED = "setting-changed"
    """A setting of its line changed since it was measured."""
    TRUSTED_BY_USER = "trusted-by-user"
    """A user trusts it until a time; the reason names what speaks against it."""

    @property
    def sign(self) -> str:
        """Character beside a value in tables and pictures."""
        return _SIGNS[self]

    @property
    def is_stale(self) -> bool:
        """True if a new measurement is enough: nothing failed, and no decision is due."""
        return self in (Mark.TOO_OLD, Mark.INPUTS_MOVED, Mark.SET_BROKEN, Mark.SETTING_CHANGED)

    @property
    def explanation(self) -> str:
        """Meaning in a legend."""
        return _EXPLANATIONS[self]


_SIGNS = {
    Mark.TOO_OLD: "~",
    Mark.LAST_FAILED: "x",
    Mark.INPUTS_MOVED: ">",
    Mark.DISPUTED: "#",
    Mark.OTHER_COOLDOWN: "^",
    Mark.CONTRADICTED: "=",
    Mark.NO_SIGNAL: "@",
    Mark.SET_BROKEN: "%",
    Mark.SETTING_CHANGED: "&",
    Mark.TRUSTED_BY_USER: "+",
}
_EXPLANATIONS = {
    Mark.TOO_OLD: "older than its age limit",
    Mark.LAST_FAILED: "its newest measurement failed",
    Mark.INPUTS_MOVED: "an input has moved since",
    Mark.DISPUTED: "a newer flagged value awaits a decision",
    Mark.OTHER_COOLDOWN: "measured before the current cool-down",
    Mark.CONTRADICTED: "another value of the same execution contradicts it",
    Mark.NO_SIGNAL: "measured before the signal was lost",
    Mark.SET_BROKEN: "another part of its set has a newer origin",
    Mark.SETTING_CHANGED: "measured with another setting of a line or box",
    Mark.TRUSTED_BY_USER: "a user trusts it until a time",
}


class ValueMark(Value):
    """A mark of a value, with its reason, the result that caused it and its effect on the trust."""

    mark: Mark
    reason: str
    task_id: str = ""
    """The failed or flagged result, or the present result of the moved input; empty if there is none."""
    trust: Trust = Trust.TRUSTED
    """Highest trust that it leaves to the value."""


Marks = dict[str, dict[str, list[ValueMark]]]
"""Marks by target and parameter, in the order of `Mark`; values without marks are absent."""


def format_signs(marks: Sequence[ValueMark]) -> str:
    """Return the signs of marks, in the order of `Mark`."""
    return "".join(one.mark.sign for one in marks)


def count_marks(values: Iterable[Iterable[ValueMark]]) -> dict[Mark, int]:
    """Return the number of values with each mark, without zeros, given the marks of each value."""
    found = Counter(one.mark for marks in values for one in marks)
    return {mark: found[mark] for mark in Mark if mark in found}
