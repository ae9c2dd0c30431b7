"""Nights of twins with seeded faults: healthy calibrations, beginnings of faults, changes by users, measurements."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.values.feature import VALUES
from qdash_core import CalibService
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.chip import MuxLines, WiringModel
from qdash_core.models.estimates import Parameter
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_fake.options import TwinOptions
from qdash_fake.twin import load_twin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

    from .fault_catalogue import Scenario

CHIP = "seeded"
NIGHT = (
    "CheckResonatorSpectroscopy",
    "CheckRabi",
    "CheckRamsey",
    "CheckDRAGHPIPulse",
    "CheckDRAGPIPulse",
    "ReadoutClassification",
    "CheckT1",
    "CheckT2Echo",
    "RandomizedBenchmarking",
    "CheckReadoutFrequency",
    "CheckReflectionCoefficient",
    "CheckQubitSpectroscopy",
    "CheckChevron",
    "CheckQubit",
    "CheckQubitFrequency",
    "CheckPIPulse",
    "CheckHPIPulse",
    "SimultaneousRandomizedBenchmarking",
)
"""Tasks of a night, each measured whatever became of the others."""
PAIR_NIGHT = ("CheckCrossResonance", "CheckZX90", "CheckZZInteraction", "CheckBellState")
"""Further tasks of a night of a coupling."""

_BEGINS_AFTER_H = 0.5
"""Hours from the healthy calibration to the fault."""
_SHARES_OF_PI = (50, 70, 100, 150)


def run(
    qdash: QDash, qids: Iterable[str], steps: Sequence[Any], *, parameters: Mapping[str, Any] | None = None
) -> str:
    """Perform steps on qubits, and return the execution id."""
    calibration = CalibService(
        "admin", CHIP, default_run_parameters=parameters, ignore_unused_parameters=True, qdash=qdash
    )
    calibration.run(QubitTargets(tuple(qids)), steps)
    return calibration.finish_calibration().execution_id


def list_night(qdash: QDash, target: str, tasks: Sequence[str]) -> list[TaskResultModel]:
    """Return the results of a target in the night: the newest of each task."""
    results, project_id = qdash.repositories.of(TaskResultHistoryRepository), qdash.access("admin").project_id
    return [
        one
        for task in tasks
        for one in results.select(
            {"project_id": project_id, "chip_id": CHIP, "name": task, "qid": target},
            order=("-start_at",),
            limit=1,
        )
    ]


def name_targets(qdash: QDash, scenario: Scenario) -> tuple[dict[str, str], list[str]]:
    """Return the names for the options of a fault, and the qubits of the night."""
    chip = qdash.get(CHIPS).show(qdash.access("admin"), CHIP)
    qubits = scenario.target.split("-")
    near = [qid for qid in chip.topology.neighbours(qubits[0]) if qid in scenario.chip.qids]
    mux = chip.qubits[qubits[0]].mux
    names = {"t": qubits[0], "u": qubits[-1], "n": near[0], "c": scenario.target, "m": str(mux)}
    pulse = chip.qubits[qubits[0]].data.get("drag_pi_amplitude")
    if pulse is not None:
        names |= {f"pi{share}": f"{0.01 * share * pulse.value:.5f}" for share in _SHARES_OF_PI}
    others = near[:2]
    if scenario.kind.night == "mux":
        others = [qid for qid in scenario.chip.qids if chip.qubits[qid].mux == mux] + near[:2]
    return names, [*dict.fromkeys([*qubits, *(others if scenario.kind.night != "pair" else ())])]


def begin_fault(home: Path, options: Mapping[str, str], names: Mapping[str, str], *, after_h: float) -> None:
    """Give the twin of a home its fault, half an hour after the calibration, and advance its clock to the night."""
    twin = load_twin(next(home.rglob("twin.json")).parent)
    hour = twin.clock_s / 3600 + _BEGINS_AFTER_H
    filled = {name: value.format(**names, h=f"{hour:.6f}") for name, value in options.items()}
    faulty = replace(twin, options=TwinOptions.parse(filled), clock_s=twin.clock_s + 3600 * after_h)
    path = twin.folder / "twin.json"
    document = json.loads(path.read_text())
    document |= {"options": faulty.options.model_dump(mode="json"), "clock_s": faulty.clock_s}
    path.write_text(json.dumps(document))


def change_value(qdash: QDash, target: str, name: str, change: float | str) -> None:
    """Change an accepted value as a user does."""
    access = qdash.access("admin")
    known = qdash.get(CHIPS).show(access, CHIP).qubits[target].data[name]
    new = known.value * float(change[1:]) if isinstance(change, str) else known.value + change
    qdash.get(VALUES).set(
        access, CHIP, target, {name: Parameter(new, None, known.unit)}, reason="from the logbook"
    )


def set_wiring(qdash: QDash) -> None:
    """Set a wiring in which a module drives two multiplexers, and another one reads out four."""
    access = qdash.access("admin")
    chip = qdash.get(CHIPS).show(access, CHIP)
    lines = []
    for mux in chip.topology.muxes:
        size, first = len(chip.topology.members(mux)), mux % 2
        lines.append(
            MuxLines(
                mux=mux,
                ctrl=[f"U{10 + mux // 2}B-{first * size + index}" for index in range(size)],
                read_out=f"R{10 + mux // 4}A-{mux % 4}",
                read_in=f"R{10 + mux // 4}A-{mux % 4 + 4}",
            )
        )
    qdash.get(CHIPS).set_wiring(access, CHIP, WiringModel(lines=lines))


def copy_home(healthy: Path, home: Path) -> None:
    """Copy a home; raw data, which never change, are linked."""

    def copy(source: str, copied: str) -> None:
        os.link(source, copied) if source.endswith(".npz") else shutil.copy2(source, copied)

    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(healthy, home, copy_function=copy)
