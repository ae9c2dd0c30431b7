"""Widgets that are not on the page any more.

Streamlit keeps the callbacks of every widget, and the documents that they refer to, while the tab is open: 0.9 MB for
each qubit.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx


def forget_stale_widgets() -> None:
    """Delete the callbacks of all widgets that the page, drawn to its end, does not have."""
    context = get_script_run_ctx()
    if context is None:
        return
    known = context.session_state._state._new_widget_state
    drawn = context.shared.widget_ids_this_run.snapshot()
    # The id of a component's triggers contains that of the component; Streamlit does not list it.
    known.widget_metadata = {
        key: one
        for key, one in known.widget_metadata.items()
        if key in drawn or any(component in key for component in drawn)
    }
