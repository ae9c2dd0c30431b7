"""Expensive bodies: refused at once, while the host continues."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ..case_tables import each_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.testclient import TestClient

YAML = {
    "nested lists": ("[" * 40_000 + "]" * 40_000, "levels deep"),  # JSON as well
    "nested block lists": ("- " * 30_000, "nested more than 50 levels deep"),
    "base 60": ("a: " + "1:" * 500_000 + "1", "a scalar of 1000001 characters"),
}


@each_case(
    "path", ["/chips/import", "/imports?format=yaml&name=a.yaml&chip_id=a", "/topologies/file?name=a.yaml"]
)
@each_case(("text", "said"), YAML.values(), ids=YAML)
def test_yaml_beyond_a_limit_is_refused_at_once(editor: TestClient, path: str, text: str, said: str) -> None:
    editor.post("/chips", json={"chip_id": "a", "topology": "linear-2", "backend": "fake"})
    began = time.process_time()
    answer = editor.post(path, content=text)

    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert time.process_time() - began < 2.0


def test_a_topology_file_that_is_nested_too_deep_is_refused_at_once(viewer: TestClient) -> None:
    began = time.process_time()
    answer = viewer.post("/topologies/file?name=a.json", content="[" * 100_000)

    assert answer.status_code == 422
    assert "nested more than 100 levels deep" in answer.json()["detail"]
    assert time.process_time() - began < 2.0


def test_json_that_is_nested_too_deep_is_refused_at_once(editor: TestClient) -> None:
    answer = editor.post(
        "/chips",
        content='{"chip_id": ' + "[" * 101 + "]" * 101 + "}",
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 422
    assert "nested more than 100 levels deep" in answer.json()["detail"]


def test_json_with_a_key_twice_is_refused(editor: TestClient) -> None:
    answer = editor.post(
        "/chips",
        content='{"chip_id": "a",\n "topology": "linear-2", "chip_id": "b", "backend": "fake"}',
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 422
    assert "'chip_id' is there 2 times in one object, again in line 2" in answer.json()["detail"]


MANY = "[" + "1," * 500_000 + "1]"
BODIES = {
    "/executions": lambda: f'{{"chip_id": "a", "flow": "b", "targets": {{"qubits": {MANY}}}}}',
    "/tags": lambda: "{" + ",".join(f'"{number}": 1' for number in range(60_000)) + "}",
    "/plugins/fake/twins": lambda: f'{{"chip_id": "a", "device": "linear-2", "options": {MANY}}}',
    "/chips/import?chip_id=a": lambda: f'{{"qubits": {MANY}}}',
}


@each_case(("path", "body"), BODIES.items(), ids=BODIES)
def test_json_with_too_many_values_is_refused_before_validation(
    editor: TestClient, path: str, body: Callable[[], str]
) -> None:
    began = time.process_time()
    answer = editor.post(path, content=body(), headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert "000 values" in answer.json()["detail"]
    assert time.process_time() - began < 2.0


WRONG = "[" + "1," * 49_000 + "1]"
WRONG_BODIES = {
    "/executions": (
        lambda: f'{{"chip_id": "a", "flow": "b", "tags": {WRONG}}}',
        "body.tags.0: it has to be text",
    ),
    "/chips": (
        lambda: f'{{"chip_id": "a", "topology": "linear-2", "wiring": {{"lines": {WRONG}}}}}',
        "body.wiring.lines.0: it has to be names with values",
    ),
    "/chips/import": (lambda: make_chip_file(40_000), "qubits.0.n0: it has to be names with values"),
}


def make_chip_file(faults: int) -> str:
    """Return the file of a chip with a number of values that are no values."""
    values = ",".join(f'"n{at}": 1' for at in range(faults))
    return (
        f'{{"chip_id": "a", "backend": "fake", "size": 1, "topology": {{}}, "qubits": {{"0": {{{values}}}}}}}'
    )


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        *(pytest.param(path, *one, id=path) for path, one in WRONG_BODIES.items()),
        pytest.param(
            "/chips/import",
            lambda: make_chip_file(390_000),
            "qubits.0.n0: it has to be names with values",
            id="/chips/import of nearly the largest size",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_first_of_thousands_of_faults_are_reported(
    editor: TestClient, path: str, body: Callable[[], str], said: str
) -> None:
    answer = editor.post(path, content=body(), headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert f"{said} (the first of more than 20 faults)" in answer.json()["detail"]


def test_the_first_twenty_faults_of_a_body_are_reported(editor: TestClient) -> None:
    answer = editor.post("/executions", json={"chip_id": "a", "flow": "b", "tags": [1] * 1_000})

    assert answer.status_code == 422
    assert [one["place"] for one in answer.json()["errors"]] == [f"body.tags.{at}" for at in range(20)]


def test_bodies_of_a_plugin_that_are_not_json_have_no_limit_of_values(editor: TestClient) -> None:
    answer = editor.post("/plugins/fake/twins", content="," * 100_000, headers={"content-type": "text/csv"})

    assert "values" not in answer.json()["detail"]
