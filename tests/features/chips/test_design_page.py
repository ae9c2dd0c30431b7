"""Design view of a chip: design values with their source, their form, and the wiring."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.operations.chips import chip_design, show_chip
from qdash_builtin.chips.pages import chip
from qdash_builtin.chips.pages import chip_design as design_view
from qdash_builtin.chips.wiring_files import parse_wiring
from qdash_builtin.metrics.operations.metrics import metric_definitions
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.parsing.yaml_parser import parse_yaml

from ...ui.problems import list_problems
from .test_forms import press

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from ...ui.conftest import DashboardPages

WIRING = "a:\n  - {mux: 0, ctrl: [U10B-5, U10B-6, U10B-7, U10B-8], read_out: S159A-8, read_in: S159A-7}\n"


def add_chip(pages: DashboardPages) -> None:
    qdash = pages.qdash
    access = qdash.access("editor")
    qdash.get(CHIPS).create(
        access,
        "a",
        get_builtin_topology("linear-4"),
        backend="fake",
        wiring=parse_wiring(parse_yaml(WIRING), "a"),
        design={"1": {"qubit_frequency": 5.1}},
    )


def open_form(pages: DashboardPages, version: str = "") -> AppTest:
    view = pages.view("editor")
    found, current = view.ask_versioned(show_chip, "a")
    definitions = view.ask(metric_definitions)
    return pages.draw(
        lambda view: design_view.draw_design_form(view, found, version or current, definitions), view
    )


def fill(page: AppTest, targets: str, value: str) -> AppTest:
    page.text_input(key="chip-design.targets").input(targets)
    page.text_input(key="chip-design.value").input(value)
    return press(page.run(), "Set")


def test_design_values_name_their_source(dashboard_pages: DashboardPages) -> None:
    add_chip(dashboard_pages)
    view = dashboard_pages.view("viewer")
    found = view.ask(show_chip, "a")
    rows = design_view.make_design_rows(view, found, view.ask(chip_design, "a"), view.ask(metric_definitions))
    assert ("1", "Qubit frequency", (5.1, None, "GHz"), "chip") in [
        (one["target"], one["name"], one["value"], one["source"]) for one in rows
    ]
    assert {one["source"] for one in rows if (one["target"], one["name"]) != ("1", "Qubit frequency")} <= {
        "backend fake"
    }


@pytest.mark.slow
def test_a_viewer_sees_design_and_wiring_without_buttons(dashboard_pages: DashboardPages) -> None:
    add_chip(dashboard_pages)
    page = dashboard_pages.page(chip.render, "viewer", chip="a", view="design")
    assert list_problems(page) == []
    assert [one.value for one in page.header] == ["Design values", "Wiring"]
    assert page.button == []
    assert page.info == []
    text = " ".join(one.proto.body for one in page.get("html"))
    for route, file in (
        ("context", "context-a.json"),
        ("context-page", "context-a.md"),
        ("report", "report-a.html"),
    ):
        assert re.search(f'/chips/a/{route}" download="{file}"', text)


def test_a_design_value_of_several_qubits_is_set(dashboard_pages: DashboardPages) -> None:
    add_chip(dashboard_pages)
    page = fill(open_form(dashboard_pages), "0,2", "4.9")
    assert list_problems(page) == []
    qdash = dashboard_pages.qdash
    found = qdash.get(CHIPS).show(qdash.access("viewer"), "a")
    assert [found.qubits[one].design.get("qubit_frequency") for one in "0123"] == [4.9, 5.1, 4.9, None]


def test_refused_design_values_name_the_reason_and_change_nothing(dashboard_pages: DashboardPages) -> None:
    add_chip(dashboard_pages)
    page = open_form(dashboard_pages)
    for targets, value, reason in (
        ("9", "5", "has no qubit 9"),
        ("0", "fast", "is not a finite number"),
        ("0", "5100", "from 0.01 to 100"),
    ):
        assert reason in list_problems(fill(page, targets, value))[0]
    stale = fill(open_form(dashboard_pages, version='"old"'), "1", "5.3")
    assert "has changed since this form was opened" in list_problems(stale)[0]
    qdash = dashboard_pages.qdash
    found = qdash.get(CHIPS).show(qdash.access("viewer"), "a")
    assert [found.qubits[one].design for one in "01"] == [{}, {"qubit_frequency": 5.1}]
