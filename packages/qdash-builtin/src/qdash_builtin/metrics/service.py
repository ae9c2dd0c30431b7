"""Service for the metrics of chips: values in use, flagged and recorded ones, and summaries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from qdash_builtin.metrics.judged_values import judge_values
from qdash_builtin.metrics.judgement.reader import JudgementReader
from qdash_builtin.metrics.result_queries import iter_values_by_chip, list_values_of_targets
from qdash_builtin.metrics.selection import ALL_TIME, Period, SelectedTargets, Selection, resolve_period
from qdash_builtin.metrics.summary import MetricSummary, summarise_metric
from qdash_builtin.metrics.values_in_use import (
    add_flagged_values,
    collect_failures,
    collect_stored_values,
    collect_values,
)
from qdash_builtin.record_lookup.stored_states import list_states
from qdash_builtin.values.selection import require_target
from qdash_core.chips.chip import read_chip
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import TargetStatus
from qdash_core.models.targets import get_target_kind, parse_target_id
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskRepository, TaskResultHistoryRepository
from qdash_core.values.usable_results import UsableResults

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from qdash_builtin.metrics.annotations import ChipAnnotations
    from qdash_builtin.metrics.attention import Attention
    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.metrics.history import HistoryPoint, MetricHistory
    from qdash_builtin.metrics.target_statistics import MetricStatistics, StatisticsRequest
    from qdash_builtin.metrics.trends import ChipTrends
    from qdash_builtin.metrics.values import MetricFailure, StoredChipValues
    from qdash_core.chips.chip import Chip
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel, StoredValues
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.models.chip_values import ChipValues, KnownValue
    from qdash_core.models.marks import Marks, ValueMark
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.models.specification import Specification
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.store import Store


@dataclass(frozen=True, slots=True)
class ChipMetrics:
    """Selected values of a chip.

    Parameters
    ----------
    values : ChipValues
        Targets without a value are left out.
    used : ChipValues
        The accepted values among them; if a newer value is flagged, the accepted one before it.
    failures : mapping of str to mapping of str to MetricFailure
        Failures by target and metric, if requested; there need not be a value.
    targets : SelectedTargets
        With or without values.
    defects : mapping of str to str
        Failed and dead targets among the selected ones, each with its status and, if known, the reason.
    """

    chip_id: str
    values: ChipValues
    used: ChipValues
    failures: Mapping[str, Mapping[str, MetricFailure]]
    targets: SelectedTargets
    period: Period
    at: datetime
    defects: Mapping[str, str]
    judgement: Judgement
    specification: Specification


class MetricsService:
    """Service for the metrics of the chips of one store.

    Parameters
    ----------
    metrics_file : Path or None
        Laboratory's definitions of metrics, which override the built-in ones.
    judgement_reader : JudgementReader or None
        One that other services use, too, or None for one of its own.
    """

    def __init__(
        self,
        store: Store,
        metrics_file: Path | None = None,
        *,
        judgement_reader: JudgementReader | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._path = metrics_file
        self._clock = clock
        self._judgement_reader = judgement_reader or JudgementReader(lambda: self.file, clock)

    @cached_property
    def file(self) -> MetricsFile:
        """Definitions of the metrics; raises as `read_metrics_file`."""
        from qdash_builtin.metrics.definition_file import (
            read_metrics_file,  # not needed for the values in use
        )

        return read_metrics_file(self._path)

    def get_file(self, access: Access, chip_id: str | None) -> MetricsFile:
        """Return the definitions of the metrics with what was asked of a chip, or without it if no chip is named.

        NotFoundError if there is no such chip; otherwise raises as `read_metrics_file`.
        """
        if chip_id is None:
            return self.file
        with self._store.read() as snapshot:
            chip = Repositories(snapshot).of(ChipRepository).require(access.project_id, chip_id)
        return self.file.specify(chip.specification)

    def values(self, access: Access, chip_id: str, *, flagged: bool = False) -> ChipValues:
        """Return the latest accepted value of every parameter of every target that has any.

        If `flagged`, a newer flagged value replaces the accepted one.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        """
        return self.select(access, chip_id, Selection(flagged=flagged)).values

    def get_stored(self, access: Access, chip_id: str, targets: Sequence[str] = ()) -> StoredChipValues:
        """Return the values in use of targets, or of all, as stored, with their trust, faster than `select`.

        Raises
        ------
        NotFoundError
            If there is no such chip, or no such target.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            chip = repositories.of(ChipRepository).require(access.project_id, chip_id)
            where = access.project_id, chip_id
            qubits, couplings = _list_values(repositories, *where, targets)
            if len(qubits) + len(couplings) < len({*targets}):  # the refusal names what the chip has
                qubits, couplings = _list_values(repositories, *where, ())
            selected_targets = SelectedTargets.select(
                chip_id, [one["qid"] for one in qubits], [one["qid"] for one in couplings], targets
            )
            stored = [*qubits, *couplings]
            judgement = self._judgement_reader.read_of(
                repositories, *where, stored, targets or None, header=chip
            )
        return collect_stored_values(selected_targets, qubits, couplings, judgement, chip.specification)

    def summarise_attention(self, access: Access, chip_id: str) -> dict[TargetKind, Attention]:
        """Return the failed targets and the numbers of flagged results and marked values of a chip.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        """
        from qdash_builtin.metrics.attention import read_attention  # not needed for the values in use

        with self._store.read() as snapshot:
            return read_attention(
                Repositories(snapshot), access.project_id, chip_id, self._judgement_reader, self.file
            )

    def list_marks(self, access: Access, chip_id: str, targets: Sequence[str] | None = None) -> Marks:
        """Return the marks of the values in use of a chip, or of some of its targets; NotFoundError if there is no such chip."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return self._judgement_reader.read(repositories, access.project_id, chip_id, targets).marks

    def get_judged_chip(self, access: Access, chip_id: str) -> Chip:
        """Return a chip with its values in use and its judgement; NotFoundError if there is no such chip."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            chip = read_chip(repositories, access.project_id, chip_id)
            return chip.judge(self._judgement_reader.read(repositories, access.project_id, chip_id))

    def select(self, access: Access, chip_id: str, selection: Selection) -> ChipMetrics:
        """Return the selected values of a chip.

        Raises
        ------
        NotFoundError
            If there is no such chip or cool-down, or a named target or metric is unknown.
        InvalidInputError
            If the metrics file is needed and invalid.
        """
        now = self._clock()
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            chip = repositories.of(ChipRepository).require(access.project_id, chip_id)
            period = resolve_period(repositories, chip, selection.period, selection.mode)
            qubits = repositories.of(QubitCalibrationRepository).list_by_chip(access.project_id, chip_id)
            couplings = repositories.of(CouplingCalibrationRepository).list_by_chip(
                access.project_id, chip_id
            )
            qids, coupling_ids = [one.qid for one in qubits], [one.qid for one in couplings]
            selected_targets = SelectedTargets.select(chip_id, qids, coupling_ids, selection.targets)
            unusable: set[str] = set()
            every: list[QubitModel | CouplingModel] = [*qubits, *couplings]
            judged = [one for one in every if not selection.targets or one.qid in selection.targets]
            judgement = self._judgement_reader.read_of(
                repositories,
                access.project_id,
                chip_id,
                [one.get_stored_values() for one in judged],
                selection.targets or None,
                header=chip,
            )
            if selection.recorded:
                used, values = self._select_values(repositories, chip, selection, period, selected_targets)
            else:
                if selection.usable:
                    unusable = {qid for qid, one in judgement.targets.items() if not one.fitness.permits_use}
                used = values = judge_values(collect_values(qubits, couplings, selected_targets), judgement)
                if selection.flagged:
                    values = add_flagged_values(
                        repositories, access.project_id, chip_id, used, selected_targets
                    )
            defects = _describe_defects([judgement.show(one) for one in every], selected_targets)
            failures = collect_failures((*qubits, *couplings), selected_targets) if selection.failed else {}
        if selection.metrics:
            had = {name for _, of in values.iter_kinds() for known in of.values() for name in known}
            self._require_metrics(chip_id, selection.metrics, had)
            failures = _select_metrics(failures, selection.metrics)
        if selection.narrow:
            passes = self._filter(selection, failures, used, unusable, chip.specification, now)
            used, values = used.filter(passes), values.filter(passes)
        if selection.older_than is not None or selection.out_of_specification or selection.marks:
            failures = _select_with_values(
                failures, values
            )  # a failure without such a value is neither old nor out of specification, and has no marks
        return ChipMetrics(
            chip_id,
            values,
            used,
            failures,
            selected_targets,
            period,
            now,
            defects,
            judgement,
            chip.specification,
        )

    def _select_values(
        self,
        repositories: Repositories,
        chip: ChipModel,
        selection: Selection,
        period: Period,
        selected_targets: SelectedTargets,
    ) -> tuple[ChipValues, ChipValues]:
        """Return the accepted values, and the selected ones, in which flagged values may replace them."""
        from qdash_builtin.metrics.period_values import compute_values

        # Results of a deleted chip with the same id do not count.
        since = max(chip.installed_at, period.since or chip.installed_at)
        results = iter_values_by_chip(
            repositories.of(TaskResultHistoryRepository),
            chip.project_id,
            chip.chip_id,
            cooldown_id=period.cooldown_id,
            since=since,
        )
        chosen = partial(
            compute_values,
            file=self.file,
            mode=selection.mode,
            period=period,
            targets=selected_targets,
            is_usable=UsableResults(repositories, chip).accepts,
        )
        if not selection.flagged:
            return (used := chosen(results)), used
        read = list(results)
        return chosen(read), chosen(read, flagged=True)

    def get_annotations(
        self,
        access: Access,
        chip_id: str,
        *,
        target: str | None = None,
        metric: str | None = None,
        period: Period = ALL_TIME,
    ) -> ChipAnnotations:
        """Return cool-downs, notes, and changes by users of a chip, for plots over time.

        A target or metric selects its own annotations, those of the whole chip and those of all metrics.

        Raises
        ------
        NotFoundError
            If there is no such chip, target or cool-down.
        InvalidInputError
            If the period encloses no time.
        """
        from qdash_builtin.metrics.annotations import list_annotations

        period.check()
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            qid = None
            if target is not None:
                qid = parse_target_id(target)
                require_target(repositories, header, qid)
            since, until = period.since, period.until
            if period.cooldown_id is not None:
                cooldown = repositories.of(CooldownRepository).require(header.project_id, period.cooldown_id)
                since = max(since or cooldown.started_at, cooldown.started_at)
                ends = [one for one in (until, cooldown.ended_at) if one is not None]
                until = min(ends, default=None)
            return list_annotations(
                repositories, header, self.file, target=qid, metric=metric, since=since, until=until
            )

    def get_trends(
        self,
        access: Access,
        chip_id: str,
        *,
        metrics: Sequence[str] = (),
        targets: Sequence[str] = (),
        period: Period = ALL_TIME,
    ) -> ChipTrends:
        """Return the trends of the accepted values of a chip, worst first.

        Without metrics, those of `table` in the metrics file are read; without targets, all.

        Raises
        ------
        NotFoundError
            If there is no such chip or cool-down, or a named target or metric is unknown.
        InvalidInputError
            If the period encloses no time, or the metrics file is invalid.
        """
        from qdash_builtin.metrics.trends import compute_trends  # not needed for the values in use

        period.check()
        names = metrics or [*self.file.table.qubit, *self.file.table.coupling]
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            chip = repositories.of(ChipRepository).require(access.project_id, chip_id)
            if period.cooldown_id is not None:
                repositories.of(CooldownRepository).require(chip.project_id, period.cooldown_id)
            where = access.project_id, chip_id
            selected = SelectedTargets.select(
                chip_id,
                [one["qid"] for one in list_states(repositories.of(QubitCalibrationRepository), *where)],
                [one["qid"] for one in list_states(repositories.of(CouplingCalibrationRepository), *where)],
                targets,
            )
            results = list_values_of_targets(
                repositories,
                *where,
                (*selected.qubits, *selected.couplings),
                names,
                cooldown_id=period.cooldown_id,
                since=max(chip.installed_at, period.since or chip.installed_at),
            )
            trends = compute_trends(
                chip_id,
                results,
                metrics={name: place for place, name in enumerate(names)},
                period=period,
                is_usable=UsableResults(repositories, chip).accepts,
            )
        self._require_metrics(chip_id, metrics, {one.metric for one in trends.series})
        return trends

    def get_history(
        self,
        access: Access,
        chip_id: str,
        target: str,
        metric: str,
        *,
        period: Period = ALL_TIME,
        limit: int | None = None,
    ) -> MetricHistory:
        """Return the history of a value; takes and raises as `metrics.history.get_history`.

        InvalidInputError for a period without time or a limit below 1; NotFoundError for an unknown metric.
        """
        from qdash_builtin.metrics.history import get_history

        period.check()
        if limit is not None and limit < 1:
            raise InvalidInputError(f"limit cannot be {limit}: at least 1 value is shown")
        where = access.project_id, chip_id, parse_target_id(target), metric
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            marks = self._find_marks_of_value(repositories, *where)
            found = get_history(repositories, *where, period=period, marks=marks, limit=limit)
            if not found.points:
                self._require_measurable(repositories, *where)
        return found

    def get_history_page(
        self,
        access: Access,
        chip_id: str,
        target: str,
        metric: str,
        request: PageRequest,
        *,
        period: Period = ALL_TIME,
    ) -> Page[HistoryPoint]:
        """Return a page of the history of a value; takes and raises as `metrics.history.get_history_page`.

        NotFoundError for an unknown metric.
        """
        from qdash_builtin.metrics.history import get_history_page

        where = access.project_id, chip_id, parse_target_id(target), metric
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            marks = self._find_marks_of_value(repositories, *where)
            page = get_history_page(repositories, *where, period=period, request=request, marks=marks)
            if not page.items and request.after is None:
                self._require_measurable(repositories, *where)
        return page

    def _find_marks_of_value(
        self, repositories: Repositories, project_id: str, chip_id: str, target: str, metric: str
    ) -> Sequence[ValueMark]:
        return (
            self._judgement_reader.read(repositories, project_id, chip_id, [target])
            .marks.get(target, {})
            .get(metric, ())
        )

    def _require_measurable(
        self, repositories: Repositories, project_id: str, chip_id: str, target: str, metric: str
    ) -> None:
        """Raise NotFoundError if a metric without values is neither in the metrics file nor measured by a task."""
        kind: TargetKind = get_target_kind(target)
        known = {*self.file.get_metrics(kind)}
        for one in repositories.of(TaskRepository).list_by_project(project_id):
            known.update(one.output_parameters if one.task_type == kind else ())
        if metric not in known:
            raise NotFoundError(_describe_unknown_metric(metric, chip_id, sorted(known), f" of {kind}s"))

    def summarise(
        self, access: Access, chip_id: str, selection: Selection
    ) -> tuple[ChipMetrics, dict[TargetKind, list[MetricSummary]]]:
        """Return the selected values of a chip, and a summary of each metric.

        The summaries cover the metrics that have a value, and named metrics of the kind. Raises as `select`,
        and InvalidInputError if the selection filters values by age, failure, specification or marks, which
        would bias the summary.
        """
        if selection.leaves_out:
            raise InvalidInputError(
                "a summary is of every value: --older-than, --failed, --out-of-spec and --marked leave some out"
            )
        selected = self.select(access, chip_id, selection)
        file = self.file.specify(selected.specification)
        return selected, {
            kind: _summarise_kind(kind, targets, selected, selection.metrics, file.get_metrics(kind))
            for kind, targets in selected.used.iter_kinds()
        }

    def get_statistics(self, access: Access, request: StatisticsRequest) -> MetricStatistics:
        """Return the statistics of a metric over the targets of a chip, beside those of another chip or period.

        Raises
        ------
        NotFoundError
            If there is no such chip, cool-down or metric.
        InvalidInputError
            If the metrics file is invalid.
        """
        from qdash_builtin.metrics.target_statistics import (
            read_statistics,  # not needed for the values in use
        )

        with self._store.read() as snapshot:
            found = read_statistics(
                Repositories(snapshot),
                access.project_id,
                request,
                file=self.file,
                judgement_reader=self._judgement_reader,
                now=self._clock(),
            )
        had = {name for one in found.sets for name, known in one.values.values.items() if known}
        self._require_metrics(request.source.chip_id, request.metrics, had)
        return found

    def _require_metrics(self, chip_id: str, named: Iterable[str], had: Collection[str]) -> None:
        known = [*self.file.qubit_metrics, *self.file.coupling_metrics]
        for name in named:
            if name not in had and name not in known:
                raise NotFoundError(_describe_unknown_metric(name, chip_id, sorted({*had, *known})))

    def _filter(
        self,
        selection: Selection,
        failures: Mapping[str, Mapping[str, MetricFailure]],
        used: ChipValues,
        unusable: Collection[str],
        asked: Specification,
        now: datetime,
    ) -> Callable[[TargetKind, str, str, KnownValue], bool]:
        # A flagged value that replaces the one in use is selected by the marks of that.
        in_use = {**used.qubits, **used.couplings} if selection.marks else {}
        file = self.file.specify(asked) if selection.out_of_specification else None

        def has_mark(target: str, name: str) -> bool:
            value = in_use.get(target, {}).get(name)
            return value is not None and any(one.mark in selection.marks for one in value.marks)

        def passes(kind: TargetKind, target: str, name: str, known: KnownValue) -> bool:
            if target in unusable or (selection.metrics and name not in selection.metrics):
                return False
            if selection.failed and name not in failures.get(target, {}):
                return False
            if selection.marks and not has_mark(target, name):
                return False
            measured_at = known.parameter.calibrated_at
            if selection.older_than is not None and (
                measured_at is None or now - measured_at <= selection.older_than
            ):
                return False
            if file is None:
                return True
            metric = file.get_metrics(kind).get(name)
            return metric is not None and not metric.is_within(float(known.parameter.value))

        return passes


