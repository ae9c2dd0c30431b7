"""The values of a chip: each with what is known of it, by target and metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from qdash_core.models.chip import ParameterModel, StoredValue

Kind = Literal["qubit", "coupling"]


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value of a target, and what validation made of it. Only accepted values are used.

    Parameters
    ----------
    parameter : ParameterModel
        The value, its error and unit, and where it came from; what was computed of several results has no origin.
    verdict : Verdict
        What validation made of it.
    reasons : tuple of str
        Why.
    n : int or None
        How many results it was chosen or computed from; None where it is simply the latest.
    std : float or None
        Sample standard deviation of these results; None where there are fewer than two, or it is simply the latest.
    control : str or None
        Of a recorded value of a coupling which qubit controlled; None where that makes no difference or is not known, and of
        values in use, which are of the direction that the coupling has.
    """

    parameter: ParameterModel
    verdict: Verdict = Verdict.ACCEPTED
    reasons: tuple[str, ...] = ()
    n: int | None = None
    std: float | None = None
    control: str | None = None


@dataclass(frozen=True, slots=True)
class ChipValues:
    """The values of a chip by target and name."""

    qubits: Mapping[str, Mapping[str, KnownValue]]
    couplings: Mapping[str, Mapping[str, KnownValue]]

    def each(self) -> Iterator[tuple[Kind, Mapping[str, Mapping[str, KnownValue]]]]:
        """Yield the values of qubits, then those of couplings."""
        yield "qubit", self.qubits
        yield "coupling", self.couplings

    def where(self, wanted: Callable[[Kind, str, str, KnownValue], bool]) -> ChipValues:
        """Return the values for which `wanted(kind, target, name, value)` holds; targets without any are left out."""
        return ChipValues(*(_where(kind, targets, wanted) for kind, targets in self.each()))


@dataclass(frozen=True, slots=True)
class StoredChipValues:
    """The values of a chip that are in use, by target and name, as they are stored."""

    qubits: Mapping[str, Mapping[str, StoredValue]]
    couplings: Mapping[str, Mapping[str, StoredValue]]


@dataclass(frozen=True, slots=True)
class Failure:
    """The newest result of a task that makes a metric, which failed."""

    task: str
    task_id: str
    execution_id: str
    ended_at: datetime


def _where(
    kind: Kind,
    targets: Mapping[str, Mapping[str, KnownValue]],
    wanted: Callable[[Kind, str, str, KnownValue], bool],
) -> dict[str, dict[str, KnownValue]]:
    kept = {
        target: {name: value for name, value in values.items() if wanted(kind, target, name, value)}
        for target, values in targets.items()
    }
    return {target: values for target, values in kept.items() if values}
