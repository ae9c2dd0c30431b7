"""The picture of a graph of provenance: columns by steps, rows by target, folded if it is large."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from qdash_core.errors import InvalidInputError
from qdash_core.models.decision import Decision
from qdash_core.models.provenance import EdgeBrief, Relation, name_event, name_release, name_result
from qdash_core.models.provenance_graph import ProvenanceGraph, ProvenanceLink, ProvenanceNode
from qdash_core.models.task import InputModel, TaskStatus, TracedResult, Verdict
from qdash_core.models.value_change import ValueChangeModel, ValueEventKind
from qdash_pictures.plotly_pictures import PlotlyPictures

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def make_node(
    task_id: str, depth: int, qid: str = "0", name: str = "CheckRamsey", **changes: Any
) -> ProvenanceNode:
    """Return a result that ended an hour ago for each step before the root."""
    at = NOW + timedelta(hours=depth - 1)
    result = TracedResult(
        **{
            "project_id": "default", "chip_id": "a", "task_id": task_id, "execution_id": "e", "name": name, "qid": qid,
            "username": "admin", "status": TaskStatus.COMPLETED, "verdict": Verdict.ACCEPTED, "start_at": at, "end_at": at,
            **changes,
        }
    )  # fmt: skip
    return ProvenanceNode(name_result(task_id), depth, result)


def make_release(name: str, depth: int) -> ProvenanceNode:
    return ProvenanceNode(name_release("a", name), depth, released_at=NOW)


def make_change(number: int, depth: int) -> ProvenanceNode:
    event = ValueChangeModel(
        project_id="default", chip_id="a", number=number, qid="0", kind=ValueEventKind.SET, username="ann"
    )
    return ProvenanceNode(name_event(number), depth, event=event)


def make_link(later: str, earlier: str, *, undeclared: bool | None = None) -> ProvenanceLink:
    edge = EdgeBrief(
        name_result(later), name_result(earlier), Relation.USED, "a", "0", "0", "2026-11-21T08:00:00.000000Z"
    )
    return ProvenanceLink(edge, {"f": InputModel(value=5.0, task_id=earlier, undeclared=undeclared)})


def draw(*nodes: ProvenanceNode, links: tuple[ProvenanceLink, ...] = ()) -> dict[str, Any]:
    graph = ProvenanceGraph("a", nodes[0].name if nodes else "", {one.name: one for one in nodes}, links)
    return PlotlyPictures().provenance(graph, now=NOW, zone=ZoneInfo("UTC"))


def list_texts(figure: dict[str, Any]) -> list[str]:
    return [one["text"] for one in figure["layout"]["annotations"]]


def find_box(figure: dict[str, Any], word: str) -> dict[str, Any]:
    (found,) = (one for one in figure["layout"]["annotations"] if word in one["text"])
    return dict(found)


def test_steps_are_columns_and_targets_are_rows() -> None:
    figure = draw(
        make_node("gate", 0, "0-1", "CreateZX90"),
        make_node("f", -1),
        make_node("old", -2, name="CheckRabi"),
        make_node("later", 1, "0-1", "CheckZX90"),
        links=(make_link("gate", "f"), make_link("f", "old")),
    )
    rabi, ramsey, gate, later = (
        find_box(figure, f"<b>{name}</b>") for name in ("CheckRabi", "CheckRamsey", "CreateZX90", "CheckZX90")
    )
    assert rabi["x"] < ramsey["x"] < gate["x"] < later["x"]
    assert rabi["y"] == ramsey["y"] < gate["y"] == later["y"]
    assert "✓ accepted · 2 h ago" in ramsey["text"]
    assert {"<b>qubit 0</b>", "<b>coupling 0-1</b>", "2 steps earlier", "traced", "1 step later"} <= {
        *list_texts(figure)
    }
    (arrows,) = (one for one in figure["data"] if one["mode"] == "lines+markers")
    assert len(arrows["x"]) == 6
    assert arrows["x"][0] < arrows["x"][1]


def test_undeclared_inputs_are_dashed_and_rejected_results_are_marked() -> None:
    decision = Decision(verdict=Verdict.REJECTED, username="ann", reason="leakage", decided_at=NOW)
    figure = draw(
        make_node("gate", 0),
        make_node("pulse", -1, name="CreatePIPulse", decisions={"pi_amplitude": decision}),
        make_node("drag", -1, name="CreateDRAGPIPulse"),
        links=(make_link("gate", "pulse"), make_link("gate", "drag", undeclared=True)),
    )
    assert "✗ rejected: pi_amplitude" in find_box(figure, "CreatePIPulse")["text"]
    assert "rejected" not in find_box(figure, "CreateDRAGPIPulse")["text"]
    arrows = {one["name"]: one["line"]["dash"] for one in figure["data"] if one["mode"] == "lines+markers"}
    assert arrows == {"rejected": "solid", "used, undeclared": "dash"}


def test_a_large_graph_is_folded_by_task_and_target_with_counts() -> None:
    nodes = [make_node("root", 0)]
    nodes += [
        make_node(f"{task}{step}", -step, name=task)
        for step in range(1, 40)
        for task in ("CheckRabi", "CheckT1")
    ]
    nodes[-1] = make_node("bad", -39, name="CheckT1", verdict=Verdict.FLAGGED)
    figure = draw(*nodes)
    boxes = [one for one in list_texts(figure) if one.startswith("<b>Check")]
    assert len(boxes) == 1 + 2 * 4
    folded = find_box(figure, "CheckT1 (36)")
    assert "35 ✓ accepted" in folded["text"]
    assert "1 ⚑ flagged" in folded["text"]
    assert "4 or more steps earlier" in list_texts(figure)
    assert "79 results" in figure["layout"]["title"]["text"]


def test_releases_and_changes_of_a_large_graph_are_one_box_each_in_a_column() -> None:
    nodes = [make_node("root", 0)]
    nodes += [make_release(f"day-{number}", 1 + number % 2) for number in range(365)]
    nodes += [make_change(number, -1) for number in range(1, 31)]
    figure = draw(*nodes)
    assert {find_box(figure, name)["text"].partition("<br>")[0] for name in ("(183)", "(182)", "(30)")} == {
        "<b>releases (183)</b>",
        "<b>releases (182)</b>",
        "<b>changes by users (30)</b>",
    }
    assert figure["layout"]["height"] < 400
    assert "396 results, changes and releases, folded" in figure["layout"]["title"]["text"]


def test_releases_and_changes_of_a_small_graph_have_a_box_each() -> None:
    texts = list_texts(draw(make_node("root", 0), make_release("friday", 1), make_change(1, -1)))
    assert any(text.startswith("<b>friday</b>") for text in texts)
    assert any(text.startswith("<b>set by ann</b>") for text in texts)


def test_the_number_of_relations_that_are_not_drawn_is_told() -> None:
    nodes = make_node("gate", 0), make_node("pulse", -1), make_node("f", -1, "1"), make_node("old", -2)
    drawn = make_link("gate", "pulse"), make_link("gate", "f"), make_link("pulse", "old")
    inside, back = make_link("pulse", "f"), make_link("old", "f")
    for links, told in (
        (drawn, ""),
        ((*drawn, inside), "; 1 relation within a column or to an earlier one is not drawn."),
        ((*drawn, inside, back), "; 2 relations within a column or to an earlier one are not drawn."),
    ):
        figure = draw(*nodes, links=links)
        title = figure["layout"]["title"]["text"]
        assert told in title if told else "not drawn" not in title
        (arrows,) = (one for one in figure["data"] if one["mode"] == "lines+markers")
        assert len(arrows["x"]) == 3 * len(drawn)


def test_a_value_without_a_recorded_origin_cannot_be_drawn() -> None:
    with pytest.raises(InvalidInputError, match="origin of this is not recorded"):
        draw()
