"""Operations with the tag `health`, and their models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from qdash_remote.generated.operation import operation, send_request

if TYPE_CHECKING:
    from qdash_remote.generated.client import AuthenticatedClient, Client
    from qdash_remote.generated.types import Response


class HealthDocument(BaseModel):
    """Liveness of this process."""

    version: str
    """Version of QDash."""
    status: Literal["alive"] = "alive"
    revision: str | None = None
    """Commit that it was built from, if that is known."""
    date: str | None = None
    """Day of that commit; absent in a checkout."""


class ReadyDocument(BaseModel):
    """Readiness of this process."""

    status: Literal["ready"] = "ready"


@operation
def health(*, client: AuthenticatedClient | Client) -> Response[HealthDocument]:
    """Return that this process responds, and which build of QDash it runs."""
    return send_request(client, "GET", "/health", HealthDocument)


@operation
def ready(*, client: AuthenticatedClient | Client) -> Response[ReadyDocument]:
    """Return whether this process is ready: its home is readable within 2 s and no shutdown began. Else
    503."""
    return send_request(client, "GET", "/ready", ReadyDocument)
