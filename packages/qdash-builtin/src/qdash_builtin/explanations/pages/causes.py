"""Likely causes of failures: each with its probability, the evidence for and against it, and the next step."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.explanations.pages.command_links import find_command_page
from qdash_core.models.references import Reference
from qdash_core.models.targets import get_target_kind
from qdash_ui_streamlit.display.fact_lists import format_details
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import format_message_html
from qdash_ui_streamlit.display.records import make_record_url
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.target_lists import make_target_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_builtin.explanations.views import (
        CauseDocument,
        EvidenceDocument,
        ExplainedResultDocument,
        RelatedFactDocument,
    )
    from qdash_core.documents.references import ReferenceDocument
    from qdash_ui_streamlit.view import View

_SHOWN_CAUSES = 3
"""Number of causes that are shown without a click."""
_MOST_SOURCES = 4
_STYLE = """<style>
.cause h4 { font-size: 1rem; margin: 0; padding: 0; }
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
    task: str,
    key: str,
    results: Mapping[str, str] | None = None,
    next_step_phrase: str = "",
) -> None:
    """Draw likely causes, most probable first; those after the first few on demand.

    Parameters
    ----------
    task : str
        Task of the explained result; others are named with their evidence.
    results : mapping or None
        Names of results by id; others are named by their id.
    next_step_phrase : str
        Target of the command, after the words "next step".
    """

    def draw(cause: CauseDocument) -> None:
        inside = _format_cause(view, chip_id, cause, task, results or {}, next_step_phrase)
        _draw_cause(view, cause, inside)

    for cause in causes[:_SHOWN_CAUSES]:
        draw(cause)
    further = causes[_SHOWN_CAUSES:]
    if further and st.toggle(f"{len(further)} less probable", key=f"explanation.further.{key}"):
        for cause in further:
            draw(cause)


def draw_short_causes(
    view: View, chip_id: str, causes: Sequence[CauseDocument], *, task: str, results: Mapping[str, str]
) -> None:
    """Draw the most probable causes with the next step in a line each; their evidence, and the other causes, are folded. See `draw_causes`."""
    lines = [_format_short_cause(view, chip_id, one, task, results) for one in causes]
    further = lines[_SHOWN_CAUSES:]
    if further:
        lines[_SHOWN_CAUSES:] = [format_details(f"{len(further)} less probable", "".join(further))]
    st.html(f'{_STYLE}<div class="cause">{"".join(lines)}</div>')


def format_explained_result(view: View, chip_id: str, result: ExplainedResultDocument) -> str:
    """Return a result as HTML: task with a link to the result, target, outcome and message."""
    name = format_link(view.link("result", result=result.task_id), result.task)
    on = f" on {_format_target(view, chip_id, result.target)}" if result.target else ""
    message = f": {format_message_html(result.message)}" if result.message else ""
    return f"{name}{on} {format_status_html(result.outcome)}{message}"


def draw_explanation_lines(lines: Iterable[str]) -> None:
    """Draw lines of HTML of an explanation."""
    inside = "".join(f"<p>{line}</p>" for line in lines)
    st.html(f'{_STYLE}<div class="cause">{inside}</div>')


def format_related_fact(view: View, related: RelatedFactDocument) -> str:
    """Return a fact about a target, such as a note, as HTML, as the user wrote it."""
    source, title = related.source, related.title
    link = escape(title) if source is None else _link_record(view, source, title)
    text = f": {escape(related.text)}" if related.text else ""
    return f"{link}{text} · {view.time(related.at)}"


def _draw_cause(view: View, cause: CauseDocument, inside: str) -> None:
    with st.container(border=True):
        st.html(f'{_STYLE}<div class="cause">{inside}</div>')
        if cause.command:
            st.code(cause.command, language=None, wrap_lines=True)
            if (page := find_command_page(view, cause.command)) is not None:
                label, address = page
                st.html(f'<a href="{escape(address)}">{escape(label)}</a>')


def _format_cause(
    view: View,
    chip_id: str,
    cause: CauseDocument,
    task: str,
    results: Mapping[str, str],
    next_step_phrase: str,
) -> str:
    return "".join(
        [
            f"<h4>{_format_title(view, chip_id, cause)}</h4>",
            f'<div class="bar" aria-hidden="true"><span style="width:{100 * cause.probability:.0f}%"></span></div>',
            _format_reasons(view, cause, task, results),
            f"<p><b>Next step{escape(next_step_phrase)}:</b> {_format_next_step(cause)}</p>",
        ]
    )


def _format_short_cause(
    view: View, chip_id: str, cause: CauseDocument, task: str, results: Mapping[str, str]
) -> str:
    reasons = _format_reasons(view, cause, task, results)
    command = ""
    if cause.command:
        page = find_command_page(view, cause.command)
        link = f" · {format_link(page[1], page[0])}" if page else ""
        command = f"<p><code>{escape(cause.command)}</code>{link}</p>"
    folded = format_details("Evidence", reasons + command) if reasons or command else ""
    return (
        f"<p><b>{_format_title(view, chip_id, cause)}.</b> Next step: {_format_next_step(cause)}</p>{folded}"
    )


def _format_title(view: View, chip_id: str, cause: CauseDocument) -> str:
    place = f" · {_format_target(view, chip_id, cause.target)}" if cause.target else ""
    return (
        f"{escape(cause.title)}{place}{escape(cause.partner_phrase)} · {100 * cause.probability:.0f}&nbsp;%"
    )


def _format_next_step(cause: CauseDocument) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(cause.do))


def _format_reasons(view: View, cause: CauseDocument, task: str, results: Mapping[str, str]) -> str:
    """Return the causes that the evidence cannot distinguish from it, and the evidence; empty if there is neither."""
    parts = []
    if cause.indistinguishable_from:
        alike = escape(" or ".join(cause.indistinguishable_from))
        parts.append(f"<p>The evidence cannot distinguish it from: {alike}</p>")
    evidence = [
        _format_evidence(view, one, task, sign, word, results)
        for sign, word, some in (
            ("+", "for", cause.evidence_for),
            ("\N{MINUS SIGN}", "against", cause.evidence_against),
        )
        for one in some
    ]
    if evidence:
        parts.append(f"<ul>{''.join(evidence)}</ul>")
    return "".join(parts)


def _format_evidence(
    view: View,
    evidence: EvidenceDocument,
    task: str,
    sign: str,
    word: str,
    results: Mapping[str, str],
) -> str:
    sources = [_format_source(view, one, results) for one in evidence.sources[:_MOST_SOURCES]]
    listed = f" <small>({', '.join(sources)})</small>" if sources else ""
    said = f'<span role="img" aria-label="{word}" title="{word} this cause">{sign}</span>'
    return f"<li>{said}<span>{format_message_html(evidence.write(task))}{listed}</span></li>"


def _format_source(view: View, source: ReferenceDocument, results: Mapping[str, str]) -> str:
    name = results.get(source.id) or Reference(source.kind, source.id).noun
    return _link_record(view, source, name)


def _link_record(view: View, record: ReferenceDocument, name: str) -> str:
    url = make_record_url(view, record)
    return escape(name) if url is None else format_link(url, name)


def _format_target(view: View, chip_id: str, target: str) -> str:
    word = get_target_kind(target)
    return format_link(make_target_url(view, chip_id, target), f"{word} {target}")
