"""Chip in laboratory time, with its qubits as at the time of access."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from qdash_fake.physics.collisions import explain_missing_gate
from qdash_fake.physics.pair import make_transmons

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth, CouplingTruth, QubitTruth

_MOVED_GHZ = 1e-4
"""Change of a qubit's frequency above which its static ZZ is computed again; drift stays below it."""


class DriftSchedule(Protocol):
    """Time evolution of one qubit, a function of time alone, in any order of access."""

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return `qubit` at that laboratory time, in seconds."""
        ...

    def remarks(self, clock_s: float) -> list[str]:
        """Return remarks on the qubit at that time; empty if there are none."""
        ...


class CouplingSchedule(Protocol):
    """Time evolution of one coupling, like `DriftSchedule`."""

    def at(self, coupling: CouplingTruth, clock_s: float) -> CouplingTruth:
        """Return `coupling` at that laboratory time, in seconds."""
        ...

    def remarks(self, clock_s: float) -> list[str]:
        """Return remarks on the coupling at that time; empty if there are none."""
        ...


def make_drifting_chip(
    chip: ChipTruth,
    courses: Mapping[str, Sequence[DriftSchedule]],
    clock: Callable[[str], float],
    *,
    of_couplings: Mapping[str, Sequence[CouplingSchedule]] = MappingProxyType({}),
) -> ChipTruth:
    """Return a view of `chip` that is evaluated at the time of access.

    `courses` are the events of each qubit in the order in which they apply, `of_couplings` likewise; without events
    nothing changes. `clock` gives the laboratory time of a qubit, in seconds.
    """
    if not any(courses.values()) and not any(of_couplings.values()):
        return chip
    qubits = _PresentQubits(chip.qubits, courses, clock)
    couplings = _PresentCouplings(chip, qubits, of_couplings, clock)
    return replace(chip, qubits=qubits, couplings=couplings)


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
        chip: ChipTruth,
        qubits: Mapping[str, QubitTruth],
        courses: Mapping[str, Sequence[CouplingSchedule]],
        clock: Callable[[str], float],
    ) -> None:
        self._mean, self._drawn = chip.couplings, chip.qubits
        self._qubits, self._courses, self._clock = qubits, courses, clock

    def __getitem__(self, coupling_id: str) -> CouplingTruth:
        mean = found = self._mean[coupling_id]
        for course in self._courses.get(coupling_id, ()):
            found = course.at(found, max(self._clock(mean.a), self._clock(mean.b)))
        a, b = self._qubits[mean.a], self._qubits[mean.b]
        if found.exchange_mhz != mean.exchange_mhz or self._has_moved(a) or self._has_moved(b):
            zz_mhz = make_transmons(a, b, found.exchange_mhz).dressed.static_zz_mhz
            found = replace(found, static_zz_mhz=zz_mhz)
        return replace(found, impossible=explain_missing_gate(a, b, found.exchange_mhz))

    def _has_moved(self, qubit: QubitTruth) -> bool:
        return abs(qubit.frequency_ghz - self._drawn[qubit.qid].frequency_ghz) > _MOVED_GHZ

    def __iter__(self) -> Iterator[str]:
        return iter(self._mean)

    def __len__(self) -> int:
        return len(self._mean)
