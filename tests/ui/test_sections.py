"""Sections of plugins on pages: each is drawn in order with the user's rights; a broken one is one line, and takes nothing away."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any, get_args

import pytest
import streamlit as st

from qdash_builtin.chips.operations.chips import list_chips
from qdash_builtin.people.feature import TOKENS
from qdash_core.errors import LoginError
from qdash_core.features.sections import Section, SectionSubject, Slot
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit import sections
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.sections import draw_sections

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.testing.v1 import AppTest

    from qdash_ui_streamlit.view import View

    from .conftest import DashboardPages

SUBJECT = SectionSubject("64Qv1", "17")


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Function that installs sections of the plugin `cryo`."""

    def replace(*given: Section) -> None:
        monkeypatch.setattr(sections, "get_installed_sections", lambda: [("cryo", one) for one in given])

    return replace


def draw_page(view: View) -> None:
    """Draw a page of a qubit with the same button as `draw_samples`."""
    st.title("Qubit 17")
    draw_sections(view, "qubit", SUBJECT, at_head=True)
    st.button("Save")
    draw_sections(view, "qubit", SUBJECT, at_head=False)
    st.caption("The end")


def draw_samples(_view: View, subject: SectionSubject) -> None:
    st.header(f"Samples of {subject.chip_id}, {subject.target}")
    st.button("Save")


def list_drawn(page: AppTest) -> list[str]:
    """Return the texts of a page in their order."""
    return [str(one.value) for one in page.main if one.type in ("title", "header", "caption", "error")]


def test_sections_are_drawn_by_order_below_the_head_and_at_the_end(
    install: Callable[..., None], dashboard_pages: DashboardPages
) -> None:
    def name(text: str) -> Callable[[View, SectionSubject], None]:
        return lambda _view, _subject: st.header(text)

    install(
        Section("qubit", "First", name("First"), -2),
        Section("qubit", "Second", name("Second"), -1),
        Section("result", "Elsewhere", name("Elsewhere")),
        Section("qubit", "Third", name("Third")),
        Section("qubit", "Samples", draw_samples, 1),
    )
    drawn = dashboard_pages.page(draw_page, "viewer")
    assert list_drawn(drawn) == [
        "Qubit 17", "First", "Second", "Third", "Samples of 64Qv1, 17", "The end"
    ]  # fmt: skip
    assert [one.label for one in drawn.button] == ["Save", "Save"]


def _raise(error: BaseException) -> Callable[..., None]:
    def draw(_view: View, _subject: SectionSubject) -> None:
        raise error

    return draw


@st.fragment
def _draw_broken_part() -> None:
    raise ValueError("no part")


BROKEN: dict[str, tuple[Callable[..., Any] | str, str]] = {
    "error": (_raise(ValueError("no *helium*")), "ValueError: no *helium* (test_sections.py:"),
    "exit": (_raise(SystemExit(3)), "SystemExit: 3 (test_sections.py:"),
    "interrupt": (_raise(KeyboardInterrupt()), "KeyboardInterrupt (test_sections.py:"),
    "login elsewhere": (_raise(LoginError("no licence")), "LoginError: no licence (test_sections.py:"),
    "refusal": (lambda view, _subject: view.connection.get("/nowhere"), "NotOfferedError:"),
    "fragment": (lambda _view, _subject: _draw_broken_part(), "ValueError: no part (test_sections.py:"),
    "rerun": (lambda _view, _subject: st.rerun(), "PluginError: this section called `st.rerun` more than 20"),
    "own rerun": (lambda _view, _subject: rerun(), "PluginError: this section called `st.rerun` more than"),
    "title": (lambda _view, _subject: st.set_page_config("Mine"), "PluginError: this section called `st.set"),
    "no module": ("no_such_module:draw", "ModuleNotFoundError: No module named 'no_such_module'"),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_broken_section_is_a_line_with_its_plugin_and_takes_nothing_away(
    install: Callable[..., None], dashboard_pages: DashboardPages, why: str
) -> None:
    draw, message = BROKEN[why]
    install(Section("qubit", "Helium", draw, -1), Section("qubit", "Samples", draw_samples))
    drawn = dashboard_pages.page(draw_page, "viewer")
    (line,) = drawn.error
    assert line.value.replace("\\", "").startswith(f"Section 'Helium' of plugin cryo failed: {message}")
    assert list_drawn(drawn) == ["Qubit 17", line.value, "Samples of 64Qv1, 17", "The end"]


def test_a_section_that_stops_ends_alone(
    install: Callable[..., None], dashboard_pages: DashboardPages
) -> None:
    def stop(_view: View, _subject: SectionSubject) -> None:
        st.header("Helium")
        st.stop()

    install(Section("qubit", "Helium", stop, -1), Section("qubit", "Samples", draw_samples))
    drawn = dashboard_pages.page(draw_page, "viewer")
    assert list_drawn(drawn) == ["Qubit 17", "Helium", "Samples of 64Qv1, 17", "The end"]


def test_a_section_whose_user_is_logged_out_leads_to_the_login(
    install: Callable[..., None], dashboard_pages: DashboardPages
) -> None:
    install(Section("qubit", "Chips", lambda view, _subject: view.ask(list_chips)))
    view = dashboard_pages.view("viewer", TokenScope.READ)
    for token in dashboard_pages.qdash.get(TOKENS).list_by_user("viewer", by="viewer"):
        dashboard_pages.qdash.get(TOKENS).revoke("viewer", token.name, by="viewer")

    with pytest.raises(LoginError):
        draw_sections(view, "qubit", SUBJECT)


def test_a_section_asks_with_the_rights_of_the_user(
    install: Callable[..., None], dashboard_pages: DashboardPages
) -> None:
    def draw(view: View, _subject: SectionSubject) -> None:
        st.header(f"{view.me.user.username}: {len(view.ask(list_chips).items)} chips")

    install(Section("qubit", "Chips", draw))
    assert "viewer: 0 chips" in list_drawn(dashboard_pages.page(draw_page, "viewer"))


def test_a_slow_section_is_named_in_the_log(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    install: Callable[..., None],
    dashboard_pages: DashboardPages,
) -> None:
    install(Section("qubit", "Samples", draw_samples))
    monkeypatch.setattr(sections, "SLOW_S", -1.0)
    with caplog.at_level(logging.WARNING, sections.__name__):
        dashboard_pages.page(draw_page, "viewer")
    assert "section 'Samples' of plugin cryo took 0." in caplog.text


def test_our_own_features_are_on_pages_by_sections() -> None:
    own = [section for _, section in load_plugins(blocked=()).sections()]
    assert {one.slot for one in own} < {*get_args(Slot)}
    for section in own:
        inspect.signature(section.load_draw()).bind(object(), SUBJECT)
