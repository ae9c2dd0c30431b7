"""Conditions by which a run selects its targets."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable


class Condition(StrEnum):
    """Condition of a qubit or coupling."""

    STALE = "stale"
    """A value in use is too old, or an input, a setting or another part of its set has changed."""
    DISPUTED = "disputed"
    """A flagged result is newer than a value in use."""
    FLAGGED = "flagged"
    """A flagged result awaits a decision."""
    FAILED = "failed"
    """Its status is failed: it is unfit."""
    OUT_OF_SPEC = "out-of-spec"
    """A value in use is outside the specification of its chip."""


def parse_conditions(names: str | Iterable[str]) -> tuple[Condition, ...]:
    """Return conditions by name, each once, from a list or from text with commas.

    Raises
    ------
    InvalidInputError
        If there is none, or one is unknown.
    """
    parts = names.split(",") if isinstance(names, str) else names
    asked = [*dict.fromkeys(name.strip() for name in parts)]
    known = [str(one) for one in Condition]
    for name in asked:
        if name not in known:
            raise InvalidInputError(
                f"{name!r} is not a condition{suggest(name, known)} (there are: {', '.join(known)})"
            )
    if not asked:
        raise InvalidInputError(f"name at least one condition of {', '.join(known)}")
    return tuple(Condition(name) for name in asked)


def describe_conditions(conditions: Iterable[Condition]) -> str:
    """Return conditions as words, such as `stale or failed`."""
    return " or ".join(conditions)
