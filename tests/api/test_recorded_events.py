"""Past events, page by page, and access to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.execution import EventModel
from qdash_core.repositories.executions import EventRepository

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from .conftest import Host


def test_recorded_events_are_listed_newest_first_in_pages(host: Host, viewer: TestClient) -> None:
    events = host.qdash.repositories.of(EventRepository)
    kinds = ("execution.running", "task.completed", "task.failed", "execution.completed")
    seqs = [events.append(EventModel(project_id="default", kind=kind, chip_id="a")) for kind in kinds]
    events.append(EventModel(project_id="another", kind="task.failed", chip_id="a"))
    first = viewer.get("/events/recorded", params={"limit": 3, "chip_id": "a"}).json()
    assert [one["seq"] for one in first["items"]] == seqs[:0:-1]
    rest = viewer.get("/events/recorded", params={"chip_id": "a", "after": first["next"]}).json()
    assert [one["kind"] for one in rest["items"]] == ["execution.running"]
    assert "next" not in rest
    tasks = viewer.get("/events/recorded", params={"kind": ["task.*"]}).json()
    assert [one["kind"] for one in tasks["items"]] == ["task.failed", "task.completed"]
    assert viewer.get("/events/recorded", params={"execution_id": "x"}).json() == {"items": []}


def test_an_unknown_kind_of_event_is_refused(viewer: TestClient) -> None:
    for path in ("/events", "/events/recorded"):
        refused = viewer.get(path, params={"kind": "task.exploded"})
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-input")
        assert "task.completed" in refused.json()["detail"]


def test_a_time_that_some_time_zone_lacks_is_refused(viewer: TestClient) -> None:
    for query in ({"until": "9999-12-31T23:59:59Z"}, {"since": "0001-01-01T00:00:00Z"}):
        refused = viewer.get("/events/recorded", params=query)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/invalid-input")
        assert "years 2 to 9998" in refused.json()["detail"]
