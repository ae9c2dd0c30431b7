"""Flow runs of Prefect in which a user's own program calibrates.

Prefect is not imported: a program that runs in one of its flows has imported it.
"""

from __future__ import annotations

import os
import sys
from contextvars import Token
from typing import TYPE_CHECKING, Any

from qdash_core.flows.direct_calls import FLOW_RUN_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator


def list_flow_run_ids() -> list[str]:
    """Return the ids of the flow runs in which this program runs, the innermost first."""
    ids = [str(context.flow_run.id) for context in iterate_contexts()]
    passed = os.environ.get(FLOW_RUN_VARIABLE)
    return [*ids, passed] if passed and passed not in ids else ids


def iterate_contexts() -> Iterator[Any]:
    """Yield Prefect's contexts of the flows that run in this thread, the innermost first."""
    module = sys.modules.get("prefect.context")
    context = None if module is None else module.FlowRunContext.get()
    while context is not None and context.flow_run is not None:
        yield context
        entered = None if context.detached else context._token
        outer = Token.MISSING if entered is None else entered.old_value
        context = None if outer is Token.MISSING else outer
