"""Fake Prefect server that records requests and returns given responses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from qdash_prefect.client import PrefectClient
from qdash_prefect.settings import PrefectSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = tuple[int, Any]


@dataclass
class FakeServer:
    """Responds 200 and null unless `answers` has another response, by method and path."""

    answers: dict[tuple[str, str], Callable[[Any], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    away: bool = False

    def client(self) -> PrefectClient:
        """Return a client of it."""
        return PrefectClient(PrefectSettings(), transport=httpx.MockTransport(self._answer))

    def bodies(self, path: str) -> list[Any]:
        """Return the bodies posted to a path."""
        return [body for method, where, body in self.asked if method == "POST" and where == path]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody answers")
        path = request.url.path.removeprefix("/api")
        body = json.loads(request.content) if request.content else None
        self.asked.append((request.method, path, body))
        answer = self.answers.get((request.method, path))
        status, document = (200, None) if answer is None else answer(body)
        return httpx.Response(status, json=document)
