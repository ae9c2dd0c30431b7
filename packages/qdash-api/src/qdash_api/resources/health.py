"""Whether the host answers."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from qdash_api.guarding.call import Call
from qdash_api.guarding.needs import Needs
from qdash_api.guarding.routes import Routes
from qdash_core.documents.base import Document

routes = Routes("health")


class HealthDocument(Document):
    """This process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "alive"}]})

    status: Literal["alive"] = "alive"


@routes.get("/health", needs=Needs.OPEN, answers=HealthDocument)
def health(_call: Call) -> HealthDocument:
    """Whether this process answers."""
    return HealthDocument()
