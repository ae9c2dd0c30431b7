"""Standard tasks on laboratories with one mistake: outcome against the truth."""

from __future__ import annotations

import math
import sys
from abc import abstractmethod
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.chips.topology import make_topology
from qdash_core.errors import QDashError
from qdash_core.models.chip import ParameterModel
from qdash_core.models.estimates import Parameter
from qdash_core.models.raw_data import RawData
from qdash_core.tasks.base import ChipView, RunContext, TaskOutput
from qdash_core.tasks.inputs import get_direction
from qdash_core.tasks.overrides import apply_overrides
from qdash_core.validation.standard import STANDARD_VALIDATORS
from qdash_core.validation.verdicts import Candidate, find_verdict
from qdash_fake.pair_truth import PairInUse, PairTruths
from qdash_tasks.laboratory.backend import LaboratoryBackend
from qdash_tasks.laboratory.program import IQ, Program, ProgramAnswer
from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
from qdash_tasks.tasks import COUPLING_TASKS, QUBIT_TASKS, CheckCrossResonance, CreateZX90
from qdash_tasks.validators import VALIDATORS

from ..fake.conftest import make_table
from ..fake.laboratory import Laboratory as TwinSession
from ..fake.test_tasks_benchmarking import with_drag
from .mistakes import Mistakes, answer_order, as_played, as_taken, draws_of
from .three_level_bench import Qubits, ThreeLevelBench

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.tasks.base import BaseTask
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.shots import Shots

_EXAMPLES = Path(__file__).parents[2] / "examples"
_WRONG_SIGMAS, _WRONG_SHARE = 5.0, 0.05
_RIGHT_SEEDS = 8
_OFF_GHZ = 3e-4
"""Drive detuning before a task that measures its frequency."""
_ROUGH = 1.02
"""Relative under-rotation of pulses before a task that corrects them."""
_OF_FREQUENCY = frozenset({"CheckRamsey", "CheckQubitFrequency", "CheckFineChevron", "CheckChevron"})
_CHOSEN = frozenset({"control_amplitude", "coarse_control_amplitude", "hpi_length", "pi_length"})
"""Outputs that are chosen instead of measured."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of a task on a laboratory with a mistake.

    Attributes
    ----------
    verdict
        accepted, flagged, rejected, failed, or not possible.
    pull
        Largest distance of an estimate from its truth, in errors (in units of 1 % of the truth if it states no error), or None if
        no estimate has a known truth.
    said
        Message or reasons, and the wrong estimates.
    """

    verdict: str
    pull: float | None = None
    said: str = ""

    @property
    def wrong(self) -> bool:
        """True if a wrong value was accepted."""
        return self.verdict == "accepted" and self.pull is not None and self.pull > _WRONG_SIGMAS

    @property
    def cell(self) -> str:
        """Cell of the table."""
        if self.wrong:
            return f"**wrong** ({self.pull:.0f})"
        if self.verdict == "accepted":
            return "ok" if self.pull is None else f"{self.pull:.1f}"
        return self.verdict


