"""Workbench page: one task on a target or region, with every parameter, and its result beside an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.operations.topology import chip_topology
from qdash_builtin.results.pages.workbench_form import (
    MOST_TARGETS,
    WorkbenchForm,
    draw_workbench_form,
    list_changed_params,
)
from qdash_builtin.results.pages.workbench_results import draw_workbench_results
from qdash_builtin.runs.pages.chip_tasks import load_chip_tasks
from qdash_builtin.runs.pages.run_validation import SCOPE, select_fitting_targets
from qdash_builtin.runs.pages.runnable import make_task_runnable
from qdash_core.errors import InvalidInputError
from qdash_core.models.target_lists import format_targets
from qdash_core.models.targets import by_number, make_coupling_id
from qdash_ui_streamlit.display.markdown import begin_sentence, escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_no_chip
from qdash_ui_streamlit.display.session_cache import cache_in_session
from qdash_ui_streamlit.display.target_lists import ChipTargets, parse_target_list
from qdash_ui_streamlit.forms.option_lists import load_chips
from qdash_ui_streamlit.forms.query_params import draw_choice, draw_text_field

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from qdash_builtin.chips.views.layouts import TopologyDocument
    from qdash_builtin.runs.pages.runnable import Runnable
    from qdash_ui_streamlit.display.target_lists import Kind
    from qdash_ui_streamlit.view import View

_OF_RUN = ("execution", "shown", "before")
"""Query parameters that belong to a run."""
_USUAL_TASK = "CheckT1"
_TOPOLOGY = "qdash.workbench.topology"
_MUX = "workbench.mux"
_TARGET_FIELDS: dict[Kind, tuple[str, str]] = {
    "qubit": ("Qubits", "0, or 0-3, 7"),
    "coupling": ("Couplings", "0-1, or 0-1, 3-2"),
}


def render(view: View) -> None:
    """Draw the page."""
    st.title("Workbench", anchor=False)
    chip_id, chips = load_chips(view)
    if chip_id is None:
        show_no_chip(view)
        return
    topology = cache_in_session(
        _TOPOLOGY, (view.project_id, chip_id), lambda: view.ask(chip_topology, chip_id)
    )
    chip = make_chip_targets(chip_id, topology)
    changed = list_changed_params()
    row = st.container(horizontal=True, vertical_alignment="bottom")
    below = st.container()  # on a narrow page the row scrolls, and would hide an error
    with row:
        draw_choice(view, "chip", "Chip", chips, clears=(*changed, *_OF_RUN, "targets", SCOPE), width=180)
        runnable = _select_task(view, chip_id, below, clears=(*changed, *_OF_RUN))
        if runnable is None:
            return
        targets = _select_targets(view, chip, topology, runnable, below)
    st.markdown(
        f"{runnable.description} [About the task]({view.link('tasks', task=runnable.name, chip=chip_id)})"
    )
    if targets is None:
        return
    draw_workbench_form(view, WorkbenchForm(chip, runnable, targets))
    shown = ("",) if runnable.kind == "chip" else targets  # the target of a task on the whole chip is empty
    draw_workbench_results(view, chip_id, runnable.name, shown)


def make_chip_targets(chip_id: str, topology: TopologyDocument) -> ChipTargets:
    """Return the qubits and couplings of a topology."""
    couplings = sorted((make_coupling_id(*pair) for pair in topology.couplings), key=by_number)
    return ChipTargets(chip_id, tuple(one.id for one in topology.qubits), tuple(couplings))


def _select_task(
    view: View, chip_id: str, below: DeltaGenerator, *, clears: tuple[str, ...]
) -> Runnable | None:
    """Draw the choice of a task, and return it, or None with the reason `below` if it is not available on the chip."""
    tasks = {one.name: one for one in load_chip_tasks(view, chip_id)}
    available = [name for name, one in tasks.items() if one.why_not is None]
    named = view.param("task")
    named = next((one.name for one in tasks.values() if named in one.aliases), named)
    if named is not None and named not in available:
        why = tasks[named].why_not if named in tasks else "is not installed"
        below.warning(
            escape_markdown(f"Task {named} is not available on chip {chip_id}: it {why}."),
            icon=":material/block:",
        )
    if not available:
        with below:
            show_empty(f"Chip {chip_id} supports none of the {len(tasks)} installed tasks.")
        return None
    if named not in available:
        named = _USUAL_TASK if _USUAL_TASK in available else available[0]
    view.set_params(task=named)
    draw_choice(view, "task", "Task", available, clears=clears, width=330)
    return make_task_runnable(tasks[named])


def _select_targets(
    view: View, chip: ChipTargets, topology: TopologyDocument, runnable: Runnable, below: DeltaGenerator
) -> tuple[str, ...] | None:
    """Draw the field of the targets, and return them, or None with the error `below` if the text is invalid."""
    if runnable.kind == "chip":
        return ()
    label, example = _TARGET_FIELDS[runnable.kind]
    typed = draw_text_field(view, "targets", label, placeholder=example, clears=_OF_RUN, width=260)
    _draw_mux_choice(view, chip, topology, runnable.kind)
    try:
        targets = parse_target_list(typed or "", runnable.kind, chip)
    except InvalidInputError as error:
        below.error(escape_markdown(begin_sentence(str(error))), icon=":material/error:")
        return None
    if len(targets) > MOST_TARGETS:
        below.error(
            f"{len(targets)} targets: a region has at most {MOST_TARGETS}. Run a flow on more.",
            icon=":material/error:",
        )
        return None
    return targets


def _draw_mux_choice(view: View, chip: ChipTargets, topology: TopologyDocument, kind: Kind) -> None:
    """Draw the choice of a multiplexer, whose qubits, or couplings among them, become the targets."""
    members: dict[int, list[str]] = {}
    for one in topology.qubits:
        if one.mux is not None:
            members.setdefault(one.mux, []).append(one.id)
    if not members:
        return

    def select() -> None:
        qubits = members[st.session_state[_MUX]]
        targets = select_fitting_targets(qubits, kind, chip)
        view.set_params(targets=format_targets(targets) or None, **dict.fromkeys(_OF_RUN))
        st.session_state[_MUX] = None

    st.session_state.setdefault(_MUX, None)
    st.selectbox(
        "Multiplexer",
        sorted(members),
        index=None,
        placeholder="choose …",
        key=_MUX,
        on_change=select,
        width=150,
    )
