"""Removal of old data of projects, in short transactions beside runs.

A file is removed after the transaction in which its result stops naming it. A process that dies between the two leaves a file that no
result names; the next removal finds it by the result, which tells that its raw data were removed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.home.pruning.calibration_notes import prune_notes
from qdash_builtin.home.pruning.keep_request import PrunedKind
from qdash_builtin.home.pruning.outcome import PrunedItem, PruneOutcome, measure_text
from qdash_builtin.home.pruning.references import find_references, is_execution_used
from qdash_builtin.home.pruning.unnamed_files import find_unnamed_files
from qdash_builtin.home.pruning.usage import UsedResult, find_uses, get_last_time
from qdash_builtin.record_lookup.newest_executions import iter_newest_heads
from qdash_builtin.results.model import ResultUse
from qdash_core.artifacts.storage_features import require_prunable
from qdash_core.errors import InvalidInputError, NotFoundError, StoreError
from qdash_core.models.provenance import name_result
from qdash_core.process.clock import machine_now, utc_now
from qdash_core.repositories.documents import to_stored_form
from qdash_core.repositories.executions import EventRepository, ExecutionRepository
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.queue import LogRepository, QueueRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from qdash_builtin.home.pruning.keep_request import KeepRequest
    from qdash_builtin.home.pruning.references import References
    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.artifacts.storage_features import PrunableStorage
    from qdash_core.models.execution import ExecutionHead
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Document, Snapshot, Store, Transaction

_FIRST_BATCH, _LARGEST_BATCH = 8, 200
"""Number of results in a transaction. It begins small: on a full disk the first files make room for more."""
_EXECUTIONS_AT_ONCE = 100
_EVENTS_AT_ONCE = 2_000
_NO_DETAILS: dict[str, Any] = {
    "input_parameters": {},
    "run_parameters": {},
    "analysis_options": {},
    "quality": {},
    "note": {},
    "message": "",
    "upstream_id": "",
    "together": None,
}
"""Fields of a result without details."""


class Pruner:
    """Service that removes the old data of a store to which nothing refers.

    `clock` returns the time of the home, `machine_clock` that of the machine, in UTC.

    Raises
    ------
    PluginError
        If the storage of the raw data cannot remove files.
    """

    def __init__(
        self,
        store: Store,
        artifacts: CalibDataSaver,
        *,
        clock: Callable[[], datetime] = utc_now,
        machine_clock: Callable[[], datetime] = machine_now,
    ) -> None:
        self._store, self._artifacts, self._files = store, require_prunable(artifacts), artifacts
        self._clock, self._machine_clock = clock, machine_clock

    def prune(
        self,
        keep: KeepRequest,
        *,
        project_id: str | None = None,
        applied: bool = True,
        progress: Callable[[str, int, int | None], None] = lambda *_: None,
    ) -> PruneOutcome:
        """Remove what is older than the requested ages and not referred to, and return the amounts.

        Parameters
        ----------
        project_id : str or None
            The project, or None for all.
        applied : bool
            False to remove nothing and return what would be removed.
        progress : callable
            Called with the current step, the number of finished items and their total.

        Raises
        ------
        NotFoundError
            If there is no such project.
        StoreError
            If the store fails. What was removed before remains removed; call again to continue.
        """
        now = self._clock()
        outcome = PruneOutcome({kind: now - age for kind, age in keep.ages.items()}, applied)
        projects = self._list_projects(project_id)
        if (before := outcome.before.get(PrunedKind.RAW)) is not None:
            for path in find_unnamed_files(self._store, self._files, projects, before):
                _remove_file(self._artifacts, path, outcome)
        for project in projects:
            removal = _ProjectRemoval(self._store, self._artifacts, project, now, outcome)
            removal.remove_results(lambda number: progress("reading executions", number, None))
            if (age := keep.ages.get(PrunedKind.EVENTS)) is not None:
                repositories = Repositories(self._store)
                removal.remove_rows(repositories.of(EventRepository), PrunedItem.EVENTS, now - age)
                removal.remove_rows(
                    repositories.of(LogRepository), PrunedItem.LOGS, self._machine_clock() - age
                )
        return outcome

    def _list_projects(self, project_id: str | None) -> list[str]:
        known = [one.project_id for one in Repositories(self._store).of(ProjectRepository).list_all()]
        if project_id is not None and project_id not in known:
            raise NotFoundError(f"there is no project {project_id!r}")
        return known if project_id is None else [project_id]


class _ProjectRemoval:
    """Removal of the old data of one project."""

    def __init__(
        self,
        store: Store,
        artifacts: PrunableStorage,
        project_id: str,
        now: datetime,
        outcome: PruneOutcome,
    ) -> None:
        self._store, self._artifacts, self._project_id, self._now = store, artifacts, project_id, now
        self._outcome = outcome
        self._raw_before = outcome.before.get(PrunedKind.RAW)
        self._executions_before = outcome.before.get(PrunedKind.EXECUTIONS)
        self._batch = _FIRST_BATCH
        self._released_refits: set[str] = set()
        self._named_starts: dict[str, list[datetime]] = {}
        """Start times of old results that stay whole, by chip."""

    def remove_results(self, progress: Callable[[int], None]) -> None:
        """Remove old raw data, results, executions and calibration notes."""
        before = [one for one in (self._raw_before, self._executions_before) if one is not None]
        if not before:
            return
        with self._store.read() as snapshot:
            references = find_references(snapshot, self._project_id)
        for number, execution in enumerate(self._iter_ended(max(before))):
            progress(number)
            self._remove_of_execution(execution, references)
        if self._executions_before is not None:
            prune_notes(
                self._store,
                self._project_id,
                self._executions_before,
                self._outcome,
                named_starts=self._named_starts,
                executions=references.executions,
            )

    def remove_rows(
        self, repository: EventRepository | LogRepository, item: PrunedItem, before: datetime
    ) -> None:
        """Remove old events or log lines."""
        for documents in _iter_old(self._store, repository.collection, self._project_id, before):
            self._outcome.add_documents(item, documents)
            if self._outcome.applied:
                repository.prune(self._project_id, before, at_most=len(documents))

    def _iter_ended(self, before: datetime) -> Iterator[ExecutionHead]:
        """Yield the executions that ended before a time, last started first."""
        heads = iter_newest_heads(
            Repositories(self._store), {"project_id": self._project_id}, at_once=_EXECUTIONS_AT_ONCE
        )
        return (one for one in heads if one.status.terminal and _get_end(one) < before)

    def _remove_of_execution(self, execution: ExecutionHead, references: References) -> None:
        """Remove what is old of one execution: first raw data, then results, then the execution itself."""
        where = self._project_id, execution.execution_id
        attempts = Repositories(self._store).of(TaskResultHistoryRepository).list_attempts(*where)
        ids = [one.task_id for one in reversed(attempts)]  # refits before their originals
        stay = 0
        for part in self._split(ids):
            released = self._release_raw_data(execution, part, references)
            stay += self._remove_documents(execution, part, references, released)
        if not stay and _is_before(_get_end(execution), self._executions_before):
            self._remove_empty_execution(execution, references)

    def _split(self, ids: Sequence[str]) -> Iterator[Sequence[str]]:
        """Yield parts of ids for one transaction each."""
        at = 0
        while at < len(ids):
            part = ids[at : at + self._batch]
            at += len(part)
            self._batch = min(2 * self._batch, _LARGEST_BATCH)
            yield part

    def _find_uses(
        self, snapshot: Snapshot, execution: ExecutionHead, ids: Sequence[str], references: References
    ) -> list[UsedResult]:
        """Return the uses of results as they are now; none if their execution runs again."""
        repositories = Repositories(snapshot)
        found = repositories.of(ExecutionRepository).find(self._project_id, execution.execution_id)
        queued = repositories.of(QueueRepository).find(self._project_id, execution.execution_id)
        if found is None or not found.status.terminal or queued is not None:
            return []
        results = repositories.of(TaskResultHistoryRepository).list_by_ids(self._project_id, ids)
        before = max(one for one in (self._raw_before, self._executions_before) if one is not None)
        uses = find_uses(snapshot, found, results, references, before=before)
        return sorted(uses, key=lambda one: one.result.refit_of is None)

    # ------------------------------------------------------------------------------------------------------ raw data

    def _release_raw_data(
        self, execution: ExecutionHead, ids: Sequence[str], references: References
    ) -> set[str]:
        """Remove the old raw data of results, and files that an interrupted removal left; return the results that have none any more."""

        def select(snapshot: Snapshot) -> list[TaskResultModel]:
            uses = self._find_uses(snapshot, execution, ids, references)
            return [one.result for one in uses if self._is_released(one)]

        with self._store.read() as snapshot:
            released = select(snapshot)
        if released and self._outcome.applied:
            with self._store.transaction() as transaction:
                released = select(transaction)
                Repositories(transaction).of(TaskResultHistoryRepository).put(
                    *(_remove_raw_data(one, self._now) for one in released)
                )
        left = [
            one
            for one in Repositories(self._store)
            .of(TaskResultHistoryRepository)
            .list_by_ids(self._project_id, ids)
            if one.raw_data_pruned_at is not None
            and one.refit_of is None
            and self._artifacts.exists(one.raw_data_file)
        ]
        paths = [path for one in released if one.refit_of is None for path in one.raw_data_path]
        for path in dict.fromkeys([*paths, *(one.raw_data_file for one in left)]):
            _remove_file(self._artifacts, path, self._outcome)
        return {one.task_id for one in released}

    def _is_released(self, used: UsedResult) -> bool:
        """Return whether the raw data of a result are removed. A refit names those of its original."""
        result, last = used.result, get_last_time(used.result)
        if not result.raw_data_path or not result.status.terminal or used.use is ResultUse.NAMED:
            return False
        if any(one.raw_data_path and one.task_id not in self._released_refits for one in used.refits):
            return False
        unused = used.use is ResultUse.NONE and _is_before(last, self._executions_before)
        if not unused and not _is_before(last, self._raw_before):
            return False
        if result.refit_of is not None:
            self._released_refits.add(result.task_id)
        return True

    # ----------------------------------------------------------------------------------------------------- documents

    def _remove_documents(
        self, execution: ExecutionHead, ids: Sequence[str], references: References, released: set[str]
    ) -> int:
        """Remove or shorten the old results without raw data; return the number of results that stay."""
        if self._executions_before is None:
            return len(ids)

        def select(snapshot: Snapshot) -> tuple[list[UsedResult], list[UsedResult]]:
            uses = self._find_uses(snapshot, execution, ids, references)
            bare = [
                one
                for one in uses
                if (one.result.task_id in released or not one.result.raw_data_path)
                and one.result.status.terminal
                and _is_before(get_last_time(one.result), self._executions_before)
                and not (one.result.details_pruned_at and one.use is ResultUse.SERIES)
                and one.use in (ResultUse.NONE, ResultUse.SERIES)
            ]
            return uses, bare

        with self._store.read() as snapshot:
            uses, bare = select(snapshot)
            edges = self._list_edges(snapshot, bare)
        if bare and self._outcome.applied:
            with self._store.transaction() as transaction:
                uses, bare = select(transaction)
                edges = self._list_edges(transaction, bare)
                self._write(transaction, bare)
        self._count_documents(uses, bare, edges)
        return len(ids) - sum(one.use is ResultUse.NONE for one in bare)

    def _list_edges(self, snapshot: Snapshot, bare: Sequence[UsedResult]) -> list[Document]:
        """Return the records of provenance of removed and shortened results."""
        found = [
            edge for where in self._make_edge_conditions(bare) for edge in snapshot.find("provenance", where)
        ]
        return [*{(edge["subject"], edge["object"]): edge for edge in found}.values()]

    def _write(self, transaction: Transaction, bare: Sequence[UsedResult]) -> None:
        results = Repositories(transaction).of(TaskResultHistoryRepository)
        gone = [one for one in bare if one.use is ResultUse.NONE]
        for where in self._make_edge_conditions(bare):
            transaction.delete("provenance", where)
        results.put(*(_remove_details(one.result, self._now) for one in bare if one.use is ResultUse.SERIES))
        results.remove(self._project_id, [one.result.task_id for one in gone])

    def _make_edge_conditions(self, bare: Sequence[UsedResult]) -> Iterator[dict[str, Any]]:
        """Yield the conditions on the edges of results to earlier ones, and from later ones to those that are removed.

        The edge of a refit stays with it: its original must not be removed.
        """
        gone = [one.result for one in bare if one.use is ResultUse.NONE]
        shortened = [
            one.result for one in bare if one.use is ResultUse.SERIES and one.result.refit_of is None
        ]
        for end, results in (("subject", [*gone, *shortened]), ("object", gone)):
            if results:
                nodes = OneOf(tuple(name_result(one.task_id) for one in results))
                yield {"project_id": self._project_id, end: nodes}

    def _count_documents(
        self, uses: Sequence[UsedResult], bare: Sequence[UsedResult], edges: Sequence[Document]
    ) -> None:
        outcome = self._outcome
        outcome.add_documents(PrunedItem.PROVENANCE, edges)
        for one in bare:
            document = one.result.to_document()
            if one.use is ResultUse.NONE:
                outcome.add_documents(PrunedItem.RESULTS, [document])
            else:
                short = measure_text(_remove_details(one.result, self._now).to_document())
                freed = max(0, measure_text(document) - short)
                outcome.add(PrunedItem.SHORTENED_RESULTS, number=1, size=freed)
        for one in uses:
            if one.use is not ResultUse.NONE:
                outcome.kept[one.use] += 1
            if one.use is ResultUse.NAMED and one.result.start_at is not None:
                self._named_starts.setdefault(one.result.chip_id, []).append(one.result.start_at)

    def _remove_empty_execution(self, execution: ExecutionHead, references: References) -> None:
        """Remove an execution without results, and its log, unless it is named."""
        execution_id = execution.execution_id
        if execution.tags or execution_id in references.results:
            return
        where = {"project_id": self._project_id, "execution_id": execution_id}

        def select(snapshot: Snapshot) -> tuple[list[Document], list[Document]]:
            repositories = Repositories(snapshot)
            found = repositories.of(ExecutionRepository).find(self._project_id, execution_id)
            named = (
                found is None
                or found.tags
                or not found.status.terminal
                or is_execution_used(snapshot, self._project_id, execution_id)
                or (self._outcome.applied and snapshot.count("task_result_history", where) > 0)
            )
            return (
                ([], [])
                if found is None or named
                else ([found.to_document()], snapshot.find("execution_log", where))
            )

        with self._store.read() as snapshot:
            found, lines = select(snapshot)
        if found and self._outcome.applied:
            with self._store.transaction() as transaction:
                found, lines = select(transaction)
                if found:
                    transaction.delete("execution_log", where)
                    transaction.delete("execution_history", where)
        self._outcome.add_documents(PrunedItem.EXECUTIONS, found)
        self._outcome.add_documents(PrunedItem.LOGS, lines if found else [])


def _remove_file(artifacts: PrunableStorage, path: str, outcome: PruneOutcome) -> None:
    """Remove a file if there is one and the outcome is applied, and count it."""
    try:
        if not artifacts.exists(path):
            return
        size = artifacts.size(path)
        if outcome.applied:
            artifacts.remove(path)
    except (StoreError, InvalidInputError) as error:  # a damaged record may name a place outside
        outcome.failures.append(str(error))
    else:
        outcome.add(PrunedItem.RAW_FILES, number=1, size=size)


def _get_end(execution: ExecutionHead) -> datetime:
    return execution.end_at or execution.start_at or execution.created_at


def _is_before(moment: datetime, before: datetime | None) -> bool:
    return before is not None and moment < before


def _iter_old(store: Store, collection: str, project_id: str, before: datetime) -> Iterator[list[Document]]:
    """Yield pages of the numbered documents that `prune` removes, oldest first, whether or not each is removed before the next."""
    last, moment = 0, to_stored_form(before)
    while True:
        with store.read() as snapshot:
            where = {"project_id": project_id, "seq": Range(above=last)}
            found = snapshot.find(collection, where, order=("seq",), limit=_EVENTS_AT_ONCE)
        if not found or found[0]["created_at"] >= moment:
            return
        last = max(document["seq"] for document in found if document["created_at"] < moment)
        yield [document for document in found if document["seq"] <= last]


def _remove_raw_data(result: TaskResultModel, now: datetime) -> TaskResultModel:
    """Return a copy of a result that names no raw data, which are removed because of their age."""
    bare = result.model_copy(update={"pruned": {**result.pruned, "raw_data": now}})
    bare.set_raw_data([], [])
    return bare


def _remove_details(result: TaskResultModel, now: datetime) -> TaskResultModel:
    """Return a copy of a result with its values, outcome and times, for histories of values."""
    return result.model_copy(update={**_NO_DETAILS, "pruned": {**result.pruned, "details": now}})
