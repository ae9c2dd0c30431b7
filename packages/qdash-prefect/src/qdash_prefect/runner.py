"""Prefect runner: an execution is performed by the worker to which Prefect assigns it.

The client of its server and its settings are imported when they are used: any command may list the runners.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core import PerformingProcess
from qdash_core.errors import FlowError, NotFoundError
from qdash_core.flows.direct_calls import FLOW_RUN_VARIABLE
from qdash_prefect.calling_flow_runs import iterate_contexts, list_flow_run_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from qdash_core.hooks.runners import FlowRunWatch, Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.runs.worker_context import WorkerContext
    from qdash_core.settings import Settings
    from qdash_prefect.client import Document
    from qdash_prefect.pool import PoolConnection


class PrefectRunner:
    """Runner in the workers of a Prefect work pool; `qdash worker` is one of these."""

    name = "prefect"

    def __init__(self) -> None:
        self._pool: PoolConnection | None = None

    @contextmanager
    def at_work(self, work: WorkerContext) -> Iterator[Callable[[], bool]]:
        """Join the pool as a worker during a block, see `PoolRunner`."""
        from qdash_prefect.client import PrefectClient
        from qdash_prefect.pool import PoolConnection
        from qdash_prefect.reconciler import Reconciler
        from qdash_prefect.settings import load_prefect_settings

        settings = load_prefect_settings()
        with (
            PrefectClient(settings) as client,
            PoolConnection(work, settings, client) as pool,
            Reconciler(client, settings, work, active=pool.flow_runs.get_active_ids_and_keys),
        ):
            self._pool = pool
            try:
                yield lambda: pool.can_begin
            finally:
                self._pool = None

    def health(self) -> str:
        """Return version and number of workers if the server responds, see `TellsHealth`."""
        from qdash_prefect.client import PrefectClient
        from qdash_prefect.settings import load_prefect_settings

        settings = load_prefect_settings()
        with PrefectClient(settings) as client:
            version = client.get("/admin/version")
            path = f"/work_pools/{settings.pool}"
            try:
                _check_pool(client.get(path))
                workers = [
                    one for one in client.post(f"{path}/workers/filter", {}) if one["status"] == "ONLINE"
                ]
            except NotFoundError:  # the first worker creates the pool
                workers = []
        return f"Prefect {version} responds at {client.url}; workers in pool {settings.pool}: {len(workers)}"

    def perform(
        self, execution: ExecutionModel, *, settings: Settings, progress: Progress, stop: Stop
    ) -> None:
        """Perform an execution, see `Runner`."""
        if self._pool is None:
            raise FlowError("only `qdash worker` performs runs on Prefect: start one and queue the run")
        pool = self._pool
        # The process imports its modules while Prefect starts the flow run.
        with (
            PerformingProcess(settings) as process,
            pool.flow_runs.start_flow_run(execution, stop) as flow_run,
        ):
            process.perform(
                execution,
                progress=pool.mirror.begin(flow_run, progress),
                stop=stop,
                environment={FLOW_RUN_VARIABLE: flow_run.flow_run_id},
            )

    def call(self, function: Callable[..., object], arguments: Mapping[str, Any], flow_run_id: str) -> object:
        """Run a Prefect flow with Prefect's engine, see `CallsFlows`; call any other function directly."""
        from qdash_prefect.flow_invocation import call_flow

        return call_flow(function, arguments, flow_run_id)

    def list_flow_run_ids(self) -> list[str]:
        """Return the ids of the flow runs in which this program runs, see `WatchesFlowRuns`."""
        return list_flow_run_ids()

    def watch(
        self, record_cancel: Callable[[], None], end_cancelled: Callable[[], object]
    ) -> FlowRunWatch | None:
        """Watch flow runs of flows that a user's own program calls, see `WatchesFlowRuns`."""
        contexts = list(iterate_contexts())
        if not contexts:
            return None
        from qdash_prefect.called_flows import CalledFlows

        return CalledFlows(contexts, record_cancel, end_cancelled)


def _check_pool(pool: Document) -> None:
    """Raise PrefectError if the pool is paused or limited in Prefect, so that runs could wait indefinitely."""
    from qdash_prefect.client import PrefectError

    if pool["is_paused"]:
        raise PrefectError(
            f"work pool {pool['name']} is paused in Prefect: no run starts until it is resumed there"
        )
    if pool["concurrency_limit"] is not None:
        raise PrefectError(
            f"work pool {pool['name']} has a concurrency limit in Prefect, with which runs may wait for each other forever:"
            " remove the limit there, and limit workers with `qdash worker --max-runs`"
        )
