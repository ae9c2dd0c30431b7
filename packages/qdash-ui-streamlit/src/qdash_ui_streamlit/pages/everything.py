"""All pages of our own, in the order of the side bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.pages import (
    chip,
    coupling,
    execution,
    executions,
    members,
    overview,
    plugins,
    qubit,
    result,
    settings,
    tasks,
    timetables,
)

if TYPE_CHECKING:
    from qdash_ui_streamlit.page import Page

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    executions.PAGE,
    execution.PAGE,
    result.PAGE,
    timetables.PAGE,
    chip.PAGE,
    qubit.PAGE,
    coupling.PAGE,
    tasks.PAGE,
    members.PAGE,
    plugins.PAGE,
    settings.PAGE,
)
