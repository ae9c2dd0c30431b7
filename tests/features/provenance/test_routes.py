"""Provenance of values over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_core import CalibConfig, CalibOrchestrator, Parameter
from qdash_core.models.project import DEFAULT_USER

from ...api.shared_host import clients, editor, host, project, viewer
from ...core.bench import CHIP, LINE, make_backend_by_chip, make_registry, make_task

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.task import TaskResultModel

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]

FREQUENCY = make_task("Frequency", {"frequency": Parameter(5.0, 1e-5, "GHz")})
T1 = make_task("T1", needs=["frequency"])


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry([FREQUENCY, T1], [make_backend_by_chip()], http_host=True)


@pytest.fixture
def measured(host: Host, project: str) -> list[TaskResultModel]:
    """A frequency, and a T1 that was measured with it."""
    access = host.qdash.access(DEFAULT_USER, project)
    host.qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench")
    session = CalibOrchestrator(
        CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id=project), host.qdash
    )
    session.initialize()
    results = [session.run_task(name, "0") for name in ("Frequency", "T1")]
    session.complete()
    return results


def test_a_viewer_reads_origin_use_and_impact(viewer: TestClient, measured: list[TaskResultModel]) -> None:
    frequency, t1 = (f"result:{result.task_id}" for result in measured)
    value = viewer.get(f"/chips/{CHIP}/provenance", params={"target": "0", "metric": "t1"})
    assert value.status_code == 200, value.text
    assert {one: node["steps"] for one, node in value.json()["activity"].items()} == {t1: 0, frequency: -1}
    back = viewer.get(f"/task-results/{measured[0].task_id}/provenance", params={"direction": "back"})
    assert [*back.json()["activity"]] == [frequency]
    assert back.json()["activity"][frequency]["more_later"] == 0
    impact = viewer.get(f"/task-results/{measured[0].task_id}/impact").json()
    assert [one["task_id"] for one in impact["results"]] == [measured[1].task_id]
    assert [one["parameter"] for one in impact["values"]] == ["t1"]


def test_unknown_values_results_and_directions_are_refused(
    viewer: TestClient, measured: list[TaskResultModel]
) -> None:
    path = f"/chips/{CHIP}/provenance"
    assert viewer.get(path, params={"target": "0", "metric": "t2"}).status_code == 404
    assert viewer.get(path, params={"target": "0"}).status_code == 422
    assert viewer.get("/task-results/unknown/impact").status_code == 404
    result = f"/task-results/{measured[0].task_id}/provenance"
    assert viewer.get(result, params={"direction": "up"}).status_code == 422
    assert viewer.get(result, params={"depth": 0}).status_code == 422
