"""What Prefect is known by, without importing it: names of its variables, labels and classes."""

from __future__ import annotations

import os

from qdash_core.session.flow_run import current_flow_run

FLOW_RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"
"""Environment variable in which Prefect tells a process the id of the flow run that it is for."""
PROJECT_LABEL, EXECUTION_LABEL = "qdash.project", "qdash.execution"
"""Labels by which a flow run of Prefect names what it performs."""
PREFECT_USER = "prefect"
"""User, in the record, of a cancel that was made at Prefect."""
_CANCELLATIONS = frozenset({"CancelledRun", "TerminationSignal"})


def bear_flow_run_id() -> None:
    """Let the execution that is going to begin carry the id under which Prefect runs this flow, if it does."""
    flow_run = current_flow_run()
    if flow_run.request is None:
        flow_run.flow_run_id = os.environ.get(FLOW_RUN_VARIABLE) or flow_run.flow_run_id


def is_prefect_flow(thing: object) -> bool:
    """Whether a thing is what Prefect's `@flow` makes of a function."""
    return any((kind.__module__, kind.__name__) == ("prefect.flows", "Flow") for kind in type(thing).__mro__)


def means_cancellation(error: BaseException) -> bool:
    """Whether an exception is one with which Prefect cancels a flow."""
    return any(kind.__name__ in _CANCELLATIONS for kind in type(error).__mro__)