class Rig:
    """A laboratory for measurements with or without a mistake."""

    name: str
    qubit = "0"
    coupling: str | None = None
    chip = "rig"

    @abstractmethod
    def laboratory(self, task: type[BaseTask], *, seed: int) -> Laboratory:
        """Return a laboratory with the initial settings of a task."""

    @abstractmethod
    def inputs(self, task: type[BaseTask], laboratory: Laboratory) -> Mapping[str, Parameter]:
        """Return all calibrated values that a task can require, under their declared names."""

    @abstractmethod
    def truth(
        self, laboratory: Laboratory, output: TaskOutput, wrong: Mistakes | None
    ) -> Mapping[str, float]:
        """Return true values by output, at the settings that the task recorded."""

    def previous(self) -> Mapping[str, ParameterModel]:
        """Return the latest accepted values that validators see."""
        return {}

    def design(self) -> Mapping[str, Mapping[str, float]]:
        """Return the design values of the chip."""
        return {}

    def with_mistakes(self, laboratory: Laboratory, wrong: Mistakes) -> None:
        """Add mistakes to a laboratory."""
        assert isinstance(laboratory, PulseLaboratory)
        mistaken(laboratory, wrong)

    @property
    def tasks(self) -> Sequence[type[BaseTask]]:
        """Tasks that it can measure."""
        found = [*QUBIT_TASKS, *(COUPLING_TASKS if self.coupling else ())]
        return [task for task in found if self._offers(task)]

    def possible(self, wrong: Mistakes) -> bool:
        """Return whether such instruments can have a mistake."""
        return True

    def _offers(self, task: type[BaseTask]) -> bool:
        from qdash_tasks.laboratory.backend import offered

        laboratory = self.laboratory(task, seed=0)
        return task.requires <= offered(laboratory.requests, laboratory.limits)

    def run(self, task: type[BaseTask], wrong: Mistakes | None, *, seed: int = 1) -> Outcome:
        """Measure and judge a task."""
        laboratory = self.laboratory(task, seed=seed)
        if wrong is not None:
            self.with_mistakes(laboratory, wrong)
        try:
            output = self.measured(task, laboratory)
        except (QDashError, ValueError) as error:
            return Outcome("failed", said=f"{type(error).__name__}: {error}")
        candidate = Candidate(task, self._target(task), output, self.previous())
        found = find_verdict(candidate, [*STANDARD_VALIDATORS, *VALIDATORS])
        pull, said = self._distance(laboratory, output, wrong)
        reasons = "; ".join(found.reasons)
        return Outcome(found.verdict.value, pull, "; ".join(filter(None, (reasons, said))))

    def measured(self, task: type[BaseTask], laboratory: Laboratory) -> TaskOutput:
        """Measure and analyse a task."""
        backend = _Backend(laboratory)
        instance = task()
        instance.context = self._context(task, laboratory)
        raw = instance.run(backend)
        assert isinstance(raw, RawData)
        return instance.postprocess(None, raw)

    def _target(self, task: type[BaseTask]) -> str:
        return (self.coupling or "") if task.task_type == "coupling" else self.qubit

    def _context(self, task: type[BaseTask], laboratory: Laboratory) -> RunContext:
        target = self._target(task)
        control, controlled = get_direction(target, None) if "-" in target else ("", "")
        given = self.inputs(task, laboratory)
        settings = apply_overrides(task.run_parameters, {}, task=task.name)
        qubits = {*laboratory.settings}
        design = self.design()
        return RunContext(
            qid=target,
            inputs={name: given[name] for name in task.input_parameters if name in given},
            parameters={name: one.resolved() for name, one in settings.items()},
            execution_id="20260101-000",
            task_id="t",
            chip=ChipView("rig", "", make_topology("rig", qubits, [self.coupling] if self.coupling else [])),
            partial=lambda _raw: None,
            _cancelled=lambda: False,
            control=control,
            target=controlled,
            design={one: values for one, values in design.items() if one in (target, control, controlled)},
        )

    def _distance(
        self, laboratory: Laboratory, output: TaskOutput, wrong: Mistakes | None
    ) -> tuple[float | None, str]:
        truth = self.truth(laboratory, output, wrong)
        pulls: dict[str, float] = {}
        said = []
        for name, found in output.parameters.items():
            if name not in truth or name in _CHOSEN or not math.isfinite(truth[name]):
                continue
            if "fidelity" in name and "readout" not in name and wrong is not None and _changes_gates(wrong):
                continue  # belongs to the pulses actually played
            error = found.error or _WRONG_SHARE / _WRONG_SIGMAS * abs(truth[name])
            pulls[name] = abs(found.value - truth[name]) / error
            if pulls[name] > _WRONG_SIGMAS:
                said.append(f"{name} = {found.value:.6g} ± {error:.2g}, true {truth[name]:.6g}")
        return max(pulls.values(), default=None), "; ".join(said)


def _changes_gates(wrong: Mistakes) -> bool:
    """Return whether gates differ from the settings, so that the result of benchmarking may be right."""
    kept = Mistakes(answers=wrong.answers, plane_rad=wrong.plane_rad, readout_mhz=wrong.readout_mhz)
    return replace(wrong, pad_ns=0.0) != kept


class _Backend(LaboratoryBackend):
    """A backend on an open laboratory."""

    name = "rig"

    def __init__(self, laboratory: Laboratory) -> None:
        self._laboratory = laboratory

    def connect(self) -> None:
        """Do nothing: the laboratory is open."""

    @property
    def laboratory(self) -> Laboratory:
        return self._laboratory


# --- mistakes ----------------------------------------------------------------------------------------------------------


