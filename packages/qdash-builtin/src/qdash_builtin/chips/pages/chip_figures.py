"""Figures view of a chip: thumbnails of the newest results of one task on each target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.operations.chips import show_chip
from qdash_builtin.chips.operations.topology import chip_topology
from qdash_builtin.chips.pages.excluded_targets import list_excluded_targets
from qdash_builtin.chips.pages.thumbnail_layout import place_couplings, place_qubits
from qdash_builtin.comparisons.pages.figure_changes import draw_figure_changes
from qdash_builtin.results.operations.results import newest_results
from qdash_builtin.results.pages.thumbnails import SIZES, thumbnails
from qdash_builtin.runs.pages.chip_tasks import load_chip_tasks
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.session_cache import cache_in_session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.chips.views.chips import ChipDocument
    from qdash_builtin.results.pages.thumbnails import Placed
    from qdash_builtin.results.views.newest_results import NewestTaskCountsDocument
    from qdash_builtin.runs.views.tasks import TaskOnChip
    from qdash_ui_streamlit.view import View

_KEY = "chip.pictures"
_FAVOURITES = ("CheckT1", "CheckRabi")
_PLACES = "chip.places"
_LARGEST_COUNTS = {"L": 8, "M": 30}
"""Largest number of thumbnails in each size."""


@fragment
def render(view: View, chip_id: str) -> None:
    """Draw the thumbnails of one task on a chip."""
    rerun_on_events("figures", ALL, chip_id=chip_id, at_most_every_s=10.0)
    recorded = view.ask(newest_results, chip_id).tasks
    if not recorded:
        show_empty(
            f"No task has a result on chip {chip_id} yet.",
            "Select qubits on the map and calibrate them: their figures appear here." if view.edits else "",
        )
        return
    known = {one.name: one for one in load_chip_tasks(view, chip_id)}
    task = _select_task(view, recorded, known)
    of_couplings = task in known and known[task].task_type == "coupling"
    chip = view.ask(show_chip, chip_id)
    places = _load_places(view, chip, of_couplings=of_couplings)
    usual = get_default_size(len(places))
    size, shown = _read_look(view, usual)
    changes = draw_figure_changes(view, chip_id)
    thumbnails(
        view,
        chip_id,
        task,
        places,
        key=_KEY,
        excluded=list_excluded_targets(chip),
        changes=changes,
        size=size,
        shown=shown,
        on_look=lambda: _write_look(view, usual),
    )
    st.markdown(
        "Points are data in a colour for each series, lines are fits, dashed lines an ideal or a threshold; in maps, dark is low and bright is high. "
        "Each figure has its own axes and links to its result.",
    )


def _select_task(
    view: View, recorded: Mapping[str, NewestTaskCountsDocument], known: Mapping[str, TaskOnChip]
) -> str:
    names = list(recorded)
    param = view.param("task")
    if param is not None and param not in recorded:
        names.append(param)
    at_first = next((name for name in _FAVOURITES if name in recorded), names[0])
    st.session_state["figures.task"] = param or at_first
    st.selectbox(
        "Task",
        names,
        format_func=lambda name: _format_option(name, recorded.get(name)),
        key="figures.task",
        on_change=_set_task,
        args=(view,),
        width=360,
    )
    task: str = st.session_state["figures.task"]
    if task in known:
        st.markdown(known[task].description)
    return task


def _format_option(name: str, found: NewestTaskCountsDocument | None) -> str:
    if found is None:
        return f"{name} (no results)"
    failed = sum(n for status, n in found.by_status.items() if status != "completed")
    parts = [f"{found.targets} results", *([f"{failed} failed"] if failed else [])]
    return f"{name} ({', '.join([*parts, *([f'{found.flagged} flagged'] if found.flagged else [])])})"


def _set_task(view: View) -> None:
    view.set_params(task=st.session_state["figures.task"])


def get_default_size(n_targets: int) -> str:
    """Return the default size for a number of thumbnails."""
    return next((size for size, most in _LARGEST_COUNTS.items() if n_targets <= most), "S")


def _read_look(view: View, usual: str) -> tuple[str, Sequence[str]]:
    size, states = view.param("size"), view.param("state") or ""
    return size if size in SIZES else usual, tuple(filter(None, states.split(",")))


def _write_look(view: View, usual: str) -> None:
    looked = st.session_state[_KEY]["look"] or {}
    size, shown = looked.get("size"), looked.get("shown") or []
    view.set_params(size=None if size == usual else size, state=",".join(shown) or None)


def _load_places(view: View, chip: ChipDocument, *, of_couplings: bool) -> list[Placed]:
    """Return the positions of the thumbnails, computed once since the topology does not change."""
    requested = view.project_id, chip.chip_id, chip.installed_at, of_couplings
    places = place_couplings if of_couplings else place_qubits
    return cache_in_session(_PLACES, requested, lambda: places(view.ask(chip_topology, chip.chip_id)))
