"""Conformance tests of runners, with services and real workers.

A plugin author subclasses `RunnerContract` in a test module.

from qdash_testing import RunnerContract

class TestMyRunner(RunnerContract):
    request = RunRequest(chip_id="quick", flow="CheckT1")
    long_request = RunRequest(chip_id="slow", flow="bring-up")

    @classmethod
    def qdash(cls, folder):
        return open_qdash(Settings(home=folder, runner="mine"))  # with the chips, where other processes find them too

The plugin has to be installed: workers are processes of their own.
"""

from __future__ import annotations

import os
import signal
from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from qdash_core.errors import InvalidInputError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.models.pages import PageRequest
from qdash_core.models.progress import SilentProgress
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import utc_now
from qdash_core.repositories.queue import LogRepository
from qdash_core.runs.provided_runs import PROVIDED_RUNS
from qdash_testing.contract import Contract
from qdash_testing.named_operations import perform
from qdash_testing.runner_processes import (
    PATIENCE_S,
    WorkerProcesses,
    kill_process,
    read_run,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runs.provided_runs import ProvidedRuns
    from qdash_core.runtime.application import QDash


@dataclass
class _ProgressRecorder(SilentProgress):
    """Recorder of progress that can interrupt its own process when a run has started."""

    interrupts: bool = False
    begun: list[str] = field(default_factory=list)
    planned_tasks: list[str] = field(default_factory=list)
    finished_tasks: list[str] = field(default_factory=list)

    def began(self, execution_id: str) -> None:
        self.begun.append(execution_id)

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        assert groups
        self.planned_tasks.extend(tasks)

    def finished(self, result: TaskResultModel) -> None:
        self.finished_tasks.append(result.task_id)
        if self.interrupts:
            self.interrupts = False
            os.kill(os.getpid(), signal.SIGINT)


@dataclass(frozen=True)
class _RunnerSite:
    """An open QDash with a user's access and its workers."""

    qdash: QDash
    access: Access
    workers: WorkerProcesses
    runs: ProvidedRuns

    def perform(self, operation: str, *given: str, **fields: object) -> Any:
        """Perform an operation of a feature, and return its answer."""
        user, project = self.access.username, self.access.project_id
        return perform(self.qdash, operation, *given, user=user, project=project, **fields)

    def submit(self, request: RunRequest) -> str:
        return self.runs.submissions.submit(self.access, request).execution.execution_id

    def wait_for_end(self, execution_id: str) -> ExecutionModel:
        """Wait until an execution has left the queue, and return it; check that nothing is left open."""
        wait_until(
            lambda: self.runs.queue.view.find(self.access.project_id, execution_id) is None,
            what=f"{execution_id} leaves the queue: {self.workers.output}",
        )
        execution, results = read_run(self.qdash, self.access, execution_id)
        assert execution.status.terminal
        assert all(result.status.terminal and result.end_at is not None for result in results)
        assert self.qdash.locks.get_by_execution(execution) is None
        return execution

    def wait_for_resumed_end(self, execution_id: str) -> ExecutionModel:
        """Wait for the end of an execution that was interrupted once and resumed, and return it."""
        execution = self.wait_for_end(execution_id)
        assert execution.status is ExecutionStatus.COMPLETED, execution.message
        first, second = execution.attempts
        assert (first.status, first.reason) == (ExecutionStatus.FAILED, EndReason.INTERRUPTED)
        assert second.status is ExecutionStatus.COMPLETED
        _, results = read_run(self.qdash, self.access, execution_id)
        completed = Counter(one.node for one in results if one.status is TaskStatus.COMPLETED)
        assert set(completed.values()) == {1}, "nothing is measured twice"
        return execution


class RunnerContract(Contract):
    """Conformance tests of an installed runner. Do not override tests; to except one, use a strict xfail with a reason.

    Attributes
    ----------
    request : RunRequest
        A run that completes immediately.
    long_request : RunRequest
        A run on another chip that completes after several seconds, with several measurements one after the other.
    soon_s : float
        Lead time, in s, that the runner's service needs to learn of an occurrence.
    """

    request: ClassVar[RunRequest]
    long_request: ClassVar[RunRequest]
    soon_s: ClassVar[float] = 1.0

    @classmethod
    @abstractmethod
    def qdash(cls, folder: Path) -> QDash:
        """Return an open QDash that uses the runner, with the chips of the requests; called once for all tests."""

    @pytest.fixture(scope="class")
    @classmethod
    def environment(cls) -> Mapping[str, str]:
        """Return additional environment variables of workers. Override this fixture to add some."""
        return {}

    @pytest.fixture(scope="class")
    @classmethod
    def shared_site(
        cls, environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[_RunnerSite]:
        folder = tmp_path_factory.mktemp("runner")
        with cls.qdash(folder / "home") as qdash:
            access = qdash.access(cls.request.username or DEFAULT_USER, cls.request.project_id)
            with WorkerProcesses(qdash, access, folder=folder, environment=environment) as workers:
                yield _RunnerSite(qdash, access, workers, qdash.get(PROVIDED_RUNS))

    @pytest.fixture
    def site(self, shared_site: _RunnerSite) -> _RunnerSite:
        """Return the store of the runs, with one running worker."""
        shared_site.workers.start_workers(1)
        return shared_site

    def test_a_submitted_run_is_performed_to_its_end_and_watchers_are_told(self, site: _RunnerSite) -> None:
        watcher = _ProgressRecorder()
        submitted = site.submit(self.request)
        followed = site.runs.follow(site.access, submitted, watcher)
        assert followed.status is ExecutionStatus.COMPLETED
        assert site.wait_for_end(submitted).tasks == {"completed": len(watcher.finished_tasks)}
        assert watcher.begun == [submitted]
        assert watcher.planned_tasks

    def test_a_foreground_run_is_performed(self, site: _RunnerSite) -> None:
        watcher = _ProgressRecorder()
        done = site.runs.run(site.access, self.request, progress=watcher)
        assert done.status is ExecutionStatus.COMPLETED
        assert watcher.begun == [done.execution_id]
        assert watcher.finished_tasks
        site.wait_for_end(done.execution_id)

    def test_the_output_of_a_run_is_kept_with_it(self, site: _RunnerSite) -> None:
        submitted = site.submit(self.request)
        site.wait_for_end(submitted)
        logs = site.qdash.repositories.of(LogRepository)
        page = logs.get_execution_page(site.access.project_id, submitted, PageRequest())
        text = "".join(part.text for part in page.items)
        _, results = read_run(site.qdash, site.access, submitted)
        assert all(result.name in text for result in results), text

    def test_runs_of_one_chip_are_performed_in_order_and_one_at_a_time(self, site: _RunnerSite) -> None:
        first, second = (site.wait_for_end(one) for one in [site.submit(self.request) for _ in range(2)])
        assert first.end_at is not None
        assert second.start_at is not None
        assert first.end_at <= second.start_at

    def test_running_and_queued_runs_are_cancelled_in_the_record(self, site: _RunnerSite) -> None:
        runs, waits = site.submit(self.long_request), site.submit(self.long_request)
        site.workers.wait_for_measurement(runs)
        assert site.runs.cancel(site.access, waits).status is ExecutionStatus.CANCELLED
        site.runs.cancel(site.access, runs, wait=False)
        ended = site.wait_for_end(runs)
        assert (ended.status, ended.reason) == (ExecutionStatus.CANCELLED, EndReason.CANCELLED)
        assert site.wait_for_end(waits).start_at is None

    def test_an_interrupted_foreground_run_is_cancelled(self, site: _RunnerSite) -> None:
        watcher = _ProgressRecorder(interrupts=True)
        with pytest.raises(KeyboardInterrupt) as interrupt:
            site.runs.run(site.access, self.long_request, progress=watcher)
        (begun,) = watcher.begun
        assert begun in str(interrupt.value), "it says which"
        ended = site.wait_for_end(begun)
        assert (ended.status, ended.reason) == (ExecutionStatus.CANCELLED, EndReason.CANCELLED)

    def test_a_cancelled_run_goes_on_when_it_is_asked_for(self, site: _RunnerSite) -> None:
        submitted = site.submit(self.long_request)
        site.workers.wait_for_measurement(submitted)
        site.runs.cancel(site.access, submitted)
        site.wait_for_end(submitted)
        site.runs.submissions.submit_resume(site.access, submitted)
        again = site.wait_for_end(submitted)
        assert again.status is ExecutionStatus.COMPLETED, again.message
        assert len(again.attempts) == 2

    def test_a_timetable_starts_a_run_when_its_moment_has_come(self, site: _RunnerSite) -> None:
        at = self._create_timetable(site)

        def last() -> Any:
            return site.perform("show_timetable", "soon").last

        wait_until(last, what=f"the timetable deals with its moment: {site.workers.output}")
        outcome = last()
        assert outcome is not None
        assert outcome.became == "started", outcome.why
        started = site.wait_for_end(outcome.execution_id)
        assert started.status is ExecutionStatus.COMPLETED
        assert started.start_at is not None
        assert started.start_at >= at

    def _create_timetable(self, site: _RunnerSite) -> datetime:
        """Create the timetable `soon` and return its start; choose a later one if a busy machine creates it too late."""
        wait_s = self.soon_s
        while True:
            at = utc_now() + timedelta(seconds=wait_s)
            when = {"kind": "moment", "at": at}
            try:
                site.perform("create_timetable", name="soon", when=when, request=self.request.model_dump())
            except InvalidInputError:
                if utc_now() < at:
                    raise
                wait_s *= 2
            else:
                return at

    def test_a_run_whose_process_is_killed_goes_on_under_the_same_worker(self, site: _RunnerSite) -> None:
        submitted = site.submit(self.long_request)
        process = site.workers.wait_for_measurement(submitted)
        worker = site.workers.find_performer(submitted)
        kill_process(process)
        site.wait_for_resumed_end(submitted)
        assert worker.poll() is None

    def test_a_run_whose_worker_is_killed_goes_on_under_another(self, site: _RunnerSite) -> None:
        site.workers.start_workers(2)
        submitted = site.submit(self.long_request)
        site.workers.wait_for_measurement(submitted)
        worker = site.workers.find_performer(submitted)
        kill_process(worker.pid)
        worker.wait(PATIENCE_S)
        site.wait_for_resumed_end(submitted)

    def test_a_worker_that_is_told_to_end_lets_its_run_go_on_under_another(self, site: _RunnerSite) -> None:
        site.workers.start_workers(2)
        submitted = site.submit(self.long_request)
        site.workers.wait_for_measurement(submitted)
        worker = site.workers.find_performer(submitted)
        worker.terminate()
        assert worker.wait(PATIENCE_S) == 0
        site.wait_for_resumed_end(submitted)
