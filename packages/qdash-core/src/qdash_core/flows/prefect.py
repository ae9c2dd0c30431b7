"""What Prefect is to flows: it tells one that it runs its id, and a file may hold Prefect flows. Nobody has to import Prefect for that."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.session.flow_run import current_flow_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FLOW_RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"
"""Environment variable in which Prefect tells a process the id of the flow run that it is for."""


def bear_flow_run_id() -> None:
    """Let the execution that is going to begin carry the id under which Prefect runs this flow, if it does."""
    flow_run = current_flow_run()
    if flow_run.request is None:
        flow_run.flow_run_id = os.environ.get(FLOW_RUN_VARIABLE) or flow_run.flow_run_id


def is_prefect_flow(thing: object) -> bool:
    """Whether a thing is what Prefect's `@flow` makes of a function."""
    return any((kind.__module__, kind.__name__) == ("prefect.flows", "Flow") for kind in type(thing).__mro__)


def plain(function: Callable[..., object]) -> Callable[..., object]:
    """Return the function that a Prefect flow wraps; any other as it is."""
    return function.fn if is_prefect_flow(function) else function  # type: ignore[attr-defined]


@contextmanager
def without_a_server(flow_run_id: str) -> Iterator[None]:
    """Let the function of a Prefect flow be called by itself, for the length of a block: no server is asked or started.

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
