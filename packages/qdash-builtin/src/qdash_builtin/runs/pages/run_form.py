"""Form of a run: flow or task, targets, parameters and a preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.chips.operations.schedules import list_strategies
from qdash_builtin.chips.operations.topology import chip_topology
from qdash_builtin.chips.pages.schedule_preview import draw_schedule_preview
from qdash_builtin.flows.operations import list_flows, show_flow
from qdash_builtin.runs.pages.chip_tasks import load_chip_tasks
from qdash_builtin.runs.pages.run_labels import draw_scope_field, draw_tags_field
from qdash_builtin.runs.pages.run_validation import (
    TARGETS,
    RunFormValues,
    make_value_field_name,
    select_fitting_targets,
    validate_run_form,
)
from qdash_builtin.runs.pages.runnable import make_flow_runnable, make_task_runnable
from qdash_builtin.runs.pages.value_fields import draw_value_field
from qdash_builtin.timetables.pages.run_start import draw_start
from qdash_core.judgement.conditions import Condition
from qdash_core.models.strategies import StrategySelection
from qdash_core.models.targets import by_number, make_coupling_id
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import begin_sentence, escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.target_lists import ChipTargets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from qdash_builtin.chips.views.strategies import StrategyDocument
    from qdash_builtin.runs.pages.runnable import Runnable
    from qdash_ui_streamlit.view import View

_WIDTH = 300
"""Width of a field in pixels."""
_FLOW, _TASK = "Flow", "Single task"
_CONDITIONS = {one: one.replace("-", " ").replace("spec", "specification") for one in Condition}
"""Conditions in words."""
_STRATEGY_FIELDS = {"qubit": "Strategy for qubits", "coupling": "Strategy for couplings"}
_TARGET_FIELDS = {
    "qubit": ("Qubits", "For example 0-3, 7, Q12. Empty: all qubits of the chip."),
    "coupling": ("Couplings", "For example 0-1, 3-2. Empty: all couplings of the chip."),
    "either": (
        "Qubits or couplings",
        "For example 0..3, 7, Q12 (qubits 0 to 3, 7 and 12) or 0-1, 3-2 (couplings). Empty: all qubits of the chip.",
    ),
}


@fragment
def draw_run_form(
    view: View,
    chip_id: str,
    targets: Sequence[str],
    *,
    task: str | None = None,
    flow: str | None = None,
    only: Sequence[str] = (),
    timetable_only: bool = False,
    in_dialog: bool = False,
    described: bool = True,
    key: str,
) -> None:
    """Draw the form. A user without permission to run sees the preview.

    Parameters
    ----------
    targets : sequence of str
        Selected qubits and couplings; none: all.
    task, flow : str or None
        Task or flow to run; if both are None, the form has a choice.
    only : sequence of str
        Selected conditions of targets.
    in_dialog : bool
        Whether a start closes the dialog of the form; the page then draws the run by `draw_started_run`.
    described : bool
        Whether to describe the flow or task; its own page does.
    """
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        runnable = _draw_choice(view, chip_id, targets, task=task, flow=flow, key=key)
    if runnable is None:
        return
    chip = _load_chip_targets(view, chip_id)
    at: dict[str, Any] = {TARGETS: st.empty()}
    if described:
        _describe(view, chip_id, runnable)
    arguments = st.container() if runnable.is_user_flow else None
    more = st.expander("More")
    filled = _draw_fields(view, chip, runnable, targets, only, at, (row, arguments or more, more), key=key)
    found = validate_run_form(filled, chip, runnable)
    for name, problem in found.problems.items():
        at[name].error(escape_markdown(begin_sentence(problem)), icon=":material/error:")
    with more:
        draw_schedule_preview(view, chip, runnable, found.request, key=key)
    draw_start(view, found.request, key=key, timetable_only=timetable_only, in_dialog=in_dialog)


def _draw_choice(
    view: View, chip_id: str, targets: Sequence[str], *, task: str | None, flow: str | None, key: str
) -> Runnable | None:
    """Draw the choice of a flow or task if none is given, and return it, or None if there is none to run."""
    if flow is not None:
        return make_flow_runnable(view.ask(show_flow, flow))
    if task is not None:
        return _load_task(view, chip_id, task)
    how = st.segmented_control(
        "Run", [_FLOW, _TASK], default=_FLOW, required=True, key=f"{key}.how", width="content"
    )
    return _select_flow(view, targets, key) if how == _FLOW else _select_task(view, chip_id, key)


def _select_flow(view: View, targets: Sequence[str], key: str) -> Runnable | None:
    flows = {one.name: one for one in view.every_offered(list_flows.paged(limit=200))}
    if not flows:
        show_empty("No flow is installed or saved.", "Run a single task instead.")
        return None
    usual = "two-qubit" if targets and all("-" in one for one in targets) else "check"
    at_first = list(flows).index(usual) if usual in flows else 0
    name = st.selectbox("Flow", list(flows), index=at_first, key=f"{key}.flow", width=_WIDTH)
    return make_flow_runnable(view.ask(show_flow, name))


def _select_task(view: View, chip_id: str, key: str) -> Runnable | None:
    tasks = load_chip_tasks(view, chip_id)
    there = [one.name for one in tasks if one.why_not is None]
    if not there:
        show_empty(f"Chip {chip_id} supports none of the {len(tasks)} installed tasks.")
        return None
    at_first = there.index("CheckT1") if "CheckT1" in there else 0
    lacking = len(tasks) - len(there)
    hint = f"{lacking} more are not available on this chip: the page Tasks says why." if lacking else None
    name = st.selectbox("Task", there, index=at_first, key=f"{key}.task", help=hint, width=_WIDTH)
    return _load_task(view, chip_id, name)


def _load_task(view: View, chip_id: str, name: str) -> Runnable | None:
    found = next((one for one in load_chip_tasks(view, chip_id) if name in (one.name, *one.aliases)), None)
    if found is None or found.why_not is not None:
        why = "is not installed" if found is None else found.why_not
        show_empty(f"Task {name} is not available on chip {chip_id}: it {why}.")
        return None
    return make_task_runnable(found)


def _describe(view: View, chip_id: str, runnable: Runnable) -> None:
    """Draw the description of a flow or task with its tasks, and the link to its page."""
    is_task = runnable.tasks == (runnable.name,)
    page = "tasks" if is_task else "flows"
    link = view.link(page, **{page[:-1]: runnable.name}, chip=chip_id)
    text = escape_markdown(runnable.description) if runnable.is_user_flow else runnable.description
    names = "" if is_task else f"  \n{', '.join(runnable.tasks)}"
    st.markdown(f"[{runnable.name}]({link}): {text}{names}")


def _draw_fields(
    view: View,
    chip: ChipTargets,
    runnable: Runnable,
    targets: Sequence[str],
    only: Sequence[str],
    at: dict[str, Any],
    places: tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator],
    *,
    key: str,
) -> RunFormValues:
    """Draw the fields of the targets, of the parameters and the others at their places; return their values.

    `at` gets the placeholder for errors of each field.
    """
    # Fields of another flow or of other targets have other keys: they do not keep typed values.
    key = f"{key}.{runnable.name}.{','.join((*targets, *only))}"
    row, parameters, more = places
    with row:
        typed, conditions = _draw_targets_field(chip, runnable, targets, only, key=key)
    with parameters:
        values = _draw_parameters(runnable, key=key, at=at)
    with more:
        if not view.edits:  # a preview has neither tags nor saved values
            scheduling = _draw_strategy_fields(view, runnable, key=key)
            return RunFormValues(typed, conditions, values, scheduling=scheduling)
        tags = draw_tags_field(key=f"{key}.tags", at=at)
        saved = st.checkbox(
            "Save accepted values",
            value=True,
            key=f"{key}.saved",
            help="Otherwise the results are trials: recorded, but no value changes.",
        )
        scope = draw_scope_field(view, chip.chip_id, key=f"{key}.scope", at=at) if saved else ""
        repeat = st.checkbox(
            "Measure once more after a jump",
            value=True,
            key=f"{key}.repeat",
            help="A saved result that is flagged only because it is far from the last value is measured once more in the run.",
        )
        scheduling = _draw_strategy_fields(view, runnable, key=key)
    return RunFormValues(typed, conditions, values, tags, saved, scope, repeat, scheduling)


def _draw_parameters(runnable: Runnable, *, key: str, at: dict[str, Any]) -> dict[str, Any]:
    """Draw the parameters of a task, or the arguments of a user's flow, side by side, and return their values."""
    values = {}
    if runnable.fields:
        st.markdown("**Arguments**" if runnable.is_user_flow else "**Run parameters**")
    with st.container(horizontal=True):
        for name, declared in runnable.fields.items():
            with st.container(width=_WIDTH):
                values[name] = draw_value_field(name, declared, key=key)
                at[make_value_field_name(name)] = st.empty()
    return values


