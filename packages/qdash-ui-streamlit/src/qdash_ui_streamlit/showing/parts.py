"""A part of a page that is drawn anew by itself: what goes wrong in it is told in its place, as in a page."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException

from qdash_core.errors import LoginError
from qdash_ui_streamlit.session import forget
from qdash_ui_streamlit.showing.states import problem

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


def part(draw: Callable[P, None]) -> Callable[P, None]:
    """Make a function that draws a part of a page a fragment. Who is not logged in any more is asked by the whole page."""

    @wraps(draw)
    def guarded(*given: P.args, **named: P.kwargs) -> None:
        try:
            draw(*given, **named)
        except LoginError:
            forget()
            st.rerun()
        except (ScriptControlException, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001  whatever a page raises, SystemExit included
            problem(error)

    return st.fragment(guarded)
