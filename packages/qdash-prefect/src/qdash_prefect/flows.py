"""Pull step of saved flows: it writes the file from which Prefect's worker loads a flow's hooks."""

from __future__ import annotations

from pathlib import Path

from qdash_core.errors import NotFoundError
from qdash_core.flows.user_flow_source import iter_saved_flow_sources
from qdash_core.models.request import RunRequest
from qdash_core.runtime.runtime import Runtime


def write_flow_source(project_id: str, flow: str, version: int) -> dict[str, str]:
    """Write the source of a saved flow, and return its folder, where Prefect then works.

    Raises NotFoundError or StoreError if there is no such version, or it cannot be written.
    """
    request = RunRequest(flow=flow, flow_version=version)
    with Runtime.open() as runtime:
        for source in iter_saved_flow_sources(runtime):
            placed = source.write(runtime, project_id, request)
            return {"directory": str(Path(placed.rpartition(":")[0]).parent)}
    raise NotFoundError(f"no installed feature has the saved flow {flow!r}")


laid_down = write_flow_source
"""Name of the pull step in deployments that earlier versions have registered."""
