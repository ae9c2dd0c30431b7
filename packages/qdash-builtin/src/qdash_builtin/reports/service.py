"""Service that makes reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.attention import summarise_attention
from qdash_builtin.metrics.summary import summarise_metric
from qdash_builtin.reports.changes import describe_by_result, list_changes
from qdash_builtin.reports.contents import read_contents
from qdash_builtin.reports.distributions import make_distribution
from qdash_builtin.reports.failures import describe_later_failure, list_failures
from qdash_builtin.reports.report import Figure, Report, TaskFigures
from qdash_builtin.reports.subjects import resolve_subject
from qdash_builtin.values.release_repository import ReleaseRepository
from qdash_core.models.facts import FactSubject
from qdash_core.models.simulated_time import select_simulated_time
from qdash_core.models.targets import TARGET_KINDS
from qdash_core.models.task import TaskStatus
from qdash_core.process.cancellation import checkpoint
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.session.software import read_software

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.comparisons.service import ComparisonService
    from qdash_builtin.metrics.attention import Attention
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.metrics.service import MetricsService
    from qdash_builtin.metrics.summary import MetricSummary
    from qdash_builtin.record_lookup.stored_states import StoredState
    from qdash_builtin.reports.report import Changes, Contents, Subject
    from qdash_builtin.results.drawings import Drawing
    from qdash_builtin.runs.queries import ExecutionService
    from qdash_core.hooks.fact_reader import FactReader
    from qdash_core.hooks.pictures import Pictures
    from qdash_core.models.access import Access
    from qdash_core.models.chip import StoredValues
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.targets import TargetKind
    from qdash_core.runtime.runtime import Runtime


class ReportService:
    """Reports on the chips, executions and releases of one store."""

    def __init__(
        self,
        runtime: Runtime,
        metrics: MetricsService,
        comparisons: ComparisonService,
        executions: ExecutionService,
        *,
        judgements: JudgementReader,
        facts: FactReader,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._runtime = runtime
        self._metrics = metrics
        self._comparisons = comparisons
        self._executions = executions
        self._judgements = judgements
        self._facts = facts
        self._clock = clock

    def resolve(self, access: Access, text: str, *, chip_id: str | None = None) -> Subject:
        """Return the subject that a text names; takes and raises as `resolve_subject`."""
        return resolve_subject(self._runtime.store, self._executions, access, text, chip_id)

    def make(self, access: Access, subject: Subject, *, with_figures: bool = True) -> Report:
        """Return a report.

        Raises
        ------
        NotFoundError
            If the subject no longer exists.
        InvalidInputError
            If the metrics file is invalid, or no plugin draws.
        """
        now = self._clock()
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            contents = read_contents(
                repositories, access.project_id, subject, self._metrics.file, self._judgements
            )
            releases = repositories.of(ReleaseRepository).list_by_chip(access.project_id, subject.chip_id)
            executions = _read_executions(repositories, access.project_id, contents)
        changes = list_changes(
            self._comparisons, access, subject, contents, releases, now=now, zone=self._runtime.zone
        )
        summaries = {kind: _summarise(contents, kind, now) for kind in TARGET_KINDS}
        figures: Sequence[TaskFigures] = ()
        distributions: Mapping[TargetKind, Mapping[str, Drawing]] = {}
        if with_figures:
            figures = self._draw_figures(contents, changes)
            distributions = _draw_distributions(self._runtime.registry.pictures(), contents, summaries)
        return Report(
            subject=subject,
            made_at=now,
            made_by=access.username,
            zone=self._runtime.zone,
            software=read_software(self._runtime.registry, contents.chip.header.backend),
            contents=contents,
            attention={kind: _count(contents, kind) for kind in TARGET_KINDS},
            summaries=summaries,
            failures=list_failures(contents),
            changes=changes,
            figures=figures,
            distributions=distributions,
            executions=executions,
            found=self._facts.read(access, _make_fact_subject(contents)),
            simulated_time=select_simulated_time(now),
        )

    def _draw_figures(self, contents: Contents, changes: Changes) -> list[TaskFigures]:
        """Return the figures by task: those of main tasks first, each in the order of names and targets."""
        from qdash_builtin.results.drawings import DrawingMaker

        maker = DrawingMaker(self._runtime.registry, self._runtime.artifacts)
        results = [contents.results[one] for one in contents.shown if one in contents.results]
        results = [one for one in results if one.raw_data_path or one.status is TaskStatus.FAILED]
        changed = describe_by_result(changes, contents)
        groups: dict[str, dict[str, Figure]] = {}
        for result in results:
            checkpoint()
            drawn = maker.draw(result)
            groups.setdefault(result.name, {})[result.qid] = Figure(
                result,
                drawn.svg,
                drawn.reason,
                changed.get(result.task_id, ()),
                describe_later_failure(contents, result),
            )
        main = _find_main_tasks(contents)
        tasks = [
            TaskFigures(name, name in main, _sort_by_target(some, contents)) for name, some in groups.items()
        ]
        return sorted(tasks, key=lambda one: (not one.main, _has_couplings(one), one.task))


def _make_fact_subject(contents: Contents) -> FactSubject:
    """Return the subject of the facts of a report: up to a release, since the start of an execution."""
    header, run = contents.chip.header, contents.run
    if run is not None:
        targets = (*contents.targets.qubits, *contents.targets.couplings)
        return FactSubject(header.chip_id, targets, execution_id=run.execution_id, since=run.start_at)
    until = None if contents.release is None else contents.release.created_at
    return FactSubject(header.chip_id, since=header.created_at, until=until)


def _has_couplings(task: TaskFigures) -> bool:
    return any("-" in target for target in task.figures)


def _sort_by_target(figures: Mapping[str, Figure], contents: Contents) -> dict[str, Figure]:
    order = {qid: number for number, qid in enumerate((*contents.chip.qubits, *contents.chip.couplings))}
    return dict(sorted(figures.items(), key=lambda one: (order.get(one[0], len(order)), one[0])))


def _find_main_tasks(contents: Contents) -> set[str]:
    """Return the tasks that measure a main metric or an essential one."""
    wanted = contents.main_metrics.union(*map(contents.file.list_essential, TARGET_KINDS))
    return {
        one.name
        for one in contents.results.values()
        if not wanted.isdisjoint({*one.output_parameters, *one.output_parameter_names})
    }


def _read_executions(
    repositories: Repositories, project_id: str, contents: Contents
) -> dict[str, ExecutionModel]:
    keys = {(project_id, one.execution_id) for one in contents.results.values()}
    return {
        key[1]: execution for key, execution in repositories.of(ExecutionRepository).get_many(keys).items()
    }


def _summarise(contents: Contents, kind: TargetKind, now: datetime) -> list[MetricSummary]:
    """Return the statistics of the used values of each metric, in the order of the metrics file."""
    values = contents.get_values(kind)
    metrics = contents.file.get_metrics(kind)
    names = dict.fromkeys(name for some in values.values() for name in some)
    places = {name: place for place, name in enumerate(metrics)}
    at = now if contents.release is None else contents.release.created_at
    return [
        summarise_metric(
            name,
            metrics.get(name),
            {
                target: some[name]
                for target, some in values.items()
                if name in some and some[name].verdict == "accepted"
            },
            contents.targets.get_targets(kind),
            now=at,
        )
        for name in sorted(names, key=lambda one: (places.get(one, len(places)), one))
    ]


def _count(contents: Contents, kind: TargetKind) -> Attention:
    targets = contents.chip.qubits if kind == "qubit" else contents.chip.couplings
    chosen = [targets[qid] for qid in contents.targets.get_targets(kind)]
    states: list[StoredState] = [
        {"qid": one.qid, "status": contents.statuses[one.qid], "status_reason": one.status_reason}
        for one in chosen
        if one.qid in contents.statuses
    ]
    stored: list[StoredValues] = [
        {
            "qid": qid,
            "data": {
                name: {"value": known.parameter.value}
                for name, known in some.items()
                if known.verdict == "accepted"
            },
            "status": targets[qid].status,
        }
        for qid, some in contents.get_values(kind).items()
    ]
    judgement = contents.chip.judgement.select([one.qid for one in chosen])
    return summarise_attention(
        states, stored, judgement, contents.file.get_metrics(kind), flagged=contents.flagged.get(kind, 0)
    )


def _draw_distributions(
    pictures: Pictures, contents: Contents, summaries: Mapping[TargetKind, Sequence[MetricSummary]]
) -> dict[TargetKind, dict[str, Drawing]]:
    from qdash_builtin.results.drawings import draw_statistics

    found: dict[TargetKind, dict[str, Drawing]] = {}
    for kind, some in summaries.items():
        for summary in some:
            figure = make_distribution(summary, contents.file.get_metrics(kind).get(summary.name))
            if figure is not None:
                found.setdefault(kind, {})[summary.name] = draw_statistics(figure, pictures)
    return found
