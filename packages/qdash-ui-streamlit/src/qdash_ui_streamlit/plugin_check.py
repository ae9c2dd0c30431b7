"""Check of the pages and sections of a plugin: each is drawn once, without a browser."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException
from streamlit.testing.v1 import AppTest

from qdash_builtin.chips.operations.targets import show_coupling, show_qubit
from qdash_builtin.people.operations.auth import who_am_i
from qdash_builtin.plugins.checks.trial import CHIP
from qdash_builtin.results.operations.results import show_result
from qdash_builtin.runs.operations.executions import show_execution
from qdash_core.errors import PluginError
from qdash_core.features.sections import SectionSubject
from qdash_remote import connect
from qdash_ui_streamlit.page import arrange_pages
from qdash_ui_streamlit.plugin_guard import guard_section, guard_streamlit
from qdash_ui_streamlit.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.plugins.checks.trial import PluginTrial
    from qdash_core.features.sections import Section

_LIMIT_S = 600.0
"""Limit of AppTest; the trial has its own."""


def check_pages_and_sections(trial: PluginTrial) -> None:
    """Draw the pages and sections of a plugin for the owner of a project with a twin."""
    provides = trial.record.provides
    titles = {*provides.get("qdash_dashboard_pages", ())}
    paths = {one.plural for plugin, one in trial.registry.list_entities() if plugin == trial.candidate.name}
    sections = [one for plugin, one in trial.registry.sections() if plugin == trial.candidate.name]
    if not titles and not paths and not sections:
        return
    pages = arrange_pages(trial.registry.pages())
    view = None
    with trial.examine("dashboard with a host"):
        if not trial.has_twin:
            raise PluginError(trial.missing_twin)
        if (host := trial.host) is None:
            raise PluginError("no host is installed here: install qdash-api")
        client = connect(host.url, host.token)
        me = client.ask(who_am_i)
        view = View(client, me, me.project_id or "-", ZoneInfo("UTC"))
    if view is None:
        return
    for title, why in pages.set_aside.items():
        if title in titles:
            trial.tell(f"page {title}", "failed", why)
    for page in pages.placed:
        if page.title in titles or page.path in paths:
            with trial.examine(f"page {page.title}"):
                guard_streamlit()
                _draw(partial(page.render, view), chip=CHIP)
    for section in sections:
        with trial.examine(f"section {section.title} ({section.slot})"):
            subject = _find_subject(trial, view, section)
            _draw(partial(_draw_section, section, view, subject), chip=CHIP)


def _draw_section(section: Section, view: View, subject: SectionSubject) -> None:
    with guard_section(section.title):
        section.load_draw()(view, subject)


def _find_subject(trial: PluginTrial, view: View, section: Section) -> SectionSubject:
    """Return the subject of a page of the twin with the slot of a section."""
    match section.slot:
        case "chip_panel" | "qubit":
            return SectionSubject(CHIP, "0", document=view.ask(show_qubit, CHIP, "0"))
        case "coupling":
            return SectionSubject(CHIP, "0-1", document=view.ask(show_coupling, CHIP, "0-1"))
    if section.slot not in ("result", "execution"):
        return SectionSubject(CHIP)
    task_id, execution_id = ((trial.result or {})[name] for name in ("task_id", "execution_id"))
    if section.slot == "execution":
        document: Any = view.ask(show_execution, execution_id)
        return SectionSubject(CHIP, execution_id=execution_id, document=document)
    return SectionSubject(CHIP, "0", task_id, execution_id, view.ask(show_result, task_id))


def _draw(draw: Callable[[], object], **params: str) -> None:
    """Draw something as a page at an address with parameters, and raise its error."""
    failures: list[BaseException] = []

    def draw_and_keep_failure() -> None:
        try:
            draw()
        except ScriptControlException:  # such as `st.stop`
            raise
        except BaseException as error:  # noqa: BLE001  code of a plugin, SystemExit included
            failures.append(error)

    # The script is run alone: it knows no name of this module.
    drawn = AppTest.from_string(
        "import streamlit as st\nst.session_state['qdash.draw']()", default_timeout=_LIMIT_S
    )
    drawn.session_state["qdash.draw"] = draw_and_keep_failure
    for name, value in params.items():
        drawn.query_params[name] = value
    drawn.run()
    if failures:
        raise failures[0]
    for shown in drawn.exception:
        raise PluginError(shown.message)