def _draw_strategy_fields(view: View, runnable: Runnable, *, key: str) -> StrategySelection:
    """Draw the fields of the scheduling strategies and limits, and return the selection."""
    if runnable.kind == "chip" and not runnable.is_user_flow:
        return StrategySelection()
    known = [*view.every_offered(list_strategies)]
    st.markdown("**Order of measurement**")
    with st.container(horizontal=True):
        strategies = [
            name
            for kind, label in _STRATEGY_FIELDS.items()
            if (runnable.is_user_flow or runnable.kind in (kind, "either"))
            and (name := _select_strategy([one for one in known if one.kind == kind], label, key=key))
        ]
        max_parallel = st.number_input(
            "Targets at once, at most",
            min_value=1,
            value=None,
            step=1,
            key=f"{key}.max_parallel",
            placeholder="no limit",
            help="Otherwise as many as the strategy and the backend allow.",
            width=200,
        )
    one_of_each_mux = runnable.kind != "coupling" and st.checkbox(
        "One qubit of each multiplexer at a time",
        key=f"{key}.one_of_each_mux",
        help="Even if the backend could measure several together.",
    )
    return StrategySelection(
        strategies=tuple(strategies), max_parallel=max_parallel, one_of_each_mux=one_of_each_mux or None
    )


def _select_strategy(known: Sequence[StrategyDocument], label: str, *, key: str) -> str | None:
    described = {one.name: one.description for one in known}
    with st.container(width=_WIDTH):
        chosen: str | None = st.selectbox(
            label,
            list(described),
            index=None,
            key=f"{key}.{label}",
            placeholder=f"that of the flow, else {next((one.name for one in known if one.default), 'none')}",
            help="Groups and order of the targets. Numbered blocks of the timeline ran one after another.",
        )
        if chosen is not None:
            st.caption(escape_markdown(described[chosen]))
    return chosen


