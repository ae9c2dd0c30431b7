"""Deployments of all flows that QDash can run, updated in place because schedules belong to them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.errors import ConflictError, NotFoundError, QDashError, StoreUnavailableError
from qdash_prefect.client import PrefectUnavailableError
from qdash_prefect.forms import make_flow_parameters
from qdash_prefect.settings import DEFAULT_POOL
from qdash_prefect.startable_flows import (
    PERFORM,
    PERFORM_DEPLOYMENT,
    PLUGIN_DEPLOYMENT,
    TAG,
    find_startable_flows,
    make_deployment_document,
)

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.settings import PrefectSettings
    from qdash_prefect.startable_flows import StartableFlow

logger = logging.getLogger(__name__)

_POOL_SEPARATOR = "@"
_DELETED_VERSION = "gone"


@dataclass(frozen=True, slots=True)
class FlowRunRequest:
    """Deployment and parameters for the flow run of an execution.

    Parameters
    ----------
    parameters : dict
        Parameters of the flow run, as Prefect's interface and the hooks of the flow see them.
    has_hooks : bool
        Whether the flow may have hooks, which Prefect calls.
    """

    deployment_id: str
    parameters: dict[str, Any]
    has_hooks: bool = False


@dataclass(frozen=True, slots=True)
class RegisteredDeployments:
    """Deployments that a worker has registered.

    Parameters
    ----------
    available : dict of (str, str) to dict
        Each deployment that can be started, as the server returns it, by flow, and project or `PLUGIN_DEPLOYMENT`;
        including those of flows that only other workers have a plugin for.
    deleted : list of dict
        Deployments of deleted flows.
    """

    available: dict[tuple[str, str], Document]
    deleted: list[Document]


WrittenVersions = dict[tuple[str, str], str]
"""Versions of the deployments that this process has last written, by flow and name.

Workers of different versions, as during an upgrade, do not overwrite each other repeatedly: each writes once.
"""


def register_deployments(
    client: PrefectClient, settings: PrefectSettings, runtime: Runtime, written: WrittenVersions
) -> RegisteredDeployments:
    """Ensure that the work pool and an up-to-date deployment of each runnable flow exist.

    Unchanged deployments are not written. The deployment of a deleted flow is paused, and keeps its runs. A
    flow that cannot be registered does not prevent the others.

    `written` are the versions that this process has written; updated.

    Raises as `PrefectClient.request`, and the store.
    """
    ensure_pool(client, settings.pool)
    ours = {"work_pools": {"name": {"any_": [settings.pool]}}}
    flows = {flow["id"]: flow["name"] for flow in client.list_rows("/flows/filter", ours)}
    rows = client.list_rows("/deployments/filter", ours)
    known = {(flows.get(row["flow_id"], ""), row["name"]): row for row in rows}
    available: dict[tuple[str, str], Document] = {}
    for offer in find_startable_flows(runtime):
        found = known.pop((offer.flow, _make_deployment_name(offer.name, settings.pool)), None)
        try:
            found = _ensure_current(client, settings, runtime, offer, found, written)
        except PrefectUnavailableError as error:
            ensure_pool(client, settings.pool)  # raises unless only this flow is the reason
            _log_unregistered(offer, error)
        except StoreUnavailableError:
            raise
        except QDashError as error:
            _log_unregistered(offer, error)
        if found is not None:
            available[offer.flow, offer.name] = found
    deleted = []
    for (flow, name), row in known.items():
        if get_plain_name(name) == PLUGIN_DEPLOYMENT:
            available[flow, PLUGIN_DEPLOYMENT] = row
        elif TAG in row["tags"]:
            deleted.append(row)
            if row["version"] != _DELETED_VERSION:
                client.patch(f"/deployments/{row['id']}", {"version": _DELETED_VERSION, "paused": True})
    return RegisteredDeployments(available, deleted)


def _ensure_current(
    client: PrefectClient,
    settings: PrefectSettings,
    runtime: Runtime,
    offer: StartableFlow,
    found: Document | None,
    written: WrittenVersions,
) -> Document:
    """Return the deployment of an offer, created or updated if necessary."""
    name = _make_deployment_name(offer.name, settings.pool)
    # A deployment that was moved, or just created by another worker, must not be recreated: it
    # would lose its schedules.
    found = found or _find_deployment(client, offer.flow, name)
    if found is None:
        flow = client.post("/flows/", {"name": offer.flow})
        own = {"name": name, "flow_id": flow["id"], "enforce_parameter_schema": True}
        found = client.post("/deployments/", own | make_deployment_document(offer, settings.pool, runtime))
    else:
        lost = found["version"] == _DELETED_VERSION or found["work_pool_name"] != settings.pool
        if lost or offer.version not in (found["version"], written.get((offer.flow, name))):
            again = {"paused": False} if found["version"] == _DELETED_VERSION else {}
            client.patch(
                f"/deployments/{found['id']}",
                {**make_deployment_document(offer, settings.pool, runtime), **again},
            )
    written[offer.flow, name] = offer.version
    if offer.saved is not None and offer.saved.flow.deployment_id != found["id"]:
        offer.saved.source.record_deployment(runtime, offer.saved.flow, found["id"])
    return found


def _log_unregistered(offer: StartableFlow, error: QDashError) -> None:
    logger.warning("Prefect did not register the current version of flow %s: %s", offer.flow, error)


def resolve_flow_run_request(
    client: PrefectClient, settings: PrefectSettings, execution: ExecutionModel
) -> FlowRunRequest:
    """Return the deployment and parameters for an execution: those of its flow, if that is a Prefect flow.

    Raises as `PrefectClient.request`.
    """
    request = execution.request
    known = {"project_id": execution.project_id, "execution_id": execution.execution_id}
    found = None
    if request is not None and request.flow_version is not None:
        found = _find_deployment(
            client, request.flow, _make_deployment_name(execution.project_id, settings.pool)
        )
    if request is None or found is None or found["entrypoint"] is None:
        found = client.get(
            f"/deployments/name/{PERFORM}/{_make_deployment_name(PERFORM_DEPLOYMENT, settings.pool)}"
        )
        return FlowRunRequest(str(found["id"]), known)
    shown = make_flow_parameters(request, project_id=execution.project_id)
    return FlowRunRequest(str(found["id"]), shown | known, has_hooks=True)


def _make_deployment_name(name: str, pool: str) -> str:
    """Return the name of a deployment, which includes the pool unless that is the default one."""
    return name if pool == DEFAULT_POOL else f"{name}{_POOL_SEPARATOR}{pool}"


def get_plain_name(name: str) -> str:
    """Return the name of a deployment without its pool."""
    return name[:1] + name[1:].partition(_POOL_SEPARATOR)[0]


def _find_deployment(client: PrefectClient, flow: str, name: str) -> Document | None:
    """Return a deployment, or None if it does not exist."""
    try:
        found: Document = client.get(f"/deployments/name/{flow}/{name}")
    except NotFoundError:
        return None
    return found


def ensure_pool(client: PrefectClient, pool: str) -> None:
    """Ensure that the work pool exists. Raises as `PrefectClient.request`."""
    try:
        client.get(f"/work_pools/{pool}")
    except NotFoundError:
        try:
            client.post("/work_pools/", {"name": pool, "type": "process"})
        except ConflictError:
            return  # another worker was faster
