"""What is made once in a session, until something else is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def remembered(place: str, meant: object, make: Callable[[], T]) -> T:
    """Return what was made of what is meant; it takes the place of what was made there of something else.

    Parameters
    ----------
    place : str
        Under which the session keeps it.
    meant : value
        By which it is known whether it is still the right one.
    make : callable
        Makes it.
    """
    kept: tuple[object, T] | None = st.session_state.get(place)
    if kept is None or kept[0] != meant:
        kept = st.session_state[place] = (meant, make())
    return kept[1]
