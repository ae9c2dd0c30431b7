"""Flows that users can start in Prefect: flows of plugins, and saved flows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from qdash_builtin.flows.flow_sources import check_source
from qdash_builtin.flows.repository import FlowRepository, FlowVersionRepository
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories
from qdash_prefect.forms import make_saved_flow_form, make_template_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.flows.model import FlowModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_prefect.client import Document

PLUGIN_DEPLOYMENT = "@qdash"
"""Name of the deployments of plugin flows; those of saved flows are named by their project, without `@`."""
PERFORM, PERFORM_DEPLOYMENT = "qdash-perform", "perform"
TAG = "qdash"
"""Tag of every deployment of QDash."""


@dataclass(frozen=True, slots=True)
class StartableFlow:
    """Flow that users can start in Prefect.

    Parameters
    ----------
    flow : str
        Name of the flow.
    name : str
        Name of the deployment.
    shown : dict
        Description and parameter schema for Prefect.
    saved : FlowModel or None
        Saved flow, or None for one of a plugin.
    """

    flow: str
    name: str
    shown: dict[str, Any]
    saved: FlowModel | None = None

    @property
    def version(self) -> str:
        """Version, which changes with any property of the flow."""
        digest = sha256(json.dumps(self.shown, sort_keys=True).encode()).hexdigest()[:8]
        return digest if self.saved is None else f"{self.saved.version}-{self.saved.sha256[:8]}-{digest}"


def find_startable_flows(runtime: Runtime) -> Iterator[StartableFlow]:
    """Yield all flows that users can start."""
    yield StartableFlow(
        PERFORM,
        PERFORM_DEPLOYMENT,
        {
            "description": "Performs an execution. Only QDash starts it, for example by `qdash calibrate`.",
            "parameter_openapi_schema": {"type": "object", "properties": {}},
        },
    )
    form = make_template_form(DEFAULT_USER, DEFAULT_PROJECT)
    for name, template in runtime.registry.flows().items():
        yield StartableFlow(
            name, PLUGIN_DEPLOYMENT, {"description": template.description, "parameter_openapi_schema": form}
        )
    for flow in _list_saved_flows(runtime):
        shown = {
            "description": flow.description,
            "parameter_openapi_schema": make_saved_flow_form(flow),
            "tags": [TAG, *flow.tags],
        }
        yield StartableFlow(flow.name, flow.project_id, shown, flow)


def _list_saved_flows(runtime: Runtime) -> list[FlowModel]:
    """Return the saved flows of every project."""
    with runtime.store.read() as snapshot:
        repositories = Repositories(snapshot)
        projects = repositories.of(ProjectRepository).list_all()
        flows = [
            flow
            for one in projects
            for flow in repositories.of(FlowRepository).list_by_project(one.project_id)
        ]
    return [flow for flow in flows if flow.form is not None and flow.sha256]


def make_deployment_document(offer: StartableFlow, pool: str, runtime: Runtime) -> Document:
    """Return the deployment of a flow in a work pool, as the server accepts it."""
    document = {"tags": [TAG], **offer.shown, "version": offer.version, "work_pool_name": pool}
    if offer.saved is None:
        return {**document, "entrypoint": None, "pull_steps": None}
    return document | _describe_loading(offer.saved, runtime)


def _describe_loading(flow: FlowModel, runtime: Runtime) -> Document:
    """Return how Prefect's worker loads a Prefect flow for its hooks.

    Other flows are never loaded.
    """
    arguments = {"project_id": flow.project_id, "flow": flow.name, "version": flow.version}
    found = runtime.repositories.of(FlowVersionRepository).find(flow.project_id, flow.name, flow.version)
    if found is None or not _is_prefect_flow(found.source, found.flow_function_name):
        return {"entrypoint": None, "pull_steps": None}
    file = flow.file_path.rpartition("/")[2]
    return {
        "entrypoint": f"{file}:{flow.flow_function_name}",
        "pull_steps": [{"qdash_prefect.flows.write_flow_source": arguments}],
    }


@lru_cache(maxsize=256)
def _is_prefect_flow(source: str, function: str) -> bool:
    return check_source(source, function).of_prefect
