"""Bench of seeded faults: twins that are calibrated while they are healthy, and explanations after a night with a fault."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from qdash_builtin.explanations.feature import EXPLANATIONS
from qdash_core import open_qdash
from qdash_core.flows.steps import (
    BringUp,
    CustomOneQubit,
    CustomTwoQubit,
    GenerateCRSchedule,
    TwoQubitCalibration,
)
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

from .fault_catalogue import Chip, Kind, Scenario
from .fault_nights import (
    CHIP,
    NIGHT,
    PAIR_NIGHT,
    begin_fault,
    change_value,
    copy_home,
    list_night,
    name_targets,
    run,
    set_wiring,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_DRIFTS_FOR_H = 14.0
"""Hours from the calibration to the night of a drifting twin."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Explanation of a scenario: the causes in their order, each with its target."""

    name: str
    kind: str
    causes: tuple[tuple[str, str], ...]
    seconds: float


def is_first(kind: Kind, outcome: Outcome) -> bool:
    """Return whether a cause of the kind ranks first."""
    return bool(outcome.causes) and any(outcome.causes[0][0] in some for some in kind.accepted)


def is_in_top_three(kind: Kind, outcome: Outcome) -> bool:
    """Return whether every cause of the kind, or one that is declared alike, is in the top three."""
    top = {cause for cause, _ in outcome.causes[:3]}
    return all(top & some for some in kind.accepted)


class Bench:
    """Healthy twins in a folder, and the scenarios that are made of them.

    Parameters
    ----------
    folder
        Folder of the homes.
    chips
        Twins by kind of night.
    tasks
        Tasks of a night.
    bring_up
        Tasks of the healthy calibration, or None for those of the flow `bring-up`.
    """

    def __init__(
        self,
        folder: Path,
        chips: Mapping[str, tuple[Chip, ...]],
        *,
        tasks: Sequence[str] = NIGHT,
        bring_up: Sequence[str] | None = None,
    ) -> None:
        self._folder, self._chips = folder, chips
        self._tasks, self._bring_up = tasks, bring_up

    def list_scenarios(self, kind: Kind, count: int) -> Iterator[Scenario]:
        """Yield scenarios of a kind, on different twins, targets and sizes in turn."""
        chips = self._chips[kind.night]
        sizes = max(len(kind.variants), len(kind.values), 1)
        for number in range(count):
            chip = chips[number % len(chips)]
            targets = self._list_targets(chip, kind.night)
            place = int(sha256(f"{kind.name} {number}".encode()).hexdigest(), 16) % len(targets)
            yield Scenario(kind, chip, targets[place], number % sizes)

    def list_healthy(self, count: int) -> Iterator[Scenario]:
        """Yield scenarios without a fault, on the twins of every kind of night; every second one after hours of drift."""
        for night, chips in self._chips.items():
            steady = Kind("healthy", (), night=night)
            drifting = Kind("drifting", (), variants=({"drift": "1"},), night=night, hours=_DRIFTS_FOR_H)
            for number in range(count if night == "qubit" else len(chips)):
                chip = chips[number // 2 % len(chips)]
                targets = self._list_targets(chip, night)
                target = targets[number // (2 * len(chips)) % len(targets)]
                yield Scenario(drifting if number % 2 else steady, chip, target, 0)

    def measure(self, scenario: Scenario) -> Path:
        """Return the home in which the night of a scenario was performed."""
        home = self._folder / scenario.name
        if not (home / "done").exists():
            self._perform(scenario, home)
        return home

    def judge(self, scenario: Scenario) -> Outcome:
        """Perform the night of a scenario, and return its explanation."""
        begun, home = time.perf_counter(), self.measure(scenario)
        with open_qdash(load_settings(home=home)) as qdash:
            found = qdash.get(EXPLANATIONS).explain_target(qdash.access("admin"), CHIP, scenario.target)
        causes = tuple((one.ranked.cause.id, one.ranked.target) for one in found.causes)
        return Outcome(scenario.name, scenario.kind.name, causes, time.perf_counter() - begun)

    def count_false_alarms(self, count: int) -> Iterator[tuple[int, int]]:
        """Yield the number of explained results of each healthy target, and of those with a cause."""
        for scenario in self.list_healthy(count):
            yield self._count_causes(self.measure(scenario), scenario.target)

    def _count_causes(self, home: Path, target: str) -> tuple[int, int]:
        with open_qdash(load_settings(home=home)) as qdash:
            access = qdash.access("admin")
            results = list_night(qdash, target, PAIR_NIGHT if "-" in target else self._tasks)
            found = [qdash.get(EXPLANATIONS).explain_result(access, one.task_id) for one in results]
            found.append(qdash.get(EXPLANATIONS).explain_target(access, CHIP, target))
        return len(found), sum(bool(one.causes) for one in found)

    def _list_targets(self, chip: Chip, night: str) -> list[str]:
        """Return the targets whose results in the healthy calibration were all accepted."""
        path = self._calibrate(chip, night) / "targets.json"
        found: list[str] = json.loads(path.read_text())
        return found

    def _calibrate(self, chip: Chip, night: str) -> Path:
        """Return the home of a healthy twin, which is calibrated if it is new."""
        home = self._folder / f"healthy-{chip.name}"
        if (home / "targets.json").exists():
            return home
        shutil.rmtree(home, ignore_errors=True)
        with open_qdash(load_settings(home=home)) as qdash:
            access = qdash.access("admin")
            create_twin_chip(qdash, access, CHIP, load_device(chip.device), seed=chip.seed)
            if night == "mux":
                set_wiring(qdash)
            steps: list[Any] = [
                BringUp(tasks=self._bring_up),
                *(CustomOneQubit((task,)) for task in self._tasks),
            ]
            if night == "pair":
                steps += [GenerateCRSchedule(), TwoQubitCalibration()]
            execution_id = run(qdash, chip.qids, steps)
            results = qdash.repositories.of(TaskResultHistoryRepository).list_by_execution(
                access.project_id, execution_id
            )
        failed = {
            one.qid for one in results if str(one.verdict) != "accepted" or str(one.status) != "completed"
        }
        measured = {one.qid for one in results}
        pairs = [qid for qid in measured - failed if ("-" in qid) == (night == "pair")]
        (home / "targets.json").write_text(json.dumps(sorted(pairs)))
        return home

    def _perform(self, scenario: Scenario, home: Path) -> None:
        kind = scenario.kind
        copy_home(self._calibrate(scenario.chip, kind.night), home)
        with open_qdash(load_settings(home=home)) as qdash:
            names, targets = name_targets(qdash, scenario)
            options = kind.variants[scenario.variant % len(kind.variants)] if kind.variants else {}
            begin_fault(home, options, names, after_h=kind.hours)
            for name, change in (
                kind.values[scenario.variant % len(kind.values)] if kind.values else {}
            ).items():
                change_value(qdash, scenario.target, name, change)
            for task in self._tasks:
                run(qdash, targets, [CustomOneQubit((task,))], parameters=kind.parameters)
            for task in PAIR_NIGHT if kind.night == "pair" else ():
                run(qdash, targets, [CustomTwoQubit((task,))], parameters=kind.parameters)
        (home / "done").touch()
