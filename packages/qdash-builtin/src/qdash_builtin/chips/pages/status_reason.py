"""Reason for the status of a target, with the result that decided it."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from qdash_core.models.judgement import Fitness
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import format_message_html
from qdash_ui_streamlit.display.statuses import format_status_html

if TYPE_CHECKING:
    from qdash_builtin.chips.views.targets import TargetDocument
    from qdash_ui_streamlit.view import View


def format_fitness(target: TargetDocument) -> str:
    """Return the fitness with the reasons that are not that of the status, as HTML; empty if there are none."""
    reasons = (target.fitness_reasons or [])[target.fitness is Fitness.UNFIT :]
    if not reasons:
        return ""
    return f"{format_status_html(str(target.fitness))}: {format_message_html('; '.join(reasons))}"


def format_status_reason(view: View, target: TargetDocument) -> str:
    """Return the reason for the status of a target as HTML, with its time and a link to the result, if known; empty if a user set it."""
    reason = target.status_reason
    if reason is None:
        return ""
    at = target.status_at
    since = f" since {view.time(datetime.fromisoformat(at) if isinstance(at, str) else at)}" if at else ""
    result = view.link("result", result=reason.task_id)
    link = f" ({format_link(result, 'open the result')})" if reason.task_id else ""
    return f"{escape(str(target.status))}{since}: {format_message_html(reason.text)}{link}"
