"""Simultaneous single shots of two qubits: their measurement, and the counts of joint outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_readout
from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_tasks.figures.plots import figure, scatter
from qdash_tasks.laboratory.pair_requests import JointShots
from qdash_tasks.programs.estimates import make_refusal
from qdash_tasks.programs.measurement_calls import measure_shots
from qdash_tasks.programs.pair_conditions import ROLES, make_pair_attributes
from qdash_tasks.programs.raw_arrays import make_shot_array

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import Prepared
    from qdash_tasks.programs.measurement_calls import MeasurementCall

    Integers = NDArray[np.int64]
    Complexes = NDArray[np.complex128]

COMMANDED: tuple[Prepared, ...] = ("00", "01", "10", "11")

_DRAWN_POINTS = 500
_SURELY, _BESIDE = 5.0, 0.05
"""Largest accepted distance of the mean of a qubit's shots from the line, in errors and in units of the
distance of |0> and |1>: leakage moves it too.
"""


def measure_bell_state(
    context: RunContext, bases: Sequence[str]
) -> Generator[MeasurementCall, Mapping[str, Answer], RawData]:
    """Measure single shots of the Bell state made by the gate in use, and of the four prepared states.

    The prepared states give the threshold of each qubit and the confusion matrix; `bases` names the control first.
    """
    qids = context.control, context.target
    asked = {f"commanded_{state}": JointShots(*qids, state) for state in COMMANDED}
    asked |= {f"bell_{name}": JointShots(*qids, "bell", name) for name in bases}
    found = yield from measure_shots(asked, context.parameters["shots"], keep=False)
    shots = {name: make_shot_array(found[name]) for name in asked}
    return RawData(shots, make_pair_attributes(context))


def count_outcomes(raw: RawData, bases: Sequence[str]) -> tuple[dict[str, Integers], Integers]:
    """Return the counts of 00, 01, 10 and 11 by basis, shape ``(4,)`` each, and of each commanded state, shape ``(4, 4)``.

    Raises
    ------
    AnalysisError
        If a readout does not separate its prepared states, or the shots of the Bell state lie elsewhere in the IQ
        plane.
    """
    lines = [_read_line(raw, place) for place in range(len(ROLES))]
    for place in range(len(ROLES)):
        _require_same_plane(raw, place, bases)
    counts = {name: _count_shots(raw[f"bell_{name}"], lines) for name in bases}
    return counts, np.stack([_count_shots(raw[f"commanded_{state}"], lines) for state in COMMANDED])


def draw_clouds(raw: RawData) -> dict[str, Any]:
    """Draw the prepared states of both qubits, for data without a successful analysis."""
    data = [
        scatter(
            f"{role.capitalize()} Q{raw.attributes[role]} prepared in |{state}⟩",
            shots.real,
            shots.imag,
            marker={"size": 3, "opacity": 0.5},
        )
        for place, role in enumerate(ROLES)
        for state in "01"
        for shots in [read_commanded_shots(raw, place, state)[:: _read_calibration_shots(raw)]]
    ]
    return figure("No result: single shots", "I (a.u.)", "Q (a.u.)", data)


def _read_calibration_shots(raw: RawData) -> int:
    return max(1, int(raw["commanded_00"].shape[0]) // _DRAWN_POINTS)


def read_commanded_shots(raw: RawData, place: int, state: str) -> Complexes:
    """Return the shots of one qubit in one commanded state, for both states of the other."""
    shots = [raw[f"commanded_{both}"][:, place] for both in COMMANDED if both[place] == state]
    return np.concatenate(shots).astype(np.complex128)


def _read_line(raw: RawData, place: int) -> tuple[float, float]:
    """Return the rotation and the threshold of the readout of one qubit."""
    fit = fit_readout(*(read_commanded_shots(raw, place, state) for state in "01"))
    if not fit.success:
        where = f"{ROLES[place]}, qubit {raw.attributes[ROLES[place]]}"
        raise make_refusal(f"readout of {where}: {fit.message}", fit)
    return fit.parameters["rotation"].value, fit.parameters["threshold"].value


def _require_same_plane(raw: RawData, place: int, bases: Sequence[str]) -> None:
    """Raise `AnalysisError` if the Bell state's mean point lies off the line through the prepared states."""
    zero, one = (read_commanded_shots(raw, place, state).mean() for state in "01")
    along = (one - zero) / abs(one - zero)
    for name in bases:
        beside = ((raw[f"bell_{name}"][:, place].astype(np.complex128) - zero) / along).imag
        error = float(beside.std() / np.sqrt(beside.size))
        if abs(beside.mean()) > _SURELY * error + _BESIDE * abs(one - zero):
            raise AnalysisError(
                f"readout of {ROLES[place]}, qubit {raw.attributes[ROLES[place]]}: the points of the Bell state are off the line through the prepared states, so the IQ plane has changed: `qdash lab check CHIP --only readout_reference`"
            )


def _count_shots(shots: Complexes, lines: Sequence[tuple[float, float]]) -> Integers:
    control, target = (
        (shots[:, place] * np.exp(-1j * rotation)).real > threshold
        for place, (rotation, threshold) in enumerate(lines)
    )
    return np.bincount(2 * control + target, minlength=4)
