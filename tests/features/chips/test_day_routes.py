"""Daily copies of a chip over HTTP: the days, the chip on a day, two days compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.chip import ParameterModel
from qdash_core.repositories.chips import QubitCalibrationRepository

from ...api.chip_samples import get_refusal, list_all, make_chip
from ...api.shared_host import clients, editor, host, project, viewer

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from ...api.conftest import Host

__all__ = ["clients", "editor", "host", "project", "viewer"]


def accept(host: Host, project: str, day: str, qid: str, t1: float) -> None:
    values = {"t1": ParameterModel(value=t1, error=3.0, unit="us", execution_id=f"{day}-000")}
    qubits = host.qdash.repositories.of(QubitCalibrationRepository)
    qubits.record_day(qubits.update_calib_data(project, "a", qid, values), day, "cd-7")


def test_days_of_a_chip_are_listed_shown_and_compared(
    host: Host, editor: TestClient, viewer: TestClient
) -> None:
    project = make_chip(editor)["project_id"]
    accept(host, project, "20260401", "0", 80.0)
    accept(host, project, "20260403", "0", 75.0)
    accept(host, project, "20260403", "1", 60.0)
    assert list_all(viewer, "/chips/a/days", limit=1) == [
        {"date": "2026-04-03", "qubits": 2, "couplings": 0},
        {"date": "2026-04-01", "qubits": 1, "couplings": 0},
    ]
    shown = viewer.get("/chips/a/days/2026-04-02").json()
    assert shown["qubits"]["0"] == {
        "status": "pending",
        "copied_on": "2026-04-01",
        "cooldown_id": "cd-7",
        "values": {
            "t1": {"value": 80.0, "error": 3.0, "unit": "us", "execution_id": "20260401-000", "task_id": ""}
        },
    }
    assert shown["without_copy"] == ["1", "0-1"]
    compared = viewer.get("/chips/a/days/2026-04-01/comparison/2026-04-03").json()
    changes = {one["target"]: (one["change"], one.get("difference")) for one in compared["values"]}
    assert changes == {"0": ("changed", -5.0), "1": ("appeared", None)}
    assert (compared["before"]["label"], compared["before"]["at"]) == (
        "day:2026-04-01",
        "2026-04-02T00:00:00Z",
    )
    assert (compared["after"]["label"], compared["unchanged"]) == ("day:2026-04-03", 0)
    assert round(compared["values"][0]["sigmas"], 3) == 1.179


def test_a_day_that_cannot_be_shown_is_refused(host: Host, editor: TestClient, viewer: TestClient) -> None:
    project = make_chip(editor)["project_id"]
    assert "no daily copies yet" in get_refusal(viewer.get("/chips/a/days/2026-04-01"), 404)
    accept(host, project, "20260401", "0", 80.0)
    assert "2026-04-01" in get_refusal(viewer.get("/chips/a/days/2026-03-31"), 404)
    for wrong in ("20260401", "yesterday", "2026-02-30", "9999-01-01"):
        get_refusal(viewer.get(f"/chips/a/days/{wrong}"), 422)
        get_refusal(viewer.get(f"/chips/a/days/2026-04-01/comparison/{wrong}"), 422)
    get_refusal(viewer.get("/chips/b/days"), 404)
