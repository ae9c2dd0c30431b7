"""Task results, the newest result of each task on each target, and task definitions."""

from __future__ import annotations

from collections import Counter

from qdash_core.errors import ConflictError
from qdash_core.models.task import LatestResultModel, TaskModel, TaskResultModel, TaskStatus
from qdash_core.repositories.base import Repository


class TaskResultHistoryRepository(Repository[TaskResultModel]):
    """Every result ever recorded."""

    collection = "task_result_history"
    model = TaskResultModel

    def find(self, project_id: str, task_id: str) -> TaskResultModel | None:
        """Return one result, or None."""
        return self._get((project_id, task_id))

    def add(self, *results: TaskResultModel) -> None:
        """Add new results in one transaction."""
        with self._writing() as transaction:
            for result in results:
                transaction.insert(self.collection, result.document())

    def replace(self, result: TaskResultModel, *, was: TaskStatus) -> None:
        """Write a result that has moved on from the state `was`.

        Raises
        ------
        ConflictError
            If somebody else has changed its state meanwhile.
        """
        with self._writing() as transaction:
            if not transaction.compare_and_set(self.collection, {"status": was}, result.document()):
                raise ConflictError(
                    f"{result.name} on {result.qid or 'the chip'} ({result.task_id}) is no longer {was}: "
                    f"another process changed it"
                )

    def of_execution(self, project_id: str, execution_id: str) -> list[TaskResultModel]:
        """Return the results of an execution in the order in which they were started; unstarted ones first."""
        return self._find({"project_id": project_id, "execution_id": execution_id}, order=("start_at",))

    def of_target(
        self, project_id: str, chip_id: str, name: str, qid: str, *, limit: int | None = None
    ) -> list[TaskResultModel]:
        """Return the results of one task on one target, newest first."""
        where = {"project_id": project_id, "chip_id": chip_id, "name": name, "qid": qid}
        return self._find(where, order=("-start_at",), limit=limit)

    def count_by_status(self, project_id: str, execution_id: str) -> dict[str, int]:
        """Return how many measurements of an execution are in each state; refits are not counted."""
        return dict(
            Counter(
                str(result.status)
                for result in self.of_execution(project_id, execution_id)
                if result.refit_of is None
            )
        )


class LatestResultRepository(Repository[LatestResultModel]):
    """The newest finished result of each task on each target, maintained with every record."""

    collection = "latest_result"
    model = LatestResultModel

    def find(self, project_id: str, chip_id: str, name: str, qid: str) -> LatestResultModel | None:
        """Return the newest finished result of a task on a target, or None."""
        return self._get((project_id, chip_id, name, qid))

    def of_chip(self, project_id: str, chip_id: str) -> list[LatestResultModel]:
        """Return the newest finished result of every task on every target of a chip."""
        return self._find({"project_id": project_id, "chip_id": chip_id})

    def put(self, latest: LatestResultModel) -> None:
        """Make this the newest result of its task and target."""
        self._put(latest)


class TaskRepository(Repository[TaskModel]):
    """Task definitions as they were when they last ran."""

    collection = "task"
    model = TaskModel

    def put(self, *definitions: TaskModel) -> None:
        """Keep definitions, in place of earlier ones of the same names."""
        with self._writing() as transaction:
            for definition in definitions:
                transaction.put(self.collection, definition.document())

    def of_project(self, project_id: str) -> list[TaskModel]:
        """Return the definitions of a project."""
        return self._find({"project_id": project_id}, order=("backend", "name"))
