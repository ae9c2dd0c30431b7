"""Judgement of explanations on seeded faults: `python -m benchmarks.seeded_faults --folder FOLDER --set judging`.

Twins are calibrated while they are healthy. In a copy of each, a fault of the catalogue (`seeded_faults.toml`) begins, a night of measurements
follows, and the target is explained. A fault counts as found if the explanation names its cause first, or among the first three. The sets
`writing` and `judging` have different devices and seeds: rules are written with the first one only.

The folder keeps the healthy twins and the nights, so that another call only repeats the explanations.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import shutil
import time
import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qdash_core import CalibService, open_qdash
from qdash_core.flows.steps import (
    BringUp,
    CustomOneQubit,
    CustomTwoQubit,
    GenerateCRSchedule,
    TwoQubitCalibration,
)
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.chip import MuxLines, WiringModel
from qdash_core.models.estimates import Parameter
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from qdash_fake.options import TwinOptions
from qdash_fake.twin import load_twin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from qdash_core.application import QDash
    from qdash_core.models.task import TaskResultModel

CATALOGUE = Path(__file__).with_suffix(".toml")
TABLE = Path(__file__).with_suffix(".md")
CHIP = "seeded"
FIRST, TOP_THREE, FALSE_ALARMS = 0.80, 0.95, 0.02
"""Limits: least share of right causes ranked first and in the top three, largest share of healthy results with a cause."""

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

_BEGINS_AFTER_H, _NIGHT_AFTER_H = 0.5, 1.0
"""Hours from the healthy calibration to the fault, and to the night."""
_SHARES_OF_PI = (50, 70, 100, 150)


@dataclass(frozen=True, slots=True)
class Chip:
    """A healthy twin: its device, its seed, and the qubits that are calibrated."""

    device: str
    seed: int
    qids: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"{self.device}-{self.seed}"


SETS: dict[str, dict[str, tuple[Chip, ...]]] = {
    "writing": {
        "qubit": (
            Chip("jakarta", 1, tuple("0123456")),
            Chip("guadalupe", 2, tuple(map(str, range(12)))),
            Chip("jakarta", 3, tuple("0123456")),
        ),
        "mux": (Chip("square-lattice-mux-16", 4, tuple(map(str, range(16)))),),
        "pair": (Chip("jakarta", 5, tuple("0135")),),
    },
    "judging": {
        "qubit": (
            Chip("montreal", 101, tuple(map(str, range(14)))),
            Chip("kolkata", 102, tuple(map(str, range(14)))),
            Chip("kolkata", 103, tuple(map(str, range(14, 27)))),
        ),
        "mux": (Chip("square-lattice-mux-64", 104, tuple(map(str, range(16)))),),
        "pair": (Chip("kolkata", 105, tuple("0124")), Chip("montreal", 106, tuple("0124"))),
    },
}
"""Twins by set and by kind of night."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault, or a pair of kinds.

    Attributes
    ----------
    name
        Row of the table.
    causes
        Ids of the causes that an explanation should name: one, or two of a pair.
    alike
        Ids of causes with the same evidence as the last cause, declared before the judgement; each counts as right.
    because
        Physical reason why they cannot be told apart.
    variants
        Options of the twin by name, one mapping for each size. `{t}` is the target, `{n}` a coupled neighbour, `{c}` the coupling, `{m}` the
        multiplexer, `{pi70}` 70 % of the amplitude of the π pulse, `{h}` the hour at which the fault begins.
    values
        Changes of accepted values by a user: a number is added, a text such as `*0.5` multiplies.
    parameters
        Run parameters of the night.
    night
        Kind of the night.
    unit
        Unit of the sizes in the table.
    """

    name: str
    causes: tuple[str, ...]
    variants: tuple[Mapping[str, str], ...] = ({},)
    alike: tuple[str, ...] = ()
    because: str = ""
    values: tuple[Mapping[str, float | str], ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    night: str = "qubit"
    unit: str = ""

    @property
    def accepted(self) -> list[set[str]]:
        """Ids that count as each of its causes."""
        return [{cause, *(self.alike if cause == self.causes[-1] else ())} for cause in self.causes]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fault on a target of a twin."""

    kind: Kind
    chip: Chip
    target: str
    variant: int

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"{self.kind.name}-{self.variant}-{self.chip.name}-{self.target}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Explanation of a scenario: the causes in their order, each with its target."""

    name: str
    kind: str
    causes: tuple[tuple[str, str], ...]
    seconds: float


