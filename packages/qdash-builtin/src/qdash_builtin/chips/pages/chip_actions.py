"""Actions on selected targets of a chip: calibrate, exclude, include."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import streamlit as st

from qdash_builtin.chips.operations.targets import set_target_statuses
from qdash_builtin.chips.pages.excluded_targets import load_excluded_targets
from qdash_builtin.chips.requests.chips import TargetStatusesRequest
from qdash_builtin.runs.pages.run_form import draw_run_form
from qdash_builtin.runs.pages.run_submission import clear_submission, draw_started_run
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.targets import by_number
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qdash_ui_streamlit.view import View

_FORM = "actions.form"
_EXCLUDED, _DEAD = "excluded", "dead"
_STATUSES = {
    _EXCLUDED: "Excluded: not measured for now",
    _DEAD: "Dead: cannot be measured",
}
_NO_REASON = "Give a reason."
MOST_NAMED = 12


def draw_chip_actions(
    view: View, chip_id: str, targets: Sequence[str], *, excluded: Collection[str] | None = None
) -> None:
    """Draw the buttons for selected targets. A user without permission to edit can only preview a run.

    Parameters
    ----------
    targets : sequence of str
        Selected qubits and couplings; none: nothing is drawn.
    excluded : collection of str or None
        Excluded and dead targets of the chip, so that buttons without effect are not drawn, or None if
        unknown.
    """
    chosen = sorted(dict.fromkeys(targets), key=by_number)
    if not chosen:
        return
    with st.container(horizontal=True):
        if st.button(
            "Calibrate …" if view.edits else "Dry run …",
            type="primary" if view.edits else "secondary",
            icon=":material/play_arrow:",
            key="actions.run",
        ):
            clear_submission(_FORM)
            dialog(
                f"{'Calibrate' if view.edits else 'Dry run'} on chip {escape_markdown(chip_id)}",
                width="large",
            )(_draw_run_form)(view, chip_id, chosen)
        measured = excluded is None or any(one not in excluded for one in chosen)
        if view.edits and measured and st.button("Exclude …", icon=":material/block:", key="actions.exclude"):
            _exclude(view, chip_id, chosen)
        included = excluded is not None and not any(one in excluded for one in chosen)
        if (
            view.edits
            and not included
            and st.button("Include …", icon=":material/undo:", key="actions.include")
        ):
            _include(view, chip_id, chosen)


def draw_calibration(view: View) -> None:
    """Draw the run that was last started by the button, and its progress, until the user hides it."""
    draw_started_run(view, key=_FORM)


def _draw_run_form(view: View, chip_id: str, targets: list[str]) -> None:
    draw_run_form(view, chip_id, targets, in_dialog=True, key=_FORM)


@dialog("Exclude from runs")
def _exclude(view: View, chip_id: str, targets: list[str]) -> None:
    st.markdown(f"On chip **{chip_id}**: {summarize_names(targets, MOST_NAMED)}")
    st.markdown(
        "Flows skip them, and the couplings of excluded qubits, until they are included again. "
        "Their values and results are kept."
    )
    status = st.radio("Status", list(_STATUSES), format_func=_STATUSES.__getitem__, key="actions.status")
    note = st.text_input("Reason", key="actions.why", placeholder="open line", max_chars=500)

    def exclude() -> None:
        there = load_excluded_targets(view, chip_id)
        changed = [one for one in targets if there.get(one) != status]
        _set_statuses(view, chip_id, changed, cast("Literal['excluded', 'dead']", status), note)

    problem = "" if note.strip() else _NO_REASON
    draw_dialog_buttons("Exclude", exclude, "Excluded from runs.", key="actions.exclude_now", problem=problem)


@dialog("Include in runs")
def _include(view: View, chip_id: str, targets: list[str]) -> None:
    there = load_excluded_targets(view, chip_id)
    meant = [one for one in targets if one in there]
    if not meant:
        show_empty("None of the selected targets is excluded or dead.", "Flows already measure all of them.")
        return
    st.markdown(
        f"On chip **{chip_id}**: {summarize_names([f'{one} ({there[one]})' for one in meant], MOST_NAMED)}"
    )
    st.markdown("Flows measure them again. Their values and results are kept.")
    note = st.text_input("Reason", key="actions.why_back", placeholder="line replaced", max_chars=500)
    draw_dialog_buttons(
        "Include",
        lambda: _set_statuses(view, chip_id, meant, "included", note),
        "Included in runs.",
        key="actions.include_now",
        problem="" if note.strip() else _NO_REASON,
    )


def _set_statuses(
    view: View,
    chip_id: str,
    targets: Sequence[str],
    status: Literal["excluded", "dead", "included"],
    note: str,
) -> None:
    """Change all targets at once, or none."""
    if targets:
        body = TargetStatusesRequest(targets=[*targets], status=status, note=note.strip())
        view.ask(set_target_statuses, chip_id, body=body)
