"""Hamiltonian tomography of the cross-resonance tone, with corrections until only ZX is left."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError, NoSignalError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.figure_layout import quantity
from qdash_tasks.declarations import BOTH_QUBITS, MEASUREMENT, TIME_RANGE, TONE, TONE_OUTPUTS, ZX90_GATE
from qdash_tasks.figures.cr_tomography import draw_cr_tomography
from qdash_tasks.figures.plots import figure, scatter
from qdash_tasks.laboratory.pair_requests import CrossResonance, LaterCrossResonance, ReadoutReferences
from qdash_tasks.laboratory.pulses import RISE_NS, CrossResonanceTone
from qdash_tasks.programs.convergence import CHECK_TONES, has_converged, require_converged
from qdash_tasks.programs.dead_lines import name_dead_lines
from qdash_tasks.programs.estimates import make_quality, require_success
from qdash_tasks.programs.features.pairs import (
    PAIR_FEATURES,
    REFERENCE_FEATURES,
    TONE_FEATURES,
    describe_conditions,
    describe_paths,
    describe_references,
    describe_tone,
)
from qdash_tasks.programs.laboratory_task import LaboratoryTask
from qdash_tasks.programs.later_start import LATER, choose_wait_ns, require_phase, require_start_independence
from qdash_tasks.programs.measurement_calls import MeasurementDeclaration
from qdash_tasks.programs.pair_conditions import ROLES, make_pair_attributes
from qdash_tasks.programs.pair_diagnosis import diagnose_pair, make_diagnosis_attributes
from qdash_tasks.programs.pair_parameters import PairParameters
from qdash_tasks.programs.raw_arrays import require_complete
from qdash_tasks.programs.readout_reference import (
    REFERENCE,
    UnreadableError,
    read_first_lines,
    read_first_reference,
)
from qdash_tasks.programs.requested_sweeps import read_requested_sweep
from qdash_tasks.programs.tone_search import (
    HIDES_MHZ,
    compute_impurities,
    find_pure_tone,
    is_poorly_described,
    shows_conditional_rotation,
    start_tone,
)
from qdash_tasks.programs.tone_tomography import (
    compute_conditional_rate,
    get_error,
    purify_tone,
    read_paths,
    rotate_tone,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.programs.measurement_calls import Program

_FEWEST_DURATIONS = 8
"""Fewest durations that the fit needs."""
_FIRST = "round_1"


class CheckCrossResonance(LaboratoryTask):
    """Hamiltonian tomography of the cross-resonance tone, in rounds that correct phase and cancellation from
    the last fit.

    The first tone is weak and short. If the target's trajectory cannot be fitted, a weaker tone follows; if
    the target does not rotate, a longer and stronger one. Corrected tones are repeated at some durations with
    a later start, and must give the same result.
    """

    name = "CheckCrossResonance"
    task_type = "coupling"
    description = (
        "Hamiltonian tomography of a cross-resonance tone: its phase, the cancellation tone, and the ZX rate."
    )
    expected_s = 4.5
    relaxed = True
    input_parameters = MappingProxyType(
        {**BOTH_QUBITS, **{name: replace(given, required=False) for name, given in TONE.items()}}
    )
    run_parameters = MappingProxyType({**MEASUREMENT, "time_range": TIME_RANGE})
    output_parameters = MappingProxyType(TONE_OUTPUTS)
    value_sets = MappingProxyType({ZX90_GATE: (*TONE_OUTPUTS,)})
    traces = MappingProxyType(
        {
            f"{REFERENCE}_*": MeasurementDeclaration(
                ReadoutReferences, "prepared basis states of both qubits, in the same call"
            ),
            "round_*": MeasurementDeclaration(
                CrossResonance, "tone whose amplitude is adjusted until it rotates the target"
            ),
            "pure_*": MeasurementDeclaration(CrossResonance, "tone with corrected phase and cancellation"),
            f"pure_*_{LATER}": MeasurementDeclaration(
                LaterCrossResonance, "some of its points with a later start of the tone", optional=True
            ),
        }
    )

    feature_parameters = MappingProxyType({**PAIR_FEATURES, **REFERENCE_FEATURES, **TONE_FEATURES})

    def program(self, laboratory: Laboratory) -> Program:
        """Find a tone that rotates the target, then correct it until only ZX is left."""
        asked = read_requested_sweep(self.context, "time_range", fewest=_FEWEST_DURATIONS)
        known = make_pair_attributes(self.context) | make_diagnosis_attributes(laboratory, self.context)
        pair = PairParameters.from_context(laboratory, self.context)
        tone, in_use = start_tone(pair), laboratory.coupling(self.context.qid).pure_tone
        if in_use is not None and "cr_amplitude" in self.context.inputs:
            tone = in_use
        try:
            last = yield from find_pure_tone(
                tone, pair, requested_ns=asked, later_ns=choose_wait_ns(laboratory, pair)
            )
        except UnreadableError:
            return known  # the analysis reports the reason
        return known | last.attributes(pair)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last tomography; reject a tone that is impure or depends on its start time."""
        require_complete(result)
        with name_dead_lines(result):
            read_first_lines(result)
            require_phase(result, _FIRST)
            fit = fit_last_tone(result)
            require_start_independence(result, str(result.attributes["last"]))
        outputs = make_tone_outputs(result, fit)
        rest = {name: fit.parameters[name].value for name in ("zy", "ix", "iy", "zz", "iz")}
        return TaskOutput(
            outputs, r2=fit.r2, quality=make_quality(fit), note={f"{name}_mhz": v for name, v in rest.items()}
        )

    @classmethod
    def features(cls, raw: RawData, output: TaskOutput | None) -> Mapping[str, float]:  # noqa: ARG003  of the data
        """Return the features of the readout, and of the first and the last tone."""
        return describe_conditions(raw) | describe_references(raw) | describe_tones(raw, first=_FIRST)

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the last tomography, with its fit if there is one."""
        return draw_tone(raw, "Cross-resonance tomography", fit=bool(output.parameters))

    @classmethod
    def sketch(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:  # noqa: ARG003  what was measured
        """Draw the data of the last tomography."""
        return draw_tone(raw, "Cross-resonance tomography", fit=False)


def fit_last_tone(raw: RawData) -> FitResult:
    """Fit the last tomography of raw data; raise `AnalysisError` with likely causes if it shows no usable rotation."""
    read_first_lines(raw)
    if (name := raw.attributes.get("last")) is None:
        raise AnalysisError("no tone was measured")
    fit = read_paths(raw, str(name)).refit()
    if fit.no_signal:
        reason = "the qubits hardly couple"
        if read_tone(raw).cancel_amplitude * float(raw.attributes["target_rabi_mhz"]) < HIDES_MHZ:
            # Otherwise there is crosstalk from the control's line to cancel, so the control's line works.
            reason = f"the drive line of the control is dead, or {reason}"
        raise NoSignalError(
            f"the target does not rotate ({fit.message}): {reason}{diagnose_pair(raw.attributes)}"
        )
    if is_poorly_described(fit):
        why = fit.message if not fit.success else f"reduced chi² {fit.reduced_chi2:.1f}"
        raise AnalysisError(
            f"the target's path is not a rotation for any tone amplitude ({why}): a frequency collision, leakage of the control, an unstable drive, or a phase that depends on the length or the start of the tone. Check {CHECK_TONES}{diagnose_pair(raw.attributes)}"
        )
    if not shows_conditional_rotation(fit):
        size = abs(compute_conditional_rate(fit))
        raise AnalysisError(
            f"the target rotates equally with both states of the control: ZX of {size:.2g}\N{NO-BREAK SPACE}MHz is within its error. The control's "
            f"π pulse or drive line does not work, the qubits hardly couple, or their frequencies collide{diagnose_pair(raw.attributes)}"
        )
    return require_success(fit)


def describe_tones(raw: RawData, *, first: str) -> dict[str, float]:
    """Return the features of the tone named `first` and of the last one; nothing of one that was not measured or not read."""
    found: dict[str, float] = {}
    for name, prefix in ((first, "first_"), (str(raw.attributes.get("last", first)), "")):
        if f"{name}_duration" not in raw.arrays:
            continue
        try:
            paths = read_paths(raw, name)
        except UnreadableError:
            continue
        found |= describe_tone(paths.refit(), prefix=prefix)
        found |= {} if prefix else describe_paths(paths.y)
    tones = [
        name for name in raw.arrays if name.endswith("_duration") and not name.endswith(f"{LATER}_duration")
    ]
    found |= {"tone_rounds": float(len(tones))} if tones else {}
    amplitude = raw.attributes.get("amplitude")
    return found | ({} if amplitude is None else {"tone_amplitude": float(amplitude)})


def require_pure(raw: RawData, fit: FitResult) -> None:
    """Raise `AnalysisError` unless the last tone rotates the target by ZX alone."""
    corrections = compute_impurities(fit)
    if not has_converged(corrections):
        # Raises if the target's line has too little amplitude for the cancellation.
        purify_tone(
            read_tone(raw), fit, float(raw.attributes["target_rabi_mhz"]), limit=read_target_limit(raw)
        )
    require_converged(corrections, advice=CHECK_TONES)


def make_tone_outputs(raw: RawData, fit: FitResult) -> dict[str, Parameter]:
    """Return the tone of the last tomography and its ZX rate as outputs.

    The tone is rotated about the gate's axis if it has one. It is a chosen setting: another run may choose differently.

    Raises
    ------
    AnalysisError
        As `require_pure`: a further correction would never have been played.
    """
    require_pure(raw, fit)
    rotary, axis_rad = (float(raw.attributes.get(name, 0.0)) for name in ("rotary_amplitude", "axis_rad"))
    played = rotate_tone(replace(read_tone(raw), rotary_amplitude=rotary), axis_rad)
    return {
        "cr_amplitude": Parameter(played.amplitude, None, "a.u."),
        "cr_phase": Parameter(played.phase_rad, None, "rad"),
        "cancel_amplitude": Parameter(played.cancel_amplitude, None, "a.u."),
        "cancel_phase": Parameter(played.cancel_phase_rad, None, "rad"),
        "zx_rotation_rate": Parameter(
            compute_conditional_rate(fit).real * math.cos(axis_rad), get_error(fit, "zx"), "MHz"
        ),
    }


def read_target_limit(raw: RawData) -> float:
    """Read the largest amplitude of the target's line; full scale if the raw data do not contain it."""
    return float(raw.attributes.get("target_limit", 1.0))


