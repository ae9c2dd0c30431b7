"""Cache of one object per place in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def cache_in_session(place: str, meant: object, make: Callable[[], T]) -> T:
    """Return the cached object of a place; make it anew if its key has changed.

    Parameters
    ----------
    place : str
        Name of the place in the session.
    meant : value
        Key of the object.
    make : callable
        Makes the object.
    """
    kept: tuple[object, T] | None = st.session_state.get(place)
    if kept is None or kept[0] != meant:
        kept = st.session_state[place] = (meant, make())
    return kept[1]