def mistaken(laboratory: PulseLaboratory, wrong: Mistakes) -> None:
    """Make a laboratory play programs, and order answers, with mistakes."""
    play, turns = laboratory.play, np.random.default_rng(11)

    def played(programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        angle = turns.normal() * wrong.plane_rad
        draws = [
            play([_as_played(one, wrong, laboratory, draw) for one in programs], as_taken(shots, wrong))
            for draw in range(draws_of(wrong))
        ]
        answers = [_together(parts, shots) for parts in zip(*draws, strict=True)]
        answers = [
            _turned(answer, program, angle, wrong) for answer, program in zip(answers, programs, strict=True)
        ]
        return [answers[place] for place in answer_order(programs, wrong)]

    laboratory.play = played  # type: ignore[method-assign]


def _as_played(program: Program, wrong: Mistakes, laboratory: PulseLaboratory, draw: int) -> Program:
    """Return a program with the mistakes of playing it; readouts shift with delayed pulses."""
    plays = as_played(program.plays, wrong, laboratory.settings, draw=draw)
    in_order = sorted(program.plays, key=lambda one: one.start_ns)
    late = [played.start_ns - sent.start_ns for sent, played in zip(in_order, plays, strict=True)]
    late_ns = math.ceil(max([0.0, *late]))
    readouts = tuple(replace(one, start_ns=one.start_ns + late_ns) for one in program.readouts)
    return Program(tuple(plays), readouts)


def _together(parts: Sequence[ProgramAnswer], shots: Shots) -> ProgramAnswer:
    """Return the answers of all draws, combined into that of one program."""
    if len(parts) == 1:
        return parts[0]
    found = {}
    for qid in parts[0].iq:
        each = [part.iq[qid] for part in parts]
        mean = np.mean([one.mean for one in each], axis=0)
        rows = None
        if each[0].each is not None:
            rows = np.stack([one.each for one in each])[
                np.arange(shots.count) % len(each), np.arange(shots.count)
            ]
        covariance = each[0].covariance
        found[qid] = IQ(mean, rows, None if covariance is None else covariance)
    return replace(parts[0], iq=found)


def _turned(answer: ProgramAnswer, program: Program, angle_rad: float, wrong: Mistakes) -> ProgramAnswer:
    """Return an answer with its IQ plane rotated by the call, and by the start of the readout."""
    if not (angle_rad or wrong.readout_mhz):
        return answer
    found = {}
    for qid, one in answer.iq.items():
        starts = np.array([readout.start_ns for readout in program.readouts if readout.qid == qid])
        angles = angle_rad + 2e-3 * np.pi * wrong.readout_mhz * starts
        turn = np.exp(1j * angles)
        covariance = one.covariance
        if covariance is not None:
            matrices = np.moveaxis(
                np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]]), -1, 0
            )
            covariance = matrices @ covariance @ matrices.swapaxes(1, 2)
        found[qid] = IQ(one.mean * turn, None if one.each is None else one.each * turn, covariance)
    return replace(answer, iq=found)


# --- laboratories ------------------------------------------------------------------------------------------------------


def _prepared(laboratory: Laboratory, task: type[BaseTask], qid: str, frequency_ghz: float) -> None:
    """Detune the settings of a qubit before a task that corrects them."""
    if task.name in _OF_FREQUENCY:
        laboratory.adjust(qid, {"drive_frequency_ghz": frequency_ghz - _OFF_GHZ})
    if task.name.startswith("Create") and task.task_type == "qubit":
        settings = laboratory.settings[qid]
        laboratory.adjust(
            qid,
            {
                "control_amplitude": settings.control_amplitude * _ROUGH,
                **{f"drag_{name}_{of}": None for name in ("hpi", "pi") for of in ("amplitude", "beta_ns")},
            },
        )


