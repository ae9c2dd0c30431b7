"""Sections of plugins on pages, each isolated from the rest of the page."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.errors import FragmentHandledException
from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException

from qdash_core.errors import LoginError
from qdash_core.tasks.failures import describe_error
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.plugin_guard import SectionStopped, guard_section
from qdash_ui_streamlit.process_cache import get_installed_sections
from qdash_ui_streamlit.session import check_login

if TYPE_CHECKING:
    from qdash_core.features.sections import Section, SectionSubject, Slot
    from qdash_ui_streamlit.view import View

logger = logging.getLogger(__name__)

SLOW_S = 1.0
"""Time after which a section is named in the log, in seconds."""


def draw_sections(view: View, slot: Slot, subject: SectionSubject, *, at_head: bool | None = None) -> None:
    """Draw the sections of a page, each with its own errors.

    They are below the head of the page if `at_head`, or at its end if that is False; None for all.
    """
    for plugin, section in get_installed_sections():
        if section.slot == slot and at_head in (None, section.order < 0):
            _draw_isolated(view, plugin, section, subject)


def _draw_isolated(view: View, plugin: str, section: Section, subject: SectionSubject) -> None:
    place = st.container()
    began = time.monotonic()
    try:
        with guard_section(f"{plugin}: {section.slot}, {section.title}, {section.order}"), place:
            section.load_draw()(view, subject)
    except SectionStopped:
        return
    except ScriptControlException:
        raise
    except BaseException as error:  # noqa: BLE001  any error of a plugin, including SystemExit
        if isinstance(error, LoginError):
            check_login(view.connection)
        _show_error(plugin, section, error)
    finally:
        if (took := time.monotonic() - began) > SLOW_S:
            logger.warning(
                "section %r of plugin %s took %.1f s (%s)", section.title, plugin, took, section.slot
            )


def _show_error(plugin: str, section: Section, error: BaseException) -> None:
    if isinstance(error, FragmentHandledException):  # of a fragment of the section, which showed it, too
        error = error.args[0]
    logger.error("section %r of plugin %s failed (%s)", section.title, plugin, section.slot, exc_info=error)
    line = (
        f"Section {section.title!r} of plugin {plugin} failed: {describe_error(error, module=section.module)}"
    )
    st.error(escape_markdown(line), icon=":material/extension_off:")
