"""Page of a qubit or coupling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from qdash_builtin.chips.operations.chips import show_chip
from qdash_builtin.chips.pages.chip_actions import draw_chip_actions
from qdash_builtin.chips.pages.excluded_targets import list_excluded_targets
from qdash_builtin.chips.pages.target_data import load_target
from qdash_builtin.chips.pages.target_header import draw_header
from qdash_builtin.issues.operations import open_issues_of_chip
from qdash_builtin.metrics.pages.target_history import draw_history
from qdash_builtin.results.pages.target_figures import draw_figures
from qdash_builtin.values.pages.target_values import draw_values
from qdash_core.features.sections import SectionSubject
from qdash_core.models.chip import TargetStatus
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.download_link import draw_context_links
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.quantities import use_unit_symbols
from qdash_ui_streamlit.display.statuses import format_status
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.forms.query_params import draw_select, draw_toggle
from qdash_ui_streamlit.sections import draw_sections

if TYPE_CHECKING:
    from qdash_builtin.chips.pages.targets import TargetKind
    from qdash_builtin.chips.views.chips import ChipDocument, CouplingState, QubitState
    from qdash_builtin.issues.views import OpenIssuesDocument
    from qdash_ui_streamlit.view import View


@fragment
def draw_target(view: View, kind: TargetKind) -> None:
    """Draw the page of the qubit or coupling in the URL, and redraw it when something on its chip changes."""
    chip_id = view.chip_id()
    if chip_id is None:
        st.title(kind.word.capitalize())
        show_empty("There is no chip yet.", f"[Create one]({view.link('overview')}).")
        return
    target_id = view.param(kind.word)
    rerun_on_events("target", ALL, chip_id=chip_id, target=target_id)
    chip = view.ask(show_chip, chip_id)
    if target_id is None or target_id not in kind.targets_of(chip):
        _draw_list(view, kind, chip, target_id)
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(f"{kind.word.capitalize()} {target_id}", width="content")
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            draw_chip_actions(view, chip_id, [target_id], excluded=list_excluded_targets(chip))
            with st.popover("Download", width="content"):
                path, name = f"chips/{quote(chip_id, safe='')}", f"{chip_id}-{target_id}"
                draw_context_links(view, path, name=name, target=target_id)
    data = load_target(view, kind, chip, target_id)
    draw_header(view, data)
    subject = SectionSubject(chip_id, target_id, document=data.target)
    draw_sections(view, kind.word, subject, at_head=True)
    draw_figures(view, data)
    draw_values(view, data)
    draw_history(view, data)
    draw_sections(view, kind.word, subject, at_head=False)


def _draw_list(view: View, kind: TargetKind, chip: ChipDocument, named: str | None) -> None:
    """Draw a list of the targets of a chip if the URL names none of them."""
    st.title(f"{kind.word.capitalize()}s of {chip.chip_id}")
    if named:
        st.warning(
            f"Chip {chip.chip_id} has no {kind.word} {escape_markdown(named)}. Select one of these.",
            icon=":material/search_off:",
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        status = draw_select(
            view,
            "status",
            "Status",
            [str(one) for one in TargetStatus],
            any_text="any status",
            format_option=format_status,
        )
        with_issues = draw_toggle(view, "issues", "With open issues")
    columns = (
        Column("id", kind.word.capitalize(), link="link"),
        Column("status", "Status", "status"),
        Column("since", "Since", "time"),
        Column("fitness", "Fitness", "states", help="Whether it may be used"),
        Column("reason", "Reason", link="result", help="Opens the result that decided the status"),
        Column("flagged", "Flagged results", "states", help="Flagged results that await a decision"),
        Column("issues", "Open issues", "states", help="Each opens the issue"),
    )
    rows = make_rows(view, kind, chip, status=status, issues=view.ask(open_issues_of_chip, chip.chip_id))
    table(
        view,
        columns,
        [one for one in rows if one["issues"] or not with_issues],
        key="targets",
        label=f"{kind.word.capitalize()}s",
        empty=f"This chip has no {kind.word}s{f' with status {status}' if status else ''}{' with open issues' if with_issues else ''}.",
    )


def make_fitness_cell(state: QubitState | CouplingState) -> list[dict[str, Any]]:
    """Return the fitness of a target as a table cell of kind `states`, with the reasons."""
    if state.fitness is None:
        return []
    reasons = use_unit_symbols("; ".join(state.fitness_reasons or ()))
    return [{"state": str(state.fitness), "text": str(state.fitness), "title": reasons, "href": None}]


def make_rows(
    view: View,
    kind: TargetKind,
    chip: ChipDocument,
    *,
    status: str | None = None,
    issues: OpenIssuesDocument | None = None,
) -> list[dict[str, Any]]:
    """Return the targets of a chip, or those with a status, as table rows with their open issues."""
    by_id = {one.issue_id: one for one in issues.issues} if issues else {}
    by_target = issues.by_target if issues else {}
    return [
        {
            "id": one,
            "link": make_target_url(view, chip.chip_id, one),
            "status": str(state.status),
            "since": state.status_at,
            "fitness": make_fitness_cell(state),
            "reason": state.status_reason and use_unit_symbols(state.status_reason.text),
            "result": state.status_reason
            and state.status_reason.task_id
            and view.link("result", result=state.status_reason.task_id),
            "flagged": [
                {
                    "state": "flagged",
                    "text": attempt.task,
                    "title": use_unit_symbols(attempt.text),
                    "href": view.link("result", result=attempt.task_id),
                }
                for attempt in state.flagged or []
            ],
            "issues": [
                {
                    "state": str(by_id[issue_id].state),
                    "text": f"#{issue_id}",
                    "title": by_id[issue_id].title,
                    "href": view.link("issue", issue=issue_id),
                }
                for issue_id in by_target.get(one, [])
            ],
        }
        for one, state in kind.targets_of(chip).items()
        if status in (None, state.status)
    ]
