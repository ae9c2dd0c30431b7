"""Phase convention of an instrument, for tasks that rely on artificial detunings for a sign.

Mirrored phases reverse the sign of every detuning measured with artificial ones, and the fringes look perfect. Fringes
of a generator that is really detuned reveal it: their frequency is the sum of both detunings, or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.tasks.figure_layout import quantity
from qdash_tasks.laboratory.limits import is_within
from qdash_tasks.laboratory.pair_requests import DetunedConditionalRamsey
from qdash_tasks.laboratory.requests import DetunedRamsey
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration, add_to_first_call
from qdash_tasks.programs.projection import project_signals
from qdash_tasks.programs.resonance import compute_improvement

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.programs.measurement_calls import MeasurementCall

_Result = TypeVar("_Result")

_NAME = "detuned"
DETUNED_TRACE = {
    _NAME: MeasurementDeclaration(
        DetunedRamsey,
        "fringes of a generator detuned from the qubit: the sign convention of phases",
        optional=True,
    )
}
"""Trace declared by tasks of one qubit that use `add_detuned_fringes`."""
PAIR_DETUNED_TRACE = {
    _NAME: MeasurementDeclaration(
        DetunedConditionalRamsey,
        "fringes of a generator detuned from the target, control in |0>: the sign convention of phases",
        optional=True,
    )
}
"""The same for tasks of a coupling, on its target."""

_DELAYS_US = 8e-3 * np.array([
    0, 6, 15, 20, 29, 34, 42, 51, 55, 63, 72, 76, 84, 90, 99, 104, 112, 121, 125, 133, 140, 148, 153, 162, 168, 175, 184, 188,
    197, 203, 210, 217, 225, 232, 238, 246,
])  # fmt: skip
"""Delays off any regular grid, so that a fast fringe has no alias."""
_ARTIFICIAL_MHZ, _BESIDE_MHZ = -3.0, 2.0
"""Detunings of the same effect: fringes are fast enough to be seen before they decay; mirrored phases make
them slower.
"""
_FRINGES_MHZ = np.arange(0.1, 60.0, 0.1)
_NEAR_MHZ, _NEAR_SIGMAS = 0.3, 3.0
"""Accepted distance of fringes from their expected frequency: a window of 2 µs and static ZZ blur them."""
_AS_WELL, _SURELY = 0.8, 25.0


def add_detuned_fringes(
    program: Generator[MeasurementCall, Mapping[str, Answer], _Result],
    laboratory: Laboratory,
    qid: str,
    *,
    control: str | None = None,
) -> Generator[MeasurementCall, Mapping[str, Answer], _Result]:
    """Run `program`; measure fringes of a detuned generator in its first call.

    They are skipped if the laboratory does not support the request, does not reach the frequency, or takes fewer points
    in a call. `control` stays in |0> if the coupling with the target `qid` is measured; it is None for a qubit.
    """
    drive_ghz = laboratory.settings[qid].drive_frequency_ghz
    frequency_ghz = drive_ghz + 1e-3 * _BESIDE_MHZ
    reached = is_within(laboratory.limits.line(qid).frequencies_ghz, frequency_ghz)
    request = (
        DetunedRamsey(_DELAYS_US, _ARTIFICIAL_MHZ, frequency_ghz)
        if control is None
        else DetunedConditionalRamsey(control, qid, _DELAYS_US, 0, _ARTIFICIAL_MHZ, frequency_ghz)
    )
    if not laboratory.supports(type(request)) or not reached:
        return (yield from program)
    most = laboratory.limits.points_a_call
    return (yield from add_to_first_call({_NAME: request}, program, points_a_call=most))


def require_phase_sense(raw: RawData, detuning_mhz: float, error_mhz: float | None) -> None:
    """Raise `AnalysisError` if fringes of the detuned generator contradict its detuning or sign.

    Do nothing if there is no such trace, or no fringe in it: the task's own data show the reason.

    `detuning_mhz` is qubit minus drive frequency, from artificial detunings, with its 1-sigma error.
    """
    fringes = _weigh_fringes(raw, detuning_mhz, error_mhz)
    if fringes is None:
        return
    near, explained = fringes
    expected = _predict_fringe_mhz(detuning_mhz)
    if near < _AS_WELL * explained.max() - _SURELY:
        seen = _FRINGES_MHZ[explained.argmax()]
        raise AnalysisError(
            f"a generator {_BESIDE_MHZ:g}\N{NO-BREAK SPACE}MHz above the drive gives fringes of {seen:.2g}\N{NO-BREAK SPACE}MHz, but the detuning found "
            f"({quantity(f'{detuning_mhz:+.2g}', 'MHz')}) predicts {expected:.2g}\N{NO-BREAK SPACE}MHz: phases are mirrored or restart with each pulse, or answers are in another order, so the sign of the detuning is unknown. `qdash lab check CHIP` identifies the fault"
        )


def compare_detuned_fringes(raw: RawData, detuning_mhz: float, error_mhz: float | None) -> float | None:
    """Return how well fringes of the detuned generator agree with its detuning and sign: 1 if they do.

    None if there is no such trace, or no fringe in it.
    """
    fringes = _weigh_fringes(raw, detuning_mhz, error_mhz)
    if fringes is None or fringes[1].max() < _SURELY:
        return None
    return fringes[0] / float(fringes[1].max())


def _predict_fringe_mhz(detuning_mhz: float) -> float:
    return abs(detuning_mhz - _BESIDE_MHZ + _ARTIFICIAL_MHZ)


def _weigh_fringes(
    raw: RawData, detuning_mhz: float, error_mhz: float | None
) -> tuple[float, NDArray[np.float64]] | None:
    """Return the gain in chi² by fringes near the expected frequency, and by those of every frequency."""
    if f"{_NAME}_iq" not in raw.arrays:
        return None
    try:
        (signal,) = project_signals(raw, (_NAME,), x_name="delay")
    except AnalysisError:
        return None
    blur = (_NEAR_MHZ + _NEAR_SIGMAS * (error_mhz or 0.0)) * np.linspace(-1.0, 1.0, 25)
    expected = _predict_fringe_mhz(detuning_mhz)
    near = compute_improvement(signal, np.maximum(expected + blur, _FRINGES_MHZ[0]))
    return float(near.max()), compute_improvement(signal, _FRINGES_MHZ)
