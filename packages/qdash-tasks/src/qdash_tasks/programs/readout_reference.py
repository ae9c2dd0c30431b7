"""Readout reference of two qubits: prepared states, against which their other signals are measured."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis import project
from qdash_analysis.cliffords import ends_in
from qdash_core.errors import NoSignalError
from qdash_tasks.laboratory.pair_requests import ReadoutReferences
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.measurement_calls import fits_in_call, measure_traces
from qdash_tasks.programs.pair_conditions import ROLES
from qdash_tasks.programs.survival import read_ends

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.programs.measurement_calls import MeasurementCall

    Floats = NDArray[np.float64]

REFERENCE = "reference"
_SURELY, _SIGNAL = 8.0, 4.0
_REPEATS = 4
"""Repetitions of the prepared states: their error is common to all points of a call, and should be small
beside each point's own.
"""


class UnreadableError(NoSignalError):
    """Exception for a readout that does not separate the prepared states."""


@dataclass(frozen=True, slots=True)
class ReadoutLine:
    """Readout line of a qubit: the middle of its prepared states, and the vector from there to |0>."""

    middle: complex
    towards_0: complex

    @classmethod
    def from_points(cls, points: Trace, *, label: str) -> ReadoutLine:
        """Return the line from reference points in which 0 and 1 were commanded.

        Raises `UnreadableError` if their distance is within noise, or there is no signal at all.
        """
        in_0, in_1 = (points.iq[points.x == state].mean() for state in (0, 1))
        noise = float(np.sqrt(np.sum(np.abs(points.sigma) ** 2))) / (points.x.size // 2)
        if max(abs(in_0), abs(in_1)) < _SIGNAL * noise:
            raise UnreadableError(f"the readout of {label} gives no signal: its readout line is dead")
        if abs(in_0 - in_1) < _SURELY * noise:
            raise UnreadableError(
                f"the readout of {label} does not distinguish 0 from 1: its readout, its drive line or its π pulse does not work; "
                "calibrate the qubit first"
            )
        return cls(complex(in_0 + in_1) / 2, complex(in_0 - in_1) / 2)

    def compute_expectations(self, trace: Trace) -> tuple[Floats, Floats]:
        """Return <Z> and its variance, both of the trace's shape: +1 is the commanded |0>."""
        found = project(
            trace.iq.ravel(),
            sigma=trace.sigma.ravel(),
            covariance=trace.covariance.ravel(),
            zero=self.middle + self.towards_0,
            one=self.middle - self.towards_0,
        )
        assert found.sigma is not None
        shape = trace.iq.shape
        return (1 - 2 * found.y).reshape(shape), (4 * found.sigma**2).reshape(shape)


def measure_with_reference(
    name: str,
    requests: Mapping[str, Request],
    qids: tuple[str, str],
    shots: int,
    *,
    optional: Mapping[str, Request] = MappingProxyType({}),
    points_a_call: int | None = None,
) -> Generator[MeasurementCall, Mapping[str, Answer], tuple[Mapping[str, Trace], ReadoutLine]]:
    """Measure sweeps of a pair and, in the same call, the readout of its prepared states.

    The IQ plane may rotate between calls, so each call needs its own reference. `qids` are control and target.
    `optional` requests are omitted if the call would have more than `points_a_call`. Returns the sweeps and the
    target's line.
        The sweeps; the line of the target.

    Raises as `ReadoutLine.from_points`.
    """
    reference = make_reference_name(name)
    needed = {reference: ReadoutReferences(*qids, repeats=_REPEATS), **requests}
    together = {**needed, **optional}
    found = yield from measure_traces(
        together if fits_in_call(together.values(), points_a_call) else needed, shots
    )
    return found, ReadoutLine.from_points(found[reference].row(1), label=f"the target, qubit {qids[1]},")


def make_reference_name(name: str) -> str:
    """Return the name under which the reference of `name` is stored."""
    return f"{REFERENCE}_{name}"


def get_readout_line(raw: RawData, name: str, *, role: str = "target") -> ReadoutLine:
    """Read the line of one qubit from `read_reference`; raise as `ReadoutLine.from_points`."""
    points = read_reference(raw, name).row(ROLES.index(role))
    return ReadoutLine.from_points(points, label=f"the {role}, qubit {raw.attributes.get(role)},")


def read_reference(raw: RawData, name: str) -> Trace:
    """Return the reference of the data stored under `name`, rows control, target.

    It may be stored under a shorter name, with which `name` begins; older raw data hold one reference for all.
    """
    reference = make_reference_name(name)
    while f"{reference}_iq" not in raw.arrays and reference != REFERENCE:
        reference = reference.rpartition("_")[0]
    return read_trace(raw, reference, "state")


def list_references(raw: RawData) -> list[str]:
    """Return the names of the data that have references, in the order of measurement."""
    kept = (name.removesuffix("_state") for name in raw.arrays if name.endswith("_state"))
    return [name.removeprefix(REFERENCE).removeprefix("_") for name in kept if name.startswith(REFERENCE)]


def read_first_reference(raw: RawData) -> Trace:
    """Return the first readout of the prepared states, rows control, target."""
    return read_reference(raw, list_references(raw)[0])


def read_first_lines(raw: RawData) -> tuple[ReadoutLine, ReadoutLine]:
    """Return the lines of control and target from the first reference; raise as `ReadoutLine.from_points`."""
    first = list_references(raw)[0]
    return get_readout_line(raw, first, role="control"), get_readout_line(raw, first)


def read_trace(raw: RawData, name: str, x_name: str) -> Trace:
    """Return a measured sweep."""
    return Trace(
        np.asarray(raw[f"{name}_{x_name}"], dtype=np.float64),
        np.asarray(raw[f"{name}_iq"], dtype=np.complex128),
        np.asarray(raw[f"{name}_sigma"], dtype=np.complex128),
        np.asarray(raw[f"{name}_covariance"], dtype=np.float64),
        ends=read_ends(raw, name),
    )


def decode_ends(trace: Trace) -> NDArray[np.bool_]:
    """Return whether each random two-qubit sequence ends in |1>, shape (n, 2), the control first.

    Older raw data without this record have the four basis states in turn.
    """
    return ends_in(trace.x.size) if trace.ends is None else trace.ends
