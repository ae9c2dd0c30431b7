"""Reading of the features of results: their records, raw data, targets and runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING

from qdash_core.cancellation import checkpoint
from qdash_core.comparisons.shared_resources import ResourceKind, list_resources
from qdash_core.errors import (
    AnalysisError,
    BackendError,
    InvalidInputError,
    NotFoundError,
    PluginError,
    StoreError,
)
from qdash_core.explanations.features import Features
from qdash_core.explanations.record_features import KnownBefore, add_record_features
from qdash_core.explanations.surroundings import BAD, OtherTargets, add_frequency_gaps, add_shares
from qdash_core.explanations.trace_features import compute_trace_features
from qdash_core.models.references import RecordKind, Reference
from qdash_core.models.targets import by_number
from qdash_core.models.task import (
    Outcome,
    ResultBrief,
    get_measurement,
    select_last_attempts,
)
from qdash_core.models.value_change import ValueEventKind
from qdash_core.repositories.repositories import Repositories
from qdash_core.tasks.feature_names import FIT_FEATURES, RECORD_FEATURES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.chips.chip import Chip
    from qdash_core.chips.design import Design
    from qdash_core.comparisons.shared_resources import Resource
    from qdash_core.explanations.rule_book import RuleBook
    from qdash_core.models.chip import CouplingModel, ParameterModel, QubitModel
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import AttemptSummary, ListedResult, TaskResultModel
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.repositories.store import Store
    from qdash_core.tasks.base import BaseTask

BEFORE = "before."
"""First part of the names of features of the last accepted result."""
_SAME, _SAME_GHZ = 0.03, 1e-4
"""Relative difference of an input up to which it is the same as before, and that of a frequency in GHz."""
_MOST_CHANGES = 3000
"""Largest number of changes of values that are read back to the time of a result. Before them, the values are unknown."""
_BY_USER_SINCE = timedelta(days=7)
_BY_USER = (ValueEventKind.SET, ValueEventKind.USED, ValueEventKind.REVERTED, ValueEventKind.UNDONE)
"""Changes by users that may be wrong. Imported values are those of a new chip or of another program."""
_HISTORY = 20
_LAST = 6
"""Number of results of another target among which the one before an execution is looked for."""
_MEASURED = (Outcome.ACCEPTED, Outcome.FLAGGED, Outcome.FAILED)
_LEAST_OF_OTHERS, _MOST_SOURCES = 2, 8
CHIP_CHANGE, MUX_CHANGE = "chip_change", "mux_change"
"""First parts of the names of features of the changes of other targets."""
_NUMBER = re.compile(r"[+-]?\d[\d.]*(e[+-]?\d+)?")


@dataclass(slots=True)
class FeatureReader:
    """Features of the results of one chip, each read once.

    Parameters
    ----------
    store : Store
        The store.
    project_id : str
        The project.
    chip : Chip or None
        The chip, or None if it was deleted.
    rules : RuleBook
        Finds the tasks of results.
    load_raw_data : callable
        Returns the raw data of a result.
    get_design : callable
        Returns the design values of a chip.
    since : datetime or None
        Start of the oldest result, or None if none was started.
    targets : collection of str
        Targets of the results.
    """

    store: Store
    project_id: str
    chip: Chip | None
    rules: RuleBook
    load_raw_data: Callable[[str], RawData]
    get_design: Callable[[Chip], Design]
    since: datetime | None
    targets: Collection[str]
    remarks: list[str] = field(default_factory=list)
    _known: dict[str, Features] = field(default_factory=dict)
    _attempts: dict[str, list[AttemptSummary]] = field(default_factory=dict)
    _summaries: dict[tuple[str, str], dict[str, ListedResult]] = field(default_factory=dict)
    _before: dict[tuple[str, str], dict[str, list[ResultBrief]]] = field(default_factory=dict)
    _changes: dict[tuple[str, str, str], dict[str, tuple[str, float]]] = field(default_factory=dict)
    _input_times: dict[str, datetime] = field(default_factory=dict)
    _lazy: _ChipRecords | None = None

    def prepare(self, results: Sequence[TaskResultModel]) -> None:
        """Read the times of the inputs of these results at once."""
        for result in results:
            if (ended := result.measurement.end_at) is not None:
                self._input_times[result.task_id] = ended
        wanted = {one.task_id for result in results for one in result.input_parameters.values()}
        wanted -= {"", *self._input_times}
        if not wanted:
            return
        with self.store.read() as snapshot:
            for one in Repositories(snapshot).results.list_summaries(self.project_id, wanted):
                if (ended := get_measurement(one).end_at) is not None:
                    self._input_times[one.task_id] = ended

    def read(self, result: TaskResultModel, *, fully: bool) -> Features:
        """Return the features of a result; those of its trace and of earlier results of its task only if `fully`."""
        if result.task_id not in self._known:
            checkpoint()
            self._known[result.task_id] = self._read(result, fully=fully)
        return self._known[result.task_id]

    def _read(self, result: TaskResultModel, *, fully: bool) -> Features:
        features = Features()
        task = self.rules.find_task(result)
        known = self._read_known(result, fully=fully)
        if fully and task is not None and task.feature_parameters:
            for name, value in self._read_trace(task, result).items():
                features.put(name, value)
            self._add_trace_before(features, task, result, known.history)
        add_record_features(features, result, task, known)
        if self.chip is not None and result.qid:
            if result.outcome in BAD:
                others = self._find_others(result)
                add_shares(features, result.qid, self.chip, self._records.resources, others)
            add_frequency_gaps(features, result, self.chip)
            if fully and task is not None and result.outcome in _MEASURED:
                self._add_changes_of_others(features, task, result)
        return features

    def _read_trace(self, task: type[BaseTask], result: TaskResultModel) -> dict[str, float]:
        """Return the features of a trace; none, and a remark, if it cannot be read."""
        if not result.raw_data_path:
            return {}
        try:
            return compute_trace_features(task, result, self.load_raw_data(result.task_id))
        except (NotFoundError, InvalidInputError, StoreError, AnalysisError) as error:
            self.remarks.append(str(error))
            return {}

    def _add_trace_before(
        self,
        features: Features,
        task: type[BaseTask],
        result: TaskResultModel,
        history: Sequence[ResultBrief],
    ) -> None:
        """Add the features of the last accepted result of an earlier execution, if evidence of the task needs any."""
        rules = self.rules.get_rules(task)
        if not any(name.startswith(BEFORE) for rule in rules for name in rule.when.names):
            return
        earlier = (one for one in _select_before(history, result.execution_id) if one.is_accepted)
        if (newest := next(earlier, None)) is None:
            return
        with self.store.read() as snapshot:
            before = Repositories(snapshot).results.find(self.project_id, newest.task_id)
        if before is None:
            return
        source = [Reference(RecordKind.RESULT, before.task_id)]
        for name, value in self._read_trace(task, before).items():
            features.put(f"{BEFORE}{name}", value, sources=source)
        for name in task.input_parameters:
            features.put(f"same_input.{name}", _is_same_input(name, result, before), sources=source)

    def _read_known(self, result: TaskResultModel, *, fully: bool) -> KnownBefore:
        if self.chip is None or result.start_at is None or not result.qid:
            return KnownBefore(input_times=self._input_times)
        records = self._records
        return KnownBefore(
            values=records.get_values(result.qid, result.start_at),
            design=records.design.get(result.qid, {}),
            others=records.list_others(result),
            input_times=self._input_times,
            history=self._read_history(result) if fully else (),
            changes=records.list_changes_by_user(result),
        )

    def _read_history(self, result: TaskResultModel) -> list[ResultBrief]:
        found = self._list_briefs(result.name, result.qid, until=result.start_at, limit=_HISTORY)
        return [one for one in found if one.task_id != result.task_id]

    def _list_briefs(self, name: str, qid: str, *, until: datetime | None, limit: int) -> list[ResultBrief]:
        """Return the last results of a task on a target of the chip until a time, newest first."""
        assert self.chip is not None
        with self.store.read() as snapshot:
            found = Repositories(snapshot).results.list_briefs(
                self.project_id, self.chip.header.chip_id, [name], qid, until=until, limit=limit
            )
        return [ResultBrief(*one) for one in found]

    def _find_others(self, result: TaskResultModel) -> OtherTargets:
        """Return the other targets of the execution that are of the same kind and were measured."""
        of_pair = "-" in result.qid
        others = [
            one
            for one in self._list_attempts(result.execution_id)
            if one.qid not in ("", result.qid) and ("-" in one.qid) == of_pair and one.outcome in _MEASURED
        ]
        bad: dict[str, str] = {}
        for one in others:
            if one.outcome in BAD:
                bad.setdefault(one.qid, one.task_id)
        same_task = {one.qid: one for one in others if one.name == result.name}
        together = self._find_together(result, same_task)
        alike = self._find_alike(result, together)
        return OtherTargets(same_task, {one.qid for one in others}, bad, together, alike)

    def _find_together(self, result: TaskResultModel, others: Mapping[str, AttemptSummary]) -> dict[str, str]:
        """Return the results of the same task on other targets that failed or were flagged, after the same outcome before."""
        bad = {qid: one.task_id for qid, one in others.items() if one.outcome in BAD}
        if not bad:
            return {}
        had_succeeded = self._had_succeeded(result.name, result.qid, result.execution_id)
        return {
            qid: task_id
            for qid, task_id in bad.items()
            if self._had_succeeded(result.name, qid, result.execution_id) == had_succeeded
        }

    def _find_alike(self, result: TaskResultModel, together: Mapping[str, str]) -> dict[str, str]:
        """Return those of the results that have the same outcome and the same words."""
        words = _remove_numbers(result.message)
        summaries = self._list_summaries(result.execution_id, result.name)
        return {
            qid: task_id
            for qid, task_id in together.items()
            if task_id in summaries
            and summaries[task_id].outcome == result.outcome
            and _remove_numbers(summaries[task_id].message) == words
        }

    def _had_succeeded(self, name: str, qid: str, execution_id: str) -> bool | None:
        """Return whether the last result of a task before an execution was accepted; None if there is none."""
        before = self._find_before(name, qid, execution_id)
        return None if not before else before[0].is_accepted

    def _add_changes_of_others(
        self, features: Features, task: type[BaseTask], result: TaskResultModel
    ) -> None:
        """Add the median changes of values of the other targets of the execution, if evidence of the task needs any."""
        names = {name for rule in self.rules.get_rules(task) for name in rule.when.names}
        for name in sorted(names):
            prefix, _, output = name.partition(".")
            if prefix not in (CHIP_CHANGE, MUX_CHANGE):
                continue
            changes = self._read_changes(result, output)
            group = {*changes} if prefix == CHIP_CHANGE else self._list_members_of_mux(result.qid)
            others = {qid: one for qid, one in changes.items() if qid in group and qid != result.qid}
            if len(others) >= _LEAST_OF_OTHERS:
                sources = [Reference(RecordKind.RESULT, task_id) for task_id, _ in others.values()]
                middle = median(ratio for _, ratio in others.values())
                partner = ", ".join(sorted(others, key=by_number)) if prefix == MUX_CHANGE else ""
                features.put(name, middle, sources=sources[:_MOST_SOURCES], partner=partner)

    def _list_members_of_mux(self, qid: str) -> Collection[str]:
        muxes = (
            one for kind, one in self._records.resources.items() if kind.kind is ResourceKind.MULTIPLEXER
        )
        return next((one for one in muxes if qid in one), ())

    def _read_changes(self, result: TaskResultModel, name: str) -> dict[str, tuple[str, float]]:
        """Return the result of each target of an execution and the ratio of its value to the accepted one before."""
        place = result.execution_id, result.name, name
        if place not in self._changes:
            found = {}
            for one in self._list_summaries(result.execution_id, result.name).values():
                value = one.output_parameters.get(name)
                for before in self._find_before(one.name, one.qid, one.execution_id):
                    known = (before.output_parameters or {}).get(name)
                    if value is not None and known and known.get("value") and before.is_accepted:
                        found[one.qid] = one.task_id, float(value.value) / float(known["value"])
                        break
            self._changes[place] = found
        return self._changes[place]

    def _find_before(self, name: str, qid: str, execution_id: str) -> list[ResultBrief]:
        """Return the last results of a task on a target before an execution, newest first."""
        place = execution_id, name
        if place not in self._before:
            self._before[place] = self._read_before(execution_id, name)
        return self._before[place].get(qid, [])

    def _read_before(self, execution_id: str, name: str) -> dict[str, list[ResultBrief]]:
        """Return the last results of a task before an execution by target, for the targets on which it ran."""
        assert self.chip is not None
        summaries = self._list_summaries(execution_id, name).values()
        until = min((one.start_at for one in summaries if one.start_at is not None), default=None)
        with self.store.read() as snapshot:
            found = Repositories(snapshot).results.list_briefs_by_target(
                self.project_id,
                self.chip.header.chip_id,
                name,
                [one.qid for one in summaries],
                until=until,
                limit=_LAST,
            )
        return {
            qid: _select_before((ResultBrief(*one) for one in some), execution_id)
            for qid, some in found.items()
        }

    def _list_summaries(self, execution_id: str, name: str) -> dict[str, ListedResult]:
        """Return the last attempts at a task in an execution, by result."""
        place = execution_id, name
        if place not in self._summaries:
            wanted = [one.task_id for one in self._list_attempts(execution_id) if one.name == name]
            with self.store.read() as snapshot:
                found = Repositories(snapshot).results.list_summaries(self.project_id, wanted)
            self._summaries[place] = {one.task_id: one for one in found}
        return self._summaries[place]

    def _list_attempts(self, execution_id: str) -> list[AttemptSummary]:
        """Return the last attempts of an execution."""
        if execution_id not in self._attempts:
            with self.store.read() as snapshot:
                attempts = Repositories(snapshot).results.list_attempts(self.project_id, execution_id)
            self._attempts[execution_id] = select_last_attempts(attempts)
        return self._attempts[execution_id]

    @property
    def _records(self) -> _ChipRecords:
        assert self.chip is not None
        if self._lazy is None:
            self._lazy = _ChipRecords(
                self.store, self.project_id, self.chip, self._read_design(), self.since, self.targets
            )
        return self._lazy

    def _read_design(self) -> Design:
        assert self.chip is not None
        try:
            return self.get_design(self.chip)
        except (BackendError, PluginError) as error:
            self.remarks.append(str(error))
            return {target: {} for target in self.targets}


def _select_before(results: Iterable[ResultBrief], execution_id: str) -> list[ResultBrief]:
    """Return the measurements of other executions."""
    return [one for one in results if one.execution_id != execution_id and one.refit_of is None]


def _remove_numbers(message: str) -> str:
    return _NUMBER.sub("", message)


def _is_same_input(name: str, result: TaskResultModel, before: TaskResultModel) -> float:
    """Return 1 if an input of two results is equal within 3 %, a frequency within 0.1 MHz, or absent in both, else 0."""
    values = [one.input_parameters[name] for one in (result, before) if name in one.input_parameters]
    if len(values) == 2:
        new, former = values
        nearness = _SAME_GHZ if former.unit == "GHz" else _SAME * abs(former.value)
        return float(abs(new.value - former.value) <= nearness)
    return float(not values)


@dataclass
class _ChipRecords:
    """Values of a chip at former times, changes by users and shared resources, each read on first use."""

    store: Store
    project_id: str
    chip: Chip
    design: Design
    since: datetime | None
    targets: Collection[str]

    @cached_property
    def resources(self) -> dict[Resource, frozenset[str]]:
        return list_resources(self.chip)

    @cached_property
    def _changes(self) -> dict[str, list[ValueChangeModel]]:
        """Changes of values since the oldest result, by target, newest first."""
        found: dict[str, list[ValueChangeModel]] = {}
        if self.since is None:
            return found
        with self.store.read() as snapshot:
            changes = Repositories(snapshot).value_changes.iter_newest(
                self.project_id, self.chip.header.chip_id, targets=sorted(self.targets), since=self.since
            )
            for one in islice(changes, _MOST_CHANGES):
                found.setdefault(one.qid, []).append(one)
        return found

    @cached_property
    def _has_every_change(self) -> bool:
        return sum(map(len, self._changes.values())) < _MOST_CHANGES

    @cached_property
    def _by_user(self) -> list[ValueChangeModel]:
        if self.since is None:
            return []
        with self.store.read() as snapshot:
            changes = Repositories(snapshot).value_changes.list_by_hand_since(
                self.project_id, self.chip.header.chip_id, self.since - _BY_USER_SINCE
            )
        return [one for one in reversed(changes) if one.kind in _BY_USER]

    def get_values(self, target: str, moment: datetime) -> Mapping[str, ParameterModel]:
        """Return the accepted values of a target just before a time; empty if they are unknown."""
        model = self.chip.qubits.get(target) or self.chip.couplings.get(target)
        if model is None or not self._has_every_change:
            return {}
        values: dict[str, ParameterModel | None] = dict(model.data)
        for change in self._changes.get(target, ()):
            if change.created_at < moment:
                break
            values |= {name: one.before for name, one in change.values.items()}
        return {name: one for name, one in values.items() if one is not None}

    def list_others(self, result: TaskResultModel) -> Mapping[str, Sequence[float]]:
        """Return the present values of the other targets of a kind, for the outputs of a result."""
        values = self._coupling_values if "-" in result.qid else self._qubit_values
        return {
            name: [value for qid, value in values.get(name, {}).items() if qid != result.qid]
            for name in result.output_parameters
        }

    @cached_property
    def _qubit_values(self) -> dict[str, dict[str, float]]:
        return _list_values(self.chip.qubits)

    @cached_property
    def _coupling_values(self) -> dict[str, dict[str, float]]:
        return _list_values(self.chip.couplings)

    def list_changes_by_user(self, result: TaskResultModel) -> list[ValueChangeModel]:
        """Return the changes of the inputs of a result by users in the week before, newest first."""
        places = {(one.target, one.parameter) for one in result.input_parameters.values()}
        return [
            one
            for one in self._by_user
            if result.start_at is not None
            and result.start_at - _BY_USER_SINCE <= one.created_at < result.start_at
            and any((one.qid, name) in places for name in one.values)
        ]


def _list_values(targets: Mapping[str, QubitModel | CouplingModel]) -> dict[str, dict[str, float]]:
    """Return the values of targets by name and target."""
    found: dict[str, dict[str, float]] = {}
    for qid, model in targets.items():
        for name, one in model.data.items():
            found.setdefault(name, {})[qid] = float(one.value)
    return found


def add_other_tasks(features: Features, own: TaskResultModel, others: Iterable[_Read]) -> None:
    """Add the outcomes and traces of other tasks on the same target, or on the qubits of a coupling.

    If a task has a result on both qubits, the worse one counts.
    """
    worst: dict[str, _Read] = {}
    for result, found in others:
        if result.name == own.name and result.qid == own.qid:
            continue
        known = worst.get(result.name)
        if known is None or _rank(result) < _rank(known[0]):
            worst[result.name] = result, found
    for name, (result, found) in worst.items():
        source = [Reference(RecordKind.RESULT, result.task_id)]
        for outcome in (Outcome.FAILED, Outcome.FLAGGED, Outcome.ACCEPTED):
            features.put(f"{outcome}.{name}", float(result.outcome == outcome), sources=source)
        for feature, value in found.values.items():
            if "." not in feature and (feature not in RECORD_FEATURES or feature in FIT_FEATURES):
                features.put(f"{name}.{feature}", value, sources=source)


_Read = tuple["TaskResultModel", Features]


def _rank(result: TaskResultModel) -> int:
    return BAD.index(Outcome(result.outcome)) if result.outcome in BAD else len(BAD)
