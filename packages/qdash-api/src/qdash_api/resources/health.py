"""Whether the host answers, and whether it can serve."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict
from starlette.responses import Response

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.routes import Routes
from qdash_api.problems import problem, respond
from qdash_core.documents.base import Document

routes = Routes("health")


class HealthDocument(Document):
    """This process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "alive"}]})

    status: Literal["alive"] = "alive"


class ReadyDocument(Document):
    """This process serves."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ready"}]})

    status: Literal["ready"] = "ready"


@routes.get("/health", needs=Needs.OPEN, answers=HealthDocument)
async def health(_call: Call) -> HealthDocument:
    """Whether this process answers."""
    return HealthDocument()


@routes.get("/ready", needs=Needs.OPEN, answers=ReadyDocument)
async def ready(call: Call) -> ReadyDocument | Response:
    """Whether this process serves: its store answers within two seconds, and it does not end. Otherwise 503."""
    state = call.request.app.state
    if state.hub.closed:
        return respond(problem(503, "this host ends", kind="ending"), call.request_id)
    if not await state.readiness.store_answers():
        return respond(problem(503, "the store does not answer", kind="store-unavailable"), call.request_id)
    return ReadyDocument()
