"""View model of the audit log."""

from __future__ import annotations

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime


class AuditDocument(Document):
    """A request that might have changed data, and the status of its answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 312,
                    "at": "2026-04-02T17:41:03Z",
                    "request_id": "6f1c0d8e5b1f4b0f",
                    "username": "alice",
                    "token": "night-shift",
                    "project_id": "lab",
                    "method": "PATCH",
                    "path": "/chips/Q64",
                    "address": "192.0.2.7",
                    "status": 200,
                }
            ]
        }
    )

    seq: int
    at: UtcDatetime = Field(validation_alias=AliasPath("created_at"))
    request_id: str
    username: str | None = None
    """Absent if the request was not authenticated."""
    token: str | None = None
    project_id: str | None = None
    method: str
    path: str
    address: str | None = None
    status: int | None = None
    """Absent if no answer is recorded; the change may have been made all the same."""
