"""What every runner must do, as tests. A plugin author subclasses `RunnerContract` in a test module.

from qdash_core.testing import RunnerContract

class TestMyRunner(RunnerContract):
    runner = MyRunner()
    job = FlowJob(username="admin", chip_id="chip", flow="CheckT1")

    def qdash(self, tmp_path):
        return open_qdash(Settings(home=tmp_path))  # with the chip, where another process finds it too

    def qdash_that_takes_long(self, tmp_path):
        ...
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import pytest

from qdash_core.errors import InvalidInputError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.progress import Unwatched
from qdash_core.testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_core.application import QDash
    from qdash_core.flows.job import FlowJob, Runner
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel


class _Watcher(Unwatched):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.planned_tasks: list[str] = []
        self.finished_tasks: list[str] = []

    def began(self, execution_id: str) -> None:
        self.begun.append(execution_id)

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        assert groups
        self.planned_tasks.extend(tasks)

    def finished(self, result: TaskResultModel) -> None:
        self.finished_tasks.append(result.task_id)


class _Canceller(Unwatched):
    """Asks for the end of a run as soon as it has begun."""

    def __init__(self, qdash: QDash, project_id: str, username: str) -> None:
        self._qdash, self._project_id, self._username = qdash, project_id, username

    def began(self, execution_id: str) -> None:
        self._qdash.executions.request_cancel(self._project_id, execution_id, self._username)


class RunnerContract(Contract):
    """The specification of a runner. Tests are not to be replaced, except by a strict xfail that says why.

    Attributes
    ----------
    runner : Runner
        What is tested.
    job : FlowJob
        Something that completes.
    """

    runner: ClassVar[Runner]
    job: ClassVar[FlowJob]

    @abstractmethod
    def qdash(self, tmp_path: Path) -> QDash:
        """Return an open QDash with the chip of `job`; called once a test."""

    @abstractmethod
    def qdash_that_takes_long(self, tmp_path: Path) -> QDash:
        """Return one with a chip of that name whose measurements take a minute, unless they are interrupted."""

    def test_it_has_a_name(self) -> None:
        assert isinstance(self.runner.name, str)
        assert self.runner.name

    def test_a_job_is_run_to_its_end_and_its_watcher_told(self, tmp_path: Path) -> None:
        with self.qdash(tmp_path) as qdash:
            watcher = _Watcher()
            ended = self.runner.run(qdash, self.job, watcher)
            assert ended.status is ExecutionStatus.COMPLETED
            made = qdash.executions.find_by_flow_run_id(self.job.flow_run_id, ended.project_id)
            assert made == [ended], "it is recorded under the name of the job"
            assert ended.note["job"] == self.job.as_json(), "so it can be resumed"
            results = self._ended(qdash, ended)
            assert results
            assert watcher.begun == [ended.execution_id]
            assert watcher.planned_tasks
            assert sorted(watcher.finished_tasks) == sorted(results)

    def test_what_is_asked_to_end_is_cancelled(self, tmp_path: Path) -> None:
        with self.qdash_that_takes_long(tmp_path) as qdash:
            project_id = qdash.projects.require_editor(self.job.username, self.job.project_id)
            with pytest.raises(KeyboardInterrupt) as interrupt:
                self.runner.run(qdash, self.job, _Canceller(qdash, project_id, self.job.username))
            (ended,) = qdash.executions.find_by_flow_run_id(self.job.flow_run_id, project_id)
            assert ended.status is ExecutionStatus.CANCELLED
            assert ended.execution_id in str(interrupt.value), "it says which"
            self._ended(qdash, ended)

    def test_a_job_that_names_what_is_not_there_is_refused_and_nothing_written(self, tmp_path: Path) -> None:
        with self.qdash(tmp_path) as qdash:
            wrong = self.job.model_copy(update={"flow": "no-such-flow"})
            with pytest.raises(InvalidInputError, match="no-such-flow"):
                self.runner.run(qdash, wrong, Unwatched())
            assert qdash.executions.find_by_flow_run_id(self.job.flow_run_id) == []

    @staticmethod
    def _ended(qdash: QDash, execution: ExecutionModel) -> list[str]:
        """Return the results of an execution, of which nothing is left open."""
        _, results = qdash.executions.show(execution.project_id, execution.execution_id)
        assert all(result.status.terminal and result.end_at is not None for result in results)
        assert qdash.leases.of_project(execution.project_id) == []
        return [result.task_id for result in results]
