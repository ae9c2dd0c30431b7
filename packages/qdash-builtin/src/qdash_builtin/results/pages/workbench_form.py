"""Form of the workbench: one task on a target or region, with every run parameter and input. The address holds the changed values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.chips.pages.schedule_preview import draw_schedule_preview
from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.results.pages.workbench_inputs import (
    draw_current_inputs,
    draw_input_fields,
    list_declared_inputs,
    needs_attention,
    parse_given_input,
    summarize_inputs,
)
from qdash_builtin.results.pages.workbench_url import INPUT, PARAMETER
from qdash_builtin.runs.operations.tasks import task_inputs
from qdash_builtin.runs.pages.run_labels import draw_scope_field, draw_tags_field
from qdash_builtin.runs.pages.run_submission import FormSubmission, draw_submission
from qdash_builtin.runs.pages.run_validation import (
    SCOPE,
    TAGS,
    TARGETS,
    RunFormValues,
    ValidatedRunForm,
    format_default,
    is_default,
    make_value_field_name,
    validate_run_form,
)
from qdash_builtin.runs.pages.value_fields import draw_value_field, get_value_key, list_choices
from qdash_core.errors import InvalidInputError, QDashError
from qdash_core.models.quantities import format_count
from qdash_ui_streamlit.display.columns import arrange_in_rows
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import begin_sentence, escape_markdown
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.reruns import rerun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.runs.pages.runnable import Runnable
    from qdash_builtin.runs.views.task_inputs import CurrentInputDocument
    from qdash_core.models.request import GivenInput
    from qdash_ui_streamlit.display.target_lists import ChipTargets
    from qdash_ui_streamlit.view import View

MOST_TARGETS = 200
"""Largest number of targets of a region."""
_KEY = "workbench"
_SAVED = "saved"
LABELS = (TAGS, SCOPE)
"""Query parameters with the tags and the value scope."""
_READ_ONLY = "You are a viewer of this project: the fields show the values, and only editors start runs. A dry run measures nothing."


@dataclass(frozen=True, slots=True)
class WorkbenchForm:
    """The workbench of a task: chip, task and targets as selected."""

    chip: ChipTargets
    runnable: Runnable
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunLabels:
    """Labels of a run as typed: tags, separated by commas, and the value scope of its accepted values, empty for none.

    `saved` says whether accepted values become the chip's, or those of the scope.
    """

    tags: str = ""
    saved: bool = False
    scope: str = ""


def list_changed_params() -> list[str]:
    """Return the query parameters in the URL that hold run parameters and inputs."""
    return [name for name in st.query_params if name.startswith((PARAMETER, INPUT))]


@fragment
def draw_workbench_form(view: View, form: WorkbenchForm) -> None:
    """Draw the form, its inputs and the buttons that start the run; a started run is written to the address."""
    if not view.edits:
        st.info(_READ_ONLY, icon=":material/lock:")
    at: dict[str, Any] = {}
    values = _draw_parameters(view, form, at)
    declared = _load_inputs(view, form)
    texts, given_problems, given = _parse_inputs(view, declared)
    at |= _draw_inputs(view, form, declared, texts, given)
    changed = [*_list_changed_parameters(form, values), *(f"{INPUT}{name}" for name in texts)]
    labels = _draw_recording(view, form, changed, at)
    found = validate_workbench(form, values, given, given_problems, labels)
    marked = {name: one for name, one in found.problems.items() if name != TARGETS or form.targets}
    for name, problem in marked.items():
        at.get(name, st).error(escape_markdown(begin_sentence(problem)), icon=":material/error:")
    if len(form.targets) > 1:
        draw_schedule_preview(view, form.chip, form.runnable, found.request, key=_KEY)
    obstacle = None if marked else "Enter a target first."
    draw_submission(view, found.request, key=_KEY, with_progress=False, obstacle=obstacle)
    _follow_submitted(view)


def validate_workbench(
    form: WorkbenchForm,
    values: Mapping[str, Any],
    given: Mapping[str, GivenInput],
    given_problems: Mapping[str, str],
    labels: RunLabels,
) -> ValidatedRunForm:
    """Return the request of the form, or its errors by field; the rules are those of the host.

    Run parameters are as typed, None or empty for the default; `given_problems` has the errors of inputs by field.
    """
    filled = RunFormValues(
        targets=", ".join(form.targets),
        values=values,
        tags=labels.tags,
        saved=labels.saved,
        scope=labels.scope,
    )
    found = validate_run_form(filled, form.chip, form.runnable)
    problems = {**found.problems, **given_problems}
    if form.runnable.kind != "chip" and not form.targets:
        problems[TARGETS] = "name a target, or several"
    if found.request is None or problems:
        return ValidatedRunForm(None, problems)
    # A single target is measured even if it is set aside, as by `qdash task run`.
    single = form.targets[0] if len(form.targets) == 1 else None
    return ValidatedRunForm(found.request.model_copy(update={"inputs": dict(given), "single": single}), {})


def _draw_parameters(view: View, form: WorkbenchForm, at: dict[str, Any]) -> dict[str, Any]:
    """Draw the fields of the run parameters as in the URL, and return their values as typed."""
    st.header("Run parameters", divider="gray")
    fields = form.runnable.fields
    if not fields:
        st.markdown("This task has no run parameters.")
        return {}
    values: dict[str, Any] = {}
    key = f"{_KEY}.{form.runnable.name}"
    for column, (name, declared) in arrange_in_rows(fields.items()):
        text = view.param(f"{PARAMETER}{name}")
        choices = list_choices(declared)
        known = next((one for one in choices or () if str(one) == text), None)
        widget = get_value_key(name, key=key)
        st.session_state[widget] = (text or "") if choices is None else known
        with column:
            draw_value_field(
                name,
                declared,
                key=key,
                on_change=partial(_write, view, f"{PARAMETER}{name}", widget),
                disabled=not view.edits,
            )
            if not is_default(name, text, declared):
                st.caption(escape_markdown(f"Changed. Default: {format_default(declared)}"))
            at[make_value_field_name(name)] = st.empty()
        values[name] = text if known is None else known
    return values


def _write(view: View, param: str, widget: str) -> None:
    value = st.session_state[widget]
    text = "" if value is None else str(value).strip()
    view.set_params(**{param: text or None})


def _load_inputs(view: View, form: WorkbenchForm) -> dict[str, list[CurrentInputDocument]] | None:
    """Return the inputs in use by declared name, or None if no target is selected or they cannot be read."""
    if not form.targets and form.runnable.kind != "chip":
        return None
    try:
        found = view.ask(task_inputs, form.chip.chip_id, form.runnable.name, target=tuple(form.targets))
    except QDashError as error:
        show_problem(error)
        return None
    st.session_state[f"{_KEY}.inputs_in_use"] = found
    return list_declared_inputs(found)


def _parse_inputs(
    view: View, declared: Mapping[str, Sequence[CurrentInputDocument]] | None
) -> tuple[dict[str, str], dict[str, str], dict[str, GivenInput]]:
    """Return the inputs in the URL: as typed, their errors by field, and their values."""
    texts, problems, given = {}, {}, {}
    for name, inputs in (declared or {}).items():
        text = view.param(f"{INPUT}{name}")
        if text is None:
            continue
        texts[name] = text
        try:
            given[name] = parse_given_input(name, text, inputs)
        except InvalidInputError as error:
            problems[f"{INPUT}{name}"] = str(error)
    return texts, problems, given


def _draw_inputs(
    view: View,
    form: WorkbenchForm,
    declared: Mapping[str, Sequence[CurrentInputDocument]] | None,
    texts: Mapping[str, str],
    given: Mapping[str, GivenInput],
) -> dict[str, Any]:
    """Draw the inputs in use and the fields that replace them, and return the placeholders for errors."""
    if declared is None:
        st.markdown("Name a target to see the inputs in use.")
        return {}
    if not declared:
        st.markdown("This task has no inputs.")
        return {}
    for name in declared:
        st.session_state[f"{_KEY}.input.{name}"] = texts.get(name, "")
    notable = bool(texts) or needs_attention(declared)
    with st.expander(escape_markdown(summarize_inputs(declared, texts, load_titles(view))), expanded=notable):
        draw_current_inputs(view, st.session_state[f"{_KEY}.inputs_in_use"], given, key=_KEY)
        several = " on every target" if len(form.targets) > 1 else ""
        st.markdown(
            "**Replace inputs in this run.** "
            f"A value such as `5.01` or `5.01±0.002` replaces the one in use{several}, in this run only."
        )
        at = draw_input_fields(
            view,
            declared,
            key=_KEY,
            on_change=lambda name: _write(view, f"{INPUT}{name}", f"{_KEY}.input.{name}"),
            disabled=not view.edits,
        )
    return {f"{INPUT}{name}": place for name, place in at.items()}


def _list_changed_parameters(form: WorkbenchForm, values: Mapping[str, Any]) -> list[str]:
    """Return the query parameters of run parameters that differ from their defaults."""
    return [
        f"{PARAMETER}{name}"
        for name, declared in form.runnable.fields.items()
        if not is_default(name, values[name], declared)
    ]


def _draw_recording(view: View, form: WorkbenchForm, changed: Sequence[str], at: dict[str, Any]) -> RunLabels:
    """Draw the fields of the labels, and the reset of changes; return the labels."""
    key = f"{_KEY}.{_SAVED}"
    saved = view.param(_SAVED) is not None
    st.session_state[key] = saved
    with st.container(horizontal=True, vertical_alignment="center"):
        st.checkbox(
            "Save accepted values",
            key=key,
            disabled=not view.edits,
            on_change=lambda: view.set_params(**{_SAVED: "on" if st.session_state[key] else None}),
            help="They become the chip's, or those of a value scope. Otherwise the results are trials: recorded, but no value changes.",
        )
        st.button(
            f"Undo {format_count(len(changed), 'change')}" if changed else "Undo changes",
            icon=":material/undo:",
            key=f"{_KEY}.reset",
            disabled=not changed or not view.edits,
            help="All parameters and inputs get their default values."
            if changed
            else "All parameters and inputs have their default values.",
            on_click=lambda: view.set_params(**dict.fromkeys(changed)),
        )
    for name in LABELS:
        st.session_state[f"{_KEY}.{name}"] = view.param(name) or ""
    left, right = st.columns(2)
    shared: Any = {"at": at, "disabled": not view.edits}
    with left:
        tags = draw_tags_field(
            key=f"{_KEY}.{TAGS}", on_change=partial(_write, view, TAGS, f"{_KEY}.{TAGS}"), **shared
        )
    if not saved:
        return RunLabels(tags)
    with right:
        scope = draw_scope_field(
            view,
            form.chip.chip_id,
            key=f"{_KEY}.{SCOPE}",
            on_change=partial(_write, view, SCOPE, f"{_KEY}.{SCOPE}"),
            **shared,
        )
    return RunLabels(tags, saved, scope)


def _follow_submitted(view: View) -> None:
    """Write the execution of a submitted run to the URL, and redraw the page with it."""
    submission: FormSubmission | None = st.session_state.get(f"{_KEY}.asked")
    if submission is None or submission.submitted is None:
        return
    started = submission.submitted.execution_id
    if st.session_state.get(f"{_KEY}.followed") != started:
        st.session_state[f"{_KEY}.followed"] = started
        view.set_params(execution=started, shown=None)
        rerun()
