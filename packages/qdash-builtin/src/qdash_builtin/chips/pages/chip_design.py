"""Design view of a chip: its design values and its wiring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.chips.operations.chips import chip_design, set_design, show_chip
from qdash_builtin.chips.requests.chips import DesignRequest
from qdash_builtin.metrics.operations.metrics import metric_definitions
from qdash_core.chips.design import OF_COUPLINGS, OF_QUBITS
from qdash_core.errors import InvalidInputError, StaleError
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import dialog, fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.quantities import format_unit
from qdash_ui_streamlit.display.target_lists import ChipTargets, make_target_url, parse_target_list
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons
from qdash_ui_streamlit.forms.typed_numbers import parse_number

if TYPE_CHECKING:
    from qdash_builtin.chips.views.chips import ChipDesignDocument, ChipDocument, CouplingState, QubitState
    from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionsDocument
    from qdash_core.models.chip import WiringModel
    from qdash_ui_streamlit.display.target_lists import Kind
    from qdash_ui_streamlit.view import View

_DESIGN = (
    Column("target", "Target", link="link"),
    Column("name", "Design value"),
    Column("value", "Value", "quantity"),
    Column("source", "Source", help="Values of the chip take precedence over those of its backend"),
)
_WIRING = (
    Column("mux", "Multiplexer", "number"),
    Column("control", "Control lines", help="One for each qubit, in ascending order"),
    Column("read_out", "Readout"),
    Column("read_in", "Acquisition"),
    Column("pump", "Pump"),
)
_BOXES = (Column("module", "Module"), Column("box", "Box class"))
_KINDS: dict[str, Kind] = {"Qubits": "qubit", "Couplings": "coupling"}


@fragment
def render(view: View, chip_id: str) -> None:
    """Draw the design values that the tasks of a chip use, and its wiring."""
    rerun_on_events("design", ALL, chip_id=chip_id, at_most_every_s=10.0)
    chip, version = view.ask_versioned(show_chip, chip_id)
    definitions = view.ask(metric_definitions, chip_id=chip_id)
    st.header("Design values", anchor="design")
    st.caption("Tasks begin with them if the chip has no value of its own.")
    table(
        view,
        _DESIGN,
        make_design_rows(view, chip, view.ask(chip_design, chip_id), definitions),
        key="chip-design.values",
        label="Design values",
        empty="Neither the chip nor its backend has design values.",
        shown=50,
    )
    if view.edits:
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Set design value …", icon=":material/edit:", key="chip-design.set"):
                dialog(f"Set a design value of {chip_id}")(draw_design_form)(view, chip, version, definitions)
            address = view.link("edit-chip", chip=chip_id)
            st.markdown(f"[Set design values or wiring from a file]({address})", width="content")
    st.header("Wiring", anchor="wiring")
    if chip.wiring is None:
        show_empty("No wiring on record.", "Without it, the modules of the qubits are unknown to schedules.")
    else:
        _draw_wiring(view, chip.wiring)


def make_design_rows(
    view: View, chip: ChipDocument, design: ChipDesignDocument, definitions: MetricDefinitionsDocument
) -> list[dict[str, Any]]:
    """Return the design values of a chip as table rows, each with its source."""
    states: dict[str, QubitState | CouplingState] = {**chip.qubits, **chip.couplings}
    return [
        {
            "target": target,
            "link": make_target_url(view, chip.chip_id, target),
            "name": definitions.get_title(name),
            "value": (one.value, None, format_unit(one.unit)),
            "source": "chip" if name in (states[target].design or {}) else f"backend {chip.backend}",
        }
        for target, values in {**design.qubits, **design.couplings}.items()
        for name, one in values.items()
    ]


def draw_design_form(
    view: View, chip: ChipDocument, version: str, definitions: MetricDefinitionsDocument
) -> None:
    """Draw the form that sets a design value of targets, which is refused if the chip has changed since this version."""
    kind = st.radio("Kind", list(_KINDS), key="chip-design.kind", horizontal=True)
    quantities = OF_QUBITS if kind == "Qubits" else OF_COUPLINGS
    text = st.text_input(
        kind, key="chip-design.targets", placeholder="0-3, 7" if kind == "Qubits" else "0-1, 1-2"
    )
    name = st.selectbox(
        "Design value", list(quantities), format_func=definitions.get_title, key="chip-design.name"
    )
    absent = st.checkbox("No such value, even if the backend has one", key="chip-design.absent")
    label = f"Value ({format_unit(quantities[name].unit)})"
    value = st.text_input(label, key="chip-design.value", disabled=absent)

    def act() -> None:
        targets = parse_target_list(
            text, _KINDS[kind], ChipTargets(chip.chip_id, chip.qubits, chip.couplings)
        )
        if not targets:
            raise InvalidInputError(f"no {kind.lower()} are named: enter at least one")
        number = None if absent else parse_number("value", value)
        values = {target: {name: number} for target in targets}
        body = DesignRequest(qubits=values) if kind == "Qubits" else DesignRequest(couplings=values)
        try:
            view.ask(set_design.at_version(version), chip.chip_id, body=body)
        except StaleError as stale:
            raise StaleError(
                f"chip {chip.chip_id} has changed since this form was opened: go back, and check its design values"
            ) from stale

    ready = bool(text.strip()) and (absent or bool(value.strip()))
    problem = "" if ready else "Name targets, and enter a value."
    draw_dialog_buttons("Set", act, "Design value set", key="chip-design.go", problem=problem)


def _draw_wiring(view: View, wiring: WiringModel) -> None:
    rows = [
        {
            "mux": one.mux,
            "control": ", ".join(one.ctrl),
            "read_out": one.read_out,
            "read_in": one.read_in,
            "pump": one.pump,
        }
        for one in wiring.lines
    ]
    table(view, _WIRING, rows, key="chip-design.wiring", label="Wiring", shown=50)
    if wiring.boxes:
        boxes = [{"module": module, "box": box} for module, box in wiring.boxes.items()]
        table(view, _BOXES, boxes, key="chip-design.boxes", label="Box classes of modules", shown=50)
