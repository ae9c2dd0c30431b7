"""Answers of assistants: a safe subset of Markdown with links of citations, marks, tools, tokens and times."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.conversations.answer_text import write_html
from qdash_builtin.conversations.models.citation import CitationState
from qdash_builtin.conversations.models.conversation import AnswerState
from qdash_core.models.quantities import format_count
from qdash_ui_streamlit.display.fact_lists import format_details, format_list, format_shortened_list
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.notices import show_sentence
from qdash_ui_streamlit.display.records import make_record_url
from qdash_ui_streamlit.display.times import format_duration

if TYPE_CHECKING:
    from qdash_builtin.conversations.views import (
        CitationDocument,
        ConversationMessageDocument,
        ToolUseDocument,
    )
    from qdash_core.models.references import Reference
    from qdash_ui_streamlit.view import View

_LONGEST_ARGUMENTS = 300
"""Number of characters of the arguments of a tool that are shown."""
_ID_LENGTH = 36
_SHOWN_MARKS = 6
"""Number of marks that are shown without a click."""
_STYLE = """<style>
.answer, .question { overflow-wrap: anywhere; }
.question { white-space: pre-wrap; }
.answer h4 { font-size: 1.05rem; margin: 0.6rem 0 0.2rem; padding: 0; }
.answer p, .answer ul, .answer ol { margin: 0 0 0.5rem; }
.answer pre { white-space: pre-wrap; margin: 0 0 0.5rem; padding: 0.4rem 0.6rem; border-left: 3px solid #7b858c; }
.answer table { border-collapse: collapse; margin: 0 0 0.5rem; }
.answer :is(td, th) { border: 1px solid rgba(128, 128, 128, 0.45); padding: 0.15rem 0.5rem; text-align: left; }
.answer .unresolved { text-decoration: underline wavy #c0392b; }
.answer summary { cursor: pointer; width: fit-content; }
.answer details ul { margin: 0.3rem 0 0; }
</style>"""
_SIGNS = {CitationState.UNRESOLVED: "\N{MULTIPLICATION X}", CitationState.UNSEEN: "?"}
_ENDS = {
    AnswerState.INCOMPLETE: "This answer is incomplete",
    AnswerState.FAILED: "There is no answer",
    AnswerState.CANCELLED: "This answer was cancelled",
    AnswerState.INTERRUPTED: "This answer was interrupted",
}


def draw_message(view: View, message: ConversationMessageDocument) -> None:
    """Draw a question and its answer, also a running one."""
    asked = f"<small><b>{escape(message.username)}</b>, {view.time(message.started_at)}</small>"
    st.html(f'{_STYLE}{asked}<div class="question">{escape(message.question)}</div>')
    parts = [_format_tools(view, message)] if message.tools else []
    if message.answer:
        known = {one.text: one for one in message.citations}
        parts.append(write_html(message.answer, lambda reference: _format_citation(view, reference, known)))
    elif message.state is AnswerState.RUNNING:
        parts.append("<p>…</p>")
    if message.marked:
        parts.append(_format_marks(message))
    parts.append(f"<small>{_format_use(message)}</small>")
    st.html(f'{_STYLE}<div class="answer" data-testid="answer">{"".join(parts)}</div>')
    if (end := _ENDS.get(message.state)) is not None:
        show_sentence(f"{end}: {message.error}" if message.error else f"{end}.")


def _format_citation(view: View, reference: Reference, known: dict[str, CitationDocument]) -> str:
    """Return a citation as HTML: a link to the page of the record, with a mark unless the assistant has read it."""
    found = known.get(str(reference))
    if found is None:  # the answer is running: its citations are looked for at its end
        return escape(str(reference))
    name = found.title or found.text.strip("[]")
    url = None if found.record is None else make_record_url(view, found.record)
    text = escape(name) if url is None else format_link(url, name, title=found.text)
    if (sign := _SIGNS.get(found.state)) is None:
        return f"[{text}]"
    meaning = escape(_describe(found.state))
    mark = f'<sup role="img" aria-label="{meaning}" title="{meaning}">{sign}</sup>'
    return f'<span class="{found.state}">[{text}]</span>{mark}'


def _describe(state: CitationState) -> str:
    return f"{state}: {state.meaning}"


def _format_marks(message: ConversationMessageDocument) -> str:
    """Return the list of what speaks against relying on an answer."""
    items = []
    for state, sign in _SIGNS.items():
        named = dict.fromkeys(one.text for one in message.citations if one.state is state)
        if named:
            items.append(f"{sign} {_describe(state)}: {escape(', '.join(named))}")
    items += [f"without a citation: {escape(one)}" for one in message.uncited]
    return f"<p><b>Not backed by the record</b></p>{format_shortened_list(items, _SHOWN_MARKS)}"


def _format_tools(view: View, message: ConversationMessageDocument) -> str:
    seconds = sum(one.seconds or 0 for one in message.tools)
    summary = f"{format_count(len(message.tools), 'tool call')} · {format_duration(seconds)}"
    return format_details(summary, format_list(_format_tool(view, message, one) for one in message.tools))


def _format_tool(view: View, message: ConversationMessageDocument, tool: ToolUseDocument) -> str:
    arguments = json.dumps(tool.arguments, ensure_ascii=False)
    cut = arguments if len(arguments) <= _LONGEST_ARGUMENTS else f"{arguments[:_LONGEST_ARGUMENTS]} …"
    unknown = "running" if message.state is AnswerState.RUNNING else "outcome unknown"
    outcome = {True: "done", False: "failed", None: unknown}[tool.ok]
    facts = [
        outcome,
        escape(tool.summary or ""),
        "" if tool.seconds is None else format_duration(tool.seconds),
        _link_result(view, tool),
    ]
    return f"<code>{escape(tool.name)}</code> {escape(cut)}<br>{' · '.join(one for one in facts if one)}"


def _link_result(view: View, tool: ToolUseDocument) -> str:
    """Return a link to the result that a tool read by its whole id; the page has its figure."""
    task_id = tool.arguments.get("task_id")
    if not tool.ok or not isinstance(task_id, str) or len(task_id) != _ID_LENGTH:
        return ""
    return format_link(view.link("result", result=task_id), "open the result")


def _format_use(message: ConversationMessageDocument) -> str:
    """Return model, tokens, cost and duration of an answer as HTML."""
    facts = [escape(one) for one in message.describe_use()]
    if message.ended_at is not None:
        facts.append(format_duration((message.ended_at - message.started_at).total_seconds()))
    return " · ".join(facts)


def format_arguments(arguments: dict[str, Any]) -> dict[str, str]:
    """Return the arguments of a proposal as HTML by name."""
    return {
        name.replace(
            "_", " "
        ).capitalize(): f'<span style="white-space:pre-wrap">{escape(_write(value))}</span>'
        for name, value in arguments.items()
    }


def _write(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_write, value))
    return json.dumps(value, ensure_ascii=False)
