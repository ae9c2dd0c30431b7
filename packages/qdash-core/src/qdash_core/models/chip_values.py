"""Values of a chip by target and name, with verdicts and statistics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.judgement import Trust
    from qdash_core.models.marks import ValueMark
    from qdash_core.models.targets import TargetKind


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value of a target with its verdict. Only accepted values are used.

    A value computed from several results has no origin. `n` is the number of results from which it was chosen or
    computed, and `std` their sample standard deviation (None for fewer than two); both are None if it is simply the
    latest. `control` is the control qubit of a recorded value of a coupling, or None if the direction is irrelevant
    or unknown, and for values in use, which have the direction of the coupling. `trust` is None for by-products and
    values that are not in use. `is_usable` tells whether the target may be used with a value in use; it is True for
    other values.
    """

    parameter: ParameterModel
    verdict: Verdict = Verdict.ACCEPTED
    reasons: tuple[str, ...] = ()
    n: int | None = None
    std: float | None = None
    control: str | None = None
    marks: tuple[ValueMark, ...] = ()
    trust: Trust | None = None
    is_usable: bool = True


@dataclass(frozen=True, slots=True)
class ChipValues:
    """The values of a chip by target and name."""

    qubits: Mapping[str, Mapping[str, KnownValue]]
    couplings: Mapping[str, Mapping[str, KnownValue]]

    def iter_kinds(self) -> Iterator[tuple[TargetKind, Mapping[str, Mapping[str, KnownValue]]]]:
        """Yield the values of qubits, then those of couplings."""
        yield "qubit", self.qubits
        yield "coupling", self.couplings

    def filter(self, is_wanted: Callable[[TargetKind, str, str, KnownValue], bool]) -> ChipValues:
        """Return the values for which `wanted(kind, target, name, value)` holds; targets without any are left out."""
        return ChipValues(*(_filter_values(kind, targets, is_wanted) for kind, targets in self.iter_kinds()))


def _filter_values(
    kind: TargetKind,
    targets: Mapping[str, Mapping[str, KnownValue]],
    is_wanted: Callable[[TargetKind, str, str, KnownValue], bool],
) -> dict[str, dict[str, KnownValue]]:
    kept = {
        target: {name: value for name, value in values.items() if is_wanted(kind, target, name, value)}
        for target, values in targets.items()
    }
    return {target: values for target, values in kept.items() if values}
