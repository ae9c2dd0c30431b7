"""Check of the pages and sections of a plugin: each is drawn once, without a browser."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol
from zoneinfo import ZoneInfo

from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException
from streamlit.testing.v1 import AppTest

from qdash_core.errors import PluginError
from qdash_core.features.sections import SectionSubject
from qdash_remote import connect
from qdash_ui_streamlit.page import arrange_pages
from qdash_ui_streamlit.plugin_guard import guard_section, guard_streamlit
from qdash_ui_streamlit.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.features.sections import Section
    from qdash_core.hooks.host import PluginRecord
    from qdash_core.hooks.manager import Registry

_LIMIT_S = 600.0
"""Limit of AppTest; the trial has its own."""


class _Host(Protocol):
    @property
    def url(self) -> str: ...

    @property
    def token(self) -> str: ...


class PluginTrial(Protocol):
    """Trial of a plugin, which has a home with a twin and a host."""

    chip_id: str
    candidate: PluginCandidate
    missing_twin: str

    @property
    def registry(self) -> Registry:
        """All plugins."""

    @property
    def record(self) -> PluginRecord:
        """State of the plugin."""

    @property
    def has_twin(self) -> bool:
        """True if the home has the twin `chip_id`."""

    @property
    def result(self) -> Mapping[str, Any] | None:
        """Result of a task on the twin."""

    @property
    def host(self) -> _Host | None:
        """Host of the home, or None if none is installed."""

    def examine(self, part: str) -> AbstractContextManager[None]:
        """Report a part as failed if the block raises anything, else as ok."""

    def tell(self, part: str, status: Literal["failed"], detail: str) -> None:
        """Report a finding."""


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
        me = client.identify()
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
                _draw(partial(page.render, view), chip=trial.chip_id)
    for section in sections:
        with trial.examine(f"section {section.title} ({section.slot})"):
            subject = _find_subject(trial, view, section)
            _draw(partial(_draw_section, section, view, subject), chip=trial.chip_id)


def _draw_section(section: Section, view: View, subject: SectionSubject) -> None:
    with guard_section(section.title):
        section.load_draw()(view, subject)


def _find_subject(trial: PluginTrial, view: View, section: Section) -> SectionSubject:
    """Return the subject of a page of the twin with the slot of a section."""
    operations = {one.name: one for group in trial.registry.operations() for one in group.declared}

    def ask(operation: str, *given: str) -> Any:
        return view.ask(operations[operation], *given)

    chip_id = trial.chip_id
    match section.slot:
        case "chip_panel" | "qubit" | "target_side":
            return SectionSubject(chip_id, "0", document=ask("show_qubit", chip_id, "0"))
        case "coupling":
            return SectionSubject(chip_id, "0-1", document=ask("show_coupling", chip_id, "0-1"))
    if section.slot not in ("result", "execution"):
        return SectionSubject(chip_id)
    task_id, execution_id = ((trial.result or {})[name] for name in ("task_id", "execution_id"))
    if section.slot == "execution":
        document = ask("show_execution", execution_id)
        return SectionSubject(chip_id, execution_id=execution_id, document=document)
    return SectionSubject(chip_id, "0", task_id, execution_id, ask("show_result", task_id))


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
