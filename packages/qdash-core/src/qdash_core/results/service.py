"""Recorded results, for who may see them: found, shown, drawn, their raw data read, and analysed again without hardware."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from qdash_core.artifacts.verifiable import require_verifiable
from qdash_core.cancellation import checkpoint
from qdash_core.errors import InvalidInputError, NotFoundError, StoreError
from qdash_core.models.project import ProjectRole
from qdash_core.models.targets import target_id
from qdash_core.record.naming import CANDIDATES, the_one
from qdash_core.repositories.repositories import Repositories
from qdash_core.results.newest_results import by_task
from qdash_core.results.task_records import MOST_RESULTS, TaskRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_core.models.access import Access
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import ListedResult, TaskResultModel
    from qdash_core.results.newest_results import NewestOfTask
    from qdash_core.results.searching import ResultQuery
    from qdash_core.results.thumbnails import Thumbnail, ThumbnailMaker
    from qdash_core.runtime import Runtime


class ResultService:
    """Results of one store.

    Parameters
    ----------
    runtime : Runtime
        Open.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def named(self, access: Access, text: str) -> str:
        """Return the id of the result that is meant by its id, or a beginning of it.

        Raises
        ------
        NotFoundError
            If none begins so.
        InvalidInputError
            If several do; it names some.
        """
        results = self._runtime.repositories.results
        if found := results.beginning(access.project_id, text, limit=CANDIDATES + 1):
            return the_one(text, found, what="results")
        raise NotFoundError(
            f"there is no result {text!r} in project {access.project_id}: `qdash executions show last` shows those of the newest run"
        )

    def show(self, access: Access, task_id: str) -> TaskResultModel:
        """Return a result; NotFoundError if there is none of this id."""
        result = self._runtime.repositories.results.find(access.project_id, task_id)
        if result is None:
            raise NotFoundError(f"there is no result {task_id!r} in project {access.project_id}")
        return result

    def page(self, access: Access, query: ResultQuery, request: PageRequest) -> Page[ListedResult]:
        """Return a page of the results that meet every condition, newest first; last come those that were never started.

        Raises
        ------
        InvalidInputError
            If a condition cannot be, or the page is not one of such a list.
        """
        where = query.where(access.project_id, self._runtime.registry.task_name)
        return self._runtime.repositories.results.listed(where, request)

    def task_record(
        self, access: Access, task: str, *, chip_id: str | None = None, newest: int = 1000
    ) -> TaskRecord:
        """Return what the newest results of a task tell of it: how often it was run, how it ended, how long it took.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        task : str
            Name of the task, or an alias; it need not be installed any longer.
        chip_id : str or None
            On this chip; None: on any.
        newest : int
            So many results are looked at, at most.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        InvalidInputError
            If so many results cannot be looked at.
        """
        if not 1 <= newest <= MOST_RESULTS:
            raise InvalidInputError(f"a record is made of 1 to {MOST_RESULTS} results, not of {newest}")
        name = self._runtime.registry.task_name(task)
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            if chip_id is not None:
                repositories.chips.require(access.project_id, chip_id)
            found = repositories.results.performed(access.project_id, name, chip_id=chip_id, limit=newest)
        return TaskRecord.of(name, found, newest=newest)

    def refit(
        self, access: Access, task_id: str, *, parameters: Mapping[str, object] | None = None
    ) -> TaskResultModel:
        """Analyse the raw data of a result again and record what comes of it as a new result.

        An accepted value becomes the chip's, unless the original was a trial or the chip has that value measured later.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        task_id : str
            The result whose raw data are analysed.
        parameters : mapping of str to value
            Run parameters that the analysis should see instead of the recorded ones; under the name of the task or an
            alias a mapping of more, which win.

        Returns
        -------
        TaskResultModel
            Completed or failed; `refit_of` names the original.

        Raises
        ------
        NotFoundError
            If there is no such result, or its task is not installed.
        InvalidInputError
            If it has no raw data, or a parameter is not what the task declares.
        StoreError
            If the raw data cannot be read; a NotFoundError, if they are gone.
        """
        from qdash_core.results.refits import refit

        access.require(ProjectRole.EDITOR)
        original = self._with_raw_data(access, task_id, "analyse again")
        with self._reading(original):
            return refit(self._runtime, original, parameters or {})

    def figure(self, access: Access, task_id: str) -> dict[str, Any]:
        """Return the figure of a result as Plotly JSON: a mapping with `data` and `layout`.

        Of a task that draws none it is what was measured, as points, with the fit that its note keeps.

        Raises
        ------
        NotFoundError
            If there is no such result, its task is not installed, or its raw data are gone.
        InvalidInputError
            If it has no raw data, or they hold nothing that can be drawn.
        StoreError
            If the raw data cannot be read.
        AnalysisError
            If the task's figure fails.
        """
        from qdash_core.results.drawing import figure_of

        result = self._with_raw_data(access, task_id, "draw")
        task = self._runtime.registry.task(result.name, backend=result.backend)
        with self._reading(result):
            raw = self._runtime.artifacts.load_raw_data(result.raw_data_path[0])
        checkpoint()
        return figure_of(task, result, raw)

    def thumbnail(self, access: Access, task_id: str) -> Thumbnail:
        """Return a result as a small picture; NotFoundError if there is no such result."""
        (made,) = self._thumbnails.of([self.show(access, task_id)])
        return made

    def thumbnails(
        self, access: Access, chip_id: str, task: str, targets: Sequence[str] = ()
    ) -> dict[str, Thumbnail]:
        """Return the newest finished result of a task on every target of a chip as small pictures.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        chip_id : str
            The chip.
        task : str
            Name of the task, or an alias.
        targets : sequence of str
            Only these; empty: all.

        Returns
        -------
        dict of str to Thumbnail
            By target, in the order of their ids; a target on which the task was never run is left out.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        InvalidInputError
            If something is no target.
        """
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(access.project_id, chip_id)
            results = repositories.results.newest_of_task(
                access.project_id,
                chip_id,
                self._runtime.registry.task_name(task),
                [target_id(one) for one in targets],
            )
        return {made.result.qid: made for made in self._thumbnails.of(results)}

    def newest(self, access: Access, chip_id: str) -> dict[str, NewestOfTask]:
        """Return how the newest finished results on the targets of a chip stand, by the name of their task.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        """
        with self._runtime.store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.chips.require(access.project_id, chip_id)
            return by_task(repositories.latest_results.of_chip(access.project_id, chip_id))

    def raw_data(self, access: Access, task_id: str) -> RawData:
        """Return what was measured for a result.

        Raises
        ------
        NotFoundError
            If there is no such result, or its raw data are gone.
        InvalidInputError
            If it has no raw data, or its record names a file outside the artifacts.
        StoreError
            If the raw data cannot be read.
        """
        result = self._with_raw_data(access, task_id, "read")
        with self._reading(result):
            return self._runtime.artifacts.load_raw_data(result.raw_data_path[0])

    def raw_data_file(self, access: Access, task_id: str) -> Iterator[bytes]:
        """Return the file of the raw data of a result, a NumPy `.npz` archive, piece by piece. Raises as `raw_data` does."""
        from qdash_core.results.archive import pieces

        result = self._with_raw_data(access, task_id, "read")
        require_verifiable(self._runtime.artifacts)
        with self._reading(result):
            return pieces(self._runtime.artifacts.reading(result.raw_data_path[0]))

    def archive(self, access: Access, execution_id: str) -> Iterator[bytes]:
        """Return an execution as a ZIP file, piece by piece: `results.jsonl`, and `raw_data/<task_id>.npz` of each result.

        Results whose raw data are gone, or cannot be read, are named in `missing.txt`.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        from qdash_core.results.archive import archived

        if self._runtime.repositories.executions.find(access.project_id, execution_id) is None:
            raise NotFoundError(f"there is no execution {execution_id!r} in project {access.project_id}")
        require_verifiable(self._runtime.artifacts)
        of_execution = {"project_id": access.project_id, "execution_id": execution_id}
        page = partial(self._runtime.repositories.results.page, of_execution)
        return archived(page, self._runtime.artifacts)

    @cached_property
    def _thumbnails(self) -> ThumbnailMaker:
        from qdash_core.results.thumbnails import ThumbnailMaker

        return ThumbnailMaker(self._runtime.registry, self._runtime.artifacts)

    @contextmanager
    def _reading(self, result: TaskResultModel) -> Iterator[None]:
        """Tell raw data that are gone, which a retention may have removed, from those that cannot be read."""
        path = result.raw_data_path[0]
        try:
            yield
        except StoreError as error:
            if self._runtime.artifacts.exists(path):
                raise
            raise NotFoundError(f"{path}: the raw data of {result.task_id} are no longer there") from error

    def _with_raw_data(self, access: Access, task_id: str, to_do: str) -> TaskResultModel:
        result = self.show(access, task_id)
        if not result.raw_data_path:
            raise InvalidInputError(f"{result.name} on {result.qid} ({task_id}) has no raw data to {to_do}")
        return result
