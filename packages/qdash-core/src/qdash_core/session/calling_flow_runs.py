"""Flow runs of Prefect in which a user's own program calibrates: their ids, and the watch over their cancellation.

Prefect is not imported: a program that runs in one of its flows has imported it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from contextvars import Token
from typing import TYPE_CHECKING, Any

from qdash_core.errors import IllegalTransitionError
from qdash_core.hooks.runners import WatchesFlowRuns
from qdash_core.session.running_flow import get_current_flow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.hooks.runners import FlowRunWatch
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime
    from qdash_core.session.running_flow import OpenSession

FLOW_RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"
"""Environment variable with which Prefect passes a process the id of its flow run."""
PREFECT_USER = "prefect"
"""User in the record of a cancellation on Prefect's page."""


def adopt_flow_run_id() -> None:
    """Record Prefect's flow run ids with the next execution, if Prefect runs this program."""
    flow = get_current_flow()
    if flow.request is None:
        flow.adopt(_list_flow_run_ids())


def watch_flow_runs(runtime: Runtime, execution: ExecutionModel, session: OpenSession) -> list[FlowRunWatch]:
    """Start to watch the flow runs in which a user's own program calibrates; return the watches, to be ended with the session.

    A cancel of one of them is recorded as a cancel of the execution.
    """
    contexts = list(_iterate_contexts())
    if get_current_flow().request is not None or not contexts:
        return []
    where = execution.project_id, execution.execution_id

    def record_cancel() -> None:
        with suppress(IllegalTransitionError):  # it has ended
            runtime.external_transitions.request_cancel(*where, PREFECT_USER)

    runners = runtime.registry.runners().values()
    return [
        runner.watch(contexts, record_cancel, session.cancel)
        for runner in runners
        if isinstance(runner, WatchesFlowRuns)
    ]


def _list_flow_run_ids() -> list[str]:
    """Return the ids of the flow runs in which this program runs, the innermost first."""
    ids = [str(context.flow_run.id) for context in _iterate_contexts()]
    passed = os.environ.get(FLOW_RUN_VARIABLE)
    return [*ids, passed] if passed and passed not in ids else ids


def _iterate_contexts() -> Iterator[Any]:
    """Yield Prefect's contexts of the flows that run in this thread, the innermost first."""
    module = sys.modules.get("prefect.context")
    context = None if module is None else module.FlowRunContext.get()
    while context is not None and context.flow_run is not None:
        yield context
        entered = None if context.detached else context._token
        outer = Token.MISSING if entered is None else entered.old_value
        context = None if outer is Token.MISSING else outer
