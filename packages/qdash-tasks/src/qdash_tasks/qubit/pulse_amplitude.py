"""Amplitudes of the half pi and the pi pulse, and how far off pulses in use are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from qdash_core.models.estimates import Parameter
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import figure
from qdash_tasks.programs.estimates import quality
from qdash_tasks.programs.passive_reset import require_long_interval, t1_reference
from qdash_tasks.programs.pulse_trains import (
    AXIS,
    LONG,
    SHORT,
    Turn,
    angle_error,
    attributes,
    drawn_train,
    plain_pulse,
    pulse_in_use,
    right_amplitude,
    train,
    trained,
)
from qdash_tasks.programs.resonance import require_resonance, resonance_trace
from qdash_tasks.programs.rounds import require_complete
from qdash_tasks.programs.sweep_rounds import RoundsTask

if TYPE_CHECKING:
    from qdash_core.backends.base import BaseBackend
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.programs.sweep_rounds import Program


_OFF_MHZ = 1.0
"""How far off resonance nothing is said: at 2 MHz the amplitude is about one standard deviation wrong, at 5 twelve."""


class _TrainTask(RoundsTask):
    """Trains of one pulse."""

    x_name, x_unit = AXIS
    turn: ClassVar[Turn]
    pulse_name: ClassVar[str]
    """What outputs are called after."""

    @classmethod
    def drawn(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Signal against the number of pulses."""
        ((name, found), *_) = output.parameters.items()
        title = f"{name.replace('_', ' ')} {found.value:.5g} {found.unit}"
        return figure(title, "pulses", "signal (a.u.)", drawn_train(raw, cls.turn))


class _CreateTask(_TrainTask):
    """Trains of growing length, each played with the amplitude that the one before was corrected to.

    Trains of half pi pulses start in |0>; those of pi pulses start there too, which shows the contrast, and after an X90,
    which shows the error with its sign. A short Ramsey trace comes first: far off resonance no amplitude is right. With
    passive reset a T1 trace comes first, and an interval of less than five T1 is refused.
    """

    def sweeps(self, session: Session) -> Program:
        """Correct, train longer, and correct again."""
        shots = self.context.parameters["shots"]
        yield from t1_reference(self.repetition, shots)
        yield from resonance_trace(shots)
        pulse = plain_pulse(session.settings[self.context.qid], self.turn)
        known = f"{self.pulse_name}_amplitude" in self.context.inputs
        last = yield from trained(pulse, self.turn, shots, known=known)
        return attributes(last)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last train; what is recorded is the amplitude that it lets expect to be right."""
        require_long_interval(require_complete(result))
        require_resonance(result, within_mhz=_OFF_MHZ)
        amplitude, fit = right_amplitude(result, self.turn)
        return TaskOutput(
            {
                f"{self.pulse_name}_amplitude": amplitude,
                # It was set, not measured: it has no error of its own.
                f"{self.pulse_name}_length": Parameter(float(result.attributes["length_ns"]), None, "ns"),
            },
            r2=fit.r2,
            quality=quality(fit),
            note={"amplitude_of_the_train": float(result.attributes["amplitude"])},
        )


class CreateHPIPulse(_CreateTask, declarations.CreateHPIPulse):
    """Trains of half pi pulses without DRAG, of growing length."""

    expected_s = 0.53
    turn, pulse_name = "half pi", "hpi"


class CreatePIPulse(_CreateTask, declarations.CreatePIPulse):
    """Trains of pi pulses without DRAG, of growing length."""

    expected_s = 0.83
    turn, pulse_name = "pi", "pi"


class _CheckTask(_TrainTask):
    """A long train of the pulse; where it tells nothing, a short one."""

    with_drag: ClassVar[bool] = False

    def sweeps(self, session: Session) -> Program:
        """Measure one train, and a shorter one when that tells nothing."""
        shots = self.context.parameters["shots"]
        yield from t1_reference(self.repetition, shots)
        chosen = pulse_in_use if self.with_drag else plain_pulse
        pulse = chosen(session.settings[self.context.qid], self.turn)
        for longest in (LONG[self.turn], SHORT):
            fit = yield from train(pulse, self.turn, longest, shots)
            if fit is not None:
                break
        return attributes(pulse)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Fit the last train."""
        require_long_interval(require_complete(result))
        error, fit = angle_error(result, self.turn)
        return TaskOutput({f"{self.pulse_name}_angle_error": error}, r2=fit.r2, quality=quality(fit))


class CheckHPIPulse(_CheckTask, declarations.CheckHPIPulse):
    """A train of the half pi pulse without DRAG."""

    expected_s = 0.26
    turn, pulse_name = "half pi", "hpi"


class CheckPIPulse(_CheckTask, declarations.CheckPIPulse):
    """Trains of the pi pulse without DRAG."""

    expected_s = 0.42
    turn, pulse_name = "pi", "pi"


class CheckDRAGHPIPulse(_CheckTask, declarations.CheckDRAGHPIPulse):
    """A train of the half pi pulse with DRAG."""

    expected_s = 0.26
    turn, pulse_name, with_drag = "half pi", "drag_hpi", True


class CheckDRAGPIPulse(_CheckTask, declarations.CheckDRAGPIPulse):
    """Trains of the pi pulse with DRAG."""

    expected_s = 0.42
    turn, pulse_name, with_drag = "pi", "drag_pi", True
