"""Where the readout of two qubits has its commanded states: what every other signal of them is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.pair_requests import ReadoutReferences
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.laboratory.two_qubit_cliffords import ends_in
from qdash_tasks.programs.asks import one
from qdash_tasks.programs.pair_conditions import ROLES
from qdash_tasks.programs.projection import along
from qdash_tasks.programs.survival import recorded_ends

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.programs.asks import Ask

    Floats = NDArray[np.float64]

REFERENCE = "reference"
_SURELY, _SIGNAL = 8.0, 4.0
_MORE_SHOTS = 4


@dataclass(frozen=True, slots=True)
class ReadoutLine:
    """Where a qubit's readout has its commanded states: the middle of both, and the way from there to |0>."""

    middle: complex
    towards_0: complex

    @classmethod
    def of(cls, points: Trace, *, called: str) -> ReadoutLine:
        """Take it from the readout after 0 and 1 were commanded.

        Raises
        ------
        AnalysisError
            If they are no further apart than their shots scatter, or nothing comes back at all.
        """
        in_0, in_1 = points.iq
        noise = float(np.sqrt(np.sum(np.abs(points.sigma) ** 2)))
        if max(abs(in_0), abs(in_1)) < _SIGNAL * noise:
            raise AnalysisError(f"the readout of {called} gives no signal at all: its readout line is dead")
        if abs(in_0 - in_1) < _SURELY * noise:
            raise AnalysisError(
                f"the readout of {called} does not tell 0 from 1: its readout, its drive line or its pi pulse does not work; "
                "calibrate the qubit first"
            )
        return cls(complex(in_0 + in_1) / 2, complex(in_0 - in_1) / 2)

    def expectations(self, trace: Trace) -> tuple[Floats, Floats]:
        """Return <Z> and its variance, both of the trace's shape: +1 is |0> as commanded."""
        size = abs(self.towards_0)
        values = ((trace.iq - self.middle) / self.towards_0).real
        variance = along(self.towards_0 / size, trace.sigma, trace.covariance) / size**2
        return np.asarray(values), variance


def reference_points(
    context: RunContext,
) -> Generator[Ask, Mapping[str, Answer], tuple[ReadoutLine, ReadoutLine]]:
    """Ask for the readout of the commanded states; return the lines of control and target. Raises as `ReadoutLine.of`."""
    qids = context.control, context.target
    points = yield from one(REFERENCE, ReadoutReferences(*qids), _MORE_SHOTS * context.parameters["shots"])
    control, target = (
        ReadoutLine.of(points.row(row), called=f"the {role}, qubit {qid},")
        for row, (role, qid) in enumerate(zip(ROLES, qids, strict=True))
    )
    return control, target


def recorded_line(raw: RawData, *, role: str = "target") -> ReadoutLine:
    """Return the readout line of one qubit from the reference points of raw data. Raises as `ReadoutLine.of`."""
    points = recorded_trace(raw, REFERENCE, "state").row(ROLES.index(role))
    return ReadoutLine.of(points, called=f"the {role}, qubit {raw.attributes.get(role)},")


def require_readouts(raw: RawData) -> None:
    """Raise `AnalysisError` where the readout of a qubit does not tell its states apart. Raises as `ReadoutLine.of`."""
    for role in ROLES:
        recorded_line(raw, role=role)


def recorded_trace(raw: RawData, name: str, x_name: str) -> Trace:
    """Return a sweep as it was measured."""
    return Trace(
        np.asarray(raw[f"{name}_{x_name}"], dtype=np.float64),
        np.asarray(raw[f"{name}_iq"], dtype=np.complex128),
        np.asarray(raw[f"{name}_sigma"], dtype=np.complex128),
        np.asarray(raw[f"{name}_covariance"], dtype=np.float64),
        ends=recorded_ends(raw, name),
    )


def ends_of(trace: Trace) -> NDArray[np.bool_]:
    """Return which random two-qubit sequences were closed to end in |1>, shape (n, 2), control first.

    Raw data of before they recorded it hold sequences that end in the four basis states one after the other.
    """
    return ends_in(trace.x.size) if trace.ends is None else trace.ends
