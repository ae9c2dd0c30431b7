"""Values of a chip in a cool-down, compared with their start or with another cool-down of the chip."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.comparisons.operations import compare_points
from qdash_builtin.comparisons.pages.comparison_view import draw_comparison
from qdash_builtin.cooldowns.operations.cooldowns import cooldowns_of_chip
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_ui_streamlit.display.notices import show_empty, show_problem
from qdash_ui_streamlit.display.views import draw_view_links
from qdash_ui_streamlit.forms.option_lists import load_options
from qdash_ui_streamlit.forms.query_params import draw_choice, draw_toggle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.cooldowns.views import CooldownChipDocument, CooldownDocument
    from qdash_ui_streamlit.view import View

_MOST_OFFERED = 6
"""Maximum number of other cool-downs with a link; the page Compare takes any."""


def draw_cooldown_values(
    view: View, cooldown: CooldownDocument, chips: Sequence[CooldownChipDocument]
) -> None:
    """Draw the choice of a chip and of what its last values are compared with, and the differences.

    The default is the cool-down of the chip before this one, or, in its first one, the first values that were measured.
    """
    ids = [one.chip_id for one in chips]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chip_id = draw_choice(view, "chip", "Chip", ids, clears=("against",))
        everything = draw_toggle(view, "all", "All differences")
    shown = next(one for one in chips if one.chip_id == chip_id)
    after = f"cooldown:{cooldown.cooldown_id}"
    points = list_points(view, cooldown, shown)
    before = view.param("against") or (
        f"cooldown-start:{cooldown.cooldown_id}"
        if shown.previous_id is None
        else f"cooldown:{shown.previous_id}"
    )
    kept = {"cooldown": cooldown.cooldown_id, "chip": chip_id, "all": view.param("all")}
    links = {
        point: (escape(title), view.link("cooldown", **kept, against=point))
        for point, title in points.items()
    }
    draw_view_links(before, links, label="Values to compare with")
    try:
        found = view.ask(compare_points, chip_id, before=before, after=after)
    except (InvalidInputError, NotFoundError, ConflictError) as error:
        show_problem(error)
        return
    if not found.values and not found.unchanged:
        show_empty(f"No accepted value of chip {chip_id} was measured in this time.")
        return
    draw_comparison(view, found, everything=everything)
    address = view.link("compare", chip=chip_id, before=before, after=after)
    st.markdown(f"[Compare with another point in time]({address})")


def list_points(view: View, cooldown: CooldownDocument, chip: CooldownChipDocument) -> dict[str, str]:
    """Return the titles of the points to compare with: the other cool-downs of the chip, the one before first, then the first values."""
    others = load_options(
        "cool-downs", lambda: (one.cooldown_id for one in view.ask(cooldowns_of_chip, chip.chip_id).items)
    )
    order = sorted(others, key=lambda one: one != chip.previous_id)
    offered = [one for one in order if one != cooldown.cooldown_id][:_MOST_OFFERED]
    first = {f"cooldown-start:{cooldown.cooldown_id}": "First values of this cool-down"}
    return {f"cooldown:{one}": f"Last values of {one}" for one in offered} | first
