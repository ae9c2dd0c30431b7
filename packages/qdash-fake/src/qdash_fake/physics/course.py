"""A chip in laboratory time: its qubits are those of the moment at which one looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from qdash_fake.physics.collisions import why_no_gate

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth, CouplingTruth, QubitTruth


class Course(Protocol):
    """One thing that happens to one qubit as time passes; a function of time alone, so that any order of looks agrees."""

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return what has become of `qubit` by that laboratory time, in seconds."""
        ...

    def remarks(self, clock_s: float) -> list[str]:
        """Say what a judge should know about the qubit at that time; empty: nothing."""
        ...


def in_time(
    chip: ChipTruth, courses: Mapping[str, Sequence[Course]], clock: Callable[[str], float]
) -> ChipTruth:
    """Return `chip` as it is when one looks.

    Parameters
    ----------
    courses
        What happens to each qubit, in the order in which one builds on the other; a qubit without stays as it is.
    clock
        Laboratory time of a qubit, in seconds.
    """
    if not any(courses.values()):
        return chip
    qubits = _Present(chip.qubits, courses, clock)
    return replace(chip, qubits=qubits, couplings=_Couplings(chip.couplings, qubits))


class _Present(Mapping[str, "QubitTruth"]):
    """The qubits at the present; whoever keeps one keeps it as it was."""

    def __init__(
        self,
        mean: Mapping[str, QubitTruth],
        courses: Mapping[str, Sequence[Course]],
        clock: Callable[[str], float],
    ) -> None:
        self._mean, self._courses, self._clock = mean, courses, clock
        self._last: dict[str, tuple[float, QubitTruth]] = {}

    def __getitem__(self, qid: str) -> QubitTruth:
        mean, clock_s = self._mean[qid], self._clock(qid)
        last = self._last.get(qid)
        if last is None or last[0] != clock_s:
            qubit = mean
            for course in self._courses.get(qid, ()):
                qubit = course.at(qubit, clock_s)
            last = self._last[qid] = (clock_s, qubit)
        return last[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mean)

    def __len__(self) -> int:
        return len(self._mean)


class _Couplings(Mapping[str, "CouplingTruth"]):
    """The couplings at the present: one that loses a line of its qubits loses its gate."""

    def __init__(self, mean: Mapping[str, CouplingTruth], qubits: Mapping[str, QubitTruth]) -> None:
        self._mean, self._qubits = mean, qubits

    def __getitem__(self, coupling_id: str) -> CouplingTruth:
        mean = self._mean[coupling_id]
        reason = why_no_gate(self._qubits[mean.a], self._qubits[mean.b], mean.exchange_mhz)
        return replace(mean, impossible=reason)

    def __iter__(self) -> Iterator[str]:
        return iter(self._mean)

    def __len__(self) -> int:
        return len(self._mean)