def main() -> None:
    """Judge the kinds of the catalogue, and print or store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--set", choices=sorted(SETS), default="writing", dest="chosen")
    parser.add_argument("--only", action="append", help="only this kind; may be repeated")
    parser.add_argument("--each", type=int, default=4, help="scenarios of each kind")
    parser.add_argument("--healthy", type=int, default=12, help="healthy targets")
    parser.add_argument("--measure", action="store_true", help="perform the nights without explaining them")
    parser.add_argument("--table", action="store_true", help="store the table beside this module")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    bench = Bench(given.folder / given.chosen, SETS[given.chosen])
    kinds = [kind for kind in read_catalogue() if not given.only or kind.name in given.only]
    if given.measure:
        for scenario in [one for kind in kinds for one in bench.list_scenarios(kind, given.each)]:
            print(bench.measure(scenario), flush=True)
        for scenario in bench.list_healthy(given.healthy):
            print(bench.measure(scenario), flush=True)
        return
    outcomes = []
    for kind in kinds:
        for scenario in bench.list_scenarios(kind, given.each):
            outcomes.append(bench.judge(scenario))
            print_outcome(kind, outcomes[-1])
    alarms = () if given.only else tuple(bench.count_false_alarms(given.healthy))
    text = make_table(kinds, outcomes, alarms, SETS[given.chosen])
    if given.table:
        TABLE.write_text(text, encoding="utf-8")
    print(text)


@cache
def read_catalogue() -> tuple[Kind, ...]:
    """Return the kinds of the catalogue, in its order."""
    entries = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["fault"]
    return tuple(_parse_kind(entry) for entry in entries)


def _parse_kind(entry: Mapping[str, Any]) -> Kind:
    lists = ("causes", "alike", "variants", "values")
    return Kind(**{name: tuple(value) if name in lists else value for name, value in entry.items()})


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
        """Yield scenarios without a fault, on the twins of every kind of night."""
        for night, chips in self._chips.items():
            kind = Kind("healthy", (), night=night)
            for number in range(count if night == "qubit" else len(chips)):
                chip = chips[number % len(chips)]
                targets = self._list_targets(chip, night)
                yield Scenario(kind, chip, targets[number // len(chips) % len(targets)], 0)

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
            found = qdash.explanations.explain_target(qdash.access("admin"), CHIP, scenario.target)
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
            found = [qdash.explanations.explain_result(access, one.task_id) for one in results]
            found.append(qdash.explanations.explain_target(access, CHIP, target))
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
            results = qdash.repositories.results.list_by_execution(access.project_id, execution_id)
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
            names, targets = self._name_targets(qdash, scenario)
            options = kind.variants[scenario.variant % len(kind.variants)] if kind.variants else {}
            begin_fault(home, options, names)
            for name, change in (
                kind.values[scenario.variant % len(kind.values)] if kind.values else {}
            ).items():
                change_value(qdash, scenario.target, name, change)
            for task in self._tasks:
                run(qdash, targets, [CustomOneQubit((task,))], parameters=kind.parameters)
            for task in PAIR_NIGHT if kind.night == "pair" else ():
                run(qdash, targets, [CustomTwoQubit((task,))], parameters=kind.parameters)
        (home / "done").touch()

    def _name_targets(self, qdash: QDash, scenario: Scenario) -> tuple[dict[str, str], list[str]]:
        """Return the names for the options of a fault, and the qubits of the night."""
        chip = qdash.chips.show(qdash.access("admin"), CHIP)
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
    results, project_id = qdash.repositories.results, qdash.access("admin").project_id
    return [one for task in tasks for one in results.list_by_target(project_id, CHIP, task, target, limit=1)]


def begin_fault(home: Path, options: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Give the twin of a home its fault, and advance its clock to the night."""
    twin = load_twin(next(home.rglob("twin.json")).parent)
    hour = twin.clock_s / 3600 + _BEGINS_AFTER_H
    filled = {name: value.format(**names, h=f"{hour:.6f}") for name, value in options.items()}
    faulty = replace(twin, options=TwinOptions.parse(filled), clock_s=twin.clock_s + 3600 * _NIGHT_AFTER_H)
    path = twin.folder / "twin.json"
    document = json.loads(path.read_text())
    document |= {"options": faulty.options.model_dump(mode="json"), "clock_s": faulty.clock_s}
    path.write_text(json.dumps(document))


def change_value(qdash: QDash, target: str, name: str, change: float | str) -> None:
    """Change an accepted value as a user does."""
    access = qdash.access("admin")
    known = qdash.chips.show(access, CHIP).qubits[target].data[name]
    new = known.value * float(change[1:]) if isinstance(change, str) else known.value + change
    qdash.values.set(
        access, CHIP, target, {name: Parameter(new, None, known.unit)}, reason="from the logbook"
    )


def set_wiring(qdash: QDash) -> None:
    """Set a wiring in which a module drives two multiplexers, and another one reads out four."""
    access = qdash.access("admin")
    chip = qdash.chips.show(access, CHIP)
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
    qdash.chips.set_wiring(access, CHIP, WiringModel(lines=lines))


