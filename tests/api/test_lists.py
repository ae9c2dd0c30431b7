"""Number of store queries of lists, independent of the number of items."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from qdash_api.openapi import iter_operations

from .http_requests import send_request

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from .conftest import Host

THERE = {
    "chip_id": "a-0",
    "chip": "a-0",
    "cryo_id": "k-0",
    "name": "night-0",
    "project_id": "default",
    "username": "viewer",
}
ASKED = {"scope": "qubit", "target_id": "0", "q": "replaced", "target": "0", "metric": "t1"}
"""Required query parameters of lists."""
METRICS = ("t1", "t2_echo", "qubit_frequency")
FLOW = "def night(chip_id, shots: int = 1024):\n    ...\n"


def create_object(client: TestClient, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.request(method, path, json=body)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


def create_objects(client: TestClient, first: int, end: int) -> None:
    """Create one more object of each kind for each number."""
    for number in range(first, end):
        chip = f"a-{number}"
        create_object(client, "POST", "/chips", {"chip_id": chip, "topology": "linear-2"})
        create_object(client, "POST", "/tags", {"name": f"tag-{number}"})
        create_object(client, "POST", "/cryostats", {"cryo_id": f"k-{number}"})
        create_object(client, "POST", "/cooldowns", {"cooldown_id": f"cd-{number}", "cryo_id": f"k-{number}"})
        create_object(client, "POST", f"/cooldowns/cd-{number}/chips/{chip}", {})
        create_object(
            client, "PUT", f"/chips/a-0/qubits/{number % 2}/note", {"content": f"replaced {number}"}
        )
        create_object(
            client, "PUT", f"/chips/a-0/qubits/0/metric-notes/{METRICS[number]}", {"content": "a defect"}
        )
        create_object(client, "PUT", f"/flows/night-{number}", {"source": FLOW, "function": "night"})
        create_object(client, "PUT", "/flows/night-0", {"source": f"{FLOW}# {number}\n", "function": "night"})
        create_object(client, "POST", "/tokens", {"name": f"token-{number}"})
        create_object(client, "POST", "/projects", {"project_id": f"p-{number}", "name": f"another {number}"})
        run = {"chip_id": chip, "flow": "bring-up"}
        create_object(client, "POST", "/executions", run)
        nightly = {"kind": "cron", "expression": "0 2 * * *"}
        create_object(
            client, "POST", "/timetables", {"name": f"night-{number}", "request": run, "when": nightly}
        )


QUERIES_FOR_EACH = {
    "/deleted-flows?": "the newest of many versions is found by one query for each flow",
    "/executions?": "attempts of up to three unfinished runs are kept, each with what its events changed",
    "/note-events?": "the noted objects, which tell whether a note is current, are in several collections",
    "/tags/use?": "the objects with a tag are counted by the store",
}
"""Lists with queries for each item of a page."""


def list_urls(document: dict[str, Any]) -> list[str]:
    """Return the URL of every list that an owner can read."""
    found = []
    for path, method, operation in iter_operations(document):
        answered = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        name = answered.get("schema", {}).get("$ref", "").rpartition("/")[2]
        required = [one for one in operation.get("parameters", ()) if one["required"]]
        places = {one["name"] for one in required if one["in"] == "path"}
        queries = {one["name"] for one in required if one["in"] == "query"}
        is_list = {"items", "next"} == document["components"]["schemas"].get(name, {}).get(
            "properties", {}
        ).keys()
        if method == "GET" and is_list and places <= THERE.keys() and operation["x-needs"] != "administrator":
            query = "&".join(f"{one}={ASKED[one]}" for one in sorted(queries))
            found.append(f"{path.format(**THERE)}?{query}")
    return found


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.slow)])
def test_a_list_makes_no_more_queries_for_several_items_than_for_one(
    host: Host, owner: TestClient, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    asked: list[str] = []
    addresses = list_urls(document)[::every]
    token = {"authorization": owner.headers["authorization"]}
    with host.qdash.store.read() as snapshot:
        kind = type(snapshot)
    for name in ("get", "find", "load", "count"):
        monkeypatch.setattr(kind, name, count_calls(asked, name, getattr(kind, name)))

    def measured() -> dict[str, tuple[int, int]]:
        found = {}
        for address in addresses:
            asked.clear()
            path, _, query = address.partition("?")
            answer = send_request(host.client, "GET", path, token, query=query)
            assert answer.status == 200, f"{address}: {answer.text}"
            found[address] = len(asked), len(json.loads(answer.text)["items"])
        return found

    assert QUERIES_FOR_EACH.keys() <= {*list_urls(document)}
    create_objects(owner, 0, 1)
    few = measured()
    create_objects(owner, 1, 3)
    many = measured()
    assert {address for address, (n, _) in many.items() if n > few[address][0]} == {
        *QUERIES_FOR_EACH
    }.intersection(addresses)
    grown = {address for address, (_, items) in many.items() if items > few[address][1]}
    assert len(grown) > 12 / every, grown


def count_calls(asked: list[str], name: str, method: Any) -> Any:
    def called(*given: Any, **named: Any) -> Any:
        asked.append(name)
        return method(*given, **named)

    return called