class TwinRig(Rig):
    """Two coupled qubits of a twin that plays pulses."""

    name = "pulse-level twin"
    coupling = "0-1"

    def __init__(self, home: Path) -> None:
        self._home = home

    @cached_property
    def _sessions(self) -> dict[int, TwinSession]:
        return {}

    def _session(self, seed: int, *, pulses: bool) -> TwinSession:
        qubits = {"t1_us": 90.0, "t2_us": 70.0, "frequency_ghz": 5.1}, {"t1_us": 120.0, "frequency_ghz": 5.0}
        table = make_table(*qubits, couplings=(("0", "1"),))
        self._number = getattr(self, "_number", 0) + 1
        folder = self._home / f"twin{self._number}"
        return TwinSession(folder, table, seed, options={"pulse_level": True} if pulses else {})

    @cache  # noqa: B019  one rig is made for a table
    def _gate(self, seed: int) -> Mapping[str, float]:
        """Return a gate as a correct laboratory calibrates it, on the fast twin of the same chip."""
        session = with_drag(self._session(seed, pulses=False))
        for task in (CheckCrossResonance, CreateZX90):
            output = session.run_group(task, ["0-1"])["0-1"]
            assert isinstance(output, TaskOutput), output
            session.backend.apply({"0-1": session.values["0-1"]})
        return session.backend.laboratory.couplings["0-1"].as_parameters()

    def laboratory(self, task: type[BaseTask], *, seed: int) -> Laboratory:
        session = with_drag(self._session(seed, pulses=True))
        laboratory = session.backend.laboratory
        if task.task_type == "coupling" and task is not CheckCrossResonance:
            laboratory.apply("0-1", self._gate(seed))
        _prepared(laboratory, task, "0", session.chip.qubits["0"].frequency_ghz)
        self._sessions[id(laboratory)] = session
        return laboratory

    def inputs(self, task: type[BaseTask], laboratory: Laboratory) -> Mapping[str, Parameter]:
        session = self._sessions[id(laboratory)]
        return session._needed(task, self._target(task))

    def design(self) -> Mapping[str, Mapping[str, float]]:
        session = next(iter(self._sessions.values()))
        return session.design

    def truth(
        self, laboratory: Laboratory, output: TaskOutput, wrong: Mistakes | None
    ) -> Mapping[str, float]:
        session = self._sessions[id(laboratory)]
        values = {name: one.value for name, one in output.parameters.items()}
        if "cr_amplitude" in values:
            return self._truth_of_tone(session, values, wrong or Mistakes())
        qubit = session.chip.qubits["0"]
        settings = {name: value for name, value in values.items() if name != "qubit_frequency"}
        laboratory.apply("0", settings)
        truth = {name: value for name, (value, _) in session.truth_of("0").items()}
        pair = {"0-1": PairInUse("0", laboratory.couplings["0-1"])}
        of_pair = PairTruths(session.chip, laboratory.settings.__getitem__, pair).compute_at_settings("0-1")
        assert truth["qubit_frequency"] == qubit.frequency_ghz
        return {**truth, **{name: value for name, (value, _) in of_pair.items()}}

    def _truth_of_tone(
        self, session: TwinSession, values: Mapping[str, float], wrong: Mistakes
    ) -> Mapping[str, float]:
        """Return the rate of the tone as played, with the sign of the instrument's phase."""
        laboratory = session.backend.laboratory
        as_sent = dict(values)
        as_sent["cr_phase"] *= wrong.tone * wrong.phase
        as_sent["cancel_phase"] *= wrong.phase
        laboratory.apply("0-1", as_sent)
        pair = {"0-1": PairInUse("0", laboratory.couplings["0-1"])}
        of_pair = PairTruths(session.chip, laboratory.settings.__getitem__, pair).compute_at_settings("0-1")
        return {"zx_rotation_rate": of_pair["zx_rotation_rate"][0]}


