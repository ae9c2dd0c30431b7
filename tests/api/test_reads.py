"""Read requests: they write nothing, and work while another process locks the store."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from qdash_api.openapi import iter_operations
from qdash_core.errors import StoreUnavailableError

from ..lazy_modules import LazyModule
from .http_requests import send_request
from .test_lists import ASKED, FLOW, THERE, create_objects

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from .conftest import Host

jsonschema_rs = LazyModule("jsonschema_rs")
"""Validator of the tests by random requests."""

ALL = {
    **THERE,
    "qid": "0",
    "coupling_id": "0-1",
    "metric_key": "t1",
    "entry_id": "1",
    "cooldown_id": "cd-0",
}
QUERIES = {**ASKED, "task": "CheckT1", "kind": "qubits"}
READING_POSTS = {
    "/plans": {"chip_id": "a-0", "flow": "bring-up"},
    "/flows/validate": {"source": FLOW, "function": "night"},
}


def list_reads(document: dict[str, Any], there: dict[str, str]) -> list[str]:
    """Return the URL of every read operation, with existing names where known."""
    found = []
    for path, method, operation in iter_operations(document):
        if method != "GET" or path == "/events":
            continue
        required = [one for one in operation.get("parameters", ()) if one["required"]]
        places = {one["name"]: there.get(one["name"], "x") for one in required if one["in"] == "path"}
        queries = {one["name"]: QUERIES.get(one["name"], "x") for one in required if one["in"] == "query"}
        found.append(
            f"{path.format(**places)}?{'&'.join(f'{name}={value}' for name, value in queries.items())}"
        )
    return found


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_no_read_begins_a_transaction(
    host: Host,
    administrator: TestClient,
    document: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    every: int,
) -> None:
    create_objects(administrator, 0, 1)
    [run] = administrator.get("/executions").json()["items"]
    written: list[str] = []
    now = ""

    def refused(*_: object, **__: object) -> None:
        if threading.current_thread().name != "qdash-last-use":
            written.append(now)
        raise StoreUnavailableError("it is locked")

    monkeypatch.setattr(host.qdash.store, "transaction", refused)
    statuses, token = [], {"authorization": administrator.headers["authorization"]}
    for now in list_reads(document, {**ALL, "execution_id": run["execution_id"]})[::every]:
        path, _, query = now.partition("?")
        statuses.append(send_request(host.client, "GET", path, token, query=query).status)
        send_request(host.client, "GET", path, query=query)
    for now, body in READING_POSTS.items():
        statuses.append(administrator.post(now, json=body).status_code)
    assert written == []
    assert statuses.count(200) > 50 / every


@contextmanager
def lock_store(host: Host) -> Iterator[None]:
    """Hold the write lock of the store with another connection."""
    path = host.qdash.settings.store_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_write_to_a_locked_store_is_refused_soon_and_writes_nothing(
    host: Host, administrator: TestClient
) -> None:
    host.qdash.store.write_wait_s = 0.05
    with lock_store(host):
        refused = administrator.post("/tags", json={"name": "cold"})
        login = host.client.post("/auth/login", json={"username": "admin", "password": "wrong"})
        assert administrator.get("/chips").status_code == 200
    for answer in (refused, login):
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/store-unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert "nothing was written" in answer.json()["detail"]
    assert administrator.get("/tags").json()["items"] == []
    assert administrator.get("/audit").json()["items"] == []
    assert administrator.post("/tags", json={"name": "cold"}).status_code == 200


def test_answers_of_reads_match_the_openapi_document(
    host: Host, administrator: TestClient, document: dict[str, Any]
) -> None:
    """Read one object of each kind; `test_schema_holds` sends random requests."""
    create_objects(administrator, 0, 1)
    checked = 0
    for path, method, operation in islice(iter_operations(document), 0, None, 3):
        content = operation["responses"].get("200", {}).get("content", {}).get("application/json")
        if method != "GET" or not content or path == "/events":
            continue
        [url] = list_reads({**document, "paths": {path: {"get": operation}}}, ALL)
        answer = administrator.get(url)
        if answer.status_code == 200:
            schema = {**content["schema"], "components": document["components"]}
            assert not list(jsonschema_rs.validator_for(schema).iter_errors(answer.json())), url
            checked += 1
    assert checked > 12
