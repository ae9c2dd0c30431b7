"""Chip in laboratory time, with its qubits as at the time of access."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from qdash_fake.physics.collisions import explain_missing_gate
from qdash_fake.physics.pair import make_transmons

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth, CouplingTruth, QubitTruth

_MOVED_GHZ = 1e-4
"""Change of a qubit's frequency above which its static ZZ is computed again; drift stays below it."""


class DriftSchedule(Protocol):
    """Time evolution of one qubit, a function of time alone.

    The order of access therefore does not matter.
    """

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return `qubit` at that laboratory time, in seconds."""
        ...

    def remarks(self, clock_s: float) -> list[str]:
        """Return remarks on the qubit at that time; empty if there are none."""
        ...


def make_drifting_chip(
    chip: ChipTruth, courses: Mapping[str, Sequence[DriftSchedule]], clock: Callable[[str], float]
) -> ChipTruth:
    """Return a view of `chip` that is evaluated at the time of access.

    Parameters
    ----------
    courses
        Events of each qubit, in the order in which they apply; a qubit without events does not change.
    clock
        Laboratory time of a qubit, in seconds.
    """
    if not any(courses.values()):
        return chip
    qubits = _PresentQubits(chip.qubits, courses, clock)
    return replace(chip, qubits=qubits, couplings=_PresentCouplings(chip.couplings, qubits, chip.qubits))


class _PresentQubits(Mapping[str, "QubitTruth"]):
    """Qubits at the present time; a qubit once read does not change."""

    def __init__(
        self,
        mean: Mapping[str, QubitTruth],
        courses: Mapping[str, Sequence[DriftSchedule]],
        clock: Callable[[str], float],
    ) -> None:
        self._mean, self._build_schedules, self._clock = mean, courses, clock
        self._last: dict[str, tuple[float, QubitTruth]] = {}

    def __getitem__(self, qid: str) -> QubitTruth:
        mean, clock_s = self._mean[qid], self._clock(qid)
        last = self._last.get(qid)
        if last is None or last[0] != clock_s:
            qubit = mean
            for course in self._build_schedules.get(qid, ()):
                qubit = course.at(qubit, clock_s)
            last = self._last[qid] = (clock_s, qubit)
        return last[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mean)

    def __len__(self) -> int:
        return len(self._mean)


class _PresentCouplings(Mapping[str, "CouplingTruth"]):
    """Couplings at the present time; a coupling with a dead line has no gate, and its static ZZ follows the frequencies."""

    def __init__(
        self,
        mean: Mapping[str, CouplingTruth],
        qubits: Mapping[str, QubitTruth],
        drawn: Mapping[str, QubitTruth],
    ) -> None:
        self._mean, self._qubits, self._drawn = mean, qubits, drawn

    def __getitem__(self, coupling_id: str) -> CouplingTruth:
        mean = self._mean[coupling_id]
        a, b = self._qubits[mean.a], self._qubits[mean.b]
        zz_mhz = mean.static_zz_mhz
        if any(abs(one.frequency_ghz - self._drawn[one.qid].frequency_ghz) > _MOVED_GHZ for one in (a, b)):
            zz_mhz = make_transmons(a, b, mean.exchange_mhz).dressed.static_zz_mhz
        reason = explain_missing_gate(a, b, mean.exchange_mhz)
        return replace(mean, static_zz_mhz=zz_mhz, impossible=reason)

    def __iter__(self) -> Iterator[str]:
        return iter(self._mean)

    def __len__(self) -> int:
        return len(self._mean)
