"""Cache of the tasks of a chip: the tasks of a backend rarely change."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import streamlit as st

from qdash_builtin.runs.operations.tasks import tasks_on_chip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.runs.views.tasks import TaskOnChip
    from qdash_ui_streamlit.view import View

CACHE_S = 120.0
_CACHE_KEY = "chip.tasks"


@dataclass(frozen=True)
class ChipTasks:
    """Installed tasks by name."""

    tasks: Sequence[TaskOnChip]


_shared: WeakValueDictionary[tuple[str, str], ChipTasks] = WeakValueDictionary()
"""Newest tasks that a session has received, by project and chip."""


def load_chip_tasks(view: View, chip_id: str) -> Sequence[TaskOnChip]:
    """Return every installed task by name, with the reason if it is not available on the chip.

    Each session asks the host, which checks its rights; sessions with the same response share one copy.
    """
    requested = view.project_id, chip_id
    kept: tuple[tuple[str, str], float, ChipTasks] | None = st.session_state.get(_CACHE_KEY)
    if kept is None or kept[0] != requested or time.monotonic() - kept[1] > CACHE_S:
        at, loaded = time.monotonic(), ChipTasks([*view.every(tasks_on_chip.paged(limit=200), chip_id)])
        shared = _shared.get(requested)
        if shared != loaded:
            shared = _shared[requested] = loaded
        kept = st.session_state[_CACHE_KEY] = (requested, at, shared)
    return kept[2].tasks
