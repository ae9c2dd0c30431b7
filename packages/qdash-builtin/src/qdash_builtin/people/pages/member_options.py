"""Members of the project as options of filters and fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.people.operations.members import list_members
from qdash_ui_streamlit.forms.option_lists import load_options

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def load_members(view: View) -> list[str]:
    """Return the usernames of the members of the project."""
    return load_options(
        "members", lambda: (one.username for one in view.every_offered(list_members, view.project_id))
    )
