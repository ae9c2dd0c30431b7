"""Cool-downs of the project as options of filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.cooldowns.operations.cooldowns import list_cooldowns
from qdash_builtin.cooldowns.requests import CooldownFilter
from qdash_ui_streamlit.forms.option_lists import load_options

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def load_cooldowns(view: View) -> list[str]:
    """Return the ids of the cool-downs of the project."""
    return load_options(
        "cool-downs",
        lambda: (one.cooldown_id for one in view.every_offered(list_cooldowns, CooldownFilter())),
    )
