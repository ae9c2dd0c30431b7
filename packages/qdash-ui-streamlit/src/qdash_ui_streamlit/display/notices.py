"""Messages for empty lists and for errors."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException

from qdash_core.errors import (
    AccessDeniedError,
    LoginError,
    NotFoundError,
    NotOfferedError,
    PluginFailedError,
    QDashError,
    StoreUnavailableError,
    TooManyError,
)
from qdash_core.operations.transport import ConnectionLostError
from qdash_remote.problems import HostError
from qdash_ui_streamlit.display.markdown import escape_message, format_sentence
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.session import forget_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qdash_ui_streamlit.view import View

logger = logging.getLogger(__name__)

_LOGGED = (HostError, PluginFailedError, StoreUnavailableError)
"""Errors whose details are in the log of the host."""
_TRANSIENT = (ConnectionLostError, HostError, StoreUnavailableError, TooManyError)
"""Errors that a repetition may not meet again."""


def show_empty(what: str, why: str = "") -> None:
    """Draw a notice in place of missing data: what is missing, and why with the one next step, both as Markdown."""
    st.info(f"{what}  \n{why}" if why else what, icon=":material/inbox:")


def show_sentence(sentence: str) -> None:
    """Draw a sentence of the host as a warning, with its characters as they are."""
    st.warning(format_sentence(sentence), icon=":material/warning:")


def show_no_chip(view: View) -> None:
    """Draw that the project has no chip, and the next step."""
    step = (
        f"[Follow the first steps]({view.link('overview')}), or [create a chip]({view.link('new-chip')})."
        if view.edits
        else "Owners and editors of the project create chips; it then appears here."
    )
    show_empty("There is no chip yet.", step)


def show_problem(
    error: BaseException, *, step: str = "", may_retry: bool = False, what: str = "This page"
) -> None:
    """Draw an error: what happened, where, and what to do.

    Parameters
    ----------
    step : str
        Next step as Markdown; empty if the message has it.
    may_retry : bool
        Whether to offer *Try again*, which draws the surrounding fragment or the page again, if a repetition may succeed.
    what : str
        Name of the part that failed, for an exception that is not a QDashError.
    """
    message = escape_message(str(error))
    lines = [format_sentence(str(error)), step]
    if isinstance(error, NotOfferedError):
        lines = [
            f"{what} cannot be shown: {message}.",
            "An operator installs the package on the host or enables the plugin; *Settings → Plugins and health* has the reason.",
        ]
        _draw_lines(st.warning, lines, "extension_off")
    elif isinstance(error, NotFoundError):
        _draw_lines(st.warning, lines, "search_off")
    elif isinstance(error, AccessDeniedError):
        _draw_lines(st.warning, lines, "lock")
    elif isinstance(error, ConnectionLostError):
        lines.insert(
            1, "What was recorded is safe. If this lasts, ask the operator whether the host is running."
        )
        _draw_lines(st.error, lines, "cloud_off")
    elif isinstance(error, QDashError):
        if isinstance(error, _LOGGED):
            lines += [
                f"The log of the host has the details: {note}." for note in getattr(error, "__notes__", ())
            ]
        _draw_lines(st.error, lines, "error")
    else:
        logger.error("a page failed", exc_info=error)
        lines[0] = f"{what} failed: {type(error).__name__}: {message}"
        lines.append("The log of the dashboard has the details.")
        _draw_lines(st.error, lines, "error")
    if may_retry and (isinstance(error, _TRANSIENT) or not isinstance(error, QDashError)):
        # A click draws the surrounding fragment again, else the page, whatever its key is; several parts may fail.
        st.button("Try again", icon=":material/refresh:", key=f"qdash.again.{uuid4().hex}")


@contextmanager
def show_errors() -> Iterator[None]:
    """Show an error in place of a part of a page; after a logout, rerun the whole page for the login form."""
    try:
        yield
    except LoginError:
        forget_session()
        rerun()
    except ScriptControlException:
        raise
    except BaseException as error:  # noqa: BLE001  any error of a page, including SystemExit
        show_problem(error, may_retry=True, what="This part of the page")


def _draw_lines(draw: Callable[..., object], lines: Sequence[str], icon: str) -> None:
    draw("  \n".join(filter(None, lines)), icon=f":material/{icon}:")
