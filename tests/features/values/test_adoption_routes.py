"""Adoption of simulated values over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_core import CalibConfig, CalibOrchestrator
from qdash_core.models.project import DEFAULT_USER

from ...api.shared_host import clients, editor, host, project, viewer
from ...core.bench import CHIP, LINE, make_backend_by_chip, make_registry, make_task

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]


@pytest.fixture(scope="module")
def registry() -> Registry:
    twin = make_backend_by_chip(name="twin", simulated=True)
    return make_registry([make_task()], [make_backend_by_chip(), twin], http_host=True)


@pytest.fixture
def execution_id(host: Host, project: str) -> str:
    """A completed simulated execution."""
    access = host.qdash.access(DEFAULT_USER, project)
    host.qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench")
    config = CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id=project, backend_name="twin")
    session = CalibOrchestrator(config, host.qdash)
    session.initialize()
    session.run_task("Measure", "0")
    return session.complete().execution_id


def test_a_simulated_execution_is_adopted_by_its_chip(
    editor: TestClient, viewer: TestClient, execution_id: str
) -> None:
    assert viewer.get(f"/executions/{execution_id}").json()["simulated"] is True
    assert viewer.get(f"/metrics/chips/{CHIP}").json()["qubits"] == {}

    answer = editor.post(f"/executions/{execution_id}/adoption", json={"chip_id": CHIP})
    assert answer.status_code == 200, answer.text
    assert answer.json()["adopted"]["0"]["t1"]["simulated"] is True

    assert viewer.get(f"/metrics/chips/{CHIP}").json()["qubits"]["0"]["t1"]["simulated"] is True
    assert viewer.get(f"/chips/{CHIP}/qubits/0").json()["values"]["t1"]["simulated"] is True
    assert viewer.get(f"/executions/{execution_id}").json()["adopted"]["username"] == "editor"


@pytest.mark.parametrize(("chip", "status"), [("chp", 422), ("", 422)])
def test_an_adoption_needs_the_id_of_the_chip(
    editor: TestClient, viewer: TestClient, execution_id: str, chip: str, status: int
) -> None:
    answer = editor.post(f"/executions/{execution_id}/adoption", json={"chip_id": chip})
    assert answer.status_code == status, answer.text
    assert viewer.get(f"/metrics/chips/{CHIP}").json()["qubits"] == {}


def test_a_viewer_adopts_nothing(viewer: TestClient, execution_id: str) -> None:
    answer = viewer.post(f"/executions/{execution_id}/adoption", json={"chip_id": CHIP})
    assert answer.status_code == 403