def _summarise_kind(
    kind: TargetKind,
    targets: Mapping[str, Mapping[str, KnownValue]],
    selected: ChipMetrics,
    named: Sequence[str],
    metrics: Mapping[str, Metric],
) -> list[MetricSummary]:
    known: dict[str, dict[str, KnownValue]] = {name: {} for name in named if name in metrics}
    for target, values in targets.items():
        for name, value in values.items():
            known.setdefault(name, {})[target] = value
    places = {name: place for place, name in enumerate(metrics)}
    return [
        summarise_metric(
            name, metrics.get(name), known[name], selected.targets.get_targets(kind), now=selected.at
        )
        for name in sorted(known, key=lambda name: (places.get(name, len(places)), name))
    ]


def _describe_defects(
    targets: Iterable[QubitModel | CouplingModel], selected: SelectedTargets
) -> dict[str, str]:
    """Return status and reason of the failed and dead targets among the selected ones."""
    chosen = {*selected.qubits, *selected.couplings}
    found = {}
    for target in targets:
        if target.qid not in chosen:
            continue
        if target.status is TargetStatus.FAILED:
            reason = "" if target.status_reason is None else target.status_reason.text
        elif target.status is TargetStatus.DEAD:
            reason = target.note.content
        else:
            continue
        found[target.qid] = f"{target.status}: {reason}" if reason else str(target.status)
    return found


