"""Generated nights: the evidence of faults that were measured once, on the qubits of one chip and on several nights.

A qubit that a fault does not touch answers as on a healthy night, and a fault gives the same evidence on any night. So each fault is
measured once, many on one night of the flow `check`, each on a qubit of its own. Nights with any faults at any times are put together from
these results; only the features that depend on other targets are computed for each of them.
"""

from __future__ import annotations

import json
import pickle
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.comparisons.shared_resources import list_resources
from qdash_builtin.explanations.cases import rank_alone
from qdash_builtin.explanations.feature import EXPLANATIONS
from qdash_builtin.explanations.onsets import Onset, find_onset
from qdash_builtin.explanations.other_targets import CHIP_CHANGE, MUX_CHANGE, OtherTargetFeatures
from qdash_builtin.explanations.surroundings import BAD
from qdash_builtin.task_pages.feature_names import OF_SHARES
from qdash_core import open_qdash
from qdash_core.chips.chip import read_chip
from qdash_core.flows.steps import BringUp, OneQubitCheck
from qdash_core.models.base import NEVER
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from qdash_fake.fault_kinds import FAULT_KINDS
from qdash_fake.options import TwinOptions
from qdash_fake.truth import apply_calibration, compute_true_parameters
from qdash_fake.twin import load_twin

from .fault_catalogue import Chip, Kind, read_catalogue
from .fault_nights import CHIP, change_value, copy_home, run, set_wiring

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from qdash_builtin.explanations.feature_reader import FeatureReader
    from qdash_builtin.explanations.features import Features
    from qdash_builtin.explanations.rule_book import RuleBook
    from qdash_core.chips.chip import Chip as CoreChip
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

NIGHTS = 5
"""Nights of the flow `check`; the first one is healthy."""
BETWEEN = timedelta(hours=24)
_AFTER_H = (0.5, 1.0)
"""Hours from the calibration to the faults and to the night on which they are measured."""
_GATE_FIDELITIES = ("x90_gate_fidelity", "x180_gate_fidelity")
_OF_OTHERS = (*OF_SHARES, CHIP_CHANGE, MUX_CHANGE)
_PAIRED = (
    "frequency-jump",
    "t1-fall",
    "dephasing",
    "slow-noise",
    "thermal",
    "dead-line",
    "drive-attenuation",
)
_WITH = (
    "readout-attenuation",
    "dead-readout",
    "iq-rotation",
    "lost-points",
    "reset-failure",
    "resonator-shift",
)
"""Faults of the qubit or its drive, and of its readout, that are put on one qubit."""


class Usability(NamedTuple):
    """True readout and gate fidelity of a qubit at the values in use; 0 if the qubit cannot be driven."""

    readout: float
    gate: float


class Measured(NamedTuple):
    """A result and its features without those of other targets."""

    result: TaskResultModel
    features: Features


