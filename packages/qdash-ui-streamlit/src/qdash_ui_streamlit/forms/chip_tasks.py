"""Cache of the tasks of a chip: the tasks of a backend rarely change."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import streamlit as st

from qdash_client.generated.api.tasks import tasks_on_chip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.documents.tasks import TaskOnChip
    from qdash_ui_streamlit.view import View

CACHE_S = 120.0
_CACHE_KEY = "chip.tasks"


def load_chip_tasks(view: View, chip_id: str) -> Sequence[TaskOnChip]:
    """Return every installed task by name, with the reason if it is not available on the chip."""
    kept: dict[tuple[str, str], tuple[float, list[TaskOnChip]]] = st.session_state.setdefault(_CACHE_KEY, {})
    requested = view.project_id, chip_id
    at, tasks = kept.get(requested, (0.0, []))
    if not at or time.monotonic() - at > CACHE_S:
        at, tasks = time.monotonic(), list(view.every(tasks_on_chip, chip_id, limit=200))
        st.session_state[_CACHE_KEY] = {requested: (at, tasks)}  # of one chip only: it is 150 kB
    return tasks
