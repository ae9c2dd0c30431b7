"""Likely causes of failures: each with its probability, the evidence for and against it, and the next step."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_core.explanations.sources import SourceKind
from qdash_ui_streamlit.display.command_links import find_command_page
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.targets import get_input_kind, make_target_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.documents.explanations import (
        CauseDocument,
        EvidenceDocument,
        ExplainedResultDocument,
        RelatedTextDocument,
        SourceDocument,
    )
    from qdash_ui_streamlit.view import View

_SHOWN_CAUSES = 3
"""Number of causes that are shown without a click."""
_MOST_SOURCES = 4
_STYLE = """<style>
.cause h4 { font-size: 1rem; margin: 0; padding: 0; }
.cause a { color: inherit; }
.cause .bar { height: 0.5rem; max-width: 24rem; border-radius: 0.25rem; background: rgba(128, 128, 128, 0.25); margin: 0.35rem 0; }
.cause .bar span { display: block; height: 100%; border-radius: 0.25rem; background: #3d7fb8; }
.cause ul { list-style: none; margin: 0.2rem 0 0.4rem; padding: 0; }
.cause li { display: flex; gap: 0.5rem; margin: 0.1rem 0; padding: 0; }
.cause li > span:first-child { flex: none; width: 0.9rem; font-weight: 700; }
.cause, .cause li > span { overflow-wrap: anywhere; }
.cause p { margin: 0.3rem 0; white-space: pre-line; }
</style>"""


def draw_causes(
    view: View,
    chip_id: str,
    causes: Sequence[CauseDocument],
    *,
    key: str,
    results: Mapping[str, str] | None = None,
) -> None:
    """Draw likely causes, most probable first; those after the first few on demand.

    Parameters
    ----------
    view : View
        View of the user.
    chip_id : str
        Chip of the causes.
    causes : sequence of CauseDocument
        Causes.
    key : str
        Unique key on the page.
    results : mapping or None
        Names of results by id; others are named by their id.
    """
    for cause in causes[:_SHOWN_CAUSES]:
        _draw_cause(view, chip_id, cause, results or {})
    further = causes[_SHOWN_CAUSES:]
    if further and st.toggle(f"{len(further)} less probable", key=f"explanation.further.{key}"):
        for cause in further:
            _draw_cause(view, chip_id, cause, results or {})


def format_explained_result(view: View, chip_id: str, result: ExplainedResultDocument) -> str:
    """Return a result as HTML: task with a link to the result, target, outcome and message."""
    name = format_link(view.link("result", result=result.task_id), result.task)
    on = f" on {_format_target(view, chip_id, result.target)}" if result.target else ""
    message = f": {escape(use_unit_symbols(result.message))}" if result.message else ""
    return f"{name}{on} {format_status_html(result.outcome)}{message}"


def draw_explanation_lines(lines: Iterable[str]) -> None:
    """Draw lines of HTML of an explanation."""
    inside = "".join(f"<p>{line}</p>" for line in lines)
    st.html(f'{_STYLE}<div class="cause">{inside}</div>')


def format_related_text(view: View, chip_id: str, target: str, related: RelatedTextDocument) -> str:
    """Return a note or an issue about a target as HTML, as the user wrote it."""
    link = format_link(_make_source_url(view, chip_id, target, related.kind, related.id), related.title)
    text = f": {escape(related.text)}" if related.text else ""
    return f"{link}{text} · {view.time(related.changed_at)}"


def _draw_cause(view: View, chip_id: str, cause: CauseDocument, results: Mapping[str, str]) -> None:
    with st.container(border=True):
        st.html(f'{_STYLE}<div class="cause">{_format_cause(view, chip_id, cause, results)}</div>')
        if cause.command:
            st.code(cause.command, language=None, wrap_lines=True)
            if (page := find_command_page(view, cause.command)) is not None:
                label, address = page
                st.html(f'<a href="{escape(address)}" style="color: inherit">{escape(label)}</a>')


def _format_cause(view: View, chip_id: str, cause: CauseDocument, results: Mapping[str, str]) -> str:
    place = f" · {_format_target(view, chip_id, cause.target)}" if cause.target else ""
    partner = f" with {escape(cause.partner)}" if cause.partner else ""
    share = f"{100 * cause.probability:.0f} %"
    parts = [
        f"<h4>{escape(cause.title)}{place}{partner} · {share}</h4>",
        f'<div class="bar" aria-hidden="true"><span style="width:{100 * cause.probability:.0f}%"></span></div>',
    ]
    if cause.indistinguishable_from:
        alike = escape(" or ".join(cause.indistinguishable_from))
        parts.append(f"<p>The evidence cannot distinguish it from: {alike}</p>")
    evidence = [
        _format_evidence(view, chip_id, cause, one, "+", "for", results) for one in cause.evidence_for
    ]
    evidence += [
        _format_evidence(view, chip_id, cause, one, "\N{MINUS SIGN}", "against", results)
        for one in cause.evidence_against
    ]
    if evidence:
        parts.append(f"<ul>{''.join(evidence)}</ul>")
    parts.append(f"<p><b>Next step:</b> {escape(cause.do)}</p>")
    return "".join(parts)


def _format_evidence(
    view: View,
    chip_id: str,
    cause: CauseDocument,
    evidence: EvidenceDocument,
    sign: str,
    word: str,
    results: Mapping[str, str],
) -> str:
    sources = [_format_source(view, chip_id, cause, one, results) for one in evidence.sources[:_MOST_SOURCES]]
    listed = f" <small>({', '.join(sources)})</small>" if sources else ""
    said = f'<span role="img" aria-label="{word}" title="{word} this cause">{sign}</span>'
    return f"<li>{said}<span>{escape(use_unit_symbols(evidence.text))}{listed}</span></li>"


def _format_source(
    view: View, chip_id: str, cause: CauseDocument, source: SourceDocument, results: Mapping[str, str]
) -> str:
    name = {
        SourceKind.RESULT: results.get(source.id, f"result {source.id[:8]}"),
        SourceKind.NOTE: f"note {source.id}",
        SourceKind.ISSUE: f"issue #{source.id}",
        SourceKind.VALUE_CHANGE: f"change {source.id}",
    }[source.kind]
    return format_link(_make_source_url(view, chip_id, cause.target, source.kind, source.id), name)


def _make_source_url(view: View, chip_id: str, target: str, kind: SourceKind, source_id: str) -> str:
    match kind:
        case SourceKind.RESULT:
            return view.link("result", result=source_id)
        case SourceKind.ISSUE:
            return view.link("issue", issue=source_id)
        case SourceKind.NOTE:
            return view.link("notes", chip=chip_id, target=target or None, all="on")
        case SourceKind.VALUE_CHANGE:
            return view.link("chip", chip=chip_id, view="changes")


def _format_target(view: View, chip_id: str, target: str) -> str:
    word = get_input_kind(target).word
    return format_link(make_target_url(view, chip_id, target), f"{word} {target}")
