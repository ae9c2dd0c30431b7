"""Reason for the status of a target, with the result that decided it."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from qdash_core.models.chip import TargetStatus
from qdash_core.models.judgement import Fitness
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.display.statuses import format_status_html

if TYPE_CHECKING:
    from qdash_core.documents.targets import TargetDocument
    from qdash_ui_streamlit.view import View


def format_fitness(target: TargetDocument) -> str:
    """Return a fitness that the status does not tell, with the reasons, as HTML; empty for another."""
    told = target.fitness in (Fitness.DEGRADED, Fitness.UNFIT) and target.status is TargetStatus.CALIBRATED
    if not told:
        return ""
    reasons = escape(use_unit_symbols("; ".join(target.fitness_reasons or ())))
    return f"{format_status_html(str(target.fitness))}: {reasons}"


def format_status_reason(view: View, target: TargetDocument) -> str:
    """Return the reason for the status of a target as HTML, with its time and a link to the result; empty if a user set it."""
    reason = target.status_reason
    if reason is None:
        return ""
    at = target.status_at
    since = f" since {view.time(datetime.fromisoformat(at) if isinstance(at, str) else at)}" if at else ""
    link = format_link(view.link("result", result=reason.task_id), "open the result")
    return f"{escape(str(target.status))}{since}: {escape(use_unit_symbols(reason.text))} ({link})"
