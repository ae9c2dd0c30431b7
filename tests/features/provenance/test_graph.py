"""Rows of a graph of provenance in the browser: groups, folded results, and rejected values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.provenance import pages
from qdash_ui_streamlit import components

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

_SHARED = Path(components.__file__).with_name("shared.js")
_FOLDER = Path(pages.__file__).with_name("provenance")


@pytest.fixture(scope="module")
def run(chromium: Browser) -> Iterator[Callable[..., Any]]:
    """Function that runs JavaScript with the rows of the graph and their elements imported."""
    page = chromium.new_page()
    parts = (_SHARED, _FOLDER / "graph.js", _FOLDER / "provenance.js")
    script = "\n".join(part.read_text("utf-8") for part in parts)
    # The functions of a module are not visible to the page.
    page.add_script_tag(content=script.replace("export default", "const mount =", 1))
    yield page.evaluate
    page.close()


def make_activity(name: str, target: str, steps: int, at: int, **more: Any) -> dict[str, Any]:
    return {
        "kind": "result", "name": name, "target": target, "task_id": f"{name}-{target}", "outcome": "accepted",
        "endTime": f"2026-11-21T{at:02}:00:00Z", "steps": steps, "more_earlier": 0, "more_later": 0, **more,
    }  # fmt: skip


def make_graph(inputs: list[tuple[str, dict[str, Any], str, dict[str, Any]]]) -> dict[str, Any]:
    """Return the graph of a gate on 0-1: inputs are a name, the activity that gave it, its parameter, and changes of its use."""
    graph: dict[str, Any] = {
        "root": "gate", "entity": {}, "activity": {"gate": make_activity("CreateZX90", "0-1", 0, 9)},
        "agent": {"user:ann": {"username": "ann"}}, "used": [], "wasGeneratedBy": [], "wasDerivedFrom": [],
        "wasInformedBy": [], "wasAssociatedWith": [],
    }  # fmt: skip
    for node, activity, parameter, usage in inputs:
        entity = f"value:{node}/{parameter}"
        graph["activity"][node] = activity
        graph["entity"][entity] = {
            "kind": "value",
            "parameter": parameter,
            "value": 5.0,
            "error": 0.1,
            "unit": "GHz",
            "in_use": True,
        }
        graph["wasGeneratedBy"].append({"entity": entity, "activity": node})
        graph["used"].append(
            {"activity": "gate", "entity": entity, "input": parameter, "value": 5.0, **usage}
        )
        graph["wasAssociatedWith"].append({"activity": node, "agent": "user:ann"})
    return graph


def list_rows(
    run: Callable[..., Any], graph: dict[str, Any], *, later: bool = False, root: str = "gate"
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run(
        "([graph, root, later]) => neighbour_rows(graph, root, later)", [graph, root, later]
    )
    return found


def test_inputs_are_grouped_by_the_role_of_their_target(run: Callable[..., Any]) -> None:
    graph = make_graph([
        ("z", make_activity("CheckZZ", "0-1", -1, 8), "zz", {}),
        ("t", make_activity("CheckRamsey", "0", -1, 7), "qubit_frequency", {}),
        ("c", make_activity("CheckRamsey", "1", -1, 6), "qubit_frequency", {}),
        ("e", {"kind": "event", "name": "set", "event": 4, "steps": -1, "more_earlier": 0, "more_later": 0}, "t1", {}),
    ])  # fmt: skip
    groups = run("(rows) => group_rows(rows, '1', '0-1').map((one) => one.title)", list_rows(run, graph))
    assert groups == ["Control qubit 1", "Target qubit 0", "Coupling 0-1", "Changes by users"]


def test_repeated_results_of_a_task_are_one_list_newest_first(run: Callable[..., Any]) -> None:
    old, new = make_activity("CheckRamsey", "0", -3, 1), make_activity("CheckRamsey", "0", -2, 2)
    graph = make_graph(
        [("old", old, "f", {}), ("new", new, "f", {}), ("r", make_activity("CheckRabi", "0", -1, 3), "a", {})]
    )
    groups = run("(graph) => group_rows(all_rows(graph, false), null, '0-1')", graph)
    assert [[row["node"] for row in task] for task in groups[0]["tasks"]] == [["r"], ["new", "old"]]


def test_values_tell_what_became_of_them(run: Callable[..., Any]) -> None:
    pulse = make_activity("CreatePIPulse", "0", -1, 8, rejected=["pi_amplitude"], execution_id="20261121-003")
    graph = make_graph([
        ("p", pulse, "pi_amplitude", {}),
        ("p", pulse, "pi_length", {"undeclared": True}),
        ("f", make_activity("CheckRamsey", "0", -1, 7), "qubit_frequency", {"value": 5.2}),
    ])  # fmt: skip
    pulses, frequency = list_rows(run, graph)
    amplitude, length = pulses["values"]
    assert pulses["rejected"] == ["pi_amplitude"]
    assert (amplitude["rejected"], amplitude["undeclared"], amplitude["in_use"]) == (True, False, True)
    assert (length["rejected"], length["undeclared"]) == (False, True)
    (used,) = frequency["values"]
    assert (used["value"], used["recorded"], used["error"]) == (5.2, 5.0, None)
    assert amplitude["recorded"] is None
    assert (pulses["by_hand"], frequency["by_hand"]) == (False, True), "only runs have an execution"


def test_a_later_result_names_what_it_used_and_its_values_in_use(run: Callable[..., Any]) -> None:
    graph = make_graph([("f", make_activity("CheckRamsey", "0", 0, 7), "qubit_frequency", {})])
    graph["activity"]["gate"]["steps"] = 1
    graph["entity"] |= {
        f"value:gate/{name}": {"kind": "value", "parameter": name, "value": 1, "in_use": in_use}
        for name, in_use in (("cr_amplitude", True), ("cr_phase", False))
    }
    graph["entity"]["release:a/friday"] = {"kind": "release", "name": "friday", "steps": 1}
    graph["wasGeneratedBy"] += [
        {"entity": f"value:gate/{name}", "activity": "gate"} for name in ("cr_amplitude", "cr_phase")
    ]
    graph["wasDerivedFrom"] = [
        {"generatedEntity": "release:a/friday", "usedEntity": "value:f/qubit_frequency"}
    ]
    rows = {row["node"]: row for row in list_rows(run, graph, later=True, root="f")}
    assert rows.keys() == {"gate", "release:a/friday"}
    assert [one["name"] for one in rows["gate"]["uses"]] == ["qubit_frequency"]
    assert [one["name"] for one in rows["gate"]["values"]] == ["cr_amplitude"]


@pytest.mark.parametrize("later", [False, True])
def test_rows_of_all_steps_read_the_graph_a_fixed_number_of_times(
    run: Callable[..., Any], *, later: bool
) -> None:
    steps = 1 if later else -1
    graph = make_graph(
        [(f"r{n}", make_activity("CheckRamsey", "0", steps, 7), f"f{n}", {}) for n in range(200)]
    )
    rows, reads = run(
        """([graph, later]) => {
            let reads = 0;
            const counted = (inner) => new Proxy(inner, { get: (one, key) => (reads++, one[key]) });
            const rows = all_rows({ ...graph, used: counted(graph.used), entity: counted(graph.entity) }, later);
            return [rows.length, reads];
        }""",
        [graph, later],
    )
    assert rows == 200
    assert reads < 10 * rows, "not once per row and relation"


def test_inputs_of_no_result_are_one_row_after_all_others(run: Callable[..., Any]) -> None:
    graph = make_graph([("c", make_activity("CheckRamsey", "1", -1, 6), "qubit_frequency", {})])
    for parameter, usage in (("control_amplitude", {}), ("drag_beta", {"from_laboratory": True})):
        entity = f"value:0/{parameter}"
        graph["entity"][entity] = {"kind": "value", "target": "0", "parameter": parameter}
        graph["used"].append(
            {"activity": "gate", "entity": entity, "input": parameter, "value": 0.7, **usage}
        )
    result, unrecorded = list_rows(run, graph)
    assert (result["node"], unrecorded["kind"], unrecorded["unfolds"]) == ("c", "unrecorded", False)
    assert [(one["name"], one["value"], one["from_laboratory"]) for one in unrecorded["values"]] == [
        ("control_amplitude", 0.7, False),
        ("drag_beta", 0.7, True),
    ]
    groups = run("(rows) => group_rows(rows, '1', '0-1').map((one) => one.title)", [unrecorded, result])
    assert groups == ["Control qubit 1", "No result"]
    texts = run(
        "([row, state]) => [draw_name(state, row), draw_values(state, row.values).map((one) => one.textContent)]",
        [unrecorded, {"data": {}, "titles": {"drag_beta": "DRAG beta"}}],
    )
    assert texts == [["default or laboratory"], ["control_amplitude 0.7", "DRAG beta 0.7 of the laboratory"]]


def test_inputs_of_no_result_belong_to_earlier_rows_only(run: Callable[..., Any]) -> None:
    graph = make_graph([])
    graph["entity"]["value:0/drag_beta"] = {"kind": "value", "target": "0", "parameter": "drag_beta"}
    graph["used"].append(
        {"activity": "gate", "entity": "value:0/drag_beta", "input": "drag_beta", "value": 0.7}
    )
    assert [row["kind"] for row in list_rows(run, graph)] == ["unrecorded"]
    assert list_rows(run, graph, later=True) == []


def test_only_results_with_further_steps_unfold(run: Callable[..., Any]) -> None:
    graph = make_graph([
        ("first", make_activity("CheckRabi", "0", -1, 3), "a", {}),
        ("cut", make_activity("CheckT1", "0", -1, 4, more_earlier=2), "t1", {}),
        ("inner", make_activity("CheckRamsey", "0", -1, 5), "f", {}),
    ])  # fmt: skip
    graph["used"].append({"activity": "inner", "entity": "value:first/a", "input": "a", "value": 5.0})
    assert {row["node"]: row["unfolds"] for row in list_rows(run, graph)} == {
        "first": False,
        "cut": True,
        "inner": True,
    }
