"""Conversion of a twin's answers to the arrays that qubex expects, in every capture mode.

The instruments sum: a value is the mean over the samples of its window times their number. A mean waveform of an
undriven qubit rises as the resonator does. Other waveforms follow the probe; its noise is white, with the amplitude implied by the noise of the value if the
twin states it (means). The waveform of a single shot has no noise beyond that of its value.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from qdash_core import InvalidInputError
from qubex.backend.quel3 import Quel3BackendExecutionResult, Quel3CaptureMode

from qubex_on_a_twin.timelines import READOUT_NS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from qdash_tasks.laboratory import ProgramAnswer
    from qubex.backend.quel3 import Quel3ExecutionPayload

    from qubex_on_a_twin.timelines import Capture, Translated

    Answered = Sequence[ProgramAnswer]
    Complexes = NDArray[np.complex128]


def result(
    payload: Quel3ExecutionPayload,
    meant: Translated,
    answered: Answered,
    rng: np.random.Generator,
    waveforms: Mapping[str, Complexes] = MappingProxyType({}),
) -> Quel3BackendExecutionResult:
    """Return the result that the instruments would return.

    `waveforms` are known mean waveforms by label; others follow from the mean values.

    Raises
    ------
    InvalidInputError
        If the capture mode is unknown.
    """
    mode = payload.capture_mode
    data: dict[str, list[Complexes]] = {label: [] for label in {one.label: None for one in meant.captures}}
    # One order for all qubits, since rows are joint shots.
    order = rng.permutation(payload.n_iterations) if len(answered) > 1 else None
    for capture in meant.captures:
        place = len(data[capture.label])
        if mode is Quel3CaptureMode.AVERAGED_VALUE:
            found = _mean(capture, place, answered) * _gathered(capture)
        elif mode is Quel3CaptureMode.AVERAGED_WAVEFORM:
            known = waveforms.get(capture.label)
            found = _waveform(capture, place, answered, rng) if known is None else known
        elif mode is Quel3CaptureMode.VALUES_PER_ITER:
            found = _each(capture, place, answered, payload.n_iterations, order) * _gathered(capture)
        elif mode is Quel3CaptureMode.RAW_WAVEFORMS:
            values = _each(capture, place, answered, payload.n_iterations, order)
            found = values[:, None] * _along(capture)
        else:
            raise InvalidInputError(
                f"{capture.label}: capture mode {mode.value}: the twin has the other four"
            )
        data[capture.label].append(np.asarray(found))
    return Quel3BackendExecutionResult(status={}, data=data, config={"sampling_period_ns": READOUT_NS})


def _mean(capture: Capture, place: int, answered: Answered) -> complex:
    return complex(np.mean([answer.iq[capture.qid].mean[place] for answer in answered]))


def _each(
    capture: Capture, place: int, answered: Answered, count: int, order: NDArray[np.intp] | None
) -> Complexes:
    """Return every shot, shape (count,); several programs share the shots."""
    shots = np.concatenate([answer.iq[capture.qid].each[:, place] for answer in answered])[:count]
    return shots if order is None else shots[order]


def _gathered(capture: Capture) -> complex:
    """Return the sum over the samples of a window for a signal of 1."""
    return complex(_along(capture).sum())


def _along(capture: Capture) -> Complexes:
    """Return the signal along the window, which follows the probe; without a probe only noise is left."""
    return capture.envelope if capture.amplitude else np.ones_like(capture.envelope)


def _waveform(capture: Capture, place: int, answered: Answered, rng: np.random.Generator) -> Complexes:
    """Return the mean waveform, whose sum is the mean value."""
    along = _along(capture)
    noise = np.zeros_like(along)
    covariances = [answer.iq[capture.qid].covariance for answer in answered]
    if all(one is not None for one in covariances):
        variance = np.mean([one[place].diagonal() for one in covariances], axis=0) / len(answered)
        sigma = np.sqrt(variance * along.size)
        noise = (rng.standard_normal((along.size, 2)) * sigma).view(np.complex128)[:, 0]
        noise -= noise.mean()
    return _mean(capture, place, answered) * along + noise
