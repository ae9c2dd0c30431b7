"""Options of filters and forms that the host lists: a page works without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_core.errors import LoginError, QDashError
from qdash_core.operations.transport import ConnectionLostError
from qdash_ui_streamlit.display.markdown import escape_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qdash_ui_streamlit.view import View


def load_options(what: str, load: Callable[[], Iterable[str]], *, otherwise: Sequence[str] = ()) -> list[str]:
    """Return the options of a field; other ones, with a line that says so, if the host refuses or fails to list them.

    `what` names them as a plural noun, such as `cool-downs`; `otherwise` are the other ones.

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
        return [*otherwise]


def load_chips(view: View) -> tuple[str | None, list[str]]:
    """Return the selected chip and the chips to choose from, among them the selected one; None and no options if the project has no chip."""
    chip_id = view.chip_id()
    if chip_id is None:
        return None, []
    chips = load_options("chips", view.list_chip_ids, otherwise=[chip_id])
    return (chip_id, [*dict.fromkeys((*chips, chip_id))]) if chips else (None, [])
