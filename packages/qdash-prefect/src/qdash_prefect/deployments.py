"""Deployments: what Prefect knows of what QDash can perform. They are changed, never made anew: schedules hang on them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from qdash_core.errors import ConflictError, NotFoundError
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER
from qdash_core.projects.flow_sources import checked_source
from qdash_core.repositories.repositories import Repositories
from qdash_prefect.forms import form_of_saved, form_of_template, parameters_of
from qdash_prefect.settings import DEFAULT_POOL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.flow import FlowModel
    from qdash_core.runtime import Runtime
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.settings import PrefectSettings

OF_PLUGINS = "qdash"
"""Name of the deployments of flows that plugins give; those of saved flows have that of their project."""
PERFORM, PERFORMING = "qdash-perform", "perform"
_TAG = "qdash"
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
class Offer:
    """A flow that people can start at Prefect.

    Parameters
    ----------
    flow : str
        Its name.
    name : str
        Of the deployment.
    shown : dict
        What Prefect shows of it, and asks for.
    saved : FlowModel or None
        The flow, where somebody saved it.
    """

    flow: str
    name: str
    shown: dict[str, Any]
    saved: FlowModel | None = None

    @property
    def version(self) -> str:
        """What changes whenever anything of it does."""
        digest = sha256(json.dumps(self.shown, sort_keys=True).encode()).hexdigest()[:8]
        return digest if self.saved is None else f"{self.saved.version}-{self.saved.sha256[:8]}-{digest}"


def register(
    client: PrefectClient, settings: PrefectSettings, runtime: Runtime
) -> dict[tuple[str, str], Document]:
    """See to it that there are the work pool, and a deployment as it should be of whatever can be started.

    What has not changed is not written. Of a flow that is gone, the deployment is paused: its runs stay what they are.

    Returns
    -------
    dict of (str, str) to dict
        Each of them as the server has it, by its flow, and the project or `OF_PLUGINS`.

    Raises
    ------
    QDashError
        As `PrefectClient.ask`, and the store.
    """
    _ensure_pool(client, settings.pool)
    ours = {"work_pools": {"name": {"any_": [settings.pool]}}}
    flows = {flow["id"]: flow["name"] for flow in client.every("/flows/filter", ours)}
    rows = client.every("/deployments/filter", ours)
    known = {(flows.get(row["flow_id"]), row["name"]): row for row in rows}
    there: dict[tuple[str, str], Document] = {}
    for offer in _offers(runtime):
        name = _in_pool(offer.name, settings.pool)
        # One that somebody has moved, or another worker has just made, must not be made again: that takes its schedules.
        found = known.pop((offer.flow, name), None) or _named(client, offer.flow, name)
        if found is None:
            flow = client.post("/flows/", {"name": offer.flow})
            own = {"name": name, "flow_id": flow["id"], "enforce_parameter_schema": True}
            found = client.post("/deployments/", own | _document(offer, settings.pool, runtime))
        elif (found["version"], found["work_pool_name"]) != (offer.version, settings.pool):
            again = {"paused": False} if found["version"] == _GONE else {}
            client.patch(f"/deployments/{found['id']}", {**_document(offer, settings.pool, runtime), **again})
        there[offer.flow, offer.name] = found
    for gone in known.values():
        if _TAG in gone["tags"] and gone["version"] != _GONE:
            client.patch(f"/deployments/{gone['id']}", {"version": _GONE, "paused": True})
    return there


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


def _offers(runtime: Runtime) -> Iterator[Offer]:
    """Yield whatever can be started."""
    yield Offer(
        PERFORM,
        PERFORMING,
        {
            "description": "Performs an execution. QDash starts it: `qdash calibrate`, `qdash flow run`, ..",
            "parameter_openapi_schema": {"type": "object", "properties": {}},
        },
    )
    form = form_of_template(DEFAULT_USER, DEFAULT_PROJECT)
    for name, template in runtime.registry.flows().items():
        yield Offer(name, OF_PLUGINS, {"description": template.description, "parameter_openapi_schema": form})
    for flow in _saved(runtime):
        shown = {
            "description": flow.description,
            "parameter_openapi_schema": form_of_saved(flow),
            "tags": [_TAG, *flow.tags],
        }
        yield Offer(flow.name, flow.project_id, shown, flow)


def _saved(runtime: Runtime) -> list[FlowModel]:
    """Return the flows of every project that are kept with their source."""
    with runtime.store.read() as snapshot:
        repositories = Repositories(snapshot)
        projects = repositories.projects.everything()
        flows = [flow for one in projects for flow in repositories.flows.of_project(one.project_id)]
    return [flow for flow in flows if flow.form is not None and flow.sha256]


def _document(offer: Offer, pool: str, runtime: Runtime) -> Document:
    document = {"tags": [_TAG], **offer.shown, "version": offer.version, "work_pool_name": pool}
    if offer.saved is None:
        return {**document, "entrypoint": None, "pull_steps": None}
    return document | _loaded(offer.saved, runtime)


def _loaded(flow: FlowModel, runtime: Runtime) -> Document:
    """Return how Prefect's worker loads a flow, for its hooks; one that is not Prefect's is never loaded."""
    where = {"project_id": flow.project_id, "flow": flow.name, "version": flow.version}
    found = runtime.repositories.flow_versions.find(flow.project_id, flow.name, flow.version)
    if found is None or not _is_of_prefect(found.source, found.flow_function_name):
        return {"entrypoint": None, "pull_steps": None}
    file = flow.file_path.rpartition("/")[2]
    return {
        "entrypoint": f"{file}:{flow.flow_function_name}",
        "pull_steps": [{"qdash_prefect.flows.laid_down": where}],
    }


@lru_cache(maxsize=256)
def _is_of_prefect(source: str, function: str) -> bool:
    return checked_source(source, function).of_prefect


def _in_pool(name: str, pool: str) -> str:
    """Return the name of a deployment; several pools of one server have their own."""
    return name if pool == DEFAULT_POOL else f"{name}{_AT}{pool}"


def plain_name(name: str) -> str:
    """Return the name of a deployment without that of its pool."""
    return name.partition(_AT)[0]


def _named(client: PrefectClient, flow: str, name: str) -> Document | None:
    """Return a deployment, or None."""
    try:
        found: Document = client.get(f"/deployments/name/{flow}/{name}")
    except NotFoundError:
        return None
    return found


def _ensure_pool(client: PrefectClient, pool: str) -> None:
    try:
        client.get(f"/work_pools/{pool}")
    except NotFoundError:
        try:
            client.post("/work_pools/", {"name": pool, "type": "process"})
        except ConflictError:
            return  # another worker was quicker
