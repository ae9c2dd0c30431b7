"""Calibration of the echoed ZX90: drive amplitude, gate length, cancellation and rotary tones."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_core.tasks.parameters import FeatureDeclaration, OutputParameter
from qdash_tasks.coupling.cross_resonance import describe_tones, draw_tone, fit_last_tone, make_tone_outputs
from qdash_tasks.coupling.zx90.drive_search import search_amplitudes
from qdash_tasks.coupling.zx90.gate_refinement import correct_angle, measure_angle_error, refine_gate
from qdash_tasks.coupling.zx90.rotary_refocusing import TURNS
from qdash_tasks.coupling.zx90.trial_benchmark import HOPELESS, Loss, estimate_loss, make_sequences_name
from qdash_tasks.coupling.zx90.verdict import make_remarks, require_gate, require_tone
from qdash_tasks.declarations import BOTH_QUBITS, MEASUREMENT, TONE, TONE_OUTPUTS, ZX90_GATE
from qdash_tasks.figures.plots import figure, scatter
from qdash_tasks.figures.value_box import add_value_box
from qdash_tasks.laboratory.pair_requests import (
    CrossResonance,
    GateTrain,
    LaterCrossResonance,
    RandomPairSequences,
    ReadoutReferences,
)
from qdash_tasks.programs.convergence import (
    CHECK_TONES,
    Correction,
    has_converged,
    require_converged,
)
from qdash_tasks.programs.dead_lines import name_dead_lines
from qdash_tasks.programs.estimates import make_quality, make_refusal
from qdash_tasks.programs.features.pairs import (
    PAIR_FEATURES,
    REFERENCE_FEATURES,
    TONE_FEATURES,
    describe_conditions,
    describe_references,
)
from qdash_tasks.programs.gate_trains import STATES, fit_trains, read_trains
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.later_start import LATER, ToneError, choose_wait_ns
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.pair_conditions import make_pair_attributes
from qdash_tasks.programs.pair_diagnosis import diagnose_pair, make_diagnosis_attributes
from qdash_tasks.programs.pair_parameters import PairParameters, compute_rabi_at_full_scale
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.readout_reference import (
    REFERENCE,
    UnreadableError,
    get_readout_line,
    read_reference,
    read_trace,
)
from qdash_tasks.programs.tone_search import MeasuredTone, compute_impurities
from qdash_tasks.programs.tone_tomography import measure_fit, purify_tone

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.coupling.zx90.drive_search import Rung
    from qdash_tasks.coupling.zx90.rotary_refocusing import RefinedGate
    from qdash_tasks.figures.plots import Drawn
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone
    from qdash_tasks.programs.measurement_calls import MeasurementCall, Program

_FIRST_TONE, _LAST_TONE = "rung_0_tone_0", "last_tone"
_USUAL_RATE_MHZ = 0.3
_CORRECTIONS = 5
_CLOSE_RAD = 0.03
"""Angle error that is not corrected; it costs a fidelity of 2e-4."""
_FAR_RAD = 0.15
_FINAL_TURNS, _FINAL_POINTS = 1.25, 37


class CreateZX90(LaboratoryTask):
    """Calibration of the echoed ZX90 by trial gates of different drive amplitude.

    Short random sequences rank the trial gates, and the best one is refined. Before any trial gate, the tone
    in use must be independent of its start time, and corrections must leave only ZX. A trial gate has the
    length that its ZX rate requires and a rotary tone of about one turn. The best drive is the minimum of the
    loss against the drive. There, rotary tones of 0.6 to 1.2 turns and of two turns are compared, and gate
    trains correct the angle; if the loss depends on the turns, the rotation axis is tuned too. Tomographies
    and trains of the gate then correct phase, cancellation and angle until neither asks for more: the gate of
    the last ones is recorded.
    """

    name = "CreateZX90"
    task_type = "coupling"
    description = (
        "Echoed ZX90: drive amplitude, phase, cancellation and rotary tones, and length of the gate."
    )
    expected_s = 39.0
    relaxed = True
    input_parameters = MappingProxyType({**BOTH_QUBITS, **TONE})
    run_parameters = MappingProxyType(MEASUREMENT)
    output_parameters = MappingProxyType(
        {
            **TONE_OUTPUTS,
            "rotary_amplitude": OutputParameter(
                unit="a.u.", description="rotary tone of the gate", minimum=-1.0, maximum=1.0, line="drive"
            ),
            "zx90_gate_time": OutputParameter(
                unit="ns",
                description="length of the complete gate, including the π pulses of the control",
                minimum=0.0,
                positive=True,
            ),
        }
    )
    value_sets = MappingProxyType({ZX90_GATE: (*TONE_OUTPUTS, "rotary_amplitude", "zx90_gate_time")})
    traces = MappingProxyType(
        {
            f"{REFERENCE}_*": MeasurementDeclaration(
                ReadoutReferences, "prepared basis states of both qubits, in the same call"
            ),
            "rung_*_tone_*": MeasurementDeclaration(
                CrossResonance, "tone at one drive amplitude, corrected to a ZX rotation"
            ),
            f"rung_0_tone_*_{LATER}": MeasurementDeclaration(
                LaterCrossResonance, "some points of the tone in use with a later start", optional=True
            ),
            "rung_*_sequences": MeasurementDeclaration(
                RandomPairSequences, "error of a trial gate at one drive amplitude"
            ),
            "refined_*_tone_*": MeasurementDeclaration(
                CrossResonance, "tone at the best drive amplitude, corrected to a ZX rotation"
            ),
            "refined_*_train_*": MeasurementDeclaration(
                GateTrain, "rotation angle of the gate being refined"
            ),
            "refined_*_sequences": MeasurementDeclaration(
                RandomPairSequences, "errors of the refined gate and its neighbours"
            ),
            "train_control_*": MeasurementDeclaration(GateTrain, "rotation angle of the recorded gate"),
            _LAST_TONE: MeasurementDeclaration(
                CrossResonance, "tone of the recorded gate, without the rotary tone"
            ),
        }
    )

    feature_parameters = MappingProxyType(
        {
            **PAIR_FEATURES,
            **REFERENCE_FEATURES,
            **TONE_FEATURES,
            "least_loss": FeatureDeclaration("", "error per random Clifford and ZX90 of the best trial gate"),
        }
    )

    def program(self, laboratory: Laboratory) -> Program:
        """Search the drive amplitude, choose the best gate and refine it."""
        known = make_pair_attributes(self.context) | _make_settings_attributes(laboratory, self.context)
        pair = PairParameters.from_context(laboratory, self.context)
        tone, rate_mhz = _get_tone(laboratory, self.context), _get_rate_mhz(self.context)
        try:
            rungs = yield from search_amplitudes(
                tone, rate_mhz, pair, wait_ns=choose_wait_ns(laboratory, pair)
            )
            known["rungs"] = [_encode_trial(rung) for rung in rungs]
            if all(rung.gate is None or rung.loss.error >= HOPELESS for rung in rungs):
                return known
            found, tried = yield from refine_gate(rungs, pair)
            if found is None:
                return known
            return {
                **known,
                "refined": tried,
                "loss": found.loss.error,
                **(yield from _finish_gate(found, pair)),
            }
        except UnreadableError:
            return known  # the analysis reports the reason
        except ToneError as error:
            return {**known, "last": str(error)}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last tomography and the last trains."""
        require_complete(result)
        with name_dead_lines(result):
            require_tone(result)
            require_gate(result)
            fit = fit_last_tone(result)
            errors = read_angle_errors(result)
        tone_ns, rotary = (float(result.attributes[name]) for name in ("tone_ns", "rotary_amplitude"))
        gate_ns = 2 * (tone_ns + float(result.attributes["x180_ns"]))
        tone = make_tone_outputs(result, fit)
        outputs = {
            **tone,
            "rotary_amplitude": Parameter(rotary, None, "a.u."),
            "zx90_gate_time": Parameter(gate_ns, None, "ns"),
        }
        return TaskOutput(
            outputs,
            r2=fit.r2,
            quality=make_quality(fit) | errors,
            note=make_remarks(result, fit),
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the readout, of the tone in use, of the last tone, and of the best gate."""
        found = describe_conditions(raw) | describe_references(raw) | describe_tones(raw, first=_FIRST_TONE)
        return found | ({"least_loss": float(raw.attributes["loss"])} if "loss" in raw.attributes else {})

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the loss against the drive amplitude, or the last tomography if no gate was tried."""
        if not raw.attributes.get("rungs"):
            return draw_tone(raw, "ZX90", fit=False)
        title = "ZX90: error against drive amplitude" if output.parameters else "ZX90: no result"
        drawn = figure(
            title,
            "Cross-resonance amplitude (a.u.)",
            "Error per random Clifford and ZX90",
            _draw_losses(raw),
        )
        return add_value_box(drawn, cls, output) if output.parameters else drawn

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:  # noqa: ARG003  what was measured
        """Draw the data of the last tomography."""
        return draw_tone(raw, "ZX90", fit=False)


def read_angle_errors(raw: RawData) -> dict[str, float]:
    """Return the over-rotation of the last trial gate in rad, for each control state.

    Raises `AnalysisError` if its trains show no gate, or one with a wrong angle.
    """
    name = str(raw.attributes["trained"])
    line = get_readout_line(raw, name)
    errors = {}
    for state in STATES:
        fit = fit_trains(read_trains(raw, name, state, ("ground",)), line, state=state).fit
        if not fit.success:
            raise make_refusal(
                f"trains of the gate with the control in |{state}> show no ZX90: {fit.message}{diagnose_pair(raw.attributes)}",
                fit,
            )
        errors[state] = fit.parameters["angle_error"]
    worst = max((error.value for error in errors.values()), key=abs)
    if abs(worst) > _FAR_RAD:
        raise AnalysisError(
            f"no amplitude gives the right angle: the remaining error is {quantity(f'{worst:.2g}', 'rad')}{diagnose_pair(raw.attributes)}"
        )
    mean = sum(error.value for error in errors.values()) / len(errors)
    sigma = math.hypot(*(error.error or 0.0 for error in errors.values())) / len(errors)
    angle = Correction(name="the angle", value=mean, error=sigma, unit="rad", negligible=_CLOSE_RAD)
    require_converged([angle], advice=f"the drive of the control, and {CHECK_TONES}")
    return {f"angle_error_control_{state}_rad": error.value for state, error in errors.items()}


def _make_settings_attributes(laboratory: Laboratory, context: RunContext) -> dict[str, Any]:
    """Return the settings in use that the analysis reads, as attributes of raw data."""
    control, target = (laboratory.settings[qid] for qid in (context.control, context.target))
    return {
        **make_diagnosis_attributes(laboratory, context),
        "target_rabi_mhz": compute_rabi_at_full_scale(target),
        "x180_ns": control.x180.length_ns,
    }


def _get_tone(laboratory: Laboratory, context: RunContext) -> CrossResonanceTone:
    tone = laboratory.coupling(context.qid).pure_tone
    if tone is None:
        raise AnalysisError("no cross-resonance tone is in use: run CheckCrossResonance first")
    return tone


def _get_rate_mhz(context: RunContext) -> float:
    known = context.inputs.get("zx_rotation_rate")
    return abs(known.value) if known is not None and known.value else _USUAL_RATE_MHZ


def _finish_gate(
    found: RefinedGate, pair: PairParameters
) -> Generator[MeasurementCall, Mapping[str, Answer], dict[str, Any]]:
    """Correct tone and angle until no correction is left; return the gate as attributes of raw data."""
    gate = found.gate
    x_ns = pair.list_durations(1e3 * _FINAL_TURNS / found.zx_mhz, _FINAL_POINTS)
    for number in range(_CORRECTIONS):
        plain = replace(gate.tone, rotary_amplitude=0.0)
        fit = yield from measure_fit(_LAST_TONE, plain, x_ns, pair)
        error = yield from measure_angle_error("train", replace(found, gate=gate).played, pair)
        corrected = _correct_gate(gate, fit, error, found.turns, pair)
        if corrected is None or number == _CORRECTIONS - 1:
            break
        gate = corrected
    last = MeasuredTone(_LAST_TONE, plain, fit).attributes(pair)
    beside = {
        "tone_ns": gate.tone_ns,
        "rotary_amplitude": gate.tone.rotary_amplitude,
        "turns": found.turns,
        "axis_rad": found.axis_rad,
    }
    return {**last, **beside, "trained": "train"}


def _correct_gate(
    gate: ZX90, fit: FitResult, error_rad: float | None, turns: float, pair: PairParameters
) -> ZX90 | None:
    """Return the gate with a pure tone and the right angle; None if nothing is left to correct or no fit succeeded."""
    if error_rad is None or not fit.success:
        return None
    is_pure, is_right = has_converged(compute_impurities(fit)), abs(error_rad) < _CLOSE_RAD
    if is_pure and is_right:
        return None
    if not is_pure:
        try:
            tone = purify_tone(gate.tone, fit, pair.target_rabi_mhz, limit=pair.target_limit)
        except AnalysisError:
            return None
        left = max(pair.target_limit - tone.cancel_amplitude, 0.0)
        gate = replace(gate, tone=replace(tone, rotary_amplitude=min(tone.rotary_amplitude, left)))
    return gate if is_right else correct_angle(gate, error_rad, turns, pair)


def _encode_trial(rung: Rung) -> dict[str, Any]:
    return {"name": rung.name, "amplitude": rung.tone.amplitude}


def _read_loss(raw: RawData, name: str) -> Loss | None:
    """Return the measured loss of a trial gate, or None if it was not measured."""
    name = make_sequences_name(name)
    if f"{name}_iq" not in raw.arrays:
        return None
    return estimate_loss(read_trace(raw, name, "length"), read_reference(raw, name))


def _draw_losses(raw: RawData) -> list[Drawn]:
    """Draw the loss of each gate against its tone amplitude, and the losses of the final comparison."""
    rungs = [(rung["amplitude"], rung["name"]) for rung in raw.attributes["rungs"]]
    tried = [(amplitude, loss) for amplitude, name in rungs if (loss := _read_loss(raw, name))]
    data = [_make_loss_points("Trial gates", tried)]
    finally_at = raw.attributes.get("amplitude")
    for turns in TURNS:
        names = [f"{name}_turns_{turns}" for name in raw.attributes.get("refined", ())]
        found = [loss for name in names if (loss := _read_loss(raw, name))]
        if finally_at is not None and found:
            least = min(found, key=lambda one: one.error)
            data.append(_make_loss_points(f"Refined, {turns} rotary turns", [(finally_at, least)]))
    return data


def _make_loss_points(name: str, tried: list[tuple[float, Loss]]) -> Drawn:
    amplitudes = [amplitude for amplitude, _ in tried]
    return scatter(
        name, amplitudes, [loss.error for _, loss in tried], sigma=[loss.sigma for _, loss in tried]
    )
