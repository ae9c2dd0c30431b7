"""Workers for the conformance tests of runners: real processes, which tests may kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from qdash_core.models.task import TaskStatus
from qdash_core.record.counts import read_with_results
from qdash_core.repositories.queue import PresenceRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.provided_runs import PROVIDED_RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

PATIENCE_S = 240.0
"""Timeout of a wait. A server that keeps its data in SQLite can block every client for several minutes."""
_PAUSE_S = 0.05
QDASH = "from qdash_cli.main import main; main()"
"""Program of the command `qdash`."""


def wait_until(happened: Callable[[], object], *, what: str) -> None:
    """Wait until a condition is true."""
    deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
    while not happened():
        assert time.monotonic() < deadline, f"it never happened: {what}"
        pause.wait(_PAUSE_S)


def read_run(qdash: QDash, access: Access, execution_id: str) -> tuple[ExecutionModel, list[TaskResultModel]]:
    """Return an execution and its results."""
    with qdash.store.read() as snapshot:
        return read_with_results(Repositories(snapshot), access.project_id, execution_id)


class WorkerProcesses:
    """Processes of `qdash worker` on one store, with their output in a folder. A context manager that ends all of them."""

    def __init__(self, qdash: QDash, access: Access, *, folder: Path, environment: Mapping[str, str]) -> None:
        self._qdash, self._access, self._folder, self._environment = qdash, access, folder, environment
        self._runs = qdash.get(PROVIDED_RUNS)
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(PATIENCE_S)
            finally:
                process.kill()

    def start_workers(self, number: int) -> None:
        """Start workers until this many run, and return when they are ready."""
        living = [process for process in self._processes if process.poll() is None]
        for _ in range(number - len(living)):
            self._start()
        wait_until(lambda: self._count_present() >= number, what=f"{number} workers are there: {self.output}")

    @property
    def output(self) -> str:
        """Combined output of all workers."""
        return "\n".join(path.read_text("utf-8", "replace") for path in sorted(self._folder.glob("*.err")))

    def find_performer(self, execution_id: str) -> subprocess.Popen[bytes]:
        """Return the worker that performs an execution."""
        entry = self._runs.queue.view.find(self._access.project_id, execution_id)
        assert entry is not None, f"{execution_id} is not in the queue"
        presence = self._qdash.repositories.of(PresenceRepository).find(entry.performer)
        assert presence is not None, f"nobody performs {execution_id}"
        return next(process for process in self._processes if process.pid == presence.pid)

    def wait_for_measurement(self, execution_id: str) -> int:
        """Wait until an execution is measuring after a first measurement; return the pid of its process."""

        def measures() -> bool:
            results = read_run(self._qdash, self._access, execution_id)[1]
            return {TaskStatus.COMPLETED, TaskStatus.RUNNING} <= {one.status for one in results}

        wait_until(measures, what=f"{execution_id} measures: {self.output}")
        found = self._qdash.locks.get_by_execution(
            self._qdash.record.find(self._access.project_id, execution_id)
        )
        assert found is not None, f"{execution_id} holds no lock"
        return found.lock.pid

    def _start(self) -> None:
        settings = self._qdash.settings
        own = {
            "QDASH_HOME": str(settings.home),
            "QDASH_STORE_URL": settings.store_url,
            "QDASH_ARTIFACTS_URL": settings.artifacts_url,
            "QDASH_RUNNER": settings.runner,
            **self._environment,
        }
        with (self._folder / f"worker-{len(self._processes)}.err").open("wb") as text:
            self._processes.append(
                subprocess.Popen(  # noqa: S603
                    [sys.executable, "-c", QDASH, "worker"],
                    cwd=self._folder,
                    env={**os.environ, **own},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=text,
                )
            )

    def _count_present(self) -> int:
        self._runs.queue.sweep()
        return len(self._runs.queue.view.list_workers())


def kill_process(pid: int) -> None:
    """Kill a process with SIGKILL, as a power failure would."""
    os.kill(pid, signal.SIGKILL)
