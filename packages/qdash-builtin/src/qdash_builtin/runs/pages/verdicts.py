"""Outcome of a result: status, verdict and reasons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.metrics.pages.titles import load_titles, replace_names
from qdash_builtin.runs.pages.refit_display import format_times_html
from qdash_core.models.task import get_decided_verdict
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import format_message_html
from qdash_ui_streamlit.display.statuses import format_status_html

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_core.models.decision import Decision
    from qdash_ui_streamlit.view import View


_RESULT_ID = re.compile(r"\b([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def describe_decision(decision: Decision) -> str:
    """Return a decision of a user as text: `rejected by bob: two-level system`."""
    return f"{decision.verdict} by {decision.username}{f': {decision.reason}' if decision.reason else ''}"


def list_reasons(result: RecordedResult) -> list[str]:
    """Return the message and the reasons of a result, each once: the message of a flagged result repeats its reasons."""
    message, reasons = result.message or "", result.reasons or []
    repeated = any(reason in message for reason in reasons)
    return [*dict.fromkeys(one for one in ("" if repeated else message, *reasons) if one)]


def format_reason_html(view: View, reason: str, titles: Mapping[str, str]) -> str:
    """Return a reason as HTML, with titles of parameters; the id of another result is short and opens the result."""

    def link(found: re.Match[str]) -> str:
        return format_link(view.link("result", result=found[0]), found[1])

    return _RESULT_ID.sub(link, format_message_html(replace_names(reason, titles)))


def draw_verdict(view: View, result: RecordedResult, *, with_reasons: bool = True) -> None:
    """Draw status, verdict, reasons unless told elsewhere, decisions and end of a result, and whether its values are saved to the chip."""
    parts = [format_status_html("interrupted" if result.interrupted else result.status)]
    if result.verdict:
        parts.append(_format_verdict(result))
    parts += format_times_html(view, result)
    if result.simulated:
        parts.append("simulated: values stay with the execution")
    elif result.scope is not None:
        address = view.link("chip", chip=result.chip_id, view="scopes", scope=result.scope)
        parts.append(f"in value scope {format_link(address, result.scope)}")
    elif not result.saved:
        parts.append("trial: values are not saved to the chip")
    why = list_reasons(result) if with_reasons else []
    why += [f"{name} {describe_decision(decision)}" for name, decision in result.decisions.items()]
    titles = load_titles(view) if why else {}
    lines = "".join(f"<li>{format_reason_html(view, one, titles)}</li>" for one in why)
    st.html(f"<div>{' &nbsp;·&nbsp; '.join(parts)}</div>" + (f"<ul>{lines}</ul>" if lines else ""))


def _format_verdict(result: RecordedResult) -> str:
    """Return the verdict in force in HTML."""
    verdict = format_status_html(result.verdict_in_force or "")
    return verdict if get_decided_verdict(result) is None else f"{verdict} by a user"
