"""Buttons and keys of a review, the field for reasons and notes, and the outcome of the last action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HTML = """<div class="review" data-testid="review-bar">
<div class="bar" role="toolbar" aria-label="Decision" tabindex="-1"></div>
<form class="field" hidden><label><span class="label"></span><textarea rows="1"></textarea></label>
<button type="submit">Save</button><button type="button" class="cancel">Cancel</button></form>
<p class="say" role="status"><span class="message"></span> <span class="next"></span></p>
<dl class="help" hidden></dl>
</div>"""
READING_ACTS = (
    ("←", "back", "Back", "the previous result"),
    ("l", "later", "Later", "the next result, as with →; this one still waits"),
)
"""Key, name, label and explanation of the actions of every user."""
EDITING_ACTS = (
    ("a", "accept", "Accept", "its values become the chip's, unless later ones are in use"),
    ("r", "reject", "Reject", "with a reason; the last reason is proposed, and Enter confirms it"),
    ("t", "refit", "Refit", "opens the form of a refit; Escape leaves its fields"),
    ("m", "measure", "Measure again", "starts one run of the task on the target"),
    ("x", "exclude", "Exclude", "excludes the qubit or coupling from flows, with a reason"),
    ("n", "note", "Note", "writes a note on the result; Shift+Enter begins a new line"),
    ("u", "undo", "Undo", "undoes the last decision of this review, and returns to its result"),
)
"""The same of actions of editors."""
_review_bar = make_component(__file__, html=_HTML)


def review_bar(
    *, key: str, data: Mapping[str, Any], edits: bool, act: Callable[[Mapping[str, Any]], None]
) -> None:
    """Show the buttons, which have keys as long as no text field has the focus; `edits` if the user may decide.

    Parameters
    ----------
    data : mapping
        `task_id` and `turn` of the next action; the `disabled` actions with the reason of each; `message` with the outcome of the last action,
        `failed` if it was refused; `next`, a description of the result for screen readers; the proposed `reason` and the `note`;
        `refit`, whether the last action opened the form of a refit.
    act : callable
        Performs an action: `act`, `task_id`, `turn` and `text`.
    """
    acts = [*(EDITING_ACTS if edits else ()), *READING_ACTS]

    def perform() -> None:
        sent = st.session_state[key]["act"]
        if sent is not None:
            act(sent)

    _review_bar(key=key, data={**data, "acts": acts}, on_act_change=perform)
