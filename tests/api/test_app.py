"""A host that runs: who comes in, what is answered, and how what cannot be is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from .conftest import Host


def test_without_a_token_only_open_paths_answer(host: Host) -> None:
    assert host.client.get("/health").json() == {"status": "alive"}
    for path in ("/chips/a", "/nothing", "/health/", "//health"):
        refused = host.client.get(path)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert refused.json()["type"] == "/problems/unauthorised"


def test_what_is_not_there_is_a_problem(viewer: TestClient) -> None:
    answer = viewer.get("/chips/a")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("there is no chip 'a'")
