"""The pull step of saved flows: by it, Prefect's worker finds the file of one, to load its hooks."""

from __future__ import annotations

from pathlib import Path

from qdash_core.flows import saved
from qdash_core.models.request import RunRequest
from qdash_core.runtime import Runtime


def laid_down(project_id: str, flow: str, version: int) -> dict[str, str]:
    """Lay down the source of a saved flow, and return where: Prefect goes into that folder.

    Raises
    ------
    NotFoundError, StoreError
        If there is no such version, or it cannot be written.
    """
    with Runtime.open() as runtime:
        placed = saved.laid_down(runtime, project_id, RunRequest(flow=flow, flow_version=version))
    return {"directory": str(Path(placed.rpartition(":")[0]).parent)}
