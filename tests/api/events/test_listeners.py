"""Access to the event stream, and its end, on a host in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from anyio import create_task_group, fail_after

from qdash_api.events.hub import StreamTiming
from qdash_builtin.people.feature import MEMBERS, TOKENS
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER

from .sse_client import PATIENCE_S, Client

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..conftest import Host


def collect_messages(host: Host, token: str, then: Callable[[], object]) -> list[Any]:
    """Listen with a token, act after the start of the stream, and return all messages until its end."""

    async def scene() -> list[Any]:
        client = Client()
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/events",
            "raw_path": b"/events",
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {token}".encode())],
            "app": host.app,
        }
        with fail_after(PATIENCE_S):
            async with create_task_group() as group:
                group.start_soon(host.app, scope, client.receive, client.send)
                await client.read_next()
                then()
        return [told for told in client.told if not told.comment]

    assert host.client.portal is not None
    return host.client.portal.call(scene)


@pytest.mark.parametrize("what", ["token", "membership"])
def test_a_stream_ends_soon_after_its_token_or_membership_is_revoked(host: Host, what: str) -> None:
    host.app.state.hub.timing = StreamTiming(access_check_s=0.02)
    token = host.token("viewer")

    def revoke() -> None:
        if what == "token":
            host.qdash.get(TOKENS).revoke("viewer", "of-admin", by=DEFAULT_USER)
        else:
            host.qdash.get(MEMBERS).revoke(host.qdash.access(DEFAULT_USER), "viewer")

    (end,) = collect_messages(host, token, revoke)
    assert end.kind == "end"
    assert {"token": "no longer valid", "membership": "viewer"}[what] in end.data["reason"]
    headers = {"authorization": f"Bearer {token}", "x-project-id": DEFAULT_PROJECT}
    assert host.client.get("/events", headers=headers).status_code in (401, 403, 404)
