"""Malicious values that generators of requests miss: each is refused with a message or accepted, and never
breaks the host.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from qdash_api.openapi import iter_operations

from .http_requests import send_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from httpx import Response

    from .conftest import Host

METHODS = ("BREW", "get", "QUERY", "PROPFIND", "TRACE", "CONNECT", "X" * 200)
CURSORS = (
    "",
    "0",
    "-1",
    "x",
    "%00",
    "bnVsbA",
    "W10",
    "WzFd",
    "W251bGwsbnVsbF0",
    "eyJhIjoxfQ",
    "\ud7ff",
    "a" * 2000,
)
"""Some are Base64 of `null`, `[]`, `[1]`, `[null,null]` and `{"a":1}`."""
LIMITS = ("0", "-1", "1.5", "1e3", "NaN", "9" * 400, "٣", "0x10", "")
MOMENTS = (
    "0", "0.5", "-1", "1e9", "1e400", "NaN", "20261121", "2026", "2026-11-21", "2026-11-21T06:14:25", "2026-02-30T00:00:00Z",
    "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", "2026-11-21T25:00:00Z", "now", "2026-11-21\x00T06:14:25Z",
)  # fmt: skip
JSON = (
    "NaN", "Infinity", "-1e400", "9" * 400, '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"\u202e"', "[[[[]]]]",
    '{"": {}}', "null", "true", '"' + "x" * 5000 + '"', "[" * 5000 + "]" * 5000, '"0001-01-01T00:00:00+23:00"',
)  # fmt: skip
"""JSON values, as they occur in a body."""
SOURCES = (
    "def f(x: Literal[b'\\xff']): ...", "def f(x: Literal[...]): ...", "def f(x: Literal['\\ud800']): ...",
    "def f(x: Literal[1e999]): ...", "def f():\n    '\\ud800'\n", "def f(a: " + "int|" * 300 + "int): ...",
    "def f(a=" + "-" * 3000 + "1): ...", "def f(a: " + "list[" * 150 + "int" + "]" * 150 + "): ...", "\x00", "def f(\x0c): ...",
    "def \ufb01(): ...", "def f(a: int = 0x" + "f" * 5000 + "): ...",
)  # fmt: skip
"""Sources of flows, whose signatures become forms."""
THERE = {
    "chip_id": "a",
    "chip": "a",
    "qid": "0",
    "coupling_id": "0-1",
    "kind": "qubits",
    "project_id": "default",
}
NOT_ASKED = {"log_out", "leave_project", "follow_events", "upload_flow"}


@pytest.fixture
def chip(editor: TestClient) -> None:
    assert editor.post("/plugins/fake/twins", json={"chip_id": "a", "device": "linear-2"}).is_success


def fill_path(path: str) -> str:
    names = {name: THERE.get(name, "nothing") for name in _list_names(path)}
    return path.format(**names)


def _list_names(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def list_queries(document: dict[str, Any], name: str) -> list[tuple[str, dict[str, str]]]:
    """Return the URL of every operation with such a query parameter, and its other required parameters."""
    needed = {
        "scope": "qubit",
        "target_id": "0",
        "q": "cold",
        "target": "0",
        "metric": "t1",
        "task": "CheckT1",
        "to": "12h",
        "before": "12h",
        "first": "friday",
        "path": "a.yaml",
    }
    return [
        (
            fill_path(path),
            {one["name"]: needed[one["name"]] for one in given if one["required"] and one["in"] == "query"},
        )
        for path, method, operation in iter_operations(document)
        if method == "GET"
        and operation["x-needs"] in ("viewer", "self")
        and operation["operationId"] not in NOT_ASKED
        for given in [operation.get("parameters", [])]
        if any(
            one["name"] == name and (name != "since" or "date-time" in str(one["schema"])) for one in given
        )
    ]


def is_readable(answer: Response) -> bool:
    """Return whether a response is a success or a problem of the caller."""
    if answer.is_success:
        return True
    return answer.status_code < 500 and answer.headers["content-type"] == "application/problem+json"


def test_unknown_methods_are_refused_and_counted_under_one_label(host: Host, editor: TestClient) -> None:
    known = {"authorization": editor.headers["authorization"]}
    assert {send_request(host.client, method, "/chips", known).status for method in METHODS} == {405}
    assert {send_request(host.client, method, "/chips").status for method in METHODS} == {401}
    counted = editor.get("/prometheus").text
    assert not [method for method in METHODS if f'method="{method}"' in counted and method != "TRACE"]


@pytest.mark.usefixtures("chip")
@pytest.mark.parametrize(
    ("name", "values", "least", "every"),
    [
        ("since", MOMENTS, 4, 1),
        *(
            pytest.param(name, values, 12, every, marks=[pytest.mark.slow] if every == 1 else [])
            for name, values in (("limit", LIMITS), ("after", CURSORS))
            for every in (4, 1)
        ),
    ],
)
def test_invalid_queries_are_refused(
    editor: TestClient,
    document: dict[str, Any],
    name: str,
    values: tuple[str, ...],
    least: int,
    every: int,
) -> None:
    lists = list_queries(document, name)
    assert len(lists) >= least
    for place, (path, needed) in enumerate(lists[::every]):
        others = {"until": "2026-11-21T06:14:25Z"} if name == "since" else {}
        for value in values if place == 0 else values[place % len(values) :][:1]:
            answer = editor.get(path, params={**needed, **others, name: value})
            allowed = {422} if name == "since" else {200, 404, 422}
            assert answer.status_code in allowed, (path, value, answer.text)
            assert is_readable(answer), (path, value)


def iter_bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and example body of every operation with a JSON body."""
    for path, method, operation in iter_operations(document):
        taken = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if taken is None or operation["operationId"] in NOT_ASKED or operation["x-needs"] == "open":
            continue
        name = taken["schema"].get("$ref", "").rpartition("/")[2]
        (example, *_) = document["components"]["schemas"][name].get("examples", [{}]) if name else [{}]
        yield method, fill_path(path), example


