"""Calibration of a DRAG pulse: coefficient from pairs of opposite pulses, then amplitude from pulse trains."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.base import TaskOutput
from qdash_tasks.laboratory.design import QubitDesign
from qdash_tasks.programs.drag_detuning import add_fringes, compute_shift_ns_per_mhz, measure_detuning
from qdash_tasks.programs.drag_search import (
    estimate_beta_ns,
    find_beta,
    fit_pairs,
    require_optimum_inside,
    require_return_to_ground,
)
from qdash_tasks.programs.estimates import get_lowest_r2, make_parameter, make_quality
from qdash_tasks.programs.passive_reset import require_long_interval
from qdash_tasks.programs.pulse_trains import (
    SHORT_TRAIN,
    calibrate_amplitude,
    compute_amplitude,
    make_pulse_attributes,
    measure_train,
)
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.requested_sweeps import read_known_value
from qdash_tasks.programs.resonance import OFF_FOR_DRAG_MHZ, add_resonance_check, require_resonance
from qdash_tasks.validators import DESIGNED_ANHARMONICITY

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import Pulse
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.pulse_trains import Rotation


def calibrate_drag(
    context: RunContext, limits: Limits, rotation: Rotation, pulse: Pulse, *, known: bool
) -> Generator[MeasurementCall, Mapping[str, Answer], Mapping[str, Any]]:
    """Search for the optimal coefficient, refine it, and correct the amplitude there.

    Traces are `reference`, `resonance`, `fringes`, `fewer`, `more`, and those of trains. `known`: the coefficient of
    the pulse in use was measured before. Returns attributes of the raw data.
    """
    program = _calibrate(context, limits, rotation, pulse, known=known)
    return (yield from add_fringes(program, limits, read_known_value(context, "t2_star")))


def _calibrate(
    context: RunContext, limits: Limits, rotation: Rotation, pulse: Pulse, *, known: bool
) -> Generator[MeasurementCall, Mapping[str, Answer], Mapping[str, Any]]:
    shots, line = context.parameters["shots"], limits.line(context.qid)
    designed_ghz = QubitDesign.from_context(context).anharmonicity_ghz
    expected_ns = estimate_beta_ns(designed_ghz)
    window, beta = yield from add_resonance_check(find_beta(rotation, pulse, expected_ns, shots, known=known))
    pairs: dict[str, Any] = {"pairs": list(window.both_pairs)}
    if designed_ghz is not None:
        pairs[DESIGNED_ANHARMONICITY] = designed_ghz
    if beta is None:
        # A train shows whether the drive is to blame.
        yield from measure_train(rotation, pulse, SHORT_TRAIN, shots)
        return {**make_pulse_attributes(pulse, line), **pairs}
    pulse = replace(pulse, beta_ns=beta.value)
    last = yield from calibrate_amplitude(rotation, pulse, line, shots, known=True)
    return {**make_pulse_attributes(last, line), **pairs}


def make_drag_output(raw: RawData, rotation: Rotation) -> TaskOutput:
    """Fit the last sweep of the coefficient and the last train.

    The coefficient is the optimum at the frequency of the drive. A detuning moves it; the error includes the distance
    from the optimum on resonance, and the note gives both.

    Raises
    ------
    AnalysisError
        If the interval of a passive reset is too short, the drive is off resonance, a fit fails, or the
        resulting coefficient does not return the qubit to |0>.
    """
    require_long_interval(require_complete(raw))
    require_resonance(raw, within_mhz=OFF_FOR_DRAG_MHZ)
    right, train_fit = compute_amplitude(raw, rotation)
    _, pairs_fit = fit_pairs(raw)
    found = make_parameter(pairs_fit.parameters["beta"])
    require_optimum_inside(raw, found.value)
    require_return_to_ground(raw, found.value, rotation)
    detuning, note = measure_detuning(raw), {"amplitude_of_the_train": float(raw.attributes["amplitude"])}
    if detuning is not None and found.error is not None:
        shift_ns = (
            compute_shift_ns_per_mhz(rotation, float(raw.attributes["length_ns"])) * detuning.uncertainty_mhz
        )
        found = replace(found, error=math.hypot(found.error, shift_ns))
        note |= {"detuning_khz": 1e3 * detuning.value_mhz, "error_by_detuning_ns": shift_ns}
    fits = (pairs_fit, train_fit)
    designed = {name: raw.attributes[name] for name in (DESIGNED_ANHARMONICITY,) if name in raw.attributes}
    return TaskOutput(
        {f"drag_{rotation.name}_amplitude": right, f"drag_{rotation.name}_beta": found},
        r2=get_lowest_r2(*fits),
        quality=make_quality(*fits),
        note={**note, **designed},
    )
