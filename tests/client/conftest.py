"""A host in this process, and connections to a host with given responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from qdash_remote import connect

from ..api.conftest import (
    administrator,
    document,
    editor,
    host,
    imported_routes,
    owner,
    registry,
    settings,
    viewer,
)

if TYPE_CHECKING:
    from qdash_remote import Connection

__all__ = [
    "administrator",
    "answering",
    "document",
    "editor",
    "host",
    "imported_routes",
    "owner",
    "registry",
    "settings",
    "viewer",
]


def answering(*answers: httpx.Response | Exception) -> tuple[Connection, list[httpx.Request]]:
    """Return a connection to a host with these responses, and the list of its requests."""
    asked: list[httpx.Request] = []
    waiting = iter(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = next(waiting)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return connect("http://host", "secret", "q", transport=httpx.MockTransport(handle)), asked