class _KnownRig(Rig):
    """A laboratory without a twin's truth; the truth consists of constants, and of mean results without a
    mistake.
    """

    t1_us: float
    t2_us: float
    frequency_ghz: float
    anharmonicity_ghz: float
    resonator_ghz: float
    rabi_mhz: float
    """Rabi frequency at full scale."""

    def previous(self) -> Mapping[str, ParameterModel]:
        return {"anharmonicity": ParameterModel(value=self.anharmonicity_ghz, error=1e-4)}

    def inputs(self, task: type[BaseTask], laboratory: Laboratory) -> Mapping[str, Parameter]:
        settings = laboratory.settings[self.qubit]
        needed = {
            "resonator_frequency": self.resonator_ghz,
            "anharmonicity": self.anharmonicity_ghz,
            "coarse_qubit_frequency": self.frequency_ghz - _OFF_GHZ,
            "coarse_control_amplitude": settings.control_amplitude,
            "t1": self.t1_us,
            "t2_echo": self.t2_us,
            **settings.as_parameters(),
        }
        required = {name for name, one in task.input_parameters.items() if one.required}
        return {name: Parameter(value, None, "") for name, value in needed.items() if name in required}

    def truth(
        self, laboratory: Laboratory, output: TaskOutput, wrong: Mistakes | None
    ) -> Mapping[str, float]:
        known = {
            "qubit_frequency": self.frequency_ghz,
            "coarse_qubit_frequency": self.frequency_ghz,
            "anharmonicity": self.anharmonicity_ghz,
            "t1": self.t1_us,
            "t1_average": self.t1_us,
            "t2_echo": self.t2_us,
            "t2_echo_average": self.t2_us,
            "t2_star": self.t2_us,
            "maximum_rabi_frequency": self.rabi_mhz,
        }
        names = {*output.parameters} - {*known}
        return {**known, **(self._found_right(names) if wrong is not None else {})}

    def _found_right(self, names: set[str]) -> Mapping[str, float]:
        return {name: value for name, value in self._right.items() if name in names}

    @property
    def _right(self) -> Mapping[str, float]:
        return self._right_of.get(self._task_now, {})

    @cached_property
    def _right_of(self) -> dict[str, Mapping[str, float]]:
        return {}

    _task_now = ""

    def run(self, task: type[BaseTask], wrong: Mistakes | None, *, seed: int = 1) -> Outcome:
        self._task_now = task.name
        if wrong is not None and task.name not in self._right_of:
            self._right_of[task.name] = self._means(task)
        return super().run(task, wrong, seed=seed)

    def _means(self, task: type[BaseTask]) -> Mapping[str, float]:
        """Return the mean results of several correct laboratories."""
        found: dict[str, list[float]] = {}
        for seed in range(100, 100 + _RIGHT_SEEDS):
            try:
                output = self.measured(task, self.laboratory(task, seed=seed))
            except QDashError:
                continue
            for name, one in output.parameters.items():
                found.setdefault(name, []).append(one.value)
        # Angles of an arbitrary IQ plane have no true value.
        return {
            name: float(np.mean(values))
            for name, values in found.items()
            if not name.startswith("rabi_") or name == "rabi_frequency"
        }

    def design(self) -> Mapping[str, Mapping[str, float]]:
        """Return frequencies within 20 MHz of the true ones, which the sign of DRAG needs."""
        values = {
            "qubit_frequency": self.frequency_ghz + 0.02,
            "anharmonicity": self.anharmonicity_ghz,
            "resonator_frequency": self.resonator_ghz + 1e-3,
        }
        return {self.qubit: values}

    def _settle(self, laboratory: Laboratory, task: type[BaseTask]) -> None:
        beta_ns = -1 / (4 * math.pi * self.anharmonicity_ghz)
        laboratory.adjust(
            self.qubit,
            {
                "drive_frequency_ghz": self.frequency_ghz,
                "readout_frequency_ghz": self.resonator_ghz,
                "rabi_frequency_mhz": laboratory.settings[self.qubit].control_amplitude * self.rabi_mhz,
            },
        )
        settings = laboratory.settings[self.qubit]
        laboratory.adjust(
            self.qubit,
            {
                "drag_hpi_amplitude": settings.plain_x90.amplitude,
                "drag_hpi_beta_ns": beta_ns,
                "drag_pi_amplitude": settings.plain_x180.amplitude,
                "drag_pi_beta_ns": beta_ns,
            },
        )
        _prepared(laboratory, task, self.qubit, self.frequency_ghz)


class BenchRig(_KnownRig):
    """The bench of the recipes: two qubits of three levels, with a readout that does not depend on its
    frequency.
    """

    name = "bench"
    t1_us, t2_us, frequency_ghz, anharmonicity_ghz, resonator_ghz, rabi_mhz = (
        60.0,
        40.0,
        5.1,
        -0.2,
        7.0,
        125.0,
    )
    coupling = "0-1"

    def laboratory(self, task: type[BaseTask], *, seed: int) -> Laboratory:
        laboratory = ThreeLevelBench(Qubits(), seed=seed)
        self._settle(laboratory, task)
        laboratory.apply(
            "0-1",
            {
                "cr_amplitude": 0.3,
                "cr_phase": 0.0,
                "cancel_amplitude": 0.0,
                "cancel_phase": 0.0,
                "rotary_amplitude": 0.0,
                "zx90_gate_time": 600.0,
            },
        )
        return laboratory

    def inputs(self, task: type[BaseTask], laboratory: Laboratory) -> Mapping[str, Parameter]:
        of_qubit = super().inputs(task, laboratory)
        if task.task_type != "coupling":
            return of_qubit
        found: dict[str, Parameter] = {}
        for role, qid in (("control", "0"), ("target", "1")):
            values = {
                "resonator_frequency": self.resonator_ghz,
                "t1": self.t1_us,
                "t2_echo": self.t2_us,
                **laboratory.settings[qid].as_parameters(),
            }
            found |= {f"{role}_{name}": Parameter(value, None, "") for name, value in values.items()}
        return found | {
            name: Parameter(value, None, "")
            for name, value in laboratory.couplings["0-1"].as_parameters().items()
        }

    def with_mistakes(self, laboratory: Laboratory, wrong: Mistakes) -> None:
        assert isinstance(laboratory, ThreeLevelBench)
        laboratory.mistakes = wrong

    def truth(
        self, laboratory: Laboratory, output: TaskOutput, wrong: Mistakes | None
    ) -> Mapping[str, float]:
        # Its qubits do not couple.
        nothing = {"zx_rotation_rate": 0.0, "static_zz_interaction": 0.0}
        return {**super().truth(laboratory, output, wrong), **nothing}


