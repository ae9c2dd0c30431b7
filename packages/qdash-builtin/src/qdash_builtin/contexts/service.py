"""Service that collects contexts of chips, targets and results."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from qdash_builtin.contexts.context import Context, ContextSubject, Section, ValueInUse
from qdash_builtin.contexts.figure_data import FigureData, reduce_arrays
from qdash_builtin.metrics.selection import Selection
from qdash_builtin.record_lookup.given_ids import match_result_id
from qdash_builtin.results.result_query import ResultQuery
from qdash_builtin.runs.execution_lists import ExecutionFilter
from qdash_builtin.task_pages.page import get_page
from qdash_builtin.values.change_queries import iter_changes_by_hand, list_changes_by_hand
from qdash_builtin.values.events import find_undos, group_events
from qdash_core.errors import InvalidInputError, NotFoundError, PluginError, StoreError
from qdash_core.models.facts import FactSubject
from qdash_core.models.pages import LARGEST_PAGE, PageRequest
from qdash_core.models.simulated_time import select_simulated_time
from qdash_core.models.targets import by_number, parse_target_id
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.cancellation import checkpoint
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.store import Range
from qdash_core.repositories.value_changes import ValueChangeRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from qdash_builtin.chips.targets import TargetService, TargetView
    from qdash_builtin.metrics.history import MetricHistory
    from qdash_builtin.metrics.service import ChipMetrics, MetricsService
    from qdash_builtin.results.service import ResultService
    from qdash_builtin.runs.listed_results import ListedResult
    from qdash_builtin.runs.queries import ExecutionService
    from qdash_core.hooks.fact_reader import FactReader
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.facts import Fact
    from qdash_core.models.task import TaskResultModel
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.repositories.store import Store
    from qdash_core.tasks.base import BaseTask
    from qdash_core.values.writer import ValueEvent


_RESULTS = 50
"""Maximum number of results, and of failures."""
_EXECUTIONS = 20
_CHANGES = 30
_FIGURES = 4
_CHIP_CHANGES_SINCE = timedelta(days=30)
"""Age of the oldest change by a user in the context of a chip. Those of runs, of which there may be a million, are between them."""


class ContextService:
    """Contexts of the chips, targets and results of one store, from its other services."""

    def __init__(
        self,
        store: Store,
        *,
        metrics: MetricsService,
        targets: TargetService,
        executions: ExecutionService,
        results: ResultService,
        facts: FactReader,
        registry: Registry,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._targets = targets
        self._executions = executions
        self._results = results
        self._facts = facts
        self._registry = registry
        self._clock = clock

    def resolve(self, access: Access, name: str, target: str | None = None) -> ContextSubject:
        """Return the subject that a user names: a chip by its id, or else a result by its id or the beginning of it.

        Raises
        ------
        NotFoundError
            If there is no such chip or result.
        InvalidInputError
            If the text is empty, the target is not a valid id, or several results have this prefix.
        """
        if target is not None:
            return ContextSubject(name, parse_target_id(target))
        with self._store.read() as snapshot:
            chips = [
                one.chip_id
                for one in Repositories(snapshot).of(ChipRepository).list_by_project(access.project_id)
            ]
        if name in chips:
            return ContextSubject(name)
        try:
            result = self._results.show(access, match_result_id(self._store, access, name))
        except NotFoundError as error:
            raise NotFoundError(
                f"there is neither a chip nor a result {name!r} in project {access.project_id}{suggest(name, chips)}"
            ) from error
        return ContextSubject(result.chip_id, result.qid or None, result.task_id)

    def make(self, access: Access, subject: ContextSubject) -> Context:
        """Return the context of a subject; raises as the method for its kind."""
        if subject.task_id is not None:
            return self.make_result_context(access, subject.task_id)
        if subject.target is not None:
            return self.make_target_context(access, subject.chip_id, subject.target)
        return self.make_chip_context(access, subject.chip_id)

    def make_chip_context(self, access: Access, chip_id: str) -> Context:
        """Return the context of a chip; raise NotFoundError if there is no such chip."""
        chip = self._require_chip(access, chip_id)
        attention = self._metrics.summarise_attention(access, chip_id)
        selected, summaries = self._metrics.summarise(access, chip_id, Selection())
        failed = [state for one in attention.values() for state in one.failed]
        where = ResultQuery(chip_id=chip_id, since=chip.installed_at)
        executions = self._executions.list_executions(
            access, ExecutionFilter(chip_id=chip_id, since=chip.installed_at), limit=_EXECUTIONS
        )
        return Context(
            subject=ContextSubject(chip_id),
            project_id=access.project_id,
            made_at=(now := self._clock()),
            simulated_time=select_simulated_time(now),
            chip=chip,
            attention=attention,
            summaries=[(kind, one) for kind, some in summaries.items() for one in some],
            failed_targets=Section(failed, len(failed)),
            values=self._sort_values(selected),
            failures=self._list_results(access, where, status=TaskStatus.FAILED),
            **self._read_facts(access, FactSubject(chip_id, since=chip.created_at)),
            changes=self._list_chip_changes(access, chip),
            executions=Section(executions, self._count_executions(access, chip)),
            results=self._list_results(access, where, verdict=Verdict.FLAGGED),
        )

    def make_target_context(self, access: Access, chip_id: str, target: str) -> Context:
        """Return the context of a qubit or coupling.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip or target, or `target` is not a valid id.
        """
        view = self._targets.show(access, chip_id, target)
        chip = self._require_chip(access, chip_id)
        qid = view.state.qid
        where = ResultQuery(chip_id=chip_id, target=qid, since=chip.installed_at)
        return Context(
            subject=ContextSubject(chip_id, qid),
            project_id=access.project_id,
            made_at=(now := self._clock()),
            simulated_time=select_simulated_time(now),
            chip=chip,
            target=view,
            values=self._list_values(access, chip_id, qid),
            failures=self._list_results(access, where, status=TaskStatus.FAILED),
            histories=self._list_histories(access, chip_id, qid, sorted(view.state.data)),
            **self._read_facts(access, FactSubject(chip_id, (qid,), since=chip.created_at)),
            changes=self._list_target_changes(access, chip, qid),
            results=self._list_results(access, where),
            figures=self._read_newest_figures(access, view),
        )

    def make_result_context(self, access: Access, task_id: str) -> Context:
        """Return the context of a result; raise NotFoundError if there is no such result.

        If its chip was deleted, it has only the data of the result itself.
        """
        result = self._results.show(access, task_id)
        made = Context(
            subject=ContextSubject(result.chip_id, result.qid or None, task_id),
            project_id=access.project_id,
            made_at=(now := self._clock()),
            simulated_time=select_simulated_time(now),
            result=result,
            peers=self._list_peers(access, result),
            figures=Section([self._read_figure(access, result)], 1) if result.raw_data_path else Section(),
        )
        return self._add_target_data(access, self._add_guide(made, result), result)

    def _add_guide(self, made: Context, result: TaskResultModel) -> Context:
        """Return the context of a result with the author's text on its task, if there is one."""
        task = self._find_task(result)
        try:
            page = None if task is None else get_page(task)
        except PluginError:
            page = None
        if page is None:
            return made
        failures = () if _is_accepted(result) else page.failures
        return replace(made, measures=page.measures, typical_failures=Section(failures, len(failures)))

    def _find_task(self, result: TaskResultModel) -> type[BaseTask] | None:
        try:
            return self._registry.any_task(result.name, backend=result.backend)
        except NotFoundError:
            return None

    def _list_peers(self, access: Access, result: TaskResultModel) -> Section[ListedResult]:
        if not result.execution_id:
            return Section()
        query = ResultQuery(chip_id=result.chip_id, execution_id=result.execution_id, task=result.name)
        page = self._results.page(access, query, PageRequest(LARGEST_PAGE))
        others = [one for one in page.items if one.qid != result.qid]
        others.sort(key=lambda one: (one.verdict is Verdict.ACCEPTED, by_number(one.qid)))
        total = self._results.count(access, query) if page.next else len(page.items)
        return Section(others[:_RESULTS], total - len(page.items) + len(others))

    def _add_target_data(self, access: Access, made: Context, result: TaskResultModel) -> Context:
        """Return the context of a result with the data of its target, if the chip is the one that was measured."""
        chip_id, qid = result.chip_id, result.qid
        try:
            chip = self._require_chip(access, chip_id)
            view = self._targets.show(access, chip_id, qid) if qid else None
        except (NotFoundError, InvalidInputError):
            return made
        if result.start_at is not None and result.start_at < chip.installed_at:
            return made
        of_target = ResultQuery(chip_id=chip_id, target=qid or None, since=chip.installed_at)
        others = self._list_results(access, replace(of_target, task=result.name))
        subject = FactSubject(
            chip_id,
            (qid,) if qid else (),
            task_id=result.task_id,
            execution_id=result.execution_id,
            since=chip.created_at,
            precedents=not _is_accepted(result),
        )
        facts = self._read_facts(access, subject)
        made = replace(made, chip=chip, results=_leave_out(others, result), **facts)
        if view is None:
            return made
        measured = dict.fromkeys([*result.output_parameters, *result.output_parameter_names])
        return replace(
            made,
            target=view,
            values=self._list_values(access, chip_id, qid),
            histories=self._list_histories(access, chip_id, qid, measured),
            failures=_leave_out(self._list_results(access, of_target, status=TaskStatus.FAILED), result),
        )

    def _require_chip(self, access: Access, chip_id: str) -> ChipModel:
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(ChipRepository).require(access.project_id, chip_id)

    def _list_values(self, access: Access, chip_id: str, target: str) -> Section[ValueInUse]:
        return self._sort_values(self._metrics.select(access, chip_id, Selection(targets=(target,))))

    def _sort_values(self, selected: ChipMetrics) -> Section[ValueInUse]:
        """Return values: those with marks or out of specification first, then by the order of metrics, then by target."""
        found = []
        file = self._metrics.file.specify(selected.specification)
        for kind, targets in selected.used.iter_kinds():
            metrics = file.get_metrics(kind)
            places = {name: place for place, name in enumerate(metrics)}
            for target, values in targets.items():
                for name, known in values.items():
                    outside = name in metrics and not metrics[name].is_within(float(known.parameter.value))
                    order = (
                        not known.marks,
                        not outside,
                        kind,
                        places.get(name, len(places)),
                        name,
                        by_number(target),
                    )
                    found.append((order, ValueInUse(target, name, known, outside)))
        return Section([value for _, value in sorted(found, key=lambda one: one[0])], len(found))

    def _list_results(
        self, access: Access, query: ResultQuery, *, status: str | None = None, verdict: str | None = None
    ) -> Section[ListedResult]:
        wanted = replace(query, status=status, verdict=verdict)
        page = self._results.page(access, wanted, PageRequest(_RESULTS))
        total = self._results.count(access, wanted) if page.next else len(page.items)
        return Section(page.items, total)

    def _list_histories(
        self, access: Access, chip_id: str, target: str, metrics: Iterable[str]
    ) -> list[MetricHistory]:
        found = []
        for metric in metrics:
            checkpoint()
            try:
                found.append(self._metrics.get_history(access, chip_id, target, metric))
            except NotFoundError:  # no task of a present plugin measures it
                continue
        return [one for one in found if one.points]

    def _read_facts(self, access: Access, subject: FactSubject) -> dict[str, Any]:
        found = self._facts.read(access, subject)
        facts = _alternate_headings(found.facts)
        return {"facts": Section(facts, len(facts)), "missing": found.missing}

    def _list_chip_changes(self, access: Access, chip: ChipModel) -> Section[ValueEvent]:
        since = max(chip.created_at, self._clock() - _CHIP_CHANGES_SINCE)
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = list_changes_by_hand(
                repositories.of(ValueChangeRepository), access.project_id, chip.chip_id, since
            )
            return _make_events(repositories, access.project_id, found[::-1])

    def _list_target_changes(self, access: Access, chip: ChipModel, target: str) -> Section[ValueEvent]:
        where = access.project_id, chip.chip_id, target
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = iter_changes_by_hand(
                repositories.of(ValueChangeRepository), *where, since=chip.created_at
            )
            return _make_events(repositories, access.project_id, found)

    def _count_executions(self, access: Access, chip: ChipModel) -> int:
        where = {
            "project_id": access.project_id,
            "chip_id": chip.chip_id,
            "start_at": Range(least=chip.installed_at),
        }
        with self._store.read() as snapshot:
            return snapshot.count("execution_history", where)

    def _read_newest_figures(self, access: Access, view: TargetView) -> Section[FigureData]:
        """Return the data of the newest results of some tasks on a target: those of failed and flagged results first."""
        newest = sorted(view.results, key=lambda one: one.end_at, reverse=True)
        newest.sort(
            key=lambda one: one.status is not TaskStatus.FAILED and one.verdict is not Verdict.FLAGGED
        )
        found = []
        for latest in newest:
            checkpoint()
            result = self._results.show(access, latest.task_id)
            if result.raw_data_path:
                found.append(self._read_figure(access, result))
            if len(found) == _FIGURES:
                break
        return Section(found, len(newest))

    def _read_figure(self, access: Access, result: TaskResultModel) -> FigureData:
        try:
            raw = self._results.load_raw_data(access, result.task_id)
        except (NotFoundError, InvalidInputError, StoreError) as error:
            return FigureData(result, reason=str(error))
        task = self._find_task(result)
        arrays, number = reduce_arrays(raw, None if task is None else task.arrays)
        return FigureData(result, arrays, number)


def _is_accepted(result: TaskResultModel) -> bool:
    return result.status is not TaskStatus.FAILED and result.verdict in (None, Verdict.ACCEPTED)


def _leave_out(section: Section[ListedResult], result: TaskResultModel) -> Section[ListedResult]:
    others = [one for one in section.items if one.task_id != result.task_id]
    return Section(others, section.total - len(section.items) + len(others))


def _alternate_headings(facts: Iterable[Fact]) -> list[Fact]:
    """Return the first fact below each heading, then the second ones, so that a limit leaves some of each."""
    numbers: Counter[str] = Counter()
    placed = []
    for fact in facts:
        placed.append((numbers[fact.heading], fact))
        numbers[fact.heading] += 1
    return [fact for _, fact in sorted(placed, key=lambda one: one[0])]


def _make_events(
    repositories: Repositories, project_id: str, changes: Iterable[ValueChangeModel]
) -> Section[ValueEvent]:
    events = list(group_events(changes))
    shown = events[:_CHANGES]
    undos = find_undos(repositories, project_id, [one.number for one in shown])
    return Section([replace(one, undone_by=undos.get(one.number)) for one in shown], len(events))