@dataclass(frozen=True, slots=True)
class Fault:
    """Fault, or pair of faults, on some qubits, and the results there.

    Attributes
    ----------
    name
        Kind and size.
    accepted
        Ids of causes that count as each of its causes.
    qubits
        The qubits with the cause.
    night
        Results of each qubit on the night after the fault, in order.
    before, after
        True usability of each qubit with the fault, at the values in use before the night and after it.
    values
        Changes of values by a user, which are the fault.
    """

    name: str
    accepted: tuple[frozenset[str], ...]
    qubits: tuple[str, ...]
    night: Mapping[str, Sequence[Measured]]
    before: Mapping[str, Usability] = field(default_factory=dict)
    after: Mapping[str, Usability] = field(default_factory=dict)
    values: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A fault to be measured: options of the twin with their targets, changed values."""

    name: str
    accepted: tuple[frozenset[str], ...]
    qubits: tuple[str, ...]
    options: Mapping[str, str]
    values: Mapping[str, float | str]


class Library:
    """Measured faults of one chip, in a folder.

    Parameters
    ----------
    folder
        Folder of the homes and the measured evidence.
    chip
        The twin.
    seed
        Seed of the places of the faults.
    kinds
        Names of the kinds that are measured, the first size of each, on the qubits in order; None for all kinds and sizes, and pairs of them.
    """

    def __init__(
        self, folder: Path, chip: Chip, *, seed: int = 1, kinds: Collection[str] | None = None
    ) -> None:
        self._folder, self._chip, self._kinds = folder / chip.name, chip, kinds
        self.seed, self._random = seed, np.random.default_rng(seed)

    @property
    def home(self) -> Path:
        """Home of the healthy twin, which is calibrated if it is new."""
        home = self._folder / "healthy"
        if not (home / "done").exists():
            with open_qdash(load_settings(home=home)) as qdash:
                device = load_device(self._chip.device)
                create_twin_chip(qdash, qdash.access("admin"), CHIP, device, seed=self._chip.seed)
                set_wiring(qdash)
                run(qdash, self._chip.qids, [BringUp()])
                run(qdash, self._chip.qids, [OneQubitCheck()])
            (home / "done").touch()
        return home

    def read(self) -> tuple[Fault, list[Fault]]:
        """Return the healthy night, as a fault without a cause, and the faults, which are measured if they are new."""
        with open_qdash(load_settings(home=self.home)) as qdash:
            plans = [*self._pack(self._plan(qdash))]
        healthy = self._measure("none", [_Planned("healthy", (), self._chip.qids, {}, {})])
        steady = {
            qid
            for qid, night in healthy[0].night.items()
            if all(one.result.outcome not in BAD for one in night)
        }
        found = [one for number, plan in enumerate(plans) for one in self._measure(f"{number:02d}", plan)]
        return healthy[0], [one for one in found if steady.issuperset(one.qubits)]

    def _plan(self, qdash: QDash) -> Iterator[_Planned]:
        """Yield each kind and size of the catalogue on a qubit, and pairs of them on one qubit."""
        chip = qdash.get(CHIPS).show(qdash.access("admin"), CHIP)
        kinds = [one for one in read_catalogue() if one.night in ("qubit", "mux") and not one.parameters]
        if self._kinds is not None:
            chosen = [one for one in kinds if one.name in self._kinds]
            for qubit, kind in zip(self._chip.qids, chosen, strict=False):
                yield self._place(chip, kind, kind.variants[0], qubit)
            return
        for kind in kinds:
            for variant in (*kind.variants, *kind.values) if kind.values else kind.variants:
                if variant:
                    yield self._place(chip, kind, variant)
        for first in _PAIRED:
            for second in self._random.choice(_WITH, size=2, replace=False):
                yield self._place(chip, *_pair(first, str(second)))

    def _place(
        self, chip: CoreChip, kind: Kind, variant: Mapping[str, float | str], qubit: str | None = None
    ) -> _Planned:
        """Return a fault on a qubit, or on a random one."""
        topology = chip.topology
        qubit = qubit or str(self._random.choice(self._chip.qids))
        near = str(self._random.choice([*topology.neighbours(qubit)]))
        mux = chip.qubits[qubit].mux
        data = chip.qubits[qubit].data
        pulse = data["drag_pi_amplitude"].value if "drag_pi_amplitude" in data else 0.1
        names = {"t": qubit, "n": near, "m": str(mux), "h": "{h}"}
        names |= {f"pi{share}": f"{0.01 * share * pulse:.5f}" for share in (50, 70, 100, 150)}
        filled = {name: one.format(**names) for name, one in variant.items() if isinstance(one, str)}
        qubits: tuple[str, ...] = (qubit,)
        if kind.values:
            filled = {}
        elif "chip" in (of := {FAULT_KINDS[name].on for name in filled if name in FAULT_KINDS}):
            qubits = self._chip.qids
        elif "mux" in of:
            qubits = tuple(topology.members(mux))
        elif len(filled) == 1 and any("{n}" in str(one) for one in variant.values()):
            qubits = (qubit, near)
        sizes = ", ".join(f"{name} {one}" for name, one in variant.items())
        accepted = tuple(frozenset(one) for one in kind.accepted)
        return _Planned(f"{kind.name}: {sizes}", accepted, qubits, filled, variant if kind.values else {})

    def _pack(self, planned: Iterable[_Planned]) -> list[list[_Planned]]:
        """Return groups of faults on different qubits, each for one night."""
        groups: list[list[_Planned]] = []
        for one in planned:
            free = (some for some in groups if not any({*one.qubits} & {*other.qubits} for other in some))
            group = next(free, None)
            if group is None:
                groups.append(group := [])
            group.append(one)
        return groups

    def _measure(self, name: str, planned: Sequence[_Planned]) -> list[Fault]:
        """Return the measured faults of a night."""
        path = self._folder / f"{name}.pickle"
        if not path.exists():
            home = self._folder / name
            copy_home(self.home, home)
            with open_qdash(load_settings(home=home)) as qdash:
                _begin(home, planned)
                for one in planned:
                    for value, change in one.values.items():
                        change_value(qdash, one.qubits[0], value, change)
                qids = sorted({qid for one in planned for qid in one.qubits}, key=int)
                before = _read_usability(qdash, home, qids)
                night = _read_night(qdash, run(qdash, qids, [OneQubitCheck()]))
                after = _read_usability(qdash, home, qids)
            found = [
                Fault(
                    one.name,
                    one.accepted,
                    one.qubits,
                    *({qid: some[qid] for qid in one.qubits} for some in (night, before, after)),
                    one.values,
                )
                for one in planned
            ]
            path.write_bytes(pickle.dumps(found))
        measured: list[Fault] = pickle.loads(path.read_bytes())  # its own file
        return measured


def _pair(first: str, second: str) -> tuple[Kind, Mapping[str, str]]:
    """Return two kinds of the catalogue as one, and a size of both."""
    by_cause = {one.causes: one for one in read_catalogue() if one.night == "qubit"}
    a, b = by_cause[first,], by_cause[second,]
    kind = Kind(f"{a.name} and {b.name}", (*b.causes, *a.causes), alike=a.alike)
    return kind, {**a.variants[-1], **b.variants[0]}


def _begin(home: Path, planned: Sequence[_Planned]) -> None:
    """Give the twin of a home its faults, and advance its clock to the night."""
    twin = load_twin(next(home.rglob("twin.json")).parent)
    hour = f"{twin.clock_s / 3600 + _AFTER_H[0]:.6f}"
    options: dict[str, list[str]] = defaultdict(list)
    for one in planned:
        for name, value in one.options.items():
            options[name].append(value.format(h=hour))
    faults = TwinOptions.parse({name: ",".join(some) for name, some in options.items()})
    faulty = replace(twin, options=faults, clock_s=twin.clock_s + 3600 * _AFTER_H[1])
    path = twin.folder / "twin.json"
    document = json.loads(path.read_text())
    document |= {"options": faulty.options.model_dump(mode="json"), "clock_s": faulty.clock_s}
    path.write_text(json.dumps(document))


def _read_usability(qdash: QDash, home: Path, qids: Collection[str]) -> dict[str, Usability]:
    """Return the true fidelities of qubits at the values in use."""
    truth = load_twin(next(home.rglob("twin.json")).parent).truth()
    qubits = qdash.get(CHIPS).show(qdash.access("admin"), CHIP).qubits
    values = {qid: {name: float(one.value) for name, one in qubits[qid].data.items()} for qid in qids}
    found = compute_true_parameters(truth, apply_calibration(truth, values), targets=qids)["qubits"]
    dead = (0.0, "")
    return {
        qid: Usability(
            one["average_readout_fidelity"][0], min(one.get(name, dead)[0] for name in _GATE_FIDELITIES)
        )
        for qid, one in found.items()
    }


def _read_night(qdash: QDash, execution_id: str) -> dict[str, list[Measured]]:
    """Return the results of an execution by qubit, with their features except those of other targets."""
    access = qdash.access("admin")
    service = qdash.get(EXPLANATIONS)
    with service._store.read() as snapshot:
        results = (
            Repositories(snapshot)
            .of(TaskResultHistoryRepository)
            .list_by_execution(access.project_id, execution_id)
        )
        chip = read_chip(Repositories(snapshot), access.project_id, CHIP)
    reader: FeatureReader = service._make_reader(access, chip, results)
    reader.prepare(results)
    found: dict[str, list[Measured]] = defaultdict(list)
    for one in sorted(results, key=lambda result: result.start_at or NEVER):
        features = reader.read(one, fully=True).copy()
        for name in [*features.values]:
            if name.partition(".")[0] in _OF_OTHERS:
                for some in (features.values, features.sources, features.partners):
                    some.pop(name, None)
        found[one.qid].append(Measured(one, features))
    return found


@dataclass(frozen=True, slots=True)
class Begun:
    """A fault, the night on which it began, counted from 0, and the first night without it."""

    fault: Fault
    night: int
    until: int = NIGHTS

    def is_on(self, number: int) -> bool:
        """Return whether the fault is there on a night."""
        return self.night <= number < self.until


class GeneratedNights:
    """Nights with faults, as the records of other targets that explanations read."""

    def __init__(self, healthy: Fault, begun: Sequence[Begun]) -> None:
        self.executions: list[dict[str, list[Measured]]] = []
        for number in range(NIGHTS):
            night = dict(healthy.night)
            for one in begun:
                if one.is_on(number):
                    night |= one.fault.night
            self.executions.append({qid: [_move(one, number) for one in some] for qid, some in night.items()})

    def list_attempts(self, execution_id: str) -> list[TaskResultModel]:
        """Return the results of a night."""
        return [one.result for some in self.executions[int(execution_id)].values() for one in some]

    def list_summaries(self, execution_id: str, name: str) -> dict[str, TaskResultModel]:
        """Return the results of a task on a night, by id."""
        return {one.task_id: one for one in self.list_attempts(execution_id) if one.name == name}

    def find_onset(self, failure: TaskResultModel) -> Onset:
        """Return between which times the task of a result began to fail on its target."""
        before = [
            (one.result.start_at, one.result.accepted)
            for night in reversed(self.executions[: int(failure.execution_id)])
            for one in night.get(failure.qid, ())
            if one.result.name == failure.name
        ]
        return find_onset(failure.start_at, before)

    def list_value_ratios(self, execution_id: str, name: str, output: str) -> dict[str, tuple[str, float]]:
        """Return the result of each target and the ratio of its value to the one before."""
        return {
            qid: (one.result.task_id, one.features.values[f"change.{output}"])
            for qid, some in self.executions[int(execution_id)].items()
            for one in some
            if one.result.name == name and f"change.{output}" in one.features.values
        }


def _move(one: Measured, night: int) -> Measured:
    """Return a measurement at the same time of another night."""
    shift = night * BETWEEN
    update = {
        "task_id": f"{one.result.task_id}-{night}",
        "execution_id": str(night),
        "start_at": None if one.result.start_at is None else one.result.start_at + shift,
        "end_at": None if one.result.end_at is None else one.result.end_at + shift,
    }
    return Measured(one.result.model_copy(update=update), one.features)


class GeneratedReader:
    """Features of the results of generated nights."""

    def __init__(self, qdash: QDash, nights: GeneratedNights, rules: RuleBook) -> None:
        access = qdash.access("admin")
        with qdash.get(EXPLANATIONS)._store.read() as snapshot:
            chip = read_chip(Repositories(snapshot), access.project_id, CHIP)
        self._others = OtherTargetFeatures(
            chip,
            list_resources(chip),
            nights,  # type: ignore[arg-type]
            self.rank_alone,
        )
        self._rules = rules
        self._measured = {
            one.result.task_id: one for night in nights.executions for some in night.values() for one in some
        }
        self._ranked: dict[str, Mapping[str, float]] = {}

    def read(self, result: TaskResultModel, *, fully: bool) -> Features:
        """Return the features of a result, with those of other targets."""
        features = self._measured[result.task_id].features.copy()
        task = self._rules.find_task(result)
        if result.outcome in BAD:
            self._others.add_shares(features, result)
        if task is not None:
            self._others.add_changes(features, result, self._rules.get_feature_names(task))
        return features

    def rank_alone(self, task_id: str) -> Mapping[str, float]:
        """Return the probabilities of the likely causes of a result, without evidence from other targets."""
        if task_id not in self._ranked:
            self._ranked[task_id] = rank_alone(self._rules, *self._measured[task_id])
        return self._ranked[task_id]


def select_subject(night: Sequence[Measured]) -> TaskResultModel:
    """Return the result of a target that its explanation explains: the newest failed or flagged one, or the newest."""
    results = [one.result for one in reversed(night)]
    return next((one for one in results if one.outcome in BAD), results[0])


def iter_scenarios(
    faults: Sequence[Fault], count: int, *, seed: int, most: int = 4
) -> Iterator[tuple[Begun, ...]]:
    """Yield combinations of at most `most` faults on different qubits, each with the night on which it began."""
    random = np.random.default_rng(seed)
    for number in range(count):
        first = faults[number % len(faults)]
        chosen = [first]
        for index in random.permutation(len(faults))[: int(random.integers(0, most))]:
            if not any({*faults[index].qubits} & {*one.qubits} for one in chosen):
                chosen.append(faults[index])
        yield tuple(Begun(one, int(random.integers(1, NIGHTS))) for one in chosen)
