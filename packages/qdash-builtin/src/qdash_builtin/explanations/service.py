"""Service that explains the failures of results, targets and executions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from qdash_builtin.explanations.cases import read_case
from qdash_builtin.explanations.causes import LikelyCause
from qdash_builtin.explanations.considered_results import (
    get_measured_at,
    list_others,
    select_since,
)
from qdash_builtin.explanations.execution_groups import (
    group_by_cause,
    group_skipped,
    index_attempts,
    trace_origin,
)
from qdash_builtin.explanations.explanation import ExecutionExplanation, Explanation
from qdash_builtin.explanations.failure_age import (
    describe_age,
    find_contradiction,
    is_accepted_by_user,
    write_age,
)
from qdash_builtin.explanations.feature_reader import FeatureReader
from qdash_builtin.explanations.rule_book import RuleBook
from qdash_builtin.explanations.surroundings import BAD
from qdash_builtin.explanations.user_texts import select_related
from qdash_builtin.explanations.value_moves import find_value_moves
from qdash_builtin.metrics.judgement.value_history import read_usual_scatter
from qdash_builtin.metrics.result_queries import list_briefs
from qdash_builtin.record_lookup.given_ids import LAST, match_result_id
from qdash_builtin.runs.listed_results import list_listed_results
from qdash_builtin.values.result_queries import list_results_of_targets
from qdash_core.chips.chip import read_chip
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import NEVER
from qdash_core.models.facts import FactSubject, FoundFacts
from qdash_core.models.judgement import Fitness
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.targets import by_number, get_target_kind, list_parts
from qdash_core.models.task import Outcome, ResultBrief, TaskStatus, Verdict, select_last_attempts
from qdash_core.repositories.chips import (
    ChipRepository,
    list_values_in_use,
)
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskRepository, TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime

    from qdash_builtin.chips.targets import TargetService
    from qdash_builtin.explanations.explanation import ExplainedCause
    from qdash_builtin.explanations.features import Features
    from qdash_builtin.explanations.value_moves import ValueMove
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.results.service import ResultService
    from qdash_builtin.runs.queries import ExecutionService
    from qdash_core.chips.chip import Chip
    from qdash_core.chips.design import Design
    from qdash_core.hooks.fact_reader import FactReader
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.models.task import LatestResultModel, TaskResultModel
    from qdash_core.repositories.store import Store

_MOST_FULLY_READ = 80
"""Number of results of failed and flagged targets of an execution up to which all their traces are read."""
_MOST_BEFORE = 300
"""Number of results on a target that are read back to a move of its values."""
_FACTS_SINCE = timedelta(days=14)
_TARGET = re.compile(r"[Qq]?\d{1,4}(-[Qq]?\d{1,4})?")


class ExplanationService:
    """Likely causes of failures, from the rules of the installed tasks. It measures nothing and needs no backend."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        *,
        results: ResultService,
        executions: ExecutionService,
        targets: TargetService,
        facts: FactReader,
        get_design: Callable[[Chip], Design],
        judgements: JudgementReader,
    ) -> None:
        self._store = store
        self._registry = registry
        self._results = results
        self._executions = executions
        self._targets = targets
        self._facts = facts
        self._get_design = get_design
        self._judgements = judgements

    @cached_property
    def _rules(self) -> RuleBook:
        """Causes and evidence of the installed tasks."""
        return RuleBook(self._registry)

    def explain(
        self, access: Access, subject: str, chip_id: str | None = None
    ) -> Explanation | ExecutionExplanation:
        """Explain what a user names.

        Parameters
        ----------
        subject : str
            A qubit or coupling; the id of an execution or `last`; or the id of a result. The beginning of an id is enough.
        chip_id : str or None
            The chip of a qubit or coupling; an id needs none. None: the only chip of the project.

        Raises
        ------
        NotFoundError
            If there is no such execution, result, chip or target.
        InvalidInputError
            If a target is named without its chip, or several ids begin so.
        """
        if _TARGET.fullmatch(subject):
            return self.explain_target(access, chip_id or self._get_only_chip(access, subject), subject)
        try:
            execution_id = self._executions.resolve_id(access, subject)
        except NotFoundError:
            if subject == LAST:
                raise
            return self.explain_result(access, match_result_id(self._store, access, subject))
        return self.explain_execution(access, execution_id)

    def _get_only_chip(self, access: Access, target: str) -> str:
        with self._store.read() as snapshot:
            chips = Repositories(snapshot).of(ChipRepository).list_by_project(access.project_id)
        if len(chips) != 1:
            known = summarize_names(sorted(one.chip_id for one in chips)) or "the project has none"
            raise InvalidInputError(f"{target} is a qubit or coupling: name its chip ({known})")
        return chips[0].chip_id

    def explain_result(self, access: Access, task_id: str) -> Explanation:
        """Explain a result; a skipped one by the result that did not deliver its input.

        Raises
        ------
        NotFoundError
            If there is no such result.
        """
        asked = self._results.show(access, task_id)
        origin = self._find_origin(access, asked)
        result = origin or asked
        return self._explain(access, result, asked=None if origin is None else asked)

    def find_likely_cause(self, access: Access, task_id: str) -> LikelyCause | None:
        """Return the most probable cause of a failure, or of the move of a value of a result, or None if there is none.

        Raises
        ------
        NotFoundError
            If there is no such result.
        """
        result = self._results.show(access, task_id)
        moved = None
        if result.qid and result.outcome in (Outcome.FLAGGED, Outcome.ACCEPTED):
            moved = self._explain_move(access, result.chip_id, result.qid, task=result.name)
        causes = (moved or self.explain_result(access, task_id)).causes
        return LikelyCause(causes[0].ranked.cause, causes[0].ranked.probability) if causes else None

    def explain_target(self, access: Access, chip_id: str, target: str) -> Explanation:
        """Explain the newest failed or flagged result among the newest results of all tasks on a target, a moved value, or the newest result.

        A flagged or moved value is explained from the first result since it moved, in whose execution other targets may have moved with it.
        Failures that later results contradict are left out. Remarks name them, and the age of the explained one. Flagged results
        whose values a user accepted are no failures.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such chip or target, or `target` is not a valid id.
        """
        view = self._targets.show(access, chip_id, target)
        newest = sorted(view.results, key=lambda one: one.end_at, reverse=True)
        if not newest:
            return Explanation(chip_id, view.state.qid, remarks=("no task has run on this target",))
        bad = [one for one in newest if one.status is TaskStatus.FAILED or one.verdict is Verdict.FLAGGED]
        outdated, remarks = self._find_outdated(access, bad, newest)
        current = [one for one in newest if one.task_id not in outdated]
        failure = next((one for one in current if one in bad), None)
        if failure is None or failure.status is not TaskStatus.FAILED:
            task = None if failure is None else failure.name
            moved = self._explain_move(access, chip_id, view.state.qid, task=task)
            if moved is not None:
                return replace(moved, remarks=(*remarks, *moved.remarks))
        chosen = failure or (current or newest)[0]
        result = self._results.show(access, chosen.task_id)
        found = self._explain(access, result, until=newest[0].end_at)
        return replace(found, remarks=(*remarks, *found.remarks))

    def _explain_move(
        self, access: Access, chip_id: str, target: str, *, task: str | None
    ) -> Explanation | None:
        """Explain the move of a value of a target, or of one that a task measures; None if none has moved."""
        move = self._find_moves(access, chip_id, [target]).get(target)
        if move is None or task not in (None, move.after.task):
            return None
        return self._explain(access, self._results.show(access, move.after.task_id), move=move)

    def _find_moves(
        self, access: Access, chip_id: str, targets: Iterable[str], *, until: datetime | None = None
    ) -> dict[str, ValueMove]:
        """Return the most significant move of the values of each target that has any, as known at a time; none of a deleted chip."""
        wanted = [*targets]
        where = access.project_id, chip_id
        found = {}
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            header = repositories.of(ChipRepository).find(*where)
            if header is None or not wanted:
                return {}
            file = self._judgements.read_file()
            scatter = read_usual_scatter(repositories, *where, until=until)
            watched = sum(len(one["data"]) for one in list_values_in_use(repositories, *where))
            names = sorted(
                {one.name for one in repositories.of(TaskRepository).list_by_project(access.project_id)}
            )
            for qid in wanted:
                briefs = list_briefs(
                    repositories.of(TaskResultHistoryRepository),
                    *where,
                    names,
                    qid,
                    until=until,
                    limit=_MOST_BEFORE,
                )
                metrics = file.get_metrics(get_target_kind(qid))
                known = [ResultBrief(*one) for one in briefs]
                if moves := find_value_moves(qid, known, scatter, metrics, watched=watched):
                    found[qid] = moves[0]
        return found

    def _find_outdated(
        self, access: Access, bad: Sequence[LatestResultModel], newest: Sequence[LatestResultModel]
    ) -> tuple[set[str], list[str]]:
        """Return the ids of the failures that do not count, and remarks.

        These are failures that later results contradict, with a remark, and flagged results whose values a user accepted. A remark
        names the age of the newest other failure.
        """
        if not bad:
            return set(), []
        with self._store.read() as snapshot:
            listed = list_listed_results(
                Repositories(snapshot).of(TaskResultHistoryRepository),
                access.project_id,
                [one.task_id for one in newest],
            )
        by_id = {one.task_id: one for one in listed}
        outdated: set[str] = set()
        remarks: list[str] = []
        ages: list[str] = []
        for failure in [by_id[one.task_id] for one in bad if one.task_id in by_id]:
            if is_accepted_by_user(failure):
                outdated.add(failure.task_id)
                continue
            task = self._rules.find_named_task(failure.name)
            reason = find_contradiction(failure, listed, () if task is None else task.output_parameters)
            if reason is not None:
                outdated.add(failure.task_id)
                remarks.append(
                    f"left out: {write_age(failure, listed)}, and {reason}; `qdash explain {failure.task_id[:8]}` explains it"
                )
            elif not ages:
                ages.append(describe_age(failure, listed) or "")
        return outdated, [*filter(None, ages), *remarks]

    def explain_execution(self, access: Access, execution_id: str) -> ExecutionExplanation:
        """Explain the failed, flagged and unfit targets of an execution by shared causes, and its skipped results by their origins.

        Of each target, the first failed result, or else the first flagged one, is explained from the results of its execution: of this one, or
        of the earlier one in which its value moved. So is a target that a moved value makes unfit although it was accepted. If the results
        of the explained targets are many, the traces of accepted ones are not read.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        execution, every = self._executions.show(access, execution_id)
        results = select_last_attempts(every)
        by_target: dict[str, list[TaskResultModel]] = {}
        for one in results:
            by_target.setdefault(one.qid, []).append(one)
        subjects = {
            qid: main for qid, some in by_target.items() if (main := _select_subject(some)) is not None
        }
        moved = {qid for qid, one in subjects.items() if one.outcome != Outcome.FAILED}
        moved |= self._list_unfit(access, execution.chip_id, by_target) - subjects.keys()
        moved.discard("")
        ended = max((one.end_at for one in results if one.end_at is not None), default=None)
        earlier: dict[str, list[TaskResultModel]] = {}
        for qid, move in self._find_moves(access, execution.chip_id, sorted(moved), until=ended).items():
            if qid not in subjects or subjects[qid].name == move.after.task:
                first = self._results.show(access, move.after.task_id)
                subjects[qid] = first
                if first.execution_id != execution_id:
                    earlier.setdefault(first.execution_id, []).append(first)
        own = [one for one in subjects.values() if one.execution_id == execution.execution_id]
        explained, remarks = self._explain_subjects(access, execution.chip_id, own, results)
        for former, some in earlier.items():
            of_former = select_last_attempts(self._executions.show(access, former)[1])
            causes, further = self._explain_subjects(access, execution.chip_id, some, of_former)
            explained += causes
            remarks += further
        chip = self._read_chip(access, execution.chip_id, min(_list_starts(every), default=None))
        return ExecutionExplanation(
            execution.execution_id,
            execution.chip_id,
            str(execution.status),
            execution.message,
            groups=group_by_cause(chip, explained, [*by_target]),
            skipped=group_skipped(results),
            remarks=[*dict.fromkeys(remarks)],
        )

    def _list_unfit(self, access: Access, chip_id: str, targets: Collection[str]) -> set[str]:
        """Return those of the targets that may not be used now, or none if the chip was deleted."""
        with self._store.read() as snapshot:
            try:
                judged = self._judgements.read(Repositories(snapshot), access.project_id, chip_id).targets
            except NotFoundError:
                return set()
        return {qid for qid in targets if qid in judged and judged[qid].fitness is Fitness.UNFIT}

    def _explain_subjects(
        self,
        access: Access,
        chip_id: str,
        subjects: Sequence[TaskResultModel],
        results: Sequence[TaskResultModel],
    ) -> tuple[list[tuple[TaskResultModel, ExplainedCause | None]], list[str]]:
        """Return results of one execution with each of their causes, from all of its results, and remarks."""
        chip = self._read_chip(access, chip_id, min(_list_starts(results), default=None))
        reader = self._make_reader(access, chip, results)
        bad = {qid for one in subjects for qid in list_parts(one.qid)}
        concerned = [one for one in results if one.qid in bad]
        reader.prepare(concerned)
        few = len(concerned) > _MOST_FULLY_READ
        explained: list[tuple[TaskResultModel, ExplainedCause | None]] = []
        for subject in sorted(subjects, key=lambda one: by_number(one.qid) if one.qid else ()):
            parts = list_parts(subject.qid)
            own = [one for one in results if one.qid in parts and one.task_id != subject.task_id]
            # Accepted subjects are those whose value moved.
            moved = subject.outcome not in BAD
            case = read_case(reader, self._rules, subject, own, few=few, moved=moved)
            causes = [case.explain(one, self._rules.causes) for one in case.ranking.present]
            explained += [(subject, one) for one in causes] or [(subject, None)]
        return explained, _list_remarks(reader, chip, concerned)

    def _explain(
        self,
        access: Access,
        result: TaskResultModel,
        *,
        asked: TaskResultModel | None = None,
        until: datetime | None = None,
        move: ValueMove | None = None,
    ) -> Explanation:
        chip = self._read_chip(access, result.chip_id, get_measured_at(result))
        others = self._list_others(access, result, until=until)
        reader = self._make_reader(access, chip, [result, *others])
        reader.prepare([result, *others])
        others = self._select_since_success(access, result, others, reader.read(result, fully=True))
        found = FoundFacts() if chip is None else self._read_facts(access, result)
        related = select_related(found.facts)
        case = read_case(reader, self._rules, result, others, related=related, moved=move is not None)
        ranked = case.ranking.causes
        if until is None and move is None and result.outcome not in BAD:
            # What another task found does not make this result remarkable.
            ranked = tuple(one for one in ranked if any(see.task == result.name for see in one.evidence_for))
        return Explanation(
            chip_id=result.chip_id,
            target=result.qid,
            result=result,
            asked=asked,
            causes=[case.explain(one, self._rules.causes) for one in ranked],
            no_cause=case.ranking.no_cause,
            onset=reader.find_onset(result),
            move=move and replace(move, shared=reader.find_shared_move(result, move.parameter)),
            considered=others,
            features=case.features.values,
            related=related,
            remarks=[*_list_remarks(reader, chip, [result, *others]), *found.missing],
        )

    def _list_others(
        self, access: Access, result: TaskResultModel, *, until: datetime | None
    ) -> list[TaskResultModel]:
        with self._store.read() as snapshot:
            return list_others(
                Repositories(snapshot).of(TaskResultHistoryRepository), access.project_id, result, until=until
            )

    def _select_since_success(
        self, access: Access, result: TaskResultModel, others: list[TaskResultModel], features: Features
    ) -> list[TaskResultModel]:
        success = features.sources.get("hours_since_success")
        if not success or result.outcome not in BAD:
            return others
        return select_since(self._results.show(access, success[0].id), result, others)

    def _read_facts(self, access: Access, result: TaskResultModel) -> FoundFacts:
        measured_at = get_measured_at(result)
        since = None if measured_at is None else measured_at - _FACTS_SINCE
        subject = FactSubject(
            result.chip_id,
            tuple(list_parts(result.qid)),
            task_id=result.task_id,
            execution_id=result.execution_id,
            since=since,
        )
        return self._facts.read(access, subject)

    def _find_origin(self, access: Access, result: TaskResultModel) -> TaskResultModel | None:
        """Return the result that did not deliver an input of a skipped result, or None if it is not skipped or the origin is unknown."""
        if result.status is not TaskStatus.SKIPPED:
            return None
        with self._store.read() as snapshot:
            found = list_results_of_targets(
                Repositories(snapshot).of(TaskResultHistoryRepository),
                access.project_id,
                result.execution_id,
                list_parts(result.qid),
            )
        return trace_origin(result, index_attempts(select_last_attempts(found)))

    def _read_chip(self, access: Access, chip_id: str, measured: datetime | None) -> Chip | None:
        """Return the chip of a result, or None if it was deleted or is a newer one with the same id."""
        with self._store.read() as snapshot:
            try:
                chip = read_chip(Repositories(snapshot), access.project_id, chip_id)
            except NotFoundError:
                return None
        return None if measured is not None and measured < chip.header.installed_at else chip

    def _make_reader(
        self, access: Access, chip: Chip | None, results: Sequence[TaskResultModel]
    ) -> FeatureReader:
        return FeatureReader(
            self._store,
            access.project_id,
            chip,
            self._rules,
            lambda task_id: self._results.load_raw_data(access, task_id),
            self._get_design,
            min(_list_starts(results), default=None),
            frozenset(one.qid for one in results if one.qid),
        )


def _list_starts(results: Iterable[TaskResultModel]) -> list[datetime]:
    return [started for one in results if (started := get_measured_at(one)) is not None]


def _select_subject(results: Sequence[TaskResultModel]) -> TaskResultModel | None:
    """Return the first failed result of a target, or else the first flagged one, or None."""
    for outcome in BAD:
        found = [one for one in results if one.outcome == outcome]
        if found:
            return min(found, key=lambda one: (one.start_at is None, one.start_at or NEVER))
    return None


def _list_remarks(reader: FeatureReader, chip: Chip | None, results: Iterable[TaskResultModel]) -> list[str]:
    gone = ["the chip was deleted since: its values and other targets are unknown"] if chip is None else []
    return [*dict.fromkeys([*gone, *reader.rules.list_remarks(results), *reader.remarks])]