def copy_home(healthy: Path, home: Path) -> None:
    """Copy a home; raw data, which never change, are linked."""

    def copy(source: str, copied: str) -> None:
        os.link(source, copied) if source.endswith(".npz") else shutil.copy2(source, copied)

    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(healthy, home, copy_function=copy)


def is_first(kind: Kind, outcome: Outcome) -> bool:
    """Return whether a cause of the kind ranks first."""
    return bool(outcome.causes) and any(outcome.causes[0][0] in some for some in kind.accepted)


def is_in_top_three(kind: Kind, outcome: Outcome) -> bool:
    """Return whether every cause of the kind, or one that is declared alike, is in the top three."""
    top = {cause for cause, _ in outcome.causes[:3]}
    return all(top & some for some in kind.accepted)


def print_outcome(kind: Kind, outcome: Outcome) -> None:
    """Print one line about a scenario."""
    mark = "first" if is_first(kind, outcome) else "top3 " if is_in_top_three(kind, outcome) else "MISS "
    print(
        f"{mark} {outcome.seconds:5.1f} s {outcome.name:60s} {' > '.join(one for one, _ in outcome.causes[:4])}",
        flush=True,
    )


def make_table(
    kinds: Sequence[Kind],
    outcomes: Sequence[Outcome],
    alarms: Sequence[tuple[int, int]],
    chips: Mapping[str, tuple[Chip, ...]],
) -> str:
    """Return the page with the table as Markdown."""
    by_kind = defaultdict(list)
    for one in outcomes:
        by_kind[one.kind].append(one)
    rows = [_make_row(kind, by_kind[kind.name]) for kind in kinds]
    n = max(len(outcomes), 1)
    first = sum(is_first(kind, one) for kind in kinds for one in by_kind[kind.name])
    top = sum(is_in_top_three(kind, one) for kind in kinds for one in by_kind[kind.name])
    total = f"| **all** | | {len(outcomes)} | {first / n:.1%} | {top / n:.1%} | |"
    twins = ", ".join(f"{chip.device} (seed {chip.seed})" for some in chips.values() for chip in some)
    lines = [
        "# Seeded faults",
        "",
        "Explanations of the newest results of a target after a night with a seeded fault, by `python -m benchmarks.seeded_faults`",
        f"on {twins}. The first column names the kind, with the sizes of the faults ([their",
        "physics](../docs/twin-faults.md)). Of a pair, one cause must rank first, and both be among the first three.",
        "",
        "| kind | cause | n | first | in top three | otherwise first |",
        "|---|---|---|---|---|---|",
        *rows,
        total,
    ]
    if alarms:
        explained, wrong = (sum(part) for part in zip(*alarms, strict=True))
        lines += [
            "",
            f"Of {explained} explanations of healthy results and targets, {wrong} name a cause ({wrong / explained:.1%}).",
        ]
    lines += [
        "",
        "## Causes with the same evidence",
        "",
        "Declared before the judgement; the other cause counts as right.",
        "",
    ]
    lines += [
        f"- {kind.name}: also {', '.join(f'`{one}`' for one in kind.alike)}, as {kind.because}"
        if not kind.because.startswith("as ")
        else f"- {kind.name}: also {', '.join(f'`{one}`' for one in kind.alike)}, {kind.because}"
        for kind in kinds
        if kind.alike
    ]
    return "\n".join(lines) + "\n"


def _make_row(kind: Kind, outcomes: Sequence[Outcome]) -> str:
    wrong = Counter(
        one.causes[0][0] if one.causes else "no cause" for one in outcomes if not is_first(kind, one)
    )
    usual = ", ".join(f"`{name}` ({count})" for name, count in wrong.most_common(2))
    named = ", ".join(f"`{one}`" for one in kind.causes)
    first = sum(is_first(kind, one) for one in outcomes)
    top = sum(is_in_top_three(kind, one) for one in outcomes)
    sizes = f"{_describe_sizes(kind)} {kind.unit}".strip()
    return f"| {kind.name}{f' ({sizes})' if sizes else ''} | {named} | {len(outcomes)} | {first} | {top} | {usual} |"


def _describe_sizes(kind: Kind) -> str:
    """Return the sizes of the faults of a kind, without their targets."""
    found = []
    for variant in kind.variants:
        parts = (re.sub(r"@.*|\{[tuncmh]\}:?|\{pi|\}", "", value) for value in variant.values())
        found.append(" and ".join(part for part in parts if part))
    found += [
        ", ".join(f"{name} {change:+g}" for name, change in one.items() if not isinstance(change, str))
        for one in kind.values
    ]
    return "; ".join(dict.fromkeys(part for part in found if part))


if __name__ == "__main__":
    main()
