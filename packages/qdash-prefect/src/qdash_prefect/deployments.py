"""Deployments of all that QDash can perform. They are updated in place, as schedules belong to them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.errors import ConflictError, NotFoundError, QDashError, StoreUnavailableError
from qdash_prefect.client import PrefectAwayError
from qdash_prefect.forms import parameters_of
from qdash_prefect.settings import DEFAULT_POOL
from qdash_prefect.startable_flows import (
    OF_PLUGINS,
    PERFORM,
    PERFORMING,
    TAG,
    deployment_document,
    find_startable_flows,
)

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.settings import PrefectSettings
    from qdash_prefect.startable_flows import StartableFlow

logger = logging.getLogger(__name__)

_AT = "@"
_GONE = "gone"


@dataclass(frozen=True, slots=True)
class FlowRunRequest:
    """Deployment and parameters for the flow run of an execution.

    Parameters
    ----------
    deployment_id : str
        Id of the deployment.
    parameters : dict
        Parameters of the flow run, as Prefect's interface and the hooks of the flow see them.
    hooked : bool
        Whether the flow may have hooks, which Prefect calls.
    """

    deployment_id: str
    parameters: dict[str, Any]
    hooked: bool = False


@dataclass(frozen=True, slots=True)
class RegisteredDeployments:
    """Registered deployments.

    Parameters
    ----------
    there : dict of (str, str) to dict
        Each deployment that can be started, as the server returns it, by flow, and project or `OF_PLUGINS`;
        including those of flows that only other workers have a plugin for.
    gone : list of dict
        Deployments of deleted flows.
    """

    there: dict[tuple[str, str], Document]
    gone: list[Document]


WrittenVersions = dict[tuple[str, str], str]
"""Versions of the deployments that this process has last written, by flow and name.

Workers of different versions, as during an upgrade, do not overwrite each other repeatedly: each writes once.
"""


def register(
    client: PrefectClient, settings: PrefectSettings, runtime: Runtime, stood: WrittenVersions
) -> RegisteredDeployments:
    """Make sure that the work pool and an up-to-date deployment of each runnable flow exist.

    Unchanged deployments are not written. The deployment of a deleted flow is paused, and keeps its runs. A
    flow that cannot be registered does not prevent the others.

    Parameters
    ----------
    stood : dict
        Versions that this process has written; updated.

    Raises
    ------
    QDashError
        As `PrefectClient.ask`, and the store.
    """
    ensure_pool(client, settings.pool)
    ours = {"work_pools": {"name": {"any_": [settings.pool]}}}
    flows = {flow["id"]: flow["name"] for flow in client.every("/flows/filter", ours)}
    rows = client.every("/deployments/filter", ours)
    known = {(flows.get(row["flow_id"], ""), row["name"]): row for row in rows}
    there: dict[tuple[str, str], Document] = {}
    for offer in find_startable_flows(runtime):
        found = known.pop((offer.flow, _in_pool(offer.name, settings.pool)), None)
        try:
            found = _ensure_current(client, settings, runtime, offer, found, stood)
        except PrefectAwayError as error:
            ensure_pool(client, settings.pool)  # raises unless only this flow is the reason
            _warn(offer, error)
        except StoreUnavailableError:
            raise
        except QDashError as error:
            _warn(offer, error)
        if found is not None:
            there[offer.flow, offer.name] = found
    gone = []
    for (flow, name), row in known.items():
        if plain_name(name) == OF_PLUGINS:
            there[flow, OF_PLUGINS] = row
        elif TAG in row["tags"]:
            gone.append(row)
            if row["version"] != _GONE:
                client.patch(f"/deployments/{row['id']}", {"version": _GONE, "paused": True})
    return RegisteredDeployments(there, gone)


def _ensure_current(
    client: PrefectClient,
    settings: PrefectSettings,
    runtime: Runtime,
    offer: StartableFlow,
    found: Document | None,
    stood: WrittenVersions,
) -> Document:
    """Return the deployment of an offer, created or updated if necessary."""
    name = _in_pool(offer.name, settings.pool)
    # A deployment that was moved, or just created by another worker, must not be recreated: it
    # would lose its schedules.
    found = found or _named(client, offer.flow, name)
    if found is None:
        flow = client.post("/flows/", {"name": offer.flow})
        own = {"name": name, "flow_id": flow["id"], "enforce_parameter_schema": True}
        found = client.post("/deployments/", own | deployment_document(offer, settings.pool, runtime))
    else:
        lost = found["version"] == _GONE or found["work_pool_name"] != settings.pool
        if lost or offer.version not in (found["version"], stood.get((offer.flow, name))):
            again = {"paused": False} if found["version"] == _GONE else {}
            client.patch(
                f"/deployments/{found['id']}", {**deployment_document(offer, settings.pool, runtime), **again}
            )
    stood[offer.flow, name] = offer.version
    return found


def _warn(offer: StartableFlow, error: QDashError) -> None:
    logger.warning("flow %s is not known to Prefect as it is: %s", offer.flow, error)


def resolve_flow_run_request(
    client: PrefectClient, settings: PrefectSettings, execution: ExecutionModel
) -> FlowRunRequest:
    """Return the deployment and parameters for an execution: those of its flow, if that is a Prefect flow.

    Raises
    ------
    QDashError
        As `PrefectClient.ask`.
    """
    request = execution.request
    known = {"project_id": execution.project_id, "execution_id": execution.execution_id}
    found = None
    if request is not None and request.flow_version is not None:
        found = _named(client, request.flow, _in_pool(execution.project_id, settings.pool))
    if request is None or found is None or found["entrypoint"] is None:
        found = client.get(f"/deployments/name/{PERFORM}/{_in_pool(PERFORMING, settings.pool)}")
        return FlowRunRequest(str(found["id"]), known)
    shown = parameters_of(request, project_id=execution.project_id)
    return FlowRunRequest(str(found["id"]), shown | known, hooked=True)


def _in_pool(name: str, pool: str) -> str:
    """Return the name of a deployment, which includes the pool unless that is the default one."""
    return name if pool == DEFAULT_POOL else f"{name}{_AT}{pool}"


def plain_name(name: str) -> str:
    """Return the name of a deployment without its pool."""
    return name[:1] + name[1:].partition(_AT)[0]


def _named(client: PrefectClient, flow: str, name: str) -> Document | None:
    """Return a deployment, or None if it does not exist."""
    try:
        found: Document = client.get(f"/deployments/name/{flow}/{name}")
    except NotFoundError:
        return None
    return found


def ensure_pool(client: PrefectClient, pool: str) -> None:
    """Make sure that the work pool exists. Raises as `PrefectClient.ask`."""
    try:
        client.get(f"/work_pools/{pool}")
    except NotFoundError:
        try:
            client.post("/work_pools/", {"name": pool, "type": "process"})
        except ConflictError:
            return  # another worker was faster
