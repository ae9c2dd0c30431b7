"""Cache of responses: it keeps the newest version for authorised users."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_api.routing import response_cache
from qdash_api.routing.response_cache import ResponseCache
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.metrics.feature import METRICS

from .chip_samples import make_chip
from .shared_host import clients, editor, host, project, viewer

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from .conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]

EXCLUDED = ("POST", "/chips/a/qubits/0/exclusion", {"note": "open line"}, "excluded")
EDITED = ("PATCH", "/chips/a", {"topology_id": "linear-2"}, "linear-2")


@pytest.mark.parametrize("path", ["/chips/a", "/metrics/chips/a"])
def test_an_unchanged_response_is_cached(
    host: Host, editor: TestClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    make_chip(editor)
    first, again = (editor.get(path) for _ in range(2))
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    with monkeypatch.context() as broken:
        broken.setattr(type(host.qdash.get(CHIPS)), "get_stored", None)
        broken.setattr(type(host.qdash.get(METRICS)), "get_stored", None)
        assert editor.get(path).json() == first.json()
        assert editor.get(path, headers={"x-project-id": "nothing"}).status_code == 404
        assert editor.get(path, headers={"authorization": "Bearer x"}).status_code == 401


@pytest.mark.parametrize(("method", "changed", "body", "shown"), [EXCLUDED, EDITED])
def test_a_changed_response_is_not_taken_from_the_cache(
    editor: TestClient, method: str, changed: str, body: dict[str, str], shown: str
) -> None:
    make_chip(editor)
    assert shown not in editor.get("/chips/a").text
    editor.request(method, changed, json=body).raise_for_status()
    assert shown in editor.get("/chips/a").text


def test_the_cache_keeps_one_version_of_each_response_up_to_a_size() -> None:
    kept, body = ResponseCache(), bytes(response_cache.LARGEST)
    most = response_cache.KEPT // response_cache.LARGEST
    kept.put(("p", "/huge", "1"), bytes(response_cache.LARGEST + 1))
    for version in "12":
        kept.put(("p", "/chips/0", version), body)
    for number in range(1, most):
        kept.put(("p", f"/chips/{number}", "1"), body)
    assert kept.find(("p", "/chips/0", "2")) == body
    kept.put(("p", "/small", "1"), b"{}")
    found = {
        path
        for path in ("/small", "/huge", *(f"/chips/{n}" for n in range(most)))
        if kept.find(("p", path, "1"))
    }
    assert found == {"/small", *(f"/chips/{number}" for number in range(2, most))}
    assert kept.find(("p", "/chips/0", "2")) == body
