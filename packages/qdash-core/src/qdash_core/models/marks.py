"""Marks of values that need attention."""

from enum import StrEnum

from qdash_core.models.base import Value


class Mark(StrEnum):
    """Mark of a value in use. A mark changes no status and starts no measurement."""

    TOO_OLD = "too-old"
    """It is older than the age limit of the metrics file."""
    LAST_FAILED = "last-failed"
    """The newest measurement of it failed or was rejected."""
    INPUTS_MOVED = "inputs-moved"
    """An input used to measure or compute it has since moved by more than 3 combined errors."""
    DISPUTED = "disputed"
    """A flagged measurement of it is newer and awaits a decision."""


class ValueMark(Value):
    """A mark of a value, with its reason and the result that caused it."""

    mark: Mark
    reason: str
    task_id: str = ""
    """The failed or flagged result, or the present result of the moved input; empty if there is none."""
