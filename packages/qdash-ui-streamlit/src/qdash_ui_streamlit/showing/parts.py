"""Parts of a page that are drawn anew by themselves: what goes wrong in one is told in its place, and the rest of the page lives on."""

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


def part(draws: Callable[P, None]) -> Callable[P, None]:
    """Make a function a fragment. The page that called it is not there to catch what it raises when it is drawn by itself."""

    @wraps(draws)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            draws(*args, **kwargs)
        except LoginError:
            forget()
            st.rerun()
        except (ScriptControlException, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001  whatever a page raises, SystemExit included
            problem(error)

    return st.fragment(guarded)