def read_tone(raw: RawData) -> CrossResonanceTone:
    """Return the tone of the last tomography."""
    names = ("amplitude", "phase_rad", "cancel_amplitude", "cancel_phase_rad")
    played = {name: float(raw.attributes[name]) for name in names}
    return CrossResonanceTone(**played, rise_ns=float(raw.attributes.get("rise_ns", RISE_NS)))


def draw_tone(raw: RawData, title: str, *, fit: bool) -> dict[str, Any]:
    """Draw the last tomography of raw data."""
    name = str(raw.attributes.get("last", "round_1"))
    if f"{name}_iq" not in raw.arrays:
        return draw_readout(raw, f"{title}: no result")
    try:
        paths = read_paths(raw, name)
    except UnreadableError:
        return draw_readout(raw, f"{title}: no result")
    if not fit:
        return draw_cr_tomography(paths.x_ns, paths.y, title=f"{title}: no result", sigma=paths.sigma)
    found = paths.refit()
    fine = np.linspace(paths.x_ns[0], paths.x_ns[-1], max(200, paths.x_ns.size))
    rates = ", ".join(
        f"{one.upper()} = {quantity(f'{found.parameters[one].value:.3f} ± {get_error(found, one):.3f}', '')}"
        for one in ("zx", "zy", "zz", "ix", "iy", "iz")
    )
    return draw_cr_tomography(
        paths.x_ns,
        paths.y,
        title=title,
        sigma=paths.sigma,
        fitted_x_ns=fine,
        fitted=found.predict(fine),
        rates=f"{rates} (MHz)",
    )


def draw_readout(raw: RawData, title: str) -> dict[str, Any]:
    """Draw the readout of the prepared states of both qubits, for data without a tomography."""
    points = read_first_reference(raw)
    data = [
        scatter(
            f"{role.capitalize()} in |{state}⟩",
            points.iq[row, points.x == state].real,
            points.iq[row, points.x == state].imag,
            sigma=points.sigma[row, points.x == state].imag,
        )
        for row, role in enumerate(ROLES)
        for state in (0, 1)
    ]
    return figure(title, "I (a.u.)", "Q (a.u.)", data)