def send_query(client: TestClient, method: str, path: str, body: str) -> Response:
    sent = body.encode("utf-8", errors="surrogatepass")
    return client.request(method, path, content=sent, headers={"content-type": "application/json"})


def send_broken_bodies(client: TestClient, document: dict[str, Any], every: int) -> list[str]:
    """Put each value into each field of each body, or into a subset of the fields, and return the failures."""
    found, number = [], 0
    for method, path, example in iter_bodies(document):
        for field in example:
            for value in JSON:
                number += 1
                if number % every == 0:
                    written = json.dumps(example | {field: "HERE"}).replace('"HERE"', value)
                    answer = send_query(client, method, path, written)
                    if not is_readable(answer):
                        found.append(f"{method} {path} {field}={value[:40]}: {answer.status_code}")
    assert number > 1000, number
    return found


@pytest.mark.usefixtures("chip")
def test_invalid_bodies_cause_no_server_error(editor: TestClient, document: dict[str, Any]) -> None:
    assert send_broken_bodies(editor, document, every=73) == []


@pytest.mark.parametrize(
    "every", [pytest.param(13, marks=pytest.mark.slow), pytest.param(1, marks=pytest.mark.release)]
)
@pytest.mark.usefixtures("chip")
def test_no_invalid_body_causes_a_server_error(
    editor: TestClient, document: dict[str, Any], every: int
) -> None:
    assert send_broken_bodies(editor, document, every=every) == []


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param(SOURCES[2::4], id="some"),
        pytest.param(SOURCES, id="all", marks=pytest.mark.slow),
    ],
)
def test_sources_with_unprintable_characters_are_refused_or_shown(
    editor: TestClient, sources: tuple[str, ...]
) -> None:
    checked, saved = ("POST", "/flows/validate"), ("PUT", "/flows/nasty")
    for place, source in enumerate(sources):
        body = json.dumps({"source": source})
        for method, path in (
            (checked, saved) if place < len(sources) // 3 else (checked,)
        ):  # each is imported in its own process
            answer = send_query(editor, method, path, body)
            assert is_readable(answer), (source[:60], answer.text)
            json.loads(answer.text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_an_invalid_path_is_refused(editor: TestClient) -> None:
    for part in ("%00", "%ed%a0%80", "%ff", "a%0a", "..%2f..", "%20", "9" * 1000, "%F0%9F%A7%8A" * 100):
        answer = editor.get(f"/chips/{part}")
        assert answer.status_code in (404, 422), part
        assert is_readable(answer), part
