"""Gate of the values of files, and forms of values for checks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import get_target_kind
from qdash_core.values.gate import ValueDefinition, admit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from qdash_core.models.estimates import Parameter


class TableEntry(ValueDefinition, Protocol):
    """Declared parameter, with the kinds of its targets."""

    @property
    def kinds(self) -> Collection[str]:
        """`qubit`, `coupling`, or both; empty if unknown."""


class ValueGate:
    """Gate of the values of files; `now` is the present time of the home."""

    def __init__(self, quantities: Mapping[str, TableEntry], now: datetime) -> None:
        self._quantities = quantities
        self._now = now

    def admit(self, target: str, name: str, given: Parameter, measured_at: datetime | None) -> Parameter:
        """Return a value of a qubit or coupling in its declared unit. An error of 0 is left out: programs write it if the error is unknown.

        Raises
        ------
        InvalidInputError
            If the parameter belongs to the other kind of targets, the time has no zone, or the value does not pass `admit`.
        """
        declared = self._quantities.get(name)
        kind = get_target_kind(target)
        if declared is not None and declared.kinds and kind not in declared.kinds:
            raise InvalidInputError(
                f"{name} is a value of {' and '.join(sorted(declared.kinds))}s, not of {kind}s"
            )
        if measured_at is not None and measured_at.tzinfo is None:
            raise InvalidInputError(
                f"{name} was measured at {measured_at.isoformat()}, a time without a zone"
            )
        without = replace(given, error=given.error or None)
        return admit(name, without, declared, measured_at=measured_at, now=self._now)


class NumberWithError(Protocol):
    """A value with its error and its unit."""

    @property
    def value(self) -> float | int:
        """The value."""

    @property
    def error(self) -> float | None:
        """Its standard deviation, or None if unknown."""

    @property
    def unit(self) -> str:
        """Unit of both; µs if empty."""
