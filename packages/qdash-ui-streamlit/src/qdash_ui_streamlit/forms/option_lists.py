"""Options of filters and forms that the host lists: a page works without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_core.errors import LoginError, QDashError
from qdash_core.operations.transport import ConnectionLostError
from qdash_ui_streamlit.display.markdown import escape_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def load_options(what: str, load: Callable[[], Iterable[str]]) -> list[str]:
    """Return the options of a field; none, with a line that says so, if the host refuses or fails to list them.

    `what` names them as a plural noun, such as `cool-downs`.

    Raises
    ------
    LoginError, ConnectionLostError
        If no part of the page can be loaded.
    """
    try:
        return [*load()]
    except (LoginError, ConnectionLostError):
        raise
    except QDashError as error:
        st.caption(
            f":material/warning: The {what} to choose from cannot be loaded: {escape_message(str(error))}. "
            "The rest of the page works; reload it to try again."
        )
        return []
