"""Standard tasks on a twin of two coupled qubits: estimates against the truth, and number of laboratory
calls.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core import CalibService, open_qdash
from qdash_core.flows.steps import OneQubitCheck
from qdash_core.flows.targets import AllMuxTargets
from qdash_core.models.progress import SilentProgress
from qdash_core.settings import load_settings
from qdash_fake.chips import compute_truth_as_measured, create_twin_chip
from qdash_fake.devices import parse_device
from qdash_tasks.flows import BRING_UP, TWO_QUBIT_CALIBRATION
from qdash_tasks.programs.projection import CALLS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qdash_core.hooks.flows import Step
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

FURTHER = (
    "CheckCoarseChevron",
    "CheckChevron",
    "CheckFineChevron",
    "CheckControlAmplitude",
    "CheckQubitFrequency",
    "CheckHPIPulse",
    "CheckPIPulse",
    "CheckDRAGHPIPulse",
    "CheckDRAGPIPulse",
    "CheckT1Average",
    "CheckT2EchoAverage",
    "X180InterleavedRandomizedBenchmarking",
    "SimultaneousRandomizedBenchmarking",
    "CheckOptimalReadoutAmplitude",
)
"""Standard tasks outside the steps of `full`."""
TASKS = (*BRING_UP, *FURTHER, *TWO_QUBIT_CALIBRATION)

_QUBIT = {
    "anharmonicity_ghz": -0.33,
    "p_meas0_prep1": 0.02,
    "p_meas1_prep0": 0.01,
    "readout_length_ns": 1500.0,
    "sx_error": 0.0001,
    "sx_length_ns": 36.0,
}
_DEVICE = {
    "device": "two-qubits",
    "n_qubits": 2,
    "qubits": [
        {"qid": "0", "frequency_ghz": 5.1, "t1_us": 90.0, "t2_us": 70.0, **_QUBIT},
        {"qid": "1", "frequency_ghz": 5.0, "t1_us": 300.0, "t2_us": 180.0, **_QUBIT},
    ],
    "couplings": [{"control": "0", "target": "1", "gate": "cx", "error": 0.01, "length_ns": 300.0}],
}

_NO_ESTIMATES = ("control_amplitude", "coarse_control_amplitude")
"""Outputs that are chosen instead of measured."""
_CHANGED_LATER = (("CheckCrossResonance", "zx_rotation_rate"),)
"""Outputs that belong to a tone other than the one finally in use."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimate and its truth; `error` is None if it states none."""

    name: str
    value: float
    error: float | None
    truth: float

    @property
    def relative(self) -> float:
        """Distance from the truth, relative to the truth."""
        return abs(self.value / self.truth - 1) if self.truth else abs(self.value)

    @property
    def pull(self) -> float | None:
        """Distance from the truth in standard deviations."""
        return abs(self.value - self.truth) / self.error if self.error else None

    @property
    def wrong(self) -> bool:
        """True if it is off by more than five standard deviations, or by 5 % if it states no error."""
        return self.relative > 0.05 if self.pull is None else self.pull > 5


@dataclass(frozen=True, slots=True)
class Done:
    """Outcome of one task on one target."""

    task: str
    target: str
    refusal: str
    """Status and message of a refused result; empty if it was accepted."""
    estimates: tuple[Estimate, ...] = ()
    calls: int | None = None
    """Number of laboratory calls, or None if nothing was measured."""

    @property
    def through(self) -> bool:
        """True if its result was accepted."""
        return not self.refusal


def calibrated(
    home: Path,
    *,
    seed: int,
    options: Mapping[str, object],
    flow: str = "full",
    further: Sequence[str] = FURTHER,
) -> Sequence[Done]:
    """Run a flow and, if all of it is accepted, `further` tasks on a fresh twin; return the outcomes of all tasks."""
    with open_qdash(load_settings(home=home)) as qdash:
        access = qdash.access("admin")
        table = parse_device(json.dumps(_DEVICE), origin="two qubits")
        create_twin_chip(qdash, access, "twin", table, seed=seed, options=options)
        catalogue = qdash.get(RUNS).get_catalogue(access, "twin")
        lacking = {name: catalogue.why_not(name) for name in TASKS if not catalogue.has(name)}
        done = _run(qdash, qdash.registry.flows()[flow].steps)
        possible = [name for name in further if name not in lacking]
        if all(one.through for one in done):
            for name in possible:  # one after the other: some change the settings, and with them the truth
                done += _run(qdash, [OneQubitCheck([name])])
    refused = [Done(name, "", why or "") for name, why in lacking.items()]
    return [*done, *refused]


def _run(qdash: QDash, steps: Sequence[Step]) -> list[Done]:
    calibration = CalibService("admin", "twin", qdash=qdash, progress=SilentProgress())
    calibration.run(AllMuxTargets(), steps)
    ended = calibration.finish_calibration()
    access = qdash.access("admin")
    _, results = qdash.get(EXECUTIONS).show(access, ended.execution_id)
    truth = compute_truth_as_measured(qdash, access, "twin")
    return [
        judged(one, truth["couplings" if "-" in one.qid else "qubits"][one.qid], _calls(qdash, one))
        for one in results
    ]


def _calls(qdash: QDash, result: TaskResultModel) -> int | None:
    if not result.raw_data_path:
        return None
    found = qdash.artifacts.load_raw_data(result.raw_data_path[0]).attributes.get(CALLS)
    return None if found is None else int(found)


def judged(result: TaskResultModel, truth: Mapping[str, tuple[float, str]], calls: int | None = None) -> Done:
    """Return the outcome of a task on one target, with its estimates and their truth."""
    estimates = tuple(
        Estimate(name, found.value, found.error, truth[name][0])
        for name, found in result.output_parameters.items()
        if name in truth and name not in _NO_ESTIMATES and (result.name, name) not in _CHANGED_LATER
    )
    refusal = "" if result.accepted else f"{result.status}: {result.message}"
    return Done(result.name, result.qid, refusal, estimates, calls)


def by_task(done: Sequence[Done]) -> Mapping[str, Sequence[Done]]:
    """Return the outcomes of each task on all its targets."""
    found: defaultdict[str, list[Done]] = defaultdict(list)
    for one in done:
        found[one.task].append(one)
    return found
