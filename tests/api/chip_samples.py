"""Contents of the hosts of these tests, and requests to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import LatestResultModel, TaskModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import (
    LatestResultRepository,
    TaskRepository,
    TaskResultHistoryRepository,
)

if TYPE_CHECKING:
    from fastapi.testclient import TestClient
    from httpx import Response

    from qdash_core.runtime.application import QDash

LAYOUT: dict[str, Any] = {
    "name": "pair",
    "qubits": [{"id": str(n), "row": 0, "col": n, "mux": 0} for n in range(2)],
    "couplings": [["0", "1"]],
}
LINES = {"mux": 0, "ctrl": ["U10B-5", "U10B-6"], "read_out": "S159A-8", "read_in": "S159A-7"}
NOON = datetime(2040, 1, 1, 12, tzinfo=UTC)
"""A time after the creation of every chip of a test."""


def make_chip(editor: TestClient, chip_id: str = "a", **more: Any) -> Any:
    """Make a chip of two qubits."""
    made = editor.post("/chips", json={"chip_id": chip_id, "topology": LAYOUT, **more})
    assert made.status_code == 201, made.text
    return made.json()


def measure(
    qdash: QDash,
    project: str,
    number: int,
    *,
    verdict: Verdict = Verdict.ACCEPTED,
    task: str = "CheckT1",
    at: datetime | None = None,
) -> None:
    """Record a measurement of T1 of qubit 0, an hour after the previous one or at a given time."""
    at = at or NOON + timedelta(hours=number)
    shared = {"project_id": project, "chip_id": "a", "name": task, "qid": "0", "task_id": f"r{number}"}
    value = ParameterModel(
        value=80.0 + number, error=1.5, unit="us", calibrated_at=at, execution_id="e", task_id=f"r{number}"
    )
    outcome = {"status": TaskStatus.COMPLETED, "verdict": verdict, "execution_id": "e", "end_at": at}
    with qdash.store.transaction() as transaction:
        repositories = Repositories(transaction)
        repositories.of(TaskResultHistoryRepository).add(
            TaskResultModel(
                **shared, **outcome, username="editor", start_at=at, output_parameters={"t1": value}
            )
        )
        repositories.of(LatestResultRepository).put(LatestResultModel(**shared, **outcome))
        if verdict is Verdict.ACCEPTED:
            repositories.of(QubitCalibrationRepository).update_calib_data(project, "a", "0", {"t1": value})
        repositories.of(TaskRepository).put(
            TaskModel(
                project_id=project,
                username="editor",
                name=task,
                backend=None,
                task_type="qubit",
                output_parameters={"t1": {}},
            )
        )


def get_refusal(answer: Response, status: int) -> str:
    """Return the message of a refusal, which must have this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["detail"])


def list_all(client: TestClient, path: str, limit: int = 2, **query: Any) -> list[Any]:
    """Return every item of a list, over all pages."""
    found: list[Any] = []
    after: str | None = None
    while True:
        given = {"limit": limit, **query} | ({} if after is None else {"after": after})
        page = client.get(path, params=given)
        assert page.status_code == 200, page.text
        assert len(page.json()["items"]) <= limit
        found += page.json()["items"]
        after = page.json().get("next")
        if after is None:
            return found
