"""Start of a new flow: its name, and the flow from which it is copied."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.flows.operations import show_flow_source
from qdash_builtin.flows.pages.flow_place import PAGE
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.forms.buttons import press_when_possible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.flows.views.saved_flows import FlowEntryDocument
    from qdash_ui_streamlit.view import View

EXAMPLE = "example"
"""Start of a flow from no other."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_SOURCE = '''from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import AllMuxTargets, QubitTargets


def example(
    username, chip_id, project_id, flow_name, qids=None, tags=(), *, rounds: int = 2, shots: int = 1024
):
    """T1 of the qubits, again and again."""
    targets = QubitTargets(qids) if qids else AllMuxTargets()
    cal = CalibService(
        username,
        chip_id,
        project_id=project_id,
        flow_name=flow_name,
        tags=tags,
        default_run_parameters={"shots": shots},
    )
    for _ in range(rounds):
        cal.run(targets, steps=[CustomOneQubit(tasks=["CheckT1"])])
    cal.finish_calibration()
'''


@dialog("New flow")
def show_new_flow(view: View, known: Sequence[FlowEntryDocument], start: str | None = None) -> None:
    """Draw the form of a new flow: a copy of the flow `start`, or of the user's choice if it is None."""
    described = {one.name: one.description for one in known}
    starts = [EXAMPLE, *described] if start is None else [start]
    name = st.text_input("Name", key="flows.new.name", max_chars=64, placeholder="night").strip()
    chosen = st.selectbox(
        "Start from",
        starts,
        format_func=lambda one: "a small example" if one == EXAMPLE else one,
        key="flows.new.start",
        help="The new flow does the same at first.",
    )
    if chosen != EXAMPLE:
        st.caption(escape_markdown(described.get(chosen, "")))
    problem = _find_problem(name, [one.name for one in known])
    if press_when_possible("Open the editor", problem, key="flows.new.open"):
        view.go(PAGE, flow=name, start=chosen, chip=view.param("chip"))


def _find_problem(name: str, taken: Sequence[str]) -> str:
    if name in taken:
        return "There is a flow of this name: choose another."
    if not _NAME.fullmatch(name):
        return "A name has up to 64 letters, digits, - and _, no spaces, and begins with a letter or digit."
    return ""


def load_start(view: View, name: str, start: str, chip_id: str | None) -> str:
    """Return the source with which the flow `name` begins; raise NotFoundError or InvalidInputError if it cannot be copied."""
    if start == EXAMPLE:
        function = name.replace("-", "_")
        return _SOURCE.replace("def example(", f"def {function}(") if function.isidentifier() else _SOURCE
    return view.ask(show_flow_source, start, chip_id=chip_id).source
