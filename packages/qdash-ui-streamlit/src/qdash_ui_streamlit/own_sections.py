"""Sections of the dashboard's own features, with the modules that draw them named, not imported: they import Streamlit."""

from __future__ import annotations

from qdash_core.hooks.sections import Section, Slot

_PAGES = "qdash_ui_streamlit.pages"
_ISSUES = f"{_PAGES}.issue_section"
_EXPLANATIONS = f"{_PAGES}.explanation_section"
_NOTES = f"{_PAGES}.note_section"


def _list_sections_of_targets(slot: Slot) -> tuple[Section, ...]:
    return (
        Section(slot, "Note", f"{_NOTES}:draw_target_note", -30),
        Section(slot, "Explanation", f"{_EXPLANATIONS}:draw_target_explanation", -20),
        Section(slot, "Open issues", f"{_ISSUES}:draw_target_issues", -10),
        Section(slot, "Changes", f"{_PAGES}.chip_changes:draw_target_changes", 10),
    )


SECTIONS: tuple[Section, ...] = (
    *_list_sections_of_targets("qubit"),
    *_list_sections_of_targets("coupling"),
    Section("chip_panel", "Open issues", f"{_ISSUES}:draw_panel_issues", 10),
    Section("execution", "Explanation", f"{_EXPLANATIONS}:draw_execution_explanation", -10),
    Section("execution", "Open issues", f"{_ISSUES}:draw_execution_issues", 10),
    Section("result", "Explanation", f"{_EXPLANATIONS}:draw_result_explanation", -20),
    Section("result", "Issues of a problem", f"{_ISSUES}:draw_problem_issues", -10),
    Section("result", "Origin and use", f"{_PAGES}.result_impact:draw_origin_and_impact", 10),
    Section("result", "Issues", f"{_ISSUES}:draw_result_issues", 20),
    Section("result", "Note", f"{_NOTES}:draw_result_note", 30),
)
