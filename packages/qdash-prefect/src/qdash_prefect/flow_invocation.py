"""Calls of user flows: Prefect's engine runs a Prefect flow under its existing flow run."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from qdash_core.errors import NotFoundError
from qdash_core.flows.direct_calls import (
    FLOW_RUN_VARIABLE,
    disable_prefect_server,
    is_prefect_flow,
    unwrap_flow,
)
from qdash_prefect.client import PrefectClient, PrefectUnavailableError
from qdash_prefect.settings import load_prefect_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)


def call_flow(function: Callable[..., object], arguments: Mapping[str, Any], flow_run_id: str) -> object:
    """Call a function, and return its result. Parameters as in `CallsFlows.call`.

    Prefect's engine runs a Prefect flow under the flow run in the environment of this process, else under the given
    one. If Prefect has no such flow run or does not answer, the wrapped function is called directly.
    """
    if not is_prefect_flow(function):
        return function(**arguments)
    flow: Any = function
    known_as = os.environ.get(FLOW_RUN_VARIABLE) or flow_run_id
    if _has_flow_run(known_as):
        from qdash_prefect.engine import run_flow

        return run_flow(flow, arguments, known_as)
    with disable_prefect_server(known_as):
        return unwrap_flow(function)(**arguments)


def _has_flow_run(flow_run_id: str) -> bool:
    """Return whether Prefect responds and knows a flow run."""
    try:
        with PrefectClient(load_prefect_settings()) as client:
            client.get(f"/flow_runs/{flow_run_id}")
    except NotFoundError:
        return False
    except PrefectUnavailableError as error:
        logger.warning("Prefect is unavailable, so the flow runs without Prefect's engine: %s", error)
        return False
    return True
