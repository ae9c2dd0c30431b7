"""What Prefect tells a flow that it runs. Nobody has to import Prefect for that."""

from __future__ import annotations

import os

from qdash_core.session.flow_run import current_flow_run

_FLOW_RUN = "PREFECT__FLOW_RUN_ID"
"""Environment variable in which Prefect tells a process the id of the flow run that it is for."""


def bear_flow_run_id() -> None:
    """Let the execution that is going to begin carry the id under which Prefect runs this flow, if it does."""
    flow_run = current_flow_run()
    if flow_run.request is None:
        flow_run.flow_run_id = os.environ.get(_FLOW_RUN) or flow_run.flow_run_id
