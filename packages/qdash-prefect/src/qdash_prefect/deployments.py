"""Deployments: what Prefect knows of what QDash can perform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime
    from qdash_prefect.client import PrefectClient
    from qdash_prefect.settings import PrefectSettings

_FLOW, _NAME = "qdash-perform", "perform"


@dataclass(frozen=True, slots=True)
class Performing:
    """By what an execution is performed.

    Parameters
    ----------
    deployment_id : str
        A deployment.
    parameters : mapping
        Of the flow run.
    """

    deployment_id: str
    parameters: Mapping[str, Any]


def register(client: PrefectClient, settings: PrefectSettings, runtime: Runtime) -> None:  # noqa: ARG001
    """See to it that there are the work pool and the deployments. Raises as `PrefectClient.ask`."""
    try:
        client.get(f"/work_pools/{settings.pool}")
    except NotFoundError:
        _made(client, "/work_pools/", {"name": settings.pool, "type": "process"})
    try:
        client.get(f"/deployments/name/{_FLOW}/{_NAME}")
    except NotFoundError:
        flow = client.post("/flows/", {"name": _FLOW})
        wanted = {
            "name": _NAME,
            "flow_id": flow["id"],
            "work_pool_name": settings.pool,
            "enforce_parameter_schema": False,
        }
        _made(client, "/deployments/", wanted)


def performing(client: PrefectClient, execution: ExecutionModel) -> Performing:
    """Return by what an execution is performed. Raises as `PrefectClient.ask`."""
    found = client.get(f"/deployments/name/{_FLOW}/{_NAME}")
    return Performing(
        str(found["id"]), {"project_id": execution.project_id, "execution_id": execution.execution_id}
    )


def _made(client: PrefectClient, path: str, wanted: dict[str, object]) -> None:
    try:
        client.post(path, wanted)
    except ConflictError:  # another worker was quicker
        return
