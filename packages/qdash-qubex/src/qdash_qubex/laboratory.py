"""Laboratory that plays pulses through qubex."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core import BackendError, InvalidInputError, machine_now, make_coupling_id
from qdash_qubex.library.execution import AT_ONCE, Execution, extract_readouts, extract_waveform
from qdash_qubex.library.schedules import Schedule
from qdash_qubex.limits import LIMITS, TIMINGS, make_limits
from qdash_tasks.laboratory import (
    CAPTURE_REQUESTS,
    IQ,
    CouplingSettings,
    Program,
    ProgramAnswer,
    PulseLaboratory,
    Readout,
    ReadoutWaveform,
    Settings,
    Trace,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from qdash_qubex.library.lines import Lines
    from qdash_qubex.limits import Timing
    from qdash_qubex.system_config import Kind
    from qdash_tasks.laboratory import Answer, Request, Shots


@dataclass(frozen=True, slots=True)
class _SentProgram:
    """Program as sent, without unplayable parts."""

    readouts: Mapping[str, Sequence[Readout]]
    failed: Mapping[str, str]
    schedule: Any = field(repr=False)


class QubexLaboratory(PulseLaboratory):
    """Laboratory of one open session. Thread-safe.

    The initial settings are those of qubex. Programs name the frequencies of their generators: nothing depends on
    earlier changes in qubex. `experiment` is a `qubex.Experiment`. `ready` is called before anything is played; raises
    `BackendError` if nothing can be.
    """

    requests = PulseLaboratory.requests | CAPTURE_REQUESTS
    limits = LIMITS

    def __init__(
        self, experiment: Any, lines: Lines, kind: Kind, *, ready: Callable[[], None] = lambda: None
    ) -> None:
        self.limits = make_limits(lines, TIMINGS[kind])
        super().__init__(
            {qid: _make_settings(lines, qid, TIMINGS[kind]) for qid in lines.qids},
            {make_coupling_id(*pair): CouplingSettings() for pair in lines.pairs},
        )
        self._lines = lines
        self._timing = TIMINGS[kind]
        self._measurement = experiment.measurement
        self._labels = {str(int(label[1:])): label for label in experiment.ctx.qubit_labels}
        self._execution = Execution(experiment.measurement)
        self._ready = ready

    def refresh_limits(self) -> None:
        """Take over the frequency ranges of the generators after boxes were configured."""
        self.limits = make_limits(self._lines, self._timing)

    def answer(self, target: str, request: Request, shots: Shots) -> Answer | None:
        """Answer a readout resolved in time, from averaged waveforms; all else is played. Touches hardware.

        The scatter of several averages gives the noise.
        """
        if not isinstance(request, ReadoutWaveform):
            return None
        asked = request.on_grid(self.limits, target)
        settings, readout_ns = self.settings[target], self._timing.readout
        end_ns = max(settings.readout_length_ns, float(asked.x.max()) + asked.window_ns)
        readout = Readout(
            qid=target,
            start_ns=0.0,
            length_ns=round(-(-end_ns // readout_ns) * readout_ns, 6),
            frequency_ghz=settings.readout_frequency_ghz,
            amplitude=settings.readout_amplitude,
        )
        sent = self._prepare(Program((), (readout,)))
        if sent.schedule is None:
            raise BackendError(sent.failed[target])
        self._ready()
        began_s = machine_now().timestamp()
        each = replace(shots, count=max(-(-shots.count // self.blocks), 1), keep="mean")
        labels = (self._labels[target], self._lines.readouts[target].label)
        results = self._execution.run([sent.schedule] * self.blocks, each, integrated=False)
        samples = np.stack([extract_waveform(one, labels) for one in results], axis=-1)
        width = round(asked.window_ns / self._timing.captured)
        firsts = np.round(asked.x / self._timing.captured).astype(int)
        if firsts.max() + width > samples.shape[0]:
            raise BackendError(
                f"{labels[1]}: qubex captured {samples.shape[0]} samples of a readout of {readout.length_ns:g} ns"
            )
        blocks = np.stack([samples[first : first + width].mean(axis=0) for first in firsts])
        return Trace.from_blocks(asked.x, blocks, began_s=began_s)

    def play(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        """Play programs in batches. Touches hardware.

        Pulses that a generator cannot reach are omitted, and their qubit fails.

        Raises
        ------
        InvalidInputError
            If shots need an active reset, or a program is off the grids, exceeds full scale, reads too soon after a pulse, or
            needs two frequencies of one generator.
        BackendError
            If links of the boxes are down.
        """
        if shots.reset != "passive":
            raise InvalidInputError("qubex has no active reset: shots are repeated with `reset='passive'`")
        self._ready()
        answers: list[ProgramAnswer] = []
        for first in range(0, len(programs), AT_ONCE):
            # All of a benchmarking would take gigabytes: a pulse of qubex is an object of a kilobyte.
            known: dict[int, _SentProgram] = {}
            some = programs[first : first + AT_ONCE]
            sent = [known.get(id(one)) or known.setdefault(id(one), self._prepare(one)) for one in some]
            answers += self._execute(sent, shots)
        return answers

    def _execute(self, sent: Sequence[_SentProgram], shots: Shots) -> list[ProgramAnswer]:
        began_s = machine_now().timestamp()
        results = iter(self._execution.run([one.schedule for one in sent if one.schedule is not None], shots))
        return [
            ProgramAnswer(iq={}, failed=one.failed)
            if one.schedule is None
            else self._answer(one, next(results), shots, began_s)
            for one in sent
        ]

    def _answer(self, sent: _SentProgram, result: Any, shots: Shots, began_s: float) -> ProgramAnswer:
        found = {}
        for qid, readouts in sent.readouts.items():
            samples = [round(one.length_ns / self._timing.captured) for one in readouts]
            labels = (self._labels[qid], self._lines.readouts[qid].label)
            values = extract_readouts(result, labels, samples, shots)
            found[qid] = IQ(values) if shots.keep == "mean" else IQ(values.mean(axis=0), values)
        return ProgramAnswer(iq=found, failed=sent.failed, began_s=began_s)

    def _prepare(self, program: Program) -> _SentProgram:
        schedule = Schedule(self._timing.sample, self._timing.readout)
        failed: dict[str, str] = {}
        readouts: dict[str, list[Readout]] = {}
        for play in program.plays:
            generator = self._lines.generator(play)
            if generator is None:
                failed[play.line] = _describe_missing_generator(play.line, play.toward, play.transition)
            elif not generator.reaches(play.frequency_ghz):
                failed[play.line] = _describe_out_of_reach(
                    generator.label, generator.window_ghz, play.frequency_ghz
                )
            else:
                schedule.play(generator.label, play)
        for readout in sorted(program.readouts, key=lambda one: one.start_ns):
            generator = self._lines.readouts.get(readout.qid)
            if generator is None:
                failed[readout.qid] = f"qubit {readout.qid} has no readout in this session of qubex"
            elif not generator.reaches(readout.frequency_ghz):
                failed[readout.qid] = _describe_out_of_reach(
                    generator.label, generator.window_ghz, readout.frequency_ghz
                )
            else:
                program.require_guard(readout, self._timing.guard)
                schedule.read(generator.label, readout)
                readouts.setdefault(readout.qid, []).append(readout)
        built = schedule.measurement(self._measurement) if readouts else None
        return _SentProgram(readouts, failed, built)


def _make_settings(lines: Lines, qid: str, timing: Timing) -> Settings:
    in_use = lines.get_values(qid)
    return Settings(
        drive_frequency_ghz=in_use["qubit_frequency"],
        readout_frequency_ghz=in_use["readout_frequency"],
        readout_amplitude=in_use["readout_amplitude"],
        # The next length on the grid of readouts, which qubex itself does not enforce.
        readout_length_ns=-(-lines.readout_length_ns // timing.readout) * timing.readout,
        control_amplitude=in_use["control_amplitude"],
    )


def _describe_missing_generator(line: str, toward: str | None, transition: str) -> str:
    wanted = f"for the frequency of qubit {toward}" if toward else f"for the transition {transition}"
    return (
        f"the line of qubit {line} has no generator {wanted}: qubex's configuration defines the generators "
        "(neighbours on its lattice; on QuEL-1 the configuration mode)"
    )


def _describe_out_of_reach(label: str, window_ghz: tuple[float, float], frequency_ghz: float) -> str:
    return (
        f"{label}: {frequency_ghz:.6f} GHz: this generator is configured for {window_ghz[0]:.4f} to {window_ghz[1]:.4f} GHz; "
        "change its frequency in the parameter files or frequency_margin.yaml, and configure the boxes"
    )
