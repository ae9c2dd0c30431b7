"""Messages for empty lists and for errors."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException

from qdash_core.errors import AccessDeniedError, LoginError, NotFoundError, QDashError
from qdash_core.operations.transport import ConnectionLostError
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.session import forget_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_ui_streamlit.view import View

logger = logging.getLogger(__name__)


def show_empty(message: str, advice: str = "") -> None:
    """Draw the message of an empty list, with advice."""
    st.info(f"{message}  \n{advice}" if advice else message, icon=":material/inbox:")


def show_sentence(sentence: str) -> None:
    """Draw a sentence of the host as a warning, with its characters as they are."""
    st.warning(escape_markdown(sentence), icon=":material/warning:")


def show_no_chip(view: View) -> None:
    """Draw the message that there is no chip."""
    advice = (
        f"[Create a chip]({view.link('new-chip')})." if view.edits else "Editors of the project create chips."
    )
    show_empty("There is no chip yet.", advice)


def show_problem(error: BaseException) -> None:
    """Draw the message of an error, with advice."""
    message = str(error).replace("[", r"\[")  # it may contain any text, which must not create links or images
    if isinstance(error, NotFoundError):
        st.warning(message, icon=":material/search_off:")
    elif isinstance(error, AccessDeniedError):
        st.warning(message, icon=":material/lock:")
    elif isinstance(error, ConnectionLostError):
        st.error(
            f"{message}  \nReload the page when the host is available again.", icon=":material/cloud_off:"
        )
    elif isinstance(error, QDashError):
        st.error(message, icon=":material/error:")
    else:
        logger.error("a page failed", exc_info=error)
        st.error(f"This page failed: {type(error).__name__}: {message}", icon=":material/error:")


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
        show_problem(error)
