"""Decisions on a result: accept, reject, or use its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_builtin.chips.pages.targets import get_input_kind
from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.provenance.operations import show_impact
from qdash_builtin.provenance.pages.impact import describe_impact, has_impact, list_few, make_impact_url
from qdash_builtin.values.operations.value_changes import accept_result, reject_result, use_result
from qdash_builtin.values.pages.value_changes import describe_changes, format_value_or_none
from qdash_builtin.values.requests.value_changes import DecisionRequest, UseRequest
from qdash_cli.rendering.output import format_count
from qdash_core.errors import StaleError
from qdash_core.models.task import TaskStatus
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.quantities import format_value
from qdash_ui_streamlit.display.session_cache import cache_in_session
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_builtin.values.views.shown_values import ValueDocument
    from qdash_builtin.values.views.values import DecisionDocument
    from qdash_core.operations.operation import Operation
    from qdash_ui_streamlit.view import View

_TOLD = "result.decision"
_MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class DecisionChoice:
    """Kind of decision: its button, operation and meaning.

    `replaces_newer` is True if it also replaces newer values, `withdraws` if it withdraws values that others may have used.
    """

    label: str
    icon: str
    operation: Operation[..., DecisionDocument]
    meaning: str
    needs_reason: bool = False
    replaces_newer: bool = False
    withdraws: bool = False


CHOICES = (
    DecisionChoice(
        "Accept",
        ":material/check_circle:",
        accept_result,
        "The newest accepted result becomes the value of each parameter. Values that were measured later stay.",
    ),
    DecisionChoice(
        "Reject",
        ":material/block:",
        reject_result,
        "If its values are in use, those of the newest accepted result replace them.",
        needs_reason=True,
        withdraws=True,
    ),
    DecisionChoice(
        "Use these values",
        ":material/publish:",
        use_result,
        "They become the values of the chip, whatever their age, until a newer result is accepted.",
        replaces_newer=True,
    ),
)


def can_be_decided(view: View, result: RecordedResult) -> bool:
    """Return whether the user may decide on a result: it has values of a qubit or coupling.

    The host refuses those of simulations that were not adopted and of scopes that were not committed, with the reason.
    """
    has_values = result.task_type in ("qubit", "coupling") and bool(result.output_parameters)
    return view.edits and has_values and result.status is TaskStatus.COMPLETED


def draw_decision(view: View, result: RecordedResult, *, metric: str | None = None) -> None:
    """Draw the buttons for a decision on a result, and the outcome of the last one.

    The forms propose the parameter `metric`, or None for all of the result.
    """
    if not can_be_decided(view, result):
        return
    with st.container(horizontal=True):
        for choice in CHOICES:
            if st.button(f"{choice.label} …", icon=choice.icon, key=f"decide.{choice.label}"):
                _ask_for_decision(view, result, choice, metric)
    told = st.session_state.get(_TOLD)
    if told and told[0] == result.task_id:
        st.success(told[1], icon=":material/check:")


def _ask_for_decision(view: View, result: RecordedResult, choice: DecisionChoice, metric: str | None) -> None:
    present = load_present_values(view, result) if choice.replaces_newer else None
    dialog(f"{choice.label}?")(draw_decision_form)(
        view, result, choice, once=uuid4().hex, metric=metric, present=present
    )


def load_present_values(view: View, result: RecordedResult) -> Mapping[str, ValueDocument]:
    """Return the present values of the target of a result."""
    return view.ask(get_input_kind(result.qid).show, result.chip_id, result.qid).values or {}


def draw_decision_form(
    view: View,
    result: RecordedResult,
    choice: DecisionChoice,
    *,
    once: str,
    metric: str | None = None,
    present: Mapping[str, ValueDocument] | None = None,
) -> None:
    """Draw the form of a decision on a result; parameters as of `draw_decision`.

    Parameters
    ----------
    once : str
        Idempotency key.
    present : mapping or None
        Values that the decision would replace, by parameter, when the form was opened, or None if it replaces no newer ones.
    """
    st.markdown(choice.meaning)
    names = list(result.output_parameters)
    proposed = [metric] if metric in names else names
    # The key contains the parameter: a widget keeps its choice when another form opens.
    key = f"decide.parameters.{result.task_id}.{metric}"
    titles = load_titles(view)
    chosen = st.multiselect(
        "Parameters", names, default=proposed, format_func=lambda one: titles.get(one, one), key=key
    )
    if present is not None:
        _draw_replacements(result, chosen, present, titles)
    if choice.withdraws and chosen:
        _draw_impact(view, result, None if chosen == names else chosen, once)
    reason = st.text_input("Reason" if choice.needs_reason else "Reason (optional)", key="decide.reason")

    def act() -> None:
        if present is not None and not _is_done(once):
            _refuse_changed(load_present_values(view, result), present, chosen, titles)
        metrics = None if chosen == names else chosen
        request = UseRequest if choice.replaces_newer else DecisionRequest
        body = request(metrics=metrics, reason=reason)
        decided = view.ask(choice.operation.once(once), result.task_id, body=body)
        used = len(decided.used_by)
        later = f" {format_count(used, 'result')} had used it: {_list_users(view, decided)}." if used else ""
        st.session_state[_TOLD] = (result.task_id, describe_changes(view, decided.event) + later, once)

    problem = "Choose a parameter." if not chosen else ""
    if choice.needs_reason and not reason.strip():
        problem = "Give a reason."
    draw_dialog_buttons(choice.label, act, "Decision saved", key="decide.go", problem=problem)


def _draw_replacements(
    result: RecordedResult,
    chosen: Sequence[str],
    present: Mapping[str, ValueDocument],
    titles: Mapping[str, str],
) -> None:
    """Draw the values that a decision would replace, and the new ones."""
    for name in chosen[:_MOST_SHOWN]:
        new = result.output_parameters[name]
        st.text(
            f"{titles.get(name, name)}: {format_value_or_none(present.get(name))} → {format_value(new.value, new.error, new.unit)}"
        )
    if (rest := len(chosen) - _MOST_SHOWN) > 0:
        st.text(f"and {rest} more")


def _is_done(once: str) -> bool:
    """Return whether the decision with this key was the last one: the button was pressed twice."""
    told = st.session_state.get(_TOLD)
    return told is not None and bool(told[2] == once)


def _refuse_changed(
    now: Mapping[str, ValueDocument],
    present: Mapping[str, ValueDocument],
    chosen: Sequence[str],
    titles: Mapping[str, str],
) -> None:
    changed = [titles.get(name, name) for name in chosen if now.get(name) != present.get(name)]
    if changed:
        raise StaleError(
            f"{', '.join(changed)} changed since this form was opened, by a run or a user: go back, and check the values"
        )


def _draw_impact(view: View, result: RecordedResult, metrics: Sequence[str] | None, once: str) -> None:
    """Draw the impact of withdrawing values: the numbers, the first few results and values, and a link to all."""
    impact = cache_in_session(
        "decide.impact",
        (once, metrics and tuple(metrics)),
        lambda: view.ask(show_impact, result.task_id, metric=list(metrics or ())),
    )
    if not has_impact(impact):
        st.markdown("Nothing has used these values.")
        return
    lines = [describe_impact(impact), *list_few(view, impact)]
    st.markdown(
        "  \n".join([*lines, f"[Everything that used this result]({make_impact_url(view, result.task_id)})"])
    )


def _list_users(view: View, decided: DecisionDocument) -> str:
    few = [
        f"[{one.name} on {one.target}]({view.link('result', result=one.task_id)})"
        for one in decided.used_by[:_MOST_SHOWN]
    ]
    everything = f"[everything that used it]({make_impact_url(view, decided.task_id)})"
    return f"{', '.join(few)}; {everything}"