def _draw_targets_field(
    chip: ChipTargets, runnable: Runnable, targets: Sequence[str], only: Sequence[str], *, key: str
) -> tuple[str, list[Condition]]:
    if runnable.kind == "chip":
        chooses = "This flow chooses its targets itself: its function has no argument `qids`."
        st.markdown(chooses if runnable.is_user_flow else "This task runs on the whole chip.")
        return "", []
    label, hint = _TARGET_FIELDS[runnable.kind]
    if runnable.is_user_flow:
        hint = "For example 0-3, 7, Q12. The argument `qids` of the function; empty: its default."
    typed = st.text_input(
        label,
        value=", ".join(select_fitting_targets(targets, runnable.kind, chip)),
        key=f"{key}.targets",
        placeholder="as the flow chooses" if runnable.is_user_flow else "all",
        help=hint,
        width=_WIDTH,
    )
    if runnable.is_user_flow:  # it chooses its targets itself
        return typed, []
    selected = st.multiselect(
        "Only targets that are",
        [*Condition],
        default=[one for one in Condition if one in only],
        format_func=_CONDITIONS.__getitem__,
        key=f"{key}.only",
        placeholder="in any condition",
        help="A target must meet one of them when the run starts. Only metrics that the run measures count. "
        "Stale: too old, or an input has moved. Disputed: a newer result is flagged. Flagged: a flagged result awaits a decision. "
        "Failed: the status is failed.",
        width=_WIDTH,
    )
    return typed, selected


def _load_chip_targets(view: View, chip_id: str) -> ChipTargets:
    layout = view.ask(chip_topology, chip_id)
    couplings = sorted((make_coupling_id(*pair) for pair in layout.couplings), key=by_number)
    return ChipTargets(chip_id, tuple(one.id for one in layout.qubits), tuple(couplings))
