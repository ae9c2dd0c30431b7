"""Processes for runs, simulated in this process: workers and waiting commands that start and die."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from qdash_builtin.runs.feature import RUNS
from qdash_builtin.runs.worker import Worker
from qdash_core.locks.presence import ProcessRegistration
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.progress import SilentProgress
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.repositories.queue import PresenceRepository
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN
from ..bench import CHIP, PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from types import TracebackType
    from typing import Literal, Self, TypeVar

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.queue import QueueEntryModel

    from ..bench import Bench

    T = TypeVar("T")


def make_request(flow: str = "Measure", chip_id: str | None = CHIP, **given: Any) -> RunRequest:
    """Return a request of admin, by default for qubit 0."""
    wanted = {"username": "admin", "targets": TargetSelection(qubits=("0",)), **given}
    return RunRequest(flow=flow, chip_id=chip_id, **wanted)


PATIENCE_S = 30.0
"""Timeout of all waits in a test, far above any real duration."""


def wait_until(happened: Callable[[], object], *, what: str) -> None:
    """Look again and again until something has happened."""
    deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not happened():
        assert time.monotonic() < deadline, f"it never happened: {what}"
        pause.wait(0.005)


class Crew:
    """Registered processes for the runs of one bench. A context manager that unregisters them."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._stack = ExitStack()
        self._threads = ThreadPoolExecutor()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown()
        self._stack.close()

    def register(self, kind: Literal["worker", "command"] = "worker", username: str = "admin") -> str:
        """Register a process; return its name."""
        presence = ProcessRegistration(self._bench.qdash.store, kind, ttl_s=3600.0, username=username)
        return self._stack.enter_context(presence).owner

    def kill(self, owner: str) -> None:
        """Leave the registration of a process as after a kill: another process has its number."""
        presences = self._bench.repositories.of(PresenceRepository)
        found = presences.find(owner)
        assert found is not None
        presences.put(found.model_copy(update={"process_start": 1.0}))

    # ------------------------------------------------------------------------------------------------------ what they do

    def call_in_thread(self, function: Callable[..., T], *arguments: Any, **given: Any) -> Future[T]:
        """Call a function in a thread of its own."""
        return self._threads.submit(function, *arguments, **given)

    @contextmanager
    def run_worker(self, **given: Any) -> Iterator[list[str]]:
        """Run a worker for the length of a block; yield its messages."""
        said: list[str] = []
        stopped = threading.Event()
        worker = Worker(self._bench.qdash, self._bench.qdash.get(RUNS), **{"notify": said.append, **given})
        working = self.call_in_thread(worker.work, stopped)
        try:
            yield said
        finally:
            stopped.set()
            working.result(PATIENCE_S)

    def submit(self, chip_id: str = CHIP, *, waiter: str = "", **given: Any) -> str:
        """Submit a run to the queue and return its id."""
        execution = self._bench.qdash.get(RUNS).submissions.submit(
            ADMIN, make_request(chip_id=chip_id, **given), waiter=waiter
        )
        return execution.execution_id

    def get_entry(self, execution_id: str) -> QueueEntryModel:
        """Return the queue entry of an execution, which must exist."""
        found = self._bench.qdash.get(RUNS).queue.view.find(PROJECT, execution_id)
        assert found is not None, f"{execution_id} is not in the queue"
        return found

    def claim(self, owner: str, execution_id: str) -> bool:
        """Claim a run for a process; return whether it succeeded."""
        return self._bench.qdash.get(RUNS).queue.claim(self.get_entry(execution_id), owner)

    def perform(self, execution_id: str) -> ExecutionModel:
        """Perform a run in this process to its end, and return its execution."""
        return self._bench.qdash.get(RUNS).perform(PROJECT, execution_id, SilentProgress(), alone=False)

    def begin_and_die(self, owner: str, execution_id: str) -> None:
        """Start a run in a worker, and kill the worker and the measuring process."""
        assert self.claim(owner, execution_id)
        self.begin(execution_id)
        self.kill(owner)

    def begin(self, execution_id: str) -> None:
        """Start or resume a run in a process that is killed: nothing is ended, and its lock is orphaned."""
        execution = self._bench.get_execution(execution_id)
        again = execution.status is not ExecutionStatus.SCHEDULED
        identity = RunningFlow(
            execution.flow_run_id or "",
            resumed=execution_id if again else None,
            scheduled=None if again else execution_id,
            request=execution.request,
        )
        with set_current_flow(identity):
            self._bench.abandon(self._bench.start_session(chip_id=execution.chip_id, name=execution.name))
