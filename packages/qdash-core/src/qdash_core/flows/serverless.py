"""A Prefect flow called as the function that it wraps: no server is asked or started."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.flows.prefect import FLOW_RUN_VARIABLE, is_prefect_flow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
