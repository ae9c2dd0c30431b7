"""Prefect seen from a flow, without importing it: its variables, labels and classes, and its flows called without a server."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.session.running_flow import current_flow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FLOW_RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"
"""Environment variable in which Prefect tells a process the id of the flow run that it is for."""
PROJECT_LABEL, EXECUTION_LABEL = "qdash.project", "qdash.execution"
"""Labels by which a flow run of Prefect names what it performs."""
PREFECT_USER = "prefect"
"""User, in the record, of a cancel that was made at Prefect."""
_CANCELLATIONS = frozenset({"CancelledRun", "TerminationSignal"})


def adopt_flow_run_id() -> None:
    """Give the execution that begins next the id under which Prefect runs this flow, if it does."""
    flow_run = current_flow()
    if flow_run.request is None:
        flow_run.flow_run_id = os.environ.get(FLOW_RUN_VARIABLE) or flow_run.flow_run_id


def is_prefect_flow(thing: object) -> bool:
    """Return whether a thing is what Prefect's `@flow` makes of a function."""
    return any((kind.__module__, kind.__name__) == ("prefect.flows", "Flow") for kind in type(thing).__mro__)


def is_prefect_cancellation(error: BaseException) -> bool:
    """Return whether an exception is one with which Prefect cancels a flow."""
    return any(kind.__name__ in _CANCELLATIONS for kind in type(error).__mro__)


def unwrap_flow(function: Callable[..., object]) -> Callable[..., object]:
    """Return the function that a Prefect flow wraps; any other function as it is."""
    return function.fn if is_prefect_flow(function) else function  # type: ignore[attr-defined]


@contextmanager
def without_a_server(flow_run_id: str) -> Iterator[None]:
    """Open a block in which the function of a Prefect flow is called by itself: no server is asked or started.

    It may ask for the logger of its run, which is silent, and for `prefect.runtime.flow_run.id`.
    """
    before = os.environ.get(FLOW_RUN_VARIABLE)
    os.environ[FLOW_RUN_VARIABLE] = before or flow_run_id
    try:
        logging = sys.modules.get("prefect.logging")  # who made the flow has imported it
        if logging is None:
            yield
        else:
            with logging.disable_run_logger():
                yield
    finally:
        if before is None:
            del os.environ[FLOW_RUN_VARIABLE]
