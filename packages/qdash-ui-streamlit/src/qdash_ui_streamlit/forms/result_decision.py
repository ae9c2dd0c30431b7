"""Decisions on a result: accept, reject, or use its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_client.generated.api.values import accept_result, reject_result, use_result
from qdash_client.generated.models.decision_request import DecisionRequest
from qdash_core.models.task import TaskStatus
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.value_changes import describe_changes
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons

if TYPE_CHECKING:
    from qdash_core.documents.results import RecordedResult
    from qdash_core.documents.values import DecisionDocument
    from qdash_ui_streamlit.view import Operation, View

_TOLD = "result.decision"


@dataclass(frozen=True, slots=True)
class DecisionChoice:
    """Kind of decision: its button, its operation, and its meaning."""

    label: str
    icon: str
    operation: Operation[DecisionDocument]
    meaning: str
    needs_reason: bool = False


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
    ),
    DecisionChoice(
        "Use these values",
        ":material/publish:",
        use_result,
        "They become the values of the chip, whatever their age, until a newer result is accepted.",
    ),
)


def can_be_decided(view: View, result: RecordedResult) -> bool:
    """Return whether the user may decide on a result: it has values of a qubit or coupling, which were measured."""
    measured = result.task_type in ("qubit", "coupling") and bool(result.output_parameters)
    return view.edits and measured and result.status is TaskStatus.COMPLETED and not result.simulated


def draw_decision(view: View, result: RecordedResult, *, metric: str | None = None) -> None:
    """Draw the buttons for a decision on a result, and the outcome of the last one.

    Parameters
    ----------
    view : View
        View of the user.
    result : RecordedResult
        The result.
    metric : str or None
        Parameter that the forms propose, or None for all of the result.
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
    dialog(f"{choice.label}?")(draw_decision_form)(view, result, choice, once=uuid4().hex, metric=metric)


def draw_decision_form(
    view: View, result: RecordedResult, choice: DecisionChoice, *, once: str, metric: str | None = None
) -> None:
    """Draw the form of a decision on a result, sent with an idempotency key. Parameters as of `draw_decision`."""
    st.markdown(choice.meaning)
    names = list(result.output_parameters)
    proposed = [metric] if metric in names else names
    # The key contains the parameter: a widget keeps its choice when another form opens.
    key = f"decide.parameters.{result.task_id}.{metric}"
    chosen = st.multiselect("Parameters", names, default=proposed, key=key)
    reason = st.text_input("Reason" if choice.needs_reason else "Reason (optional)", key="decide.reason")
    ready = bool(chosen) and (bool(reason.strip()) or not choice.needs_reason)

    def act() -> None:
        metrics = None if chosen == names else chosen
        body = DecisionRequest(metrics=metrics, reason=reason)
        decided = view.ask(choice.operation, result.task_id, body=body, idempotency_key=once)
        used = len(decided.used_by)
        later = f" {used} results had used it: {_list_users(view, decided)}." if used else ""
        st.session_state[_TOLD] = (result.task_id, describe_changes(view, decided.event) + later)

    draw_dialog_buttons(choice.label, act, "Decision saved", key="decide.go", disabled=not ready)


def _list_users(view: View, decided: DecisionDocument) -> str:
    some = decided.used_by[:5]
    named = ", ".join(
        f"[{one.name} on {one.target}]({view.link('result', result=one.task_id)})" for one in some
    )
    return named + (" and more" if len(decided.used_by) > len(some) else "")
