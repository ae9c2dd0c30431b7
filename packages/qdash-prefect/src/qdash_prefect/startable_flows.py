"""Flows that users can start in Prefect: flows of plugins, and saved flows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from qdash_core.flows.user_flow_source import SavedFlow, SavedFlowSource, iter_saved_flow_sources
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER
from qdash_prefect.forms import make_saved_flow_form, make_template_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.runtime.runtime import Runtime
    from qdash_prefect.client import Document

PLUGIN_DEPLOYMENT = "@qdash"
"""Name of the deployments of plugin flows; those of saved flows are named by their project, without `@`."""
PERFORM, PERFORM_DEPLOYMENT = "qdash-perform", "perform"
TAG = "qdash"
"""Tag of every deployment of QDash."""


class Saved(NamedTuple):
    """Saved flow with its source."""

    flow: SavedFlow
    source: SavedFlowSource


@dataclass(frozen=True, slots=True)
class StartableFlow:
    """Flow that users can start in Prefect, with the name of its deployment; `saved` is None for one of a plugin.

    `shown` has description and parameter schema for Prefect.
    """

    flow: str
    name: str
    shown: dict[str, Any]
    saved: Saved | None = None

    @property
    def version(self) -> str:
        """Version, which changes with any property of the flow."""
        digest = sha256(json.dumps(self.shown, sort_keys=True).encode()).hexdigest()[:8]
        if self.saved is None:
            return digest
        return f"{self.saved.flow.version}-{self.saved.flow.sha256[:8]}-{digest}"


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
    for source in iter_saved_flow_sources(runtime):
        for flow in source.list_saved(runtime):
            shown = {
                "description": flow.description,
                "parameter_openapi_schema": make_saved_flow_form(flow),
                "tags": [TAG, *flow.tags],
            }
            yield StartableFlow(flow.name, flow.project_id, shown, Saved(flow, source))


def make_deployment_document(offer: StartableFlow, pool: str, runtime: Runtime) -> Document:
    """Return the deployment of a flow in a work pool, as the server accepts it."""
    document = {"tags": [TAG], **offer.shown, "version": offer.version, "work_pool_name": pool}
    if offer.saved is None:
        return {**document, "entrypoint": None, "pull_steps": None}
    return document | _describe_loading(offer.saved, runtime)


def _describe_loading(saved: Saved, runtime: Runtime) -> Document:
    """Return how Prefect's worker loads a Prefect flow for its hooks; others are never loaded."""
    flow = saved.flow
    entrypoint = saved.source.find_decorated(runtime, flow)
    if entrypoint is None:
        return {"entrypoint": None, "pull_steps": None}
    arguments = {"project_id": flow.project_id, "flow": flow.name, "version": flow.version}
    return {
        "entrypoint": entrypoint,
        "pull_steps": [{"qdash_prefect.flows.write_flow_source": arguments}],
    }
