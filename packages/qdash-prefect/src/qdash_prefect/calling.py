"""A flow of one's own called where it is performed: a Prefect flow by Prefect's engine, under the flow run that there is for it."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from qdash_core.errors import NotFoundError
from qdash_core.flows.prefect import FLOW_RUN_VARIABLE, is_prefect_flow
from qdash_core.flows.serverless import plain, without_a_server
from qdash_prefect.client import PrefectAwayError, PrefectClient
from qdash_prefect.settings import load_prefect_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

logger = logging.getLogger(__name__)


def called(function: Callable[..., object], arguments: Mapping[str, Any], flow_run_id: str) -> object:
    """Return what a function returns. Parameters as of `CallsFlows.call`.

    A Prefect flow is run by Prefect's engine, under the flow run that Prefect has told this process, or else the given one.
    Where Prefect knows none, or does not answer, the function that it wraps is called by itself.
    """
    if not is_prefect_flow(function):
        return function(**arguments)
    flow: Any = function
    known_as = os.environ.get(FLOW_RUN_VARIABLE) or flow_run_id
    if _there_is(known_as):
        from qdash_prefect.engine import run

        return run(flow, arguments, known_as)
    with without_a_server(known_as):
        return plain(function)(**arguments)


def _there_is(flow_run_id: str) -> bool:
    """Whether Prefect answers, and has such a flow run."""
    try:
        with PrefectClient(load_prefect_settings()) as client:
            client.get(f"/flow_runs/{flow_run_id}")
    except NotFoundError:
        return False
    except PrefectAwayError as error:
        logger.warning("the flow runs without Prefect's engine: %s", error)
        return False
    return True
