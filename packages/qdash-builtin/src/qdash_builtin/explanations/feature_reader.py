"""Reading of the features of results: their records, raw data, targets and runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from qdash_builtin.comparisons.shared_resources import find_shared_resources
from qdash_builtin.explanations.cases import rank_alone
from qdash_builtin.explanations.chip_records import ChipRecords
from qdash_builtin.explanations.considered_results import get_measured_at
from qdash_builtin.explanations.execution_records import ExecutionRecords
from qdash_builtin.explanations.features import Features
from qdash_builtin.explanations.other_targets import OtherTargetFeatures
from qdash_builtin.explanations.record_features import KnownBefore, add_record_features
from qdash_builtin.explanations.surroundings import BAD, MEASURED, add_frequency_gaps
from qdash_builtin.explanations.trace_features import compute_trace_features
from qdash_builtin.explanations.value_moves import list_alike
from qdash_builtin.runs.listed_results import list_listed_results
from qdash_core.errors import (
    AnalysisError,
    BackendError,
    InvalidInputError,
    NotFoundError,
    PluginError,
    StoreError,
)
from qdash_core.models.references import Reference
from qdash_core.models.targets import by_number
from qdash_core.models.task import get_measurement
from qdash_core.process.cancellation import checkpoint
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.comparisons.shared_resources import SharedResource
    from qdash_builtin.explanations.onsets import Onset
    from qdash_builtin.explanations.rule_book import RuleBook
    from qdash_core.chips.chip import Chip
    from qdash_core.chips.design import Design
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import ResultBrief, TaskResultModel
    from qdash_core.repositories.store import Store
    from qdash_core.tasks.base import BaseTask

BEFORE = "before."
"""First part of the names of features of the last accepted result."""
_SAME, _SAME_GHZ = 0.03, 1e-4
"""Relative difference of an input up to which it is the same as before, and that of a frequency in GHz."""


@dataclass(slots=True)
class FeatureReader:
    """Features of the results of one chip, each read once.

    Parameters
    ----------
    chip : Chip or None
        The chip, or None if it was deleted.
    since : datetime or None
        Start of the oldest measurement, or None if none was started.
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
    _known: dict[tuple[str, bool], Features] = field(default_factory=dict)
    _alone: dict[tuple[str, bool], Features] = field(default_factory=dict)
    _ranked: dict[str, Mapping[str, float]] = field(default_factory=dict)
    _input_times: dict[str, datetime] = field(default_factory=dict)
    _surroundings: _Surroundings | None = None

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
            for one in list_listed_results(
                Repositories(snapshot).of(TaskResultHistoryRepository), self.project_id, wanted
            ):
                if (ended := get_measurement(one).end_at) is not None:
                    self._input_times[one.task_id] = ended

    def read(self, result: TaskResultModel, *, fully: bool) -> Features:
        """Return the features of a result; those of its trace and of earlier results of its task only if `fully`."""
        place = result.task_id, fully
        if place not in self._known:
            self._known[place] = self._read(result, fully=fully)
        return self._known[place]

    def _read(self, result: TaskResultModel, *, fully: bool) -> Features:
        features = self._read_alone(result, fully=fully).copy()
        around = self._find_surroundings() if result.qid else None
        if around is not None:
            if result.outcome in BAD:
                around.others.add_shares(features, result)
            task = self.rules.find_task(result)
            if fully and task is not None and result.outcome in MEASURED:
                around.others.add_changes(features, result, self.rules.get_feature_names(task))
        return features

    def _read_alone(self, result: TaskResultModel, *, fully: bool) -> Features:
        """Return the features of a result without those of other targets in its execution."""
        place = result.task_id, fully
        if place not in self._alone:
            checkpoint()
            self._alone[place] = self._read_own(result, fully=fully)
        return self._alone[place]

    def _read_own(self, result: TaskResultModel, *, fully: bool) -> Features:
        features = Features()
        task = self.rules.find_task(result)
        around = self._find_surroundings() if result.qid else None
        known = self._read_known(result, around, fully=fully)
        if fully and task is not None and task.feature_parameters:
            for name, value in self._read_trace(task, result).items():
                features.put(name, value)
            self._add_trace_before(features, task, result, known.history)
        add_record_features(features, result, task, known)
        if around is not None:
            add_frequency_gaps(features, result, around.values.chip)
        return features

    def find_onset(self, result: TaskResultModel) -> Onset | None:
        """Return between which times the task of a failed or flagged result began to fail; None without a failure or a chip."""
        around = self._find_surroundings() if result.qid and result.outcome in BAD else None
        return None if around is None else around.executions.find_onset(result)

    def find_shared_move(self, result: TaskResultModel, parameter: str) -> SharedResource | None:
        """Return the resource on whose targets a parameter moved as in a result, in the same execution; None if there is none."""
        around = self._find_surroundings() if result.qid else None
        if around is None:
            return None
        known = around.executions.list_value_ratios(result.execution_id, result.name, parameter)
        alike = list_alike({qid: ratio for qid, (_, ratio) in known.items()}, result.qid)
        order = sorted(known, key=by_number)
        shared = find_shared_resources(around.values.resources, alike, order)
        return next((one for one in shared if result.qid in one.affected), None)

    def rank_alone(self, task_id: str) -> Mapping[str, float]:
        """Return the probabilities of the likely causes of a result by id, without evidence from other tasks and targets."""
        if task_id not in self._ranked:
            with self.store.read() as snapshot:
                result = Repositories(snapshot).of(TaskResultHistoryRepository).find(self.project_id, task_id)
            self._ranked[task_id] = (
                {} if result is None else rank_alone(self.rules, result, self._read_alone(result, fully=True))
            )
        return self._ranked[task_id]

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
        if not any(name.startswith(BEFORE) for name in self.rules.get_feature_names(task)):
            return
        earlier = (one for one in history if one.execution_id != result.execution_id and one.accepted)
        if (newest := next(earlier, None)) is None:
            return
        with self.store.read() as snapshot:
            before = (
                Repositories(snapshot).of(TaskResultHistoryRepository).find(self.project_id, newest.task_id)
            )
        if before is None:
            return
        source = [Reference("result", before.task_id)]
        for name, value in self._read_trace(task, before).items():
            features.put(f"{BEFORE}{name}", value, sources=source)
        for name in task.input_parameters:
            features.put(f"same_input.{name}", _is_same_input(name, result, before), sources=source)

    def _read_known(
        self, result: TaskResultModel, around: _Surroundings | None, *, fully: bool
    ) -> KnownBefore:
        measured_at = get_measured_at(result)
        if around is None or measured_at is None:
            return KnownBefore(input_times=self._input_times)
        values = around.values
        return KnownBefore(
            values=values.get_values(result.qid, measured_at),
            design=values.design.get(result.qid, {}),
            others=values.list_others(result),
            input_times=self._input_times,
            history=around.executions.list_history(result) if fully else (),
            changes=values.list_changes_by_user(result),
        )

    def _find_surroundings(self) -> _Surroundings | None:
        """Return the records of the chip and of its executions, or None if the chip was deleted."""
        if self._surroundings is None and self.chip is not None:
            values = ChipRecords(
                self.store, self.project_id, self.chip, self._read_design(self.chip), self.since, self.targets
            )
            executions = ExecutionRecords(self.store, self.project_id, self.chip.header.chip_id)
            others = OtherTargetFeatures(self.chip, values.resources, executions, self.rank_alone)
            self._surroundings = _Surroundings(values, executions, others)
        return self._surroundings

    def _read_design(self, chip: Chip) -> Design:
        try:
            return self.get_design(chip)
        except (BackendError, PluginError) as error:
            self.remarks.append(str(error))
            return {target: {} for target in self.targets}


class _Surroundings(NamedTuple):
    """Records of the chip of the results."""

    values: ChipRecords
    executions: ExecutionRecords
    others: OtherTargetFeatures


def _is_same_input(name: str, result: TaskResultModel, before: TaskResultModel) -> float:
    """Return 1 if an input of two results is equal within 3 %, a frequency within 0.1 MHz, or absent in both, else 0."""
    values = [one.input_parameters[name] for one in (result, before) if name in one.input_parameters]
    if len(values) == 2:
        new, former = values
        nearness = _SAME_GHZ if former.unit == "GHz" else _SAME * abs(former.value)
        return float(abs(new.value - former.value) <= nearness)
    return float(not values)
