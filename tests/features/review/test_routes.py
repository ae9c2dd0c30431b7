"""Review of flagged results over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_core import CalibConfig, CalibOrchestrator, OutputParameter, Parameter, TaskOutput
from qdash_core.models.project import DEFAULT_USER

from ...api.shared_host import clients, editor, host, project, viewer
from ...core.bench import CHIP, LINE, make_backend_by_chip, make_registry, make_task

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.hooks.manager import Registry

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]

VALUES = iter(())
T1 = OutputParameter(unit="us", minimum=0.0, jump=0.5)


def analyse(_task: object, _result: object) -> TaskOutput:
    return TaskOutput(parameters={"t1": Parameter(next(VALUES), 0.5, "us")})


@pytest.fixture(scope="module")
def registry() -> Registry:
    tasks = [make_task("T1", analyse=analyse, output_parameters={"t1": T1})]
    return make_registry(tasks, [make_backend_by_chip()], http_host=True)


@pytest.fixture
def flagged(host: Host, project: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Flagged results on qubits 0 to 2, newest first."""
    access = host.qdash.access(DEFAULT_USER, project)
    host.qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench")
    monkeypatch.setitem(globals(), "VALUES", iter([80.0, 20.0] * 3))
    found = []
    for qid in ("0", "1", "2"):
        for _ in range(2):
            session = CalibOrchestrator(
                CalibConfig(username=DEFAULT_USER, chip_id=CHIP, project_id=project, repeat=False), host.qdash
            )
            session.initialize()
            result = session.run_task("T1", qid)
            session.complete()
        found.append(result.task_id)
    return found[::-1]


def test_flagged_results_are_listed_counted_and_decided(
    editor: TestClient, viewer: TestClient, flagged: list[str]
) -> None:
    first = viewer.get(f"/chips/{CHIP}/review", params={"limit": 2}).json()
    rest = viewer.get(f"/chips/{CHIP}/review", params={"limit": 2, "after": first["next"]}).json()
    assert [one["task_id"] for one in (*first["items"], *rest["items"])] == flagged
    assert "next" not in rest
    item = first["items"][0]
    assert (item["target"], item["task"], item["state"]) == ("2", "T1", "waiting")
    (value,) = item["values"]
    assert (value["value"]["value"], value["in_use"]["value"], value["difference"]) == (20.0, 80.0, -60.0)
    assert [one["value"] for one in value["history"]] == [20.0, 80.0]
    assert viewer.get(f"/{item['figure']}").status_code == 200
    assert viewer.get(f"/chips/{CHIP}/review-count").json() == {"chip_id": CHIP, "waiting": 3}

    decision = {"metrics": ["t1"], "reason": "two-level system", "undecided": True}
    accepted = editor.post(f"/task-results/{flagged[0]}/acceptance", json=decision)
    assert accepted.status_code == 200, accepted.text
    assert viewer.get(f"/chips/{CHIP}/review-count").json()["waiting"] == 2
    shown = viewer.get(f"/task-results/{flagged[0]}/review").json()
    assert (shown["state"], shown["values"]) == ("decided", [])
    assert shown["decisions"]["t1"]["username"] == "editor"


def test_a_decision_of_another_reviewer_is_a_conflict(editor: TestClient, flagged: list[str]) -> None:
    path, decision = f"/task-results/{flagged[0]}", {"reason": "line 3", "undecided": True}
    assert editor.post(f"{path}/rejection", json=decision).status_code == 200
    refused = editor.post(f"{path}/acceptance", json=decision)
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[-1]) == (409, "conflict")
    assert "rejected by editor meanwhile: line 3" in refused.json()["detail"]
    assert editor.post(f"{path}/use", json=decision).status_code == 422


def test_conditions_select_and_unknown_names_are_refused(viewer: TestClient, flagged: list[str]) -> None:
    def count(**params: object) -> int:
        return len(viewer.get(f"/chips/{CHIP}/review", params=params).json()["items"])

    assert count(qubits="0-1") == 2
    assert count(task="T1", metric="t1", all=True) == 3
    for params in ({"task": "T9"}, {"metric": "t9"}, {"qubits": "9"}):
        assert viewer.get(f"/chips/{CHIP}/review", params=params).status_code == 404
    assert viewer.get("/chips/nochip/review").status_code == 404
    assert viewer.get("/task-results/nothing/review").status_code == 404
