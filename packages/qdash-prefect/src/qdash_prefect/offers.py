"""What people can start at Prefect: flows that plugins give, those that are saved, and what performs them all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER
from qdash_core.projects.flow_sources import checked_source
from qdash_core.repositories.repositories import Repositories
from qdash_prefect.forms import form_of_saved, form_of_template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.flow import FlowModel
    from qdash_core.runtime import Runtime
    from qdash_prefect.client import Document

OF_PLUGINS = "@qdash"
"""Name of the deployments of flows that plugins give; those of saved flows have that of their project, where no `@` can be."""
PERFORM, PERFORMING = "qdash-perform", "perform"
TAG = "qdash"
"""Tag of every deployment that QDash makes."""


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


def offers(runtime: Runtime) -> Iterator[Offer]:
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
            "tags": [TAG, *flow.tags],
        }
        yield Offer(flow.name, flow.project_id, shown, flow)


def _saved(runtime: Runtime) -> list[FlowModel]:
    """Return the flows of every project that are kept with their source."""
    with runtime.store.read() as snapshot:
        repositories = Repositories(snapshot)
        projects = repositories.projects.everything()
        flows = [flow for one in projects for flow in repositories.flows.of_project(one.project_id)]
    return [flow for flow in flows if flow.form is not None and flow.sha256]


def document_of(offer: Offer, pool: str, runtime: Runtime) -> Document:
    """Return the deployment of what is offered, in a work pool, as the server takes it."""
    document = {"tags": [TAG], **offer.shown, "version": offer.version, "work_pool_name": pool}
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
