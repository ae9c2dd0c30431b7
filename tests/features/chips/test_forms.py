"""Pages that create, edit, export, import and delete chips."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.operations.chips import show_chip
from qdash_builtin.chips.pages import edit_chip, new_chip
from qdash_builtin.chips.pages.chip_layout import make_layout
from qdash_builtin.chips.pages.layout_picture import describe_topology, make_layout_svg
from qdash_builtin.chips.views.layouts import TopologyDocument
from qdash_builtin.exchange.pages import chip_export, chip_import
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.errors import NotFoundError
from qdash_ui_streamlit.view import View

from ...calibrated_chips import set_device_values
from ...ui.problems import list_problems

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from ...ui.conftest import DashboardPages

PAIR: dict[str, Any] = {
    "name": "pair",
    "qubits": [{"id": str(number), "row": 0, "col": number, "mux": 0} for number in range(2)],
    "couplings": [["0", "1"]],
}
WIRING = "a:\n  - {mux: 0, ctrl: [U10B-5, U10B-6], read_out: S159A-8, read_in: S159A-7}\n"


@pytest.fixture
def went(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Pages to which the page has switched, with their parameters."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(View, "go", lambda _view, path, **params: found.append({"page": path, **params}))
    return found


def upload(page: AppTest, name: str, contents: str, label: str = "") -> AppTest:
    (given,) = (one for one in page.file_uploader if label in one.label)
    return given.set_value((name, contents.encode(), "text/plain")).run()


def press(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == label).click().run()


def add_pair(pages: DashboardPages, chip_id: str = "a") -> None:
    qdash = pages.qdash
    topology = get_builtin_topology("linear-2")
    qdash.get(CHIPS).create(qdash.access("editor"), chip_id, topology, backend="fake")


def test_a_layout_is_drawn_with_every_qubit_and_coupling() -> None:
    topology = TopologyDocument.from_topology(get_builtin_topology("heavy-hex-27"))
    svg = make_layout_svg(make_layout(topology))
    assert (svg.count("<circle"), svg.count("<line"), svg.count("<text")) == (27, 28, 27)
    assert describe_topology(topology) == "27 qubits, 28 couplings, 7 multiplexers"
    unplaced = {**PAIR, "qubits": [{"id": "0", "row": None, "col": None, "mux": None}], "couplings": []}
    assert describe_topology(TopologyDocument.model_validate(unplaced)).startswith("1 qubit, 0 couplings; ")


def test_a_chip_is_created_from_a_topology_after_its_id_is_checked(
    dashboard_pages: DashboardPages, went: list[dict[str, Any]]
) -> None:
    page = dashboard_pages.page(new_chip.render, "editor", topology="linear-3")
    assert list_problems(page) == []
    assert next(one for one in page.button if one.label == "Create chip").disabled
    page.text_input[0].input("no spaces").run()
    assert "beginning with a letter or digit" in list_problems(page)[0]
    page.text_input[0].input("three").run()
    press(page, "Create chip")
    assert went == [{"page": "chip", "chip": "three"}]
    chip = dashboard_pages.qdash.get(CHIPS).show(dashboard_pages.qdash.access("viewer"), "three")
    assert (list(chip.qubits), chip.header.backend) == (["0", "1", "2"], "fake")
    press(page, "Create chip")
    assert "exists already" in list_problems(page)[0]
    wrong = dashboard_pages.page(new_chip.render, "editor", topology="linear-0")
    assert "There is no topology" in list_problems(wrong)[0]


def test_a_chip_is_created_from_a_file_whose_error_has_its_line(
    dashboard_pages: DashboardPages, went: list[dict[str, Any]]
) -> None:
    page = dashboard_pages.page(new_chip.render, "editor", source="file")
    upload(page, "pair.json", json.dumps({**PAIR, "couplings": [["0", "7"]]}, indent=1))
    assert "there is no qubit 7 (line 18)" in list_problems(page)[0]
    upload(page, "pair.json", json.dumps(PAIR))
    page.text_input[0].input("b").run()
    press(page, "Create chip")
    assert [one["chip"] for one in went] == ["b"]

    exported = dashboard_pages.host.connect_as("viewer").get("/chips/b/export").text
    again = dashboard_pages.page(new_chip.render, "editor", source="export")
    upload(again, "b.json", exported)
    press(again, "Create chip")
    assert "exists already" in list_problems(again)[0]
    again.text_input[0].input("c").run()
    press(again, "Create chip")
    assert [one["chip"] for one in went] == ["b", "c"]


def test_a_twin_is_created_with_a_preview_of_its_device(
    dashboard_pages: DashboardPages, went: list[dict[str, Any]]
) -> None:
    page = dashboard_pages.page(new_chip.render, "editor", source="twin", device="jakarta")
    press(page, "Create chip")
    assert went == [{"page": "chip", "chip": "jakarta"}]
    page.text_input[0].input("mine").run()
    page.query_params["device"] = "guadalupe"
    assert page.run().text_input[0].value == "mine"
    access = dashboard_pages.qdash.access("viewer")
    assert dashboard_pages.qdash.get(CHIPS).get_header(access, "jakarta").size == 7


def test_layout_wiring_and_design_of_a_chip_are_edited(dashboard_pages: DashboardPages) -> None:
    qdash = dashboard_pages.qdash
    add_pair(dashboard_pages)
    page = dashboard_pages.page(edit_chip.render, "editor", chip="a")
    page.selectbox(key="edit-chip.topology.linear-2").set_value("heavy-hex-27")
    press(page, "Change layout")
    assert "Chip a is not a 'heavy-hex-27'" in list_problems(page)[0]

    page = dashboard_pages.page(edit_chip.render, "editor", chip="a")
    upload(page, "wiring.yaml", "a:\n  - {mux: 0}\n", "Wiring")
    assert "(line 2)" in list_problems(page)[0]
    upload(page, "wiring.yaml", WIRING, "Wiring")
    press(page, "Replace wiring")
    assert list_problems(page) == []
    upload(page, "design.yaml", "qubits: {'0': {qubit_frequency: 5.1}}", "Design")
    press(page, "Set design values")
    assert list_problems(page) == []
    view = dashboard_pages.view("editor")
    earlier = view.connection.ask(show_chip, "a")
    page = dashboard_pages.draw(lambda view: edit_chip.draw_design(view, earlier, '"1"'), view)
    upload(page, "design.yaml", "qubits: {'0': {qubit_frequency: 4.9}}")
    press(page, "Set design values")
    assert "was changed" in list_problems(page)[0]
    chip = qdash.get(CHIPS).show(qdash.access("viewer"), "a")
    assert chip.header.wiring is not None
    assert chip.qubits["0"].design == {"qubit_frequency": 5.1}


def test_the_deletion_of_a_chip_with_values_has_to_be_agreed_and_leaves_the_page(
    dashboard_pages: DashboardPages, went: list[dict[str, Any]]
) -> None:
    qdash = dashboard_pages.qdash
    add_pair(dashboard_pages)
    set_device_values(qdash, "default", "a")
    page = dashboard_pages.page(edit_chip.render, "editor", chip="a")
    press(page, "Delete chip …")
    assert not page.exception
    page = dashboard_pages.page(lambda view: edit_chip.draw_deletion_form(view, "a"), "editor", chip="a")
    assert any("**Deleted:** 2 qubits, 1 coupling" in one.value for one in page.markdown)
    press(page, "Delete chip")
    assert list_problems(page) == ["Confirm that its values and history are deleted as well."]
    page.checkbox(key="edit-chip.force").check().run()
    press(page, "Delete chip")
    with pytest.raises(NotFoundError):
        qdash.get(CHIPS).get_header(qdash.access("viewer"), "a")
    assert went == [{"page": "overview"}]


def test_a_device_is_previewed_with_the_reasons_for_what_is_left_out(dashboard_pages: DashboardPages) -> None:
    add_pair(dashboard_pages)
    set_device_values(dashboard_pages.qdash, "default", "a")
    page = dashboard_pages.page(
        chip_export.render, "viewer", chip="a", format="device-topology", exclude="0-1", largest_part="on"
    )
    assert list_problems(page) == []
    assert any(
        "Usable: **1 qubit and 0 couplings**. Left out: 2 targets." in one.value for one in page.markdown
    )
    assert '"device_id": "a"' in page.code[0].value
    refused = dashboard_pages.page(
        chip_export.render, "viewer", chip="a", format="device", min_qubit_fidelity="high"
    )
    assert "min_qubit_fidelity" in list_problems(refused)[0]
    whole = dashboard_pages.page(chip_export.render, "viewer", chip="a")
    assert '"chip_id": "a"' in whole.code[0].value
    packed = dashboard_pages.page(chip_export.render, "viewer", chip="a", format="zip")
    assert list_problems(packed) == []
    assert packed.code == []
    assert list(packed.caption) == [], "the archive is listed"
    options = next(one for one in whole.selectbox if one.label == "Format").options
    assert "csv: its values as a table, one a row" in options
    assert not any("qubex-params" in one for one in options)  # it copies files of the host


def test_values_of_a_file_are_compared_before_they_are_imported(dashboard_pages: DashboardPages) -> None:
    qdash = dashboard_pages.qdash
    add_pair(dashboard_pages)
    table = "kind,target,parameter,value,error,unit\nqubit,0,t1,80,1,us\nqubit,7,t1,80,1,us\n"
    page = dashboard_pages.page(chip_import.render, "editor", chip="a")
    upload(page, "values.csv", table)
    assert list_problems(page) == []
    assert any("**csv**: the import changes 1 of 2 numbers." in one.value for one in page.markdown)
    press(page, "Import")
    assert list_problems(page) == []
    assert qdash.get(CHIPS).show(qdash.access("viewer"), "a").qubits["0"].data["t1"].value == 80
    assert "Imported" in page.success[0].value
    upload(page, "values.csv", "kind,target\n")
    assert len(list_problems(page)) == 1


def test_owners_open_the_audit_log_of_a_chip(dashboard_pages: DashboardPages) -> None:
    add_pair(dashboard_pages)
    shown = {
        user: any("of=project&amp;subject=%2Fchips%2Fa" in one.proto.body for one in page.get("html"))
        for user in ("owner", "editor")
        for page in [dashboard_pages.page(edit_chip.render, user, chip="a")]
    }
    assert shown == {"owner": True, "editor": False}


@pytest.mark.parametrize("render", [new_chip.render, edit_chip.render, chip_import.render])
def test_viewers_have_no_forms(dashboard_pages: DashboardPages, render: Any) -> None:
    add_pair(dashboard_pages)
    page = dashboard_pages.page(render, "viewer", chip="a")
    assert list_problems(page) == []
    assert page.button == []
    assert page.file_uploader == []
    assert page.info[0].value.startswith("Editors of the project")
