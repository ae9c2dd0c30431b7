"""Flow runs of other services in which a user's own program calibrates, and the watch over their cancellation."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError
from qdash_core.hooks.runners import WatchesFlowRuns
from qdash_core.session.running_flow import get_current_flow

if TYPE_CHECKING:
    from qdash_core.hooks.manager import Registry
    from qdash_core.hooks.runners import FlowRunWatch
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.session.running_flow import OpenSession


def adopt_flow_run_ids(registry: Registry) -> None:
    """Record the flow runs of a service with the next execution, if a user's own program runs in them."""
    flow = get_current_flow()
    if flow.request is None:
        flow.adopt([one for runner in _list_watching(registry) for one in runner.list_flow_run_ids()])


def watch_flow_runs(runtime: Runtime, execution: ExecutionModel, session: OpenSession) -> list[FlowRunWatch]:
    """Start to watch the flow runs in which a user's own program calibrates; return the watches, to be ended with the session.

    A cancel of one of them is recorded as a cancel of the execution.
    """
    if get_current_flow().request is not None:
        return []

    def watch(runner: WatchesFlowRuns) -> FlowRunWatch | None:
        def record_cancel() -> None:
            with suppress(IllegalTransitionError):  # it has ended
                runtime.external_transitions.request_cancel(
                    execution.project_id, execution.execution_id, runner.name
                )

        return runner.watch(record_cancel, session.cancel)

    watches = map(watch, _list_watching(runtime.registry))
    return [one for one in watches if one is not None]


def _list_watching(registry: Registry) -> list[WatchesFlowRuns]:
    return [one for one in registry.runners().values() if isinstance(one, WatchesFlowRuns)]
