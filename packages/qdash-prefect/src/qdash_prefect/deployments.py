"""Deployments: what Prefect knows of what QDash can perform. They are changed, never made anew: schedules hang on them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.errors import ConflictError, NotFoundError, QDashError, StoreUnavailableError
from qdash_prefect.client import PrefectAwayError
from qdash_prefect.forms import parameters_of
from qdash_prefect.offers import OF_PLUGINS, PERFORM, PERFORMING, TAG, document_of, offers
from qdash_prefect.settings import DEFAULT_POOL

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.offers import Offer
    from qdash_prefect.settings import PrefectSettings

logger = logging.getLogger(__name__)

_AT = "@"
_GONE = "gone"


@dataclass(frozen=True, slots=True)
class Performing:
    """By what an execution is performed.

    Parameters
    ----------
    deployment_id : str
        A deployment.
    parameters : dict
        Of the flow run: what Prefect's page and the hooks of the flow see.
    hooked : bool
        Whether the flow may have hooks, which Prefect calls.
    """

    deployment_id: str
    parameters: dict[str, Any]
    hooked: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """What is there.

    Parameters
    ----------
    there : dict of (str, str) to dict
        Each deployment that can be started as the server has it, by its flow, and the project or `OF_PLUGINS`; also of flows
        that only other workers have a plugin for.
    gone : list of dict
        Deployments of saved flows that are gone.
    """

    there: dict[tuple[str, str], Document]
    gone: list[Document]


Stood = dict[tuple[str, str], str]
"""What this process has last stood for: versions of deployments, by flow and name.

Workers of different versions, as in an upgrade, do not undo each other again and again: each has its say once.
"""


def register(client: PrefectClient, settings: PrefectSettings, runtime: Runtime, stood: Stood) -> Registered:
    """See to it that there are the work pool, and a deployment as it should be of whatever can be started.

    What has not changed is not written. Of a saved flow that is gone, the deployment is paused: its runs stay what they are.
    A flow that cannot be registered holds up no other.

    Parameters
    ----------
    stood : dict
        Of this process; changed.

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
    for offer in offers(runtime):
        found = known.pop((offer.flow, _in_pool(offer.name, settings.pool)), None)
        try:
            found = _as_it_should_be(client, settings, runtime, offer, found, stood)
        except PrefectAwayError as error:
            ensure_pool(client, settings.pool)  # raises unless it is this flow alone
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
    return Registered(there, gone)


def _as_it_should_be(
    client: PrefectClient,
    settings: PrefectSettings,
    runtime: Runtime,
    offer: Offer,
    found: Document | None,
    stood: Stood,
) -> Document:
    """Return the deployment of what is offered; it is made, or changed, where that has to be."""
    name = _in_pool(offer.name, settings.pool)
    # One that somebody has moved, or another worker has just made, must not be made again: that takes its schedules.
    found = found or _named(client, offer.flow, name)
    if found is None:
        flow = client.post("/flows/", {"name": offer.flow})
        own = {"name": name, "flow_id": flow["id"], "enforce_parameter_schema": True}
        found = client.post("/deployments/", own | document_of(offer, settings.pool, runtime))
    else:
        lost = found["version"] == _GONE or found["work_pool_name"] != settings.pool
        if lost or offer.version not in (found["version"], stood.get((offer.flow, name))):
            again = {"paused": False} if found["version"] == _GONE else {}
            client.patch(
                f"/deployments/{found['id']}", {**document_of(offer, settings.pool, runtime), **again}
            )
    stood[offer.flow, name] = offer.version
    return found


def _warn(offer: Offer, error: QDashError) -> None:
    logger.warning("flow %s is not known to Prefect as it is: %s", offer.flow, error)


def performing(client: PrefectClient, settings: PrefectSettings, execution: ExecutionModel) -> Performing:
    """Return by what an execution is performed: by the deployment of its flow, if that is one of Prefect.

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
        return Performing(str(found["id"]), known)
    shown = parameters_of(request, project_id=execution.project_id)
    return Performing(str(found["id"]), shown | known, hooked=True)


def _in_pool(name: str, pool: str) -> str:
    """Return the name of a deployment; several pools of one server have their own."""
    return name if pool == DEFAULT_POOL else f"{name}{_AT}{pool}"


def plain_name(name: str) -> str:
    """Return the name of a deployment without that of its pool."""
    return name[:1] + name[1:].partition(_AT)[0]


def _named(client: PrefectClient, flow: str, name: str) -> Document | None:
    """Return a deployment, or None."""
    try:
        found: Document = client.get(f"/deployments/name/{flow}/{name}")
    except NotFoundError:
        return None
    return found


def ensure_pool(client: PrefectClient, pool: str) -> None:
    """See to it that there is the work pool. Raises as `PrefectClient.ask`."""
    try:
        client.get(f"/work_pools/{pool}")
    except NotFoundError:
        try:
            client.post("/work_pools/", {"name": pool, "type": "process"})
        except ConflictError:
            return  # another worker was quicker
