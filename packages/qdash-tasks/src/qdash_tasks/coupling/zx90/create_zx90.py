"""The echoed ZX90: how strongly it is driven, how long it lasts, and what is played beside its tone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError
from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.coupling.cross_resonance import drawn_tone, fitted_tone, tone_outputs
from qdash_tasks.coupling.zx90.ladder import ladder
from qdash_tasks.coupling.zx90.pair_parameters import PairParameters
from qdash_tasks.coupling.zx90.refining import angle_error, refined, with_angle
from qdash_tasks.coupling.zx90.refocusing import TURNS
from qdash_tasks.coupling.zx90.trial_benchmark import HOPELESS, Loss, loss_in
from qdash_tasks.coupling.zx90.verdict import remarks, require_gate
from qdash_tasks.figures.plots import figure, scatter
from qdash_tasks.figures.value_box import with_values
from qdash_tasks.programs.dead_lines import naming_dead_lines
from qdash_tasks.programs.estimates import quality
from qdash_tasks.programs.gate_trains import STATES, fit_trains, recorded_trains
from qdash_tasks.programs.pair_diagnosis import diagnosis, pair_attributes
from qdash_tasks.programs.pair_rounds import PairRoundsTask
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.tone_search import MeasuredTone
from qdash_tasks.programs.tone_tomography import (
    durations,
    rabi_at_full_scale,
    recorded_line,
    recorded_trace,
    reference_points,
    tone_fit,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.coupling.zx90.ladder import Rung
    from qdash_tasks.coupling.zx90.refocusing import Refined
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.sweep_rounds import Program, Sweep

_CORRECTIONS = 2
_CLOSE_RAD = 0.03
_FAR_RAD = 0.15
_FINAL_TURNS, _FINAL_POINTS = 1.25, 37


class CreateZX90(PairRoundsTask, declarations.CreateZX90):
    """Trial gates at growing and falling drive, each made pure and measured by short random sequences; then the best, refined.

    A trial gate has the length that its ZX rate asks for and a rotary tone of about one turn. The best drive is the lowest point
    of the loss against it. There rotary tones of 0.6 to 1.2 turns and of two are compared, trains of gates correct the angle,
    where the loss goes with the turns the axis is tuned, too, and a last tomography corrects phase and cancellation.
    """

    expected_s = 39.0
    x_name, x_unit = "duration", "ns"

    def sweeps(self, session: Session) -> Program:
        """Climb, choose, refine."""
        shots, direction = self.context.parameters["shots"], self.direction
        control, target = (session.settings[qid] for qid in direction)
        known: dict[str, Any] = dict(pair_attributes(control, target, self.context.inputs))
        known |= {"target_rabi_mhz": rabi_at_full_scale(target), "x180_ns": control.x180.length_ns}
        try:
            lines = yield from reference_points(direction, shots)
        except AnalysisError:
            return known
        pair = PairParameters(
            direction,
            lines,
            shots,
            rabi_at_full_scale(control),
            rabi_at_full_scale(target),
            known["distance_mhz"],
            known.get("control_anharmonicity_mhz"),
        )
        tone = session.couplings[self.context.qid].tone
        if tone is None:
            raise AnalysisError("no cross-resonance tone is in use: run CheckCrossResonance first")
        tone = replace(tone, rotary_amplitude=0.0)
        rungs = yield from ladder(tone, self._rate(), pair)
        known["rungs"] = [_recorded(rung) for rung in rungs]
        if all(rung.gate is None or rung.loss.error >= HOPELESS for rung in rungs):
            return known
        found, tried = yield from refined(rungs, pair)
        if found is None:
            return known
        known |= {"refined": tried, "loss": found.loss.error}
        return {**known, **(yield from _finished(found, pair))}

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last tomography and the last trains."""
        require_complete(result)
        with naming_dead_lines(result):
            require_gate(result)
            fit = fitted_tone(result)
            errors = last_angle_errors(result)
        tone_ns, rotary = (float(result.attributes[name]) for name in ("tone_ns", "rotary_amplitude"))
        gate_ns = 2 * (tone_ns + float(result.attributes["x180_ns"]))
        outputs = {
            **tone_outputs(result, fit),
            "rotary_amplitude": Parameter(rotary, None, "a.u."),
            "zx90_gate_time": Parameter(gate_ns, None, "ns"),
        }
        return TaskOutput(
            outputs,
            r2=fit.r2,
            quality=quality(fit) | errors,
            note=remarks(result, fit),
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Draw the loss against the drive; the last tomography where no gate was tried."""
        if not raw.attributes.get("rungs"):
            return drawn_tone(raw, "ZX90", fit=False)
        drawn = cls.drawn(raw, output)
        return with_values(drawn, cls, output) if output.parameters else drawn

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Loss of a Clifford and the gate against the amplitude of the tone, and of the gates that were compared at the end."""
        tried = [
            (rung["amplitude"], loss)
            for rung in raw.attributes["rungs"]
            if (loss := _loss(raw, rung["name"]))
        ]
        data = [_losses("rungs", tried)]
        finally_at = raw.attributes.get("amplitude")
        for turns in TURNS:
            found = [
                loss
                for name in raw.attributes.get("refined", ())
                if (loss := _loss(raw, f"{name}_turns_{turns}"))
            ]
            if finally_at is not None and found:
                data.append(
                    _losses(
                        f"refined, turns of the rotary tone: {turns}",
                        [(finally_at, min(found, key=lambda one: one.error))],
                    )
                )
        title = "ZX90: loss against drive" if output.parameters else "ZX90: no result"
        return figure(
            title,
            "amplitude on the line of the control (a.u.)",
            "error of a random Clifford and the gate",
            data,
        )

    def _rate(self) -> float:
        known = self.context.inputs.get("zx_rotation_rate")
        return abs(known.value) if known is not None and known.value else 0.3


def last_angle_errors(raw: RawData) -> dict[str, float]:
    """Return by how many rad the last trial gate turned too far with either state of the control.

    Raises
    ------
    AnalysisError
        If its trains show no gate.
    """
    line, name = recorded_line(raw), str(raw.attributes["trained"])
    found = {}
    for state in STATES:
        fit = fit_trains(recorded_trains(raw, name, state, ("ground",)), line, state=state).fit
        if not fit.success:
            raise AnalysisError(
                f"trains of the gate with the control in |{state}> show no ZX90: {fit.message}{diagnosis(raw.attributes)}"
            )
        found[f"angle_error_control_{state}_rad"] = fit.parameters["angle_error"].value
    worst = max(found.values(), key=abs)
    if abs(worst) > _FAR_RAD:
        raise AnalysisError(
            f"no amplitude makes the angle right: it stays {worst:.2g} rad off{diagnosis(raw.attributes)}"
        )
    return found


def _finished(found: Refined, pair: PairParameters) -> Generator[Sweep, Trace, dict[str, Any]]:
    """Correct the amplitude by last trains, and make the tone pure by a last tomography; return it as attributes."""
    gate = found.gate
    for _ in range(_CORRECTIONS):
        error = yield from angle_error("train", gate, pair)
        if error is None or abs(error) < _CLOSE_RAD:
            break
        gate = with_angle(gate, error, turns=found.turns, target_rabi_mhz=pair.target_rabi_mhz)
    plain = replace(gate.tone, rotary_amplitude=0.0)
    x_ns = durations(1e3 * _FINAL_TURNS / found.zx_mhz, _FINAL_POINTS)
    fit = yield from tone_fit(
        "last_tone", plain, pair.lines[1], x_ns, direction=pair.direction, shots=pair.shots
    )
    last = MeasuredTone("last_tone", plain, fit).attributes(pair.target_rabi_mhz)
    beside = {
        "tone_ns": gate.tone_ns,
        "rotary_amplitude": gate.tone.rotary_amplitude,
        "turns": found.turns,
        "axis_rad": found.axis_rad,
    }
    return {**last, **beside, "trained": "train"}


def _recorded(rung: Rung) -> dict[str, Any]:
    return {"name": rung.name, "amplitude": rung.tone.amplitude}


def _loss(raw: RawData, name: str) -> Loss | None:
    """Return the loss of a trial gate as measured; None: it was none."""
    if f"{name}_sequences_iq" not in raw.arrays:
        return None
    lines = recorded_line(raw, role="control"), recorded_line(raw)
    return loss_in(recorded_trace(raw, f"{name}_sequences", "length"), lines)


def _losses(name: str, tried: list[tuple[float, Loss]]) -> dict[str, Any]:
    amplitudes = [amplitude for amplitude, _ in tried]
    return scatter(
        name, amplitudes, [loss.error for _, loss in tried], sigma=[loss.sigma for _, loss in tried]
    )