class MyBenchRig(_KnownRig):
    """`examples/my-bench`, with mistakes between QDash and its box."""

    name = "my-bench"

    def __init__(self) -> None:
        sys.path.insert(0, str(_EXAMPLES / "my-bench" / "src"))
        from my_bench import box

        self.t1_us, self.t2_us = box.T1_US, box.T2_US
        self.frequency_ghz, self.anharmonicity_ghz = box.QUBIT_GHZ, box.ANHARMONICITY_MHZ * 1e-3
        self.resonator_ghz, self.rabi_mhz = box.RESONATOR_GHZ, box.FULL_SCALE_MHZ

    def laboratory(self, task: type[BaseTask], *, seed: int) -> Laboratory:
        from my_bench.bench import BenchLaboratory
        from my_bench.box import Box

        laboratory = BenchLaboratory(Box("bench-1", seed=seed))
        self._settle(laboratory, task)
        return laboratory

    def possible(self, wrong: Mistakes) -> bool:
        return not (wrong.tone != 1 or wrong.of_control or wrong.deaf)


class MyRackRig(_KnownRig):
    """`examples/my-rack`, which has sequences of its own and no pulse programs."""

    name = "my-rack"

    def __init__(self) -> None:
        sys.path.insert(0, str(_EXAMPLES / "my-rack" / "src"))
        from my_rack import rack

        session = rack.Rack("rack-1")
        self.t1_us, self.t2_us, self.rabi_mhz = rack.T1_US, rack.T2_US, rack.FULL_SCALE_MHZ
        self.frequency_ghz, self.anharmonicity_ghz = session.qubit_ghz[0], session.anharmonicity_ghz[0]
        self.resonator_ghz = session.resonator_ghz[0]

    def laboratory(self, task: type[BaseTask], *, seed: int) -> Laboratory:
        from my_rack.laboratory import RackLaboratory
        from my_rack.rack import Rack

        laboratory = RackLaboratory(Rack("rack-1", seed=seed))
        self._settle(laboratory, task)
        return laboratory

    def possible(self, wrong: Mistakes) -> bool:
        """Return whether it can have a mistake: mirrored phases and envelopes, a rotated plane, or points in
        another order.
        """
        kept = Mistakes(
            envelope=wrong.envelope, phase=wrong.phase, answers=wrong.answers, plane_rad=wrong.plane_rad
        )
        return wrong == kept and wrong.answers != "by length"

    def with_mistakes(self, laboratory: Laboratory, wrong: Mistakes) -> None:
        rack = laboratory._rack  # type: ignore[attr-defined]
        run, turns = rack.run, np.random.default_rng(11)

        def mistaken_run(channel: int, programs: Sequence[Any], **how: Any) -> Any:
            found = run(channel, [[_step(one, wrong) for one in program] for program in programs], **how)
            found = found * np.exp(1j * turns.normal() * wrong.plane_rad)
            return found[_rack_order(programs, wrong)]

        rack.run = mistaken_run


def _step(step: tuple[Any, ...], wrong: Mistakes) -> tuple[Any, ...]:
    if step[0] != "pulse":
        return step
    return ("pulse", replace(step[1], beta_ns=wrong.envelope * step[1].beta_ns), wrong.phase * step[2])


def _rack_order(programs: Sequence[Any], wrong: Mistakes) -> list[int]:
    places = list(range(len(programs)))
    if wrong.answers == "backwards":
        return places[::-1]
    if wrong.answers == "by pulses":
        return sorted(places, key=lambda place: sum(one[0] == "pulse" for one in programs[place]))
    if wrong.answers == "second for third" and len(places) > 2:
        places[1:3] = places[2], places[1]
    return places
