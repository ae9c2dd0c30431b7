"""What a cross-resonance tone does to the target, and the tone that leaves ZX alone."""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.pictures.cr_tomography import cr_tomography
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import figure, scatter
from qdash_tasks.laboratory.pulses import CrossResonanceTone
from qdash_tasks.programs.dead_lines import naming_dead_lines
from qdash_tasks.programs.estimates import quality, require
from qdash_tasks.programs.pair_diagnosis import diagnosis, pair_attributes
from qdash_tasks.programs.pair_rounds import PairRoundsTask
from qdash_tasks.programs.pair_sweeps import ROLES
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.tone_search import (
    HIDES_MHZ,
    conditional_seen,
    poorly_described,
    pure_tone,
    start_tone,
)
from qdash_tasks.programs.tone_tomography import (
    REFERENCE,
    conditional,
    error_of,
    rabi_at_full_scale,
    recorded_paths,
    recorded_trace,
    reference_points,
    require_readouts,
    trimmed,
    turned,
)

if TYPE_CHECKING:
    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.programs.sweep_rounds import Program

FEWEST_DURATIONS = 8
"""What the fit needs."""


class CheckCrossResonance(PairRoundsTask, declarations.CheckCrossResonance):
    """Tomography of the target under the tone, in rounds: each corrects phase and cancellation by what the last one showed.

    The first tone is weak and short; where the target's path cannot be described, a weaker one follows, where it does not
    turn, a longer and a stronger one.
    """

    expected_s = 4.5
    x_name, x_unit = "duration", "ns"
    fewest_points = MappingProxyType({"time_range": FEWEST_DURATIONS})

    def sweeps(self, session: Session) -> Program:
        """Find a tone that turns the target, then make it pure."""
        shots, direction = self.context.parameters["shots"], self.direction
        control, target = (session.settings[qid] for qid in direction)
        rabi = rabi_at_full_scale(target)
        known = pair_attributes(control, target, self.context.inputs)
        try:
            _, line = yield from reference_points(direction, shots)
        except AnalysisError:
            return known  # the analysis says why
        tone = start_tone(control, target, self.context.inputs)
        in_use = session.couplings[self.context.qid].tone
        if in_use is not None and "cr_amplitude" in self.context.inputs:
            tone = replace(in_use, rotary_amplitude=0.0)
        last = yield from pure_tone(
            tone, line, direction=direction, shots=shots, target_rabi_mhz=rabi, asked=self.asked("time_range")
        )
        return known | last.attributes(rabi)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last tomography; what is recorded is the tone that it lets expect to be pure."""
        require_complete(result)
        with naming_dead_lines(result):
            fit = fitted_tone(result)
        outputs = tone_outputs(result, fit)
        rest = {name: fit.parameters[name].value for name in ("zy", "ix", "iy", "zz", "iz")}
        return TaskOutput(
            outputs, r2=fit.r2, quality=quality(fit), note={f"{name}_mhz": v for name, v in rest.items()}
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the last tomography, with its fit where there is one."""
        return drawn_tone(raw, "cross resonance", fit=bool(output.parameters))

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the last tomography with its fit."""
        return cls.figure(raw, output)


def fitted_tone(raw: RawData) -> FitResult:
    """Fit the last tomography of raw data.

    Raises
    ------
    AnalysisError
        If it tells nothing, with what that may mean.
    """
    if (name := raw.attributes.get("last")) is None:
        require_readouts(raw)
        raise AnalysisError("no tone was measured")
    fit = recorded_paths(raw, str(name)).refit()
    if not fit.success and "no rotation" in fit.message:
        reason = "the qubits hardly couple"
        if recorded_tone(raw).cancel_amplitude * float(raw.attributes["target_rabi_mhz"]) < HIDES_MHZ:
            # Else there is crosstalk of the control's line to cancel, so that line works.
            reason = f"the drive line of the control is dead, or {reason}"
        raise AnalysisError(f"the target does not turn ({fit.message}): {reason}{diagnosis(raw.attributes)}")
    if poorly_described(fit):
        why = fit.message if not fit.success else f"reduced chi² {fit.reduced_chi2:.1f}"
        raise AnalysisError(
            f"the target's path is no rotation, however weak the tone ({why}): a collision of frequencies, a "
            f"control that leaves its levels or a drive that is not stable{diagnosis(raw.attributes)}"
        )
    if not conditional_seen(fit):
        size = abs(conditional(fit))
        raise AnalysisError(
            f"the target turns alike with both states of the control: ZX of {size:.2g} MHz is within its error. The control's "
            f"pi pulse or drive line does not work, the qubits hardly couple, or their frequencies collide{diagnosis(raw.attributes)}"
        )
    return require(fit)


def tone_outputs(raw: RawData, fit: FitResult) -> dict[str, Parameter]:
    """Return the tone that a tomography lets expect to be pure, turned about the axis of its gate if it has one, and its ZX rate.

    The tone is what will be set: a choice, which another run may make otherwise, and no estimate with an error.
    """
    played, rabi = recorded_tone(raw), float(raw.attributes["target_rabi_mhz"])
    rotary, axis_rad = (float(raw.attributes.get(name, 0.0)) for name in ("rotary_amplitude", "axis_rad"))
    right = turned(replace(trimmed(played, fit, rabi), rotary_amplitude=rotary), axis_rad)
    zx_mhz = abs(conditional(fit)) * math.cos(axis_rad)
    return {
        "cr_amplitude": Parameter(right.amplitude, None, "a.u."),
        "cr_phase": Parameter(right.phase_rad, None, "rad"),
        "cancel_amplitude": Parameter(right.cancel_amplitude, None, "a.u."),
        "cancel_phase": Parameter(right.cancel_phase_rad, None, "rad"),
        "zx_rotation_rate": Parameter(zx_mhz, error_of(fit, "zx"), "MHz"),
    }


def recorded_tone(raw: RawData) -> CrossResonanceTone:
    """Return the tone of the last tomography."""
    names = ("amplitude", "phase_rad", "cancel_amplitude", "cancel_phase_rad")
    return CrossResonanceTone(*(float(raw.attributes[name]) for name in names))


def drawn_tone(raw: RawData, title: str, *, fit: bool) -> dict[str, Any]:
    """Draw the last tomography of raw data."""
    name = str(raw.attributes.get("last", "round_1"))
    if f"{name}_iq" not in raw.arrays:
        return drawn_readout(raw, f"{title}: no result")
    paths = recorded_paths(raw, name)
    if not fit:
        return cr_tomography(paths.x_ns, paths.y, title=f"{title}: no result", sigma=paths.sigma)
    found = paths.refit()
    fine = np.linspace(paths.x_ns[0], paths.x_ns[-1], max(200, paths.x_ns.size))
    rates = ", ".join(
        f"{one} {found.parameters[one].value:.3f} ± {error_of(found, one):.3f}"
        for one in ("zx", "zy", "zz", "ix", "iy", "iz")
    )
    return cr_tomography(
        paths.x_ns,
        paths.y,
        title=title,
        sigma=paths.sigma,
        fitted_x_ns=fine,
        fitted=found.predict(fine),
        rates=f"{rates} (MHz)",
    )


def drawn_readout(raw: RawData, title: str) -> dict[str, Any]:
    """Draw the readout of the commanded states of both qubits: all there is where it does not tell them apart."""
    points = recorded_trace(raw, REFERENCE, "state")
    data = [
        scatter(
            f"{role} in {state}",
            [points.iq[row, state].real],
            [points.iq[row, state].imag],
            sigma=[points.sigma[row, state].imag],
        )
        for row, role in enumerate(ROLES)
        for state in (0, 1)
    ]
    return figure(title, "I (a.u.)", "Q (a.u.)", data)
