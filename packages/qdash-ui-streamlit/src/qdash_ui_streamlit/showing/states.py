"""What stands where nothing is, and where something went wrong."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException

from qdash_client import HostError
from qdash_core.errors import AccessDeniedError, LoginError, NotFoundError, QDashError
from qdash_ui_streamlit.session import forget

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)


def empty(said: str, do: str = "") -> None:
    """Say that there is nothing, and what one may do."""
    st.info(f"{said}  \n{do}" if do else said, icon=":material/inbox:")


def problem(error: BaseException) -> None:
    """Say what went wrong, and what one may do."""
    said = str(error).replace(
        "[", r"\["
    )  # what is named in it may be anything: it makes no links and pictures
    if isinstance(error, NotFoundError):
        st.warning(said, icon=":material/search_off:")
    elif isinstance(error, AccessDeniedError):
        st.warning(said, icon=":material/lock:")
    elif isinstance(error, HostError) and error.status is None:
        st.error(
            f"{said}  \nThe page comes back when the host does: reload it then.", icon=":material/cloud_off:"
        )
    elif isinstance(error, QDashError):
        st.error(said, icon=":material/error:")
    else:
        logger.error("a page failed", exc_info=error)
        st.error(f"This page failed: {type(error).__name__}: {said}", icon=":material/error:")


@contextmanager
def told() -> Iterator[None]:
    """Tell in its place what goes wrong in a part of a page: the rest lives on, and the whole page asks who is logged out."""
    try:
        yield
    except LoginError:
        forget()
        st.rerun()
    except ScriptControlException:
        raise
    except BaseException as error:  # noqa: BLE001  whatever a page raises, SystemExit included
        problem(error)
