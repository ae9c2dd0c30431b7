"""Readout amplitude: strong enough to tell the clouds apart, weak enough not to drive the qubit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import fit_readout_amplitude
from qdash_analysis.discriminant import axis_histograms, best_shares
from qdash_core.errors import AnalysisError, BackendError, InvalidInputError
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import TaskOutput
from qdash_tasks import declarations
from qdash_tasks.figures.plots import curve, figure, scatter
from qdash_tasks.figures.value_box import with_values
from qdash_tasks.laboratory.shots import Repetition
from qdash_tasks.laboratory.trace import CLOCK
from qdash_tasks.programs.estimates import parameter, quality, require
from qdash_tasks.programs.grouped import GroupedTask
from qdash_tasks.programs.requested_sweeps import requested_sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.backends.base import BaseBackend
    from qdash_core.tasks.base import BaseTask
    from qdash_tasks.laboratory.session import Session

    Floats = NDArray[np.float64]

# Factors of the amplitude in use: it may be off by two, or it was the best one before.
_UNKNOWN = np.geomspace(0.4, 2.0, 10)
_KNOWN = np.geomspace(0.5, 1.9, 7)
_AROUND = np.geomspace(0.62, 1.55, 8)
_FEWEST_AMPLITUDES = 6
_FULL_SCALE = 1.0
_CLEARLY = 5.0
_MOST_SWEEPS = 3
_INSIDE = 1.15
_TELLING = 0.52


class CheckOptimalReadoutAmplitude(GroupedTask, declarations.CheckOptimalReadoutAmplitude):
    """Single shots of 0 and of 1 at several readout amplitudes, and the share of right answers at each.

    Of the shots, histograms along the line between the clouds are kept. The sweep goes on where the best amplitude does
    not lie well inside it.
    """

    expected_s = 2.7

    @classmethod
    def run_group(cls, backend: BaseBackend, tasks: Sequence[BaseTask]) -> list[RawData | Exception]:
        """Measure all targets, sweep by sweep. Touches hardware."""
        session: Session = backend.get_instance()
        running = [_Running(task, *_first_sweep(task, session)) for task in tasks]
        while wanted := [one for one in running if one.wants is not None]:
            if any(one.task.context.cancelled for one in wanted):
                reason = "the run was cancelled before the measurement was complete"
                return [BackendError(reason) if one.wants is not None else one.raw() for one in running]
            for together in _alike(wanted):
                _measure(session, together)
        return [one.raw() for one in running]

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:  # noqa: ARG002
        """Find the top of the fidelity."""
        fit = require(_fitted(_Points.of(result)))
        return TaskOutput(
            {"readout_amplitude": parameter(fit.parameters["readout_amplitude"])},
            r2=fit.r2,
            quality=quality(fit),
            note={"average_readout_fidelity": fit.parameters["average_readout_fidelity"].value},
        )

    @classmethod
    def figure(cls, raw: RawData, output: TaskOutput) -> dict[str, Any]:
        """Share of right answers against amplitude."""
        points = _Points.of(raw)
        data = [scatter("measured", points.amplitude, points.fidelity, sigma=points.sigma)]
        title = "no result: the fidelities as measured"
        if output.parameters:
            data.append(curve("fit", require(_fitted(points)).predict, points.amplitude))
            title = (
                f"highest fidelity at readout amplitude {output.parameters['readout_amplitude'].value:.4g}"
            )
        drawn = figure(title, "readout amplitude (a.u.)", "average readout fidelity", data)
        return with_values(drawn, cls, output)


@dataclass(frozen=True, slots=True)
class _Points:
    """Share of right answers at the best threshold of each amplitude, and of how many; each of shape (n,)."""

    amplitude: Floats
    fidelity: Floats
    shots: Floats

    @classmethod
    def of(cls, raw: RawData) -> _Points:
        counts = [np.asarray(raw[f"prepared_{state}"], dtype=np.float64) for state in (0, 1)]
        shares = best_shares(*counts)
        order = np.argsort(raw["amplitude"])
        found = (raw["amplitude"], (shares[0] + shares[1]) / 2, counts[0].sum(axis=1) + counts[1].sum(axis=1))
        return cls(*(np.asarray(values)[order] for values in found))

    @property
    def sigma(self) -> Floats:
        """1-sigma error of the fidelities."""
        wrong = (1 - self.fidelity) * self.shots + 0.5
        return np.asarray(np.sqrt(wrong * (self.shots + 1 - wrong) / (self.shots + 1)) / self.shots)


@dataclass(slots=True)
class _Running:
    """One target on its way: the amplitudes that it wants next, and what was measured."""

    task: BaseTask
    wants: Floats | None
    chosen: bool
    clock_s: float = 0.0
    amplitudes: list[float] = field(default_factory=list)
    counts: tuple[list[Floats], list[Floats]] = field(default_factory=lambda: ([], []))
    sweeps: int = 0

    @property
    def repetition(self) -> Repetition:
        return Repetition.asked_for(self.task.context.parameters)

    def raw(self) -> RawData:
        arrays: dict[str, tuple[Any, str]] = {"amplitude": (np.array(self.amplitudes), "a.u.")}
        for state in (0, 1):
            arrays[f"prepared_{state}"] = (np.array(self.counts[state], dtype=np.int32), "shots")
        return RawData(arrays, {**self.repetition.attributes(), CLOCK: self.clock_s})

    def decide(self) -> None:
        """Choose what to measure next, or nothing, when the best amplitude lies well inside of what was measured."""
        self.sweeps += 1
        self.wants = None
        if not self.chosen and self.sweeps < _MOST_SWEEPS:
            self.wants = _next_sweep(_Points.of(self.raw()))


def _first_sweep(task: BaseTask, session: Session) -> tuple[Floats, bool]:
    """Return the first amplitudes, and whether the caller asked for these and no others."""
    asked = requested_sweep(task.context, "amplitude_range", fewest=_FEWEST_AMPLITUDES)
    if asked is not None:
        if asked[0] <= 0:
            raise InvalidInputError(
                "amplitude_range: without a probe there is nothing to read: start above 0"
            )
        return asked, True
    known = task.context.inputs.get("readout_amplitude")
    if known is not None:
        return _limited(known.value * _KNOWN), False
    return _limited(session.settings[task.context.qid].readout_amplitude * _UNKNOWN), False


def _limited(amplitudes: Floats) -> Floats:
    return np.unique(np.minimum(amplitudes, _FULL_SCALE))


def _next_sweep(points: _Points) -> Floats | None:
    """Return amplitudes farther on towards the best one, or None when it is enclosed or nowhere to be seen."""
    if points.fidelity.max() < _TELLING:
        return None
    lowest, highest = float(points.amplitude[0]), float(points.amplitude[-1])
    fit = _fitted(points)
    seen = float(points.amplitude[points.fidelity.argmax()])
    best = fit.parameters["readout_amplitude"].value if fit.success else seen
    falls = points.fidelity[-1] < points.fidelity.max() - _CLEARLY * points.sigma[-1]
    if best < lowest * _INSIDE:
        return np.asarray(lowest / np.geomspace(2.5, 1.1, 7))
    if not fit.success and falls:
        return _limited(best * _AROUND)
    if (best > highest / _INSIDE or not fit.success) and highest < _FULL_SCALE:
        return _limited(highest * np.geomspace(1.1, 2.5, 7))
    return None


def _alike(wanted: Sequence[_Running]) -> list[list[_Running]]:
    """Split what is wanted into calls: shots and their repetition are common to all targets of one."""
    groups: dict[tuple[int, Repetition], list[_Running]] = {}
    for one in wanted:
        groups.setdefault((one.task.context.parameters["shots"], one.repetition), []).append(one)
    return list(groups.values())


def _measure(session: Session, together: Sequence[_Running]) -> None:
    """Measure the amplitudes that each target wants, one of each at a time. Touches hardware."""
    how = together[0].repetition.arguments(together[0].task.context.parameters["shots"])
    wanted = {one.task.context.qid: one.wants for one in together if one.wants is not None}
    begun_s = {qid: session.laboratory.now_s(qid) for qid in wanted}
    for index in range(max(amplitudes.size for amplitudes in wanted.values())):
        probes = {qid: float(probe[index]) for qid, probe in wanted.items() if index < probe.size}
        clouds = [
            session.readout_shots(
                tuple(probes),
                prepare=state,
                **how,
                amplitudes=probes,
            )
            for state in (0, 1)
        ]
        for one in together:
            qid = one.task.context.qid
            if qid in probes:
                one.amplitudes.append(probes[qid])
                for state, counted in enumerate(axis_histograms(clouds[0][qid], clouds[1][qid])):
                    one.counts[state].append(counted)
    for one in together:
        one.clock_s = begun_s[one.task.context.qid]
        one.decide()


def _fitted(points: _Points) -> FitResult:
    if points.fidelity.max() < _TELLING:
        raise AnalysisError("no amplitude tells 0 from 1: the readout is dead, or the pulse does nothing")
    return fit_readout_amplitude(points.amplitude, points.fidelity, shots=points.shots)
