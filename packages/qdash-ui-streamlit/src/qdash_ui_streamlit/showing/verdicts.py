"""What became of a result: its state, what validation made of it, and why."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_ui_streamlit.showing.statuses import status_html

if TYPE_CHECKING:
    from qdash_core.documents.results import RecordedResult
    from qdash_ui_streamlit.view import View


def draw_verdict(view: View, result: RecordedResult) -> None:
    """Draw state and verdict of a result with the reasons, when it ended, and whether its values count."""
    said = [status_html(result.status)]
    if result.verdict:
        said.append(status_html(result.verdict))
    if result.end_at:
        said.append(view.time(result.end_at))
    if not result.saved:
        said.append("trial: its values do not become the chip's")
    why = [*([result.message] if result.message else []), *result.reasons]
    lines = "".join(f"<li>{escape(one)}</li>" for one in why)
    st.html(f"<div>{' &nbsp;·&nbsp; '.join(said)}</div>" + (f"<ul>{lines}</ul>" if lines else ""))
