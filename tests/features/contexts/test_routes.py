"""Contexts over HTTP: JSON and Markdown of limited size, for viewers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...api.shared_host import clients, editor, host, project, viewer
from ...case_tables import each_case
from ..values.test_routes import CHIP, measured, registry

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from qdash_core.models.task import TaskResultModel

__all__ = ["clients", "editor", "host", "measured", "project", "registry", "viewer"]

OF_CHIP = f"/chips/{CHIP}/context"


def test_a_viewer_reads_the_context_of_a_chip_a_target_and_a_result(
    viewer: TestClient, measured: TaskResultModel
) -> None:
    of_chip, of_target = viewer.get(OF_CHIP).json(), viewer.get(OF_CHIP, params={"target": "Q0"}).json()
    of_result = viewer.get(f"/task-results/{measured.task_id}/context").json()
    assert [one["kind"] for one in (of_chip, of_target, of_result)] == ["chip", "target", "result"]
    path = f"/task-results/{measured.task_id}"
    assert (
        of_chip["values"][0]["result"]
        == of_target["results"][0]["result"]
        == of_result["result"]["link"]
        == path
    )
    for link in (
        path,
        of_result["result"]["execution"],
        of_target["target"]["link"],
        of_chip["chip"]["link"],
    ):
        assert viewer.get(link).status_code == 200, link
    assert of_result["figures"][0]["arrays"][0]["values"] == [1, 2, 3]


def test_the_same_contexts_come_as_markdown(viewer: TestClient, measured: TaskResultModel) -> None:
    for path, query in (
        (f"{OF_CHIP}-page", {}),
        (f"{OF_CHIP}-page", {"target": "0"}),
        (f"/task-results/{measured.task_id}/context-page", {}),
    ):
        answer = viewer.get(path, params=query)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.text.startswith("# ")
        assert "`t1`, " in answer.text


def test_the_body_has_at_most_the_requested_size(
    editor: TestClient, viewer: TestClient, measured: TaskResultModel
) -> None:
    note = "x" * 15_000
    assert editor.put(f"/task-results/{measured.task_id}/note", json={"content": note}).status_code == 200
    path = f"/task-results/{measured.task_id}/context"
    assert note in viewer.get(path).text
    for place in (path, f"{path}-page"):
        assert len(viewer.get(place, params={"max_size": 6000}).text) <= 6000
    omitted = viewer.get(path, params={"max_size": 6000}).json()["omitted"]
    assert [one["section"] for one in omitted] == ["texts"]


@each_case("size", ["4999", "1000001", "many"])
def test_a_size_out_of_range_is_refused(viewer: TestClient, measured: TaskResultModel, size: str) -> None:
    assert measured.task_id
    assert viewer.get(OF_CHIP, params={"max_size": size}).status_code == 422


def test_there_is_no_context_of_what_there_is_not(viewer: TestClient, measured: TaskResultModel) -> None:
    assert measured.task_id
    for path in ("/chips/nothing/context", f"{OF_CHIP}?target=99", "/task-results/nothing/context-page"):
        assert viewer.get(path).status_code == 404
    assert viewer.get(f"{OF_CHIP}?target=x").status_code == 422
