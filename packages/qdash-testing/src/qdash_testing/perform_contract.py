"""Conformance tests of a runner's `perform`, without workers. A plugin author subclasses `PerformContract`.

from qdash_testing import PerformContract

class TestMyRunner(PerformContract):
    runner = MyRunner()
    request = RunRequest(chip_id="chip", flow="CheckT1")

    def qdash(self, tmp_path):
        return open_qdash(Settings(home=tmp_path))  # with the chip, where another process finds it too

    def qdash_that_takes_long(self, tmp_path):
        ...
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import pytest

from qdash_core.hooks.runners import Stop
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.models.progress import SilentProgress
from qdash_core.models.project import DEFAULT_USER
from qdash_core.runs.provided_runs import PROVIDED_RUNS
from qdash_testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from qdash_core.hooks.runners import Runner
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash


class _ProgressRecorder(SilentProgress):
    """Observer that records its calls."""

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


class _StartObserver(SilentProgress):
    """Observer that calls a function when a run begins."""

    def __init__(self, do: Callable[[str], object]) -> None:
        self._do = do

    def began(self, execution_id: str) -> None:
        self._do(execution_id)


class PerformContract(Contract):
    """Conformance tests of `Runner.perform`. Do not override tests; to except one, use a strict xfail with a reason.

    Attributes
    ----------
    runner : Runner
        The tested runner.
    request : RunRequest
        A run that completes.
    """

    runner: ClassVar[Runner]
    request: ClassVar[RunRequest]

    @abstractmethod
    def qdash(self, tmp_path: Path) -> QDash:
        """Return an open QDash with the chip of `request`; called once a test."""

    @abstractmethod
    def qdash_that_takes_long(self, tmp_path: Path) -> QDash:
        """Return an open QDash with a chip of that name whose measurements take a minute unless interrupted."""

    def test_it_has_a_name(self) -> None:
        assert isinstance(self.runner.name, str)
        assert self.runner.name

    def test_an_execution_is_performed_to_its_end_and_its_watcher_told(self, tmp_path: Path) -> None:
        with self.qdash(tmp_path) as qdash:
            watcher = _ProgressRecorder()
            execution = self._submit(qdash)
            self._perform(qdash, execution, watcher)
            ended = qdash.record.find(execution.project_id, execution.execution_id)
            assert ended.status is ExecutionStatus.COMPLETED
            results = self._check_end(qdash, ended)
            assert results
            assert watcher.begun == [execution.execution_id]
            assert watcher.planned_tasks
            assert sorted(watcher.finished_tasks) == sorted(results)

    def test_a_cancel_request_in_the_record_cancels_the_run(self, tmp_path: Path) -> None:
        with self.qdash_that_takes_long(tmp_path) as qdash:
            execution = self._submit(qdash)
            where, user = execution.project_id, execution.username
            ask = _StartObserver(lambda begun: qdash.external_transitions.request_cancel(where, begun, user))
            with pytest.raises(KeyboardInterrupt) as interrupt:
                self._perform(qdash, execution, ask)
            ended = qdash.record.find(where, execution.execution_id)
            assert ended.status is ExecutionStatus.CANCELLED
            assert ended.execution_id in str(interrupt.value), "it says which"
            self._check_end(qdash, ended)

    def test_a_cancel_request_in_the_process_cancels_the_run(self, tmp_path: Path) -> None:
        with self.qdash_that_takes_long(tmp_path) as qdash:
            execution, stop = self._submit(qdash), Stop()
            with pytest.raises(KeyboardInterrupt):
                self._perform(qdash, execution, _StartObserver(lambda _: stop.ask()), stop)
            ended = qdash.record.find(execution.project_id, execution.execution_id)
            assert (ended.status, ended.reason) == (ExecutionStatus.CANCELLED, EndReason.CANCELLED)
            self._check_end(qdash, ended)

    def test_a_run_that_its_process_leaves_is_interrupted_and_resumes_when_it_is_performed_again(
        self, tmp_path: Path
    ) -> None:
        with self.qdash_that_takes_long(tmp_path) as qdash:
            execution, stop = self._submit(qdash), Stop()
            with pytest.raises((KeyboardInterrupt, Exception)):
                self._perform(qdash, execution, _StartObserver(lambda _: stop.ask("leave")), stop)
            left = qdash.record.find(execution.project_id, execution.execution_id)
            assert (left.status, left.reason) == (ExecutionStatus.FAILED, EndReason.INTERRUPTED)
            self._check_end(qdash, left)
            again = Stop()
            with pytest.raises(KeyboardInterrupt):
                self._perform(qdash, left, _StartObserver(lambda _: again.ask()), again)
            ended = qdash.record.find(execution.project_id, execution.execution_id)
            assert len(ended.attempts) == 2, "it is the same execution"
            self._check_end(qdash, ended)

    def _submit(self, qdash: QDash) -> ExecutionModel:
        access = qdash.access(self.request.username or DEFAULT_USER, self.request.project_id)
        return qdash.get(PROVIDED_RUNS).submissions.submit(access, self.request).execution

    def _perform(
        self, qdash: QDash, execution: ExecutionModel, progress: Progress, stop: Stop | None = None
    ) -> None:
        self.runner.perform(execution, settings=qdash.settings, progress=progress, stop=stop or Stop())

    @staticmethod
    def _check_end(qdash: QDash, execution: ExecutionModel) -> list[str]:
        """Return the results of an execution, after a check that they have ended."""
        _, results = qdash.record.show(execution.project_id, execution.execution_id)
        assert all(result.status.terminal and result.end_at is not None for result in results)
        assert qdash.locks.get_by_execution(execution) is None
        return [result.task_id for result in results]