def _list_values(
    repositories: Repositories, project_id: str, chip_id: str, targets: Sequence[str]
) -> tuple[list[StoredValues], list[StoredValues]]:
    """Return the values in use of the existing qubits and couplings among some targets, or of all."""
    qubits = [one for one in targets if "-" not in one] if targets else None
    couplings = [one for one in targets if "-" in one] if targets else None
    return (
        repositories.of(QubitCalibrationRepository).list_values(project_id, chip_id, qubits),
        repositories.of(CouplingCalibrationRepository).list_values(project_id, chip_id, couplings),
    )


def _select_metrics(
    failures: Mapping[str, Mapping[str, MetricFailure]], metrics: Sequence[str]
) -> dict[str, dict[str, MetricFailure]]:
    """Return the failures of the given metrics."""
    kept = {
        target: {name: one for name, one in had.items() if name in metrics}
        for target, had in failures.items()
    }
    return {target: had for target, had in kept.items() if had}


def _select_with_values(
    failures: Mapping[str, Mapping[str, MetricFailure]], values: ChipValues
) -> dict[str, dict[str, MetricFailure]]:
    """Return the failures that have a value in `values`."""
    had = {target: known for _, targets in values.iter_kinds() for target, known in targets.items()}
    return {
        target: {name: failures[target][name] for name in known if name in failures[target]}
        for target, known in had.items()
        if target in failures
    }


def _describe_unknown_metric(name: str, chip_id: str, known: Sequence[str], of_kind: str = "") -> str:
    there = f"; `qdash metrics {chip_id} --summary` has those of the chip"
    hint = suggest(name, known, cutoff=0.5, otherwise=there)
    return f"there is no metric {name!r}{of_kind}, neither of chip {chip_id} nor in the metrics file{hint}"
