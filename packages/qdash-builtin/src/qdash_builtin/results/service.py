"""Service for task results: search, figures, raw data, refits and users' analyses."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from qdash_builtin.record_lookup.given_ids import match_result_id
from qdash_builtin.results.neighbours import find_neighbours
from qdash_builtin.results.newest_by_task import count_by_task
from qdash_builtin.results.queries import list_newest_by_task, list_performances, list_superseded_results
from qdash_builtin.results.task_records import MOST_RESULTS, TaskRecord
from qdash_builtin.runs.interrupted_runs import find_inactive
from qdash_builtin.runs.listed_results import get_listed_page
from qdash_core.artifacts.storage_features import require_verifiable
from qdash_core.errors import AnalysisError, InvalidInputError, NotFoundError, PluginError, StoreError
from qdash_core.models.pages import PageRequest, make_cursor
from qdash_core.models.project import ProjectRole
from qdash_core.models.targets import parse_target_id
from qdash_core.models.task import TaskStatus
from qdash_core.process.cancellation import checkpoint
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.documents import to_stored_form
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.request_keys import RequestKey
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_builtin.results.comparison import ResultComparison
    from qdash_builtin.results.neighbours import ResultNeighbours
    from qdash_builtin.results.newest_by_task import NewestResults
    from qdash_builtin.results.overlays import Overlay
    from qdash_builtin.results.refits import RefitPreview
    from qdash_builtin.results.requests import ResultSequence
    from qdash_builtin.results.result_query import ResultQuery
    from qdash_builtin.results.thumbnails import Thumbnail, ThumbnailMaker
    from qdash_builtin.results.user_analyses import UserAnalysis
    from qdash_builtin.runs.listed_results import ListedResult
    from qdash_core.models.access import Access
    from qdash_core.models.pages import Page
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.runtime import Runtime


class ResultService:
    """Service for the task results of one store."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def show(self, access: Access, task_id: str) -> TaskResultModel:
        """Return a result; raise NotFoundError if no result has this id."""
        result = self._runtime.repositories.of(TaskResultHistoryRepository).find(access.project_id, task_id)
        if result is None:
            raise NotFoundError(f"there is no result {task_id!r} in project {access.project_id}")
        return result

    def is_interrupted(self, access: Access, task_id: str) -> bool:
        """Return whether a result is recorded as running, and its run has ended or lost its process."""
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            found = repositories.of(TaskResultHistoryRepository).find(access.project_id, task_id)
            if found is None or found.status is not TaskStatus.RUNNING:
                return False
            return bool(find_inactive(repositories, access.project_id, {found.execution_id}))

    def page(
        self, access: Access, query: ResultQuery, request: PageRequest, *, after: str | None = None
    ) -> Page[ListedResult]:
        """Return a page of the results that meet every condition, newest first, with unstarted results last.

        With an outcome, a page may have fewer results than its limit. The first page may begin after a result, given by its id
        or the beginning of its id.

        Raises
        ------
        NotFoundError
            If there is no result `after`.
        InvalidInputError
            If a condition is invalid, `after` is ambiguous, or the page belongs to another list.
        """
        if after is not None and request.after is None:
            last = self.show(access, match_result_id(self._runtime.store, access, after))
            place = make_cursor((to_stored_form(last.start_at), last.project_id, last.task_id))
            request = PageRequest(request.limit, place)
        where = query.make_conditions(access.project_id, self._runtime.registry.task_name)
        results = self._runtime.repositories.of(TaskResultHistoryRepository)
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            page = get_listed_page(repositories.of(TaskResultHistoryRepository), where, request)
            running = {one.execution_id for one in page.items if one.status is TaskStatus.RUNNING}
            inactive = find_inactive(repositories, access.project_id, running)
        items = [
            one.model_copy(update={"interrupted": True})
            if one.status is TaskStatus.RUNNING and one.execution_id in inactive
            else one
            for one in page.items
        ]
        page = replace(page, items=items)
        if query.outcome is None:
            return page
        superseded = (
            list_superseded_results(results, access.project_id, query.execution_id)
            if query.execution_id
            else ()
        )
        counted = [
            one
            for one in page.items
            if one.refit_of is None
            and one.task_id not in superseded
            and one.outcome_in_force == query.outcome
        ]
        return replace(page, items=counted)

    def count(self, access: Access, query: ResultQuery) -> int:
        """Return the number of results that meet every condition; raise InvalidInputError if one is invalid."""
        where = query.make_conditions(access.project_id, self._runtime.registry.task_name)
        with self._runtime.store.read() as snapshot:
            return snapshot.count("task_result_history", where)

    def make_task_record(
        self, access: Access, task: str, *, chip_id: str | None = None, newest: int = 1000
    ) -> TaskRecord:
        """Return statistics of the newest results of a task, at most `newest`: number, outcomes and durations.

        The name or alias of the task need not be installed any longer; None for any chip.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        InvalidInputError
            If `newest` is out of range.
        """
        if not 1 <= newest <= MOST_RESULTS:
            raise InvalidInputError(f"a record is made of 1 to {MOST_RESULTS} results, not of {newest}")
        name = self._runtime.registry.task_name(task)
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            if chip_id is not None:
                repositories.of(ChipRepository).require(access.project_id, chip_id)
            found = list_performances(
                repositories.of(TaskResultHistoryRepository),
                access.project_id,
                name,
                chip_id=chip_id,
                limit=newest,
            )
        return TaskRecord.from_results(name, found, newest=newest)

    def preview_refit(
        self,
        access: Access,
        task_id: str,
        *,
        options: Mapping[str, object] | None = None,
        figure: bool = False,
    ) -> RefitPreview:
        """Analyse the raw data of a result again, and return the outcome beside the original without recording it.

        Options and errors are those of `refit`. If `figure`, the refit is drawn.
        """
        from qdash_builtin.results.refits import preview_refit

        original = self._require_raw_data(access, task_id, "analyse again")
        with self._translate_missing_files(original):
            return preview_refit(
                self._runtime, original, options or {}, username=access.username, figure=figure
            )

    def refit(
        self,
        access: Access,
        task_id: str,
        *,
        options: Mapping[str, object] | None = None,
        basis: str | None = None,
        note: str = "",
        key: str | None = None,
    ) -> TaskResultModel:
        """Analyse the raw data of a result again and record the outcome as a new result of the caller.

        An accepted value becomes the chip's, unless the original was a trial or the chip has a later
        measurement of that value. The raw data and the original stay as they are.

        Parameters
        ----------
        options : mapping of str to value
            Analysis options (`get_analysis_options`) that replace those of the original; None restores the
            default. A mapping under the name or an alias of the task takes precedence.
        basis : str or None
            `RefitPreview.basis` of the preview that the caller has seen, or None without one.
        key : str or None
            Idempotency key: a repeated request with it records nothing and returns the same result.

        Returns
        -------
        TaskResultModel
            Completed or failed; `refit_of` names the measurement.

        Raises
        ------
        NotFoundError
            If there is no such result, or its task is not installed.
        InvalidInputError
            If it has no raw data, the analysis does not use an option, or a value contradicts its declaration.
        StaleError
            If the outcome, or a value of the chip that it would change, is not that of the preview.
        StoreError
            If the raw data cannot be read; NotFoundError if they are gone.
        """
        from qdash_builtin.results.reanalysis import find_recorded
        from qdash_builtin.results.refits import record_refit

        access.require(ProjectRole.EDITOR)
        request = RequestKey(access, key, {"refit": task_id, "options": options or {}, "note": note})
        if (known := find_recorded(self._runtime.repositories, request)) is not None:
            return known
        preview = self.preview_refit(access, task_id, options=options)
        return record_refit(self._runtime, preview, basis=basis, note=note, request=request)

    def record_analysis(
        self, access: Access, task_id: str, analysis: UserAnalysis, *, key: str | None = None
    ) -> TaskResultModel:
        """Record a user's own analysis of the raw data of a result as a new result of the caller, validated like any other.

        An accepted value becomes the chip's under the rules of `refit`. The raw data and the original stay as they are.

        Parameters
        ----------
        key : str or None
            Idempotency key: a repeated request with it records nothing and returns the same result.

        Returns
        -------
        TaskResultModel
            Completed, or failed if the validation rejected it; `refit_of` names the measurement, `analysis_model` the model.

        Raises
        ------
        NotFoundError
            If there is no such result, its task is not installed, or its raw data are gone.
        InvalidInputError
            If it has no raw data, or the analysis has no model, an estimate that the task does not declare, another
            unit, or a number or error that is not valid. Nothing is written.
        ConflictError
            If the result has not ended, or the key stands for another request.
        StoreError
            If the raw data cannot be read.
        """
        from qdash_builtin.results.analysis_recording import record_analysis

        access.require(ProjectRole.EDITOR)
        original = self._require_raw_data(access, task_id, "analyse")
        raw = self.load_raw_data(access, task_id)
        return record_analysis(self._runtime, access, original, raw, analysis, key=key)

    def find_neighbours(self, access: Access, task_id: str, along: ResultSequence) -> ResultNeighbours:
        """Return the neighbours of a result in a sequence; raise NotFoundError if there is no such result."""
        result = self.show(access, task_id)
        return find_neighbours(self._runtime.repositories.of(TaskResultHistoryRepository), result, along)

    def compare(self, access: Access, task_id: str, other_id: str | None = None) -> ResultComparison:
        """Compare a result with an earlier one of the same task and target; None for the original of this rerun or
        refit.

        Raises
        ------
        NotFoundError
            If there is no such result.
        InvalidInputError
            If they belong to different tasks or targets, or `other_id` is None and the result is neither a rerun nor a refit.
        """
        from qdash_builtin.results.comparison import compare_results

        result = self.show(access, task_id)
        earlier = other_id or result.rerun_of or result.refit_of
        if earlier is None:
            raise InvalidInputError(
                f"result {task_id} is neither a rerun nor a refit: name the result to compare it with"
            )
        other = self.show(access, earlier)
        with self._runtime.store.read() as snapshot:
            return compare_results(snapshot, other, result, self._runtime.zone)

    def figure(self, access: Access, task_id: str) -> dict[str, Any]:
        """Return the figure of a result as Plotly JSON: a mapping with `data` and `layout`.

        If the task draws no figure, the raw data are drawn as points, with the fit in the result's note.

        Raises
        ------
        NotFoundError
            If there is no such result, its task is not installed, or its raw data are gone.
        InvalidInputError
            If it has no raw data, or they hold no array that can be drawn, or the task draws nothing and no
            pictures plugin is installed.
        StoreError
            If the raw data cannot be read.
        AnalysisError
            If the task's figure fails.
        """
        return self._draw(self._require_raw_data(access, task_id, "draw"))

    def _draw(self, result: TaskResultModel) -> dict[str, Any]:
        from qdash_builtin.results.figures import select_as_recorded
        from qdash_builtin.results.fit_points import draw_fit

        if result.analysis_model is not None and (drawn := self._draw_recorded_analysis(result)) is not None:
            return drawn

        task = self._runtime.registry.task(result.name, backend=result.backend)
        with self._translate_missing_files(result):
            raw = self._runtime.artifacts.load_raw_data(result.raw_data_path[0])
        checkpoint()
        selected = select_as_recorded(task, result, raw)
        return draw_fit(task, result, raw, selected, self._runtime.registry.pictures)[0]

    def _draw_recorded_analysis(self, result: TaskResultModel) -> dict[str, Any] | None:
        """Return the figure of a user's analysis, or None if that of its measurement cannot show it: its points are drawn."""
        from qdash_builtin.results.analysis_curve import draw_recorded_analysis
        from qdash_builtin.results.reanalysis import find_measurement

        measured = find_measurement(self._runtime, result)
        if measured.task_id == result.task_id:  # the measurement was deleted
            return None
        try:
            return draw_recorded_analysis(self._draw(measured), result)
        except (InvalidInputError, AnalysisError):
            if result.analysis_curve is not None:
                raise
            return None

    def overlay(self, access: Access, task_id: str, others: Sequence[str]) -> Overlay:
        """Return the figures of a result and of others, given by their ids or the beginnings of their ids, on the same axes.

        Another one without a figure on the axes of the first is refused with the reason.

        Raises
        ------
        NotFoundError, InvalidInputError, StoreError, AnalysisError
            As `figure`, for the first result; InvalidInputError also if its figure shows no points over one axis.
        """
        from qdash_builtin.results.overlays import Overlay

        first = self._require_raw_data(access, task_id, "draw")
        made = Overlay.from_first(first, self._draw(first))
        for other in others:
            try:
                named = match_result_id(self._runtime.store, access, other)
                result = self._require_raw_data(access, named, "draw")
                made.add(result, self._draw(result))
            except (NotFoundError, InvalidInputError, StoreError, AnalysisError, PluginError) as error:
                made.refused[other] = str(error)
        return made

    def make_thumbnail(self, access: Access, task_id: str) -> Thumbnail:
        """Return the thumbnail of a result; raise NotFoundError if there is no such result."""
        (made,) = self._thumbnails.make_thumbnails([self.show(access, task_id)])
        return made

    def make_thumbnails(
        self, access: Access, chip_id: str, task: str, targets: Sequence[str] = ()
    ) -> dict[str, Thumbnail]:
        """Return thumbnails of the newest finished result of a task on targets of a chip, or on all.

        They are by target, in the order of their ids, without targets on which the task was never run. An alias may
        name the task.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        InvalidInputError
            If a target is invalid.
        """
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            results = list_newest_by_task(
                repositories.of(TaskResultHistoryRepository),
                access.project_id,
                chip_id,
                self._runtime.registry.task_name(task),
                [parse_target_id(one) for one in targets],
            )
        return {made.result.qid: made for made in self._thumbnails.make_thumbnails(results)}

    def summarise_newest(self, access: Access, chip_id: str) -> dict[str, NewestResults]:
        """Return statistics of the newest finished results on the targets of a chip, by task name.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        """
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return count_by_task(
                repositories.of(LatestResultRepository).list_by_chip(access.project_id, chip_id)
            )

    def load_raw_data(self, access: Access, task_id: str) -> RawData:
        """Return the raw data of a result.

        Raises
        ------
        NotFoundError
            If there is no such result, or its raw data are gone.
        InvalidInputError
            If it has no raw data, or its record names a file outside the artifacts.
        StoreError
            If the raw data cannot be read.
        """
        result = self._require_raw_data(access, task_id, "read")
        with self._translate_missing_files(result):
            return self._runtime.artifacts.load_raw_data(result.raw_data_path[0])

    def open_raw_data_file(self, access: Access, task_id: str) -> Iterator[bytes]:
        """Return the raw-data file of a result, a NumPy `.npz` archive, as pieces; raise as `load_raw_data`."""
        from qdash_core.artifacts.pieces import read_pieces

        result = self._require_raw_data(access, task_id, "read")
        require_verifiable(self._runtime.artifacts)
        with self._translate_missing_files(result):
            return read_pieces(self._runtime.artifacts.reading(result.raw_data_path[0]))

    def make_netcdf(self, access: Access, task_id: str) -> bytes:
        """Return the raw data of a result as a NetCDF file; raise as `load_raw_data`."""
        from qdash_builtin.results.netcdf import make_netcdf

        result, raw = self.show(access, task_id), self.load_raw_data(access, task_id)
        task = None
        with suppress(NotFoundError, PluginError):
            task = self._runtime.registry.task(result.name, backend=result.backend)
        return make_netcdf(result, raw, task)

    def make_archive(self, access: Access, execution_id: str) -> Iterator[bytes]:
        """Return a ZIP archive of the results and raw data of an execution, as the pieces of `stream_archive`.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        from qdash_builtin.results.archive import stream_archive

        if self._runtime.repositories.of(ExecutionRepository).find(access.project_id, execution_id) is None:
            raise NotFoundError(f"there is no execution {execution_id!r} in project {access.project_id}")
        require_verifiable(self._runtime.artifacts)
        of_execution = {"project_id": access.project_id, "execution_id": execution_id}
        page = partial(self._runtime.repositories.of(TaskResultHistoryRepository).page, of_execution)
        return stream_archive(page, self._runtime.artifacts)

    @cached_property
    def _thumbnails(self) -> ThumbnailMaker:
        from qdash_builtin.results.thumbnails import ThumbnailMaker

        return ThumbnailMaker(self._runtime.registry, self._runtime.artifacts)

    @contextmanager
    def _translate_missing_files(self, result: TaskResultModel) -> Iterator[None]:
        """Raise NotFoundError instead of StoreError if the raw data are gone, as after their retention."""
        path = result.raw_data_path[0]
        try:
            yield
        except StoreError as error:
            if self._runtime.artifacts.exists(path):
                raise
            raise NotFoundError(f"{path}: the raw data of {result.task_id} are no longer there") from error

    def _require_raw_data(self, access: Access, task_id: str, to_do: str) -> TaskResultModel:
        result = self.show(access, task_id)
        if result.raw_data_pruned_at is not None:
            raise NotFoundError(
                f"the raw data of {result.name} on {result.qid} ({task_id}) were removed on {result.raw_data_pruned_at:%Y-%m-%d} because of "
                "their age"
            )
        if not result.raw_data_path:
            raise InvalidInputError(f"{result.name} on {result.qid} ({task_id}) has no raw data to {to_do}")
        return result
