"""Site of runs with Prefect: a server, a home and workers, whose processes can be killed by role."""

from __future__ import annotations

import signal
import tempfile
import uuid
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

from faults.commands import wait_until
from faults.laboratory import PROJECT, place
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core.errors import QDashError
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.queue import PresenceRepository
from qdash_core.runs.performing_process import PERFORMING_MODULE
from qdash_prefect.client import PrefectClient
from qdash_prefect.server import PrefectServer
from qdash_prefect.worker_names import make_worker_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from faults.commands import Command
    from faults.laboratory import Laboratory, Place
    from qdash_prefect.settings import PrefectSettings

CHILD, RELAY, PERFORMING = "qdash_prefect.pool_worker", "qdash_prefect/relay.py", PERFORMING_MODULE
"""Texts in the command lines of a worker's processes: Prefect's worker, its child for a flow run, and the
measuring process.
"""
TTL_S = 10.0
"""Time to live of an unrenewed instrument lock, in s, if workers pose as other hosts."""
RUN = RunRequest(chip_id="bench", flow="bring-up", targets=TargetSelection(qubits=("0",)))
LONG_RUN = RunRequest(chip_id="bench", flow="bring-up", targets=TargetSelection(qubits=tuple("0123456")))
"""A run that does not complete before it is cancelled, on a busy machine too."""


@dataclass
class Site:
    """Workers of a home whose runs go to a Prefect server. A context manager that ends all of them.

    Parameters
    ----------
    laboratory : Laboratory
        The home.
    server : PrefectServer
        A running server.

    Attributes
    ----------
    workers : list of Command
        Workers that were started and not found dead.
    host : Command
        The host started last.
    asked : str
        The flow run requested last on Prefect's page.
    """

    laboratory: Laboratory
    server: PrefectServer
    workers: list[Command] = field(default_factory=list)
    host: Command = field(init=False)
    asked: str = ""
    _apart: bool = False

    def __post_init__(self) -> None:
        self.pool = f"pool-{uuid.uuid4().hex[:8]}"
        self.laboratory = self.laboratory.with_settings(
            QDASH_RUNNER="prefect", QDASH_PREFECT_POOL=self.pool, **self.server.environment
        )
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.qdash = self._stack.enter_context(self.laboratory.opened())
        self.access = self.qdash.access("admin")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def settings(self) -> PrefectSettings:
        """Settings of the client of the server."""
        return self.server.settings.model_copy(update={"pool": self.pool})

    def work(self, number: int, *, apart: bool = False) -> None:
        """Start workers until this many run; return when Prefect can start runs in each of them.

        Parameters
        ----------
        apart : bool
            Whether each poses as another host.
        """
        if apart != self._apart:
            self.end_workers()
        self._apart = apart
        self.workers = [one for one in self.workers if one.running]
        while len(self.workers) < number:
            host = {"FAULTS_HOST": f"rack-{uuid.uuid4().hex[:4]}", "QDASH_LEASE_TTL_S": str(TTL_S)}
            place = self.laboratory.with_settings(**host if apart else {})
            self.workers.append(self._stack.enter_context(place.start("worker")))
        wait_until(lambda: len(self._ready()) >= number, what=f"{number} workers: {self.said}")

    @property
    def said(self) -> str:
        """Output of its workers."""
        return "\n".join(one.err for one in self.workers)

    def end_workers(self) -> None:
        """Terminate all workers cleanly."""
        for one in self.workers:
            one.signal(signal.SIGTERM)
        for one in self.workers:
            one.ended()

    def start(self, *arguments: str) -> Command:
        """Start a command that ends with the site."""
        return self._stack.enter_context(self.laboratory.start(*arguments))

    def submit(self) -> str:
        """Submit a run of some seconds for a worker."""
        return self.qdash.get(RUNS).submissions.submit(self.access, RUN).execution.execution_id

    def submit_long(self) -> str:
        """Submit a run that is going to be cancelled."""
        return self.qdash.get(RUNS).submissions.submit(self.access, LONG_RUN).execution.execution_id

    def measures(self, execution_id: str, completed: int = 1) -> None:
        """Wait until an execution has measured something, and measures."""

        def happens() -> bool:
            statuses = [one.status for one in self.qdash.get(EXECUTIONS).show(self.access, execution_id)[1]]
            return statuses.count(TaskStatus.COMPLETED) >= completed and TaskStatus.RUNNING in statuses

        wait_until(happens, what=f"{execution_id} measures: {self.said}")

    def worker_of(self, execution_id: str) -> Command:
        """Return the worker that performs an execution."""
        entry = self.qdash.get(RUNS).queue.view.find(PROJECT, execution_id)
        presence = entry and self.qdash.repositories.of(PresenceRepository).find(entry.performer)
        if not presence:
            raise RuntimeError(f"nobody performs {execution_id}")
        return next(one for one in self.workers if one.pid == presence.pid)

    def kill(self, execution_id: str, role: str) -> None:
        """Kill the processes with a given role of the worker that performs an execution."""
        found = of_role(self.worker_of(execution_id), role)
        if not found:
            raise RuntimeError(f"there is no {role}")
        for process in found:
            process.send_signal(signal.SIGKILL)

    def _ready(self) -> set[str]:
        """Return the names of the workers that are alive both in the record and in Prefect."""
        living = {make_worker_name(one.owner) for one in self.qdash.get(RUNS).queue.view.list_workers()}
        try:
            with PrefectClient(self.settings) as client:
                known = client.post(f"/work_pools/{self.pool}/workers/filter", {})
        except QDashError:
            return set()
        return living & {one["name"] for one in known if one["status"] == "ONLINE"}


def of_role(worker: Command, role: str) -> list[psutil.Process]:
    """Return the living processes of a worker with a given role."""
    found = []
    for process in worker.others():
        with suppress(psutil.Error):
            if any(role in word for word in process.cmdline()):
                found.append(process)
    return found


@contextmanager
def prefect_site(store: str, *, slow_s: float) -> Iterator[tuple[Place, Site]]:
    """Yield a place with a store of a kind, and a site on its own Prefect server. Their folder is removed
    afterwards.

    Parameters
    ----------
    store : str
        One of `STORES`.
    slow_s : float
        Duration of every measurement, in s.
    """
    with tempfile.TemporaryDirectory(prefix="prefect-") as name, ExitStack() as stack:
        folder = Path(name)
        here = stack.enter_context(place(store, folder / "store"))
        server = stack.enter_context(PrefectServer(folder / "prefect"))
        laboratory = stack.enter_context(here.laboratory(slow_s=slow_s))
        yield here, stack.enter_context(Site(laboratory, server))
