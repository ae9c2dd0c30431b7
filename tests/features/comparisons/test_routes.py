"""Comparisons of a chip over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.people.feature import PROJECTS
from qdash_core.models.project import DEFAULT_USER

from ...api.shared_host import clients, editor, host, project, viewer
from ...core.bench import LINE
from ..values.test_routes import QUBIT, T1, measured, registry

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.models.task import TaskResultModel

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "measured", "project", "registry", "viewer"]
COMPARISON = QUBIT.removesuffix("/qubits/0") + "/comparison"


@pytest.mark.every_store
def test_a_viewer_compares_a_chip_since_the_end_of_an_execution(
    editor: TestClient, viewer: TestClient, measured: TaskResultModel
) -> None:
    editor.patch(QUBIT, json=T1)
    answer = viewer.get(COMPARISON, params={"before": measured.execution_id})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [(one["target"], one["difference"]) for one in found["values"]] == [("0", 35.2)]
    assert (found["before"]["label"], found["after"]["label"]) == (measured.execution_id, "now")
    for query in ({"qubits": "1"}, {"couplings": "0-1"}):
        chosen = viewer.get(COMPARISON, params={"before": measured.execution_id, **query})
        assert chosen.json()["values"] == []


def test_invalid_points_and_parameters_are_problems(viewer: TestClient, measured: TaskResultModel) -> None:
    for query, status in (
        ({}, 422),
        ({"before": "friday"}, 422),
        ({"before": "release:friday"}, 404),
        ({"before": "now", "metric": "t9"}, 404),
        ({"before": "now", "qubits": "99"}, 404),
    ):
        assert viewer.get(COMPARISON, params=query).status_code == status, query


def test_a_chip_of_another_project_appears_not_to_exist(
    host: Host, viewer: TestClient, measured: TaskResultModel
) -> None:
    hidden = f"hidden-{measured.execution_id}"
    host.qdash.get(PROJECTS).create(hidden, username=DEFAULT_USER)
    host.qdash.get(CHIPS).create(host.qdash.access(DEFAULT_USER, hidden), "secret", LINE, backend="bench")
    refused = viewer.get(COMPARISON, params={"before": "chip:secret"})
    unknown = viewer.get(COMPARISON, params={"before": "chip:nothing"})
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert refused.json()["detail"].replace("secret", "nothing") == unknown.json()["detail"]
    assert viewer.get("/chips/secret/comparison", params={"before": "now"}).status_code == 404
