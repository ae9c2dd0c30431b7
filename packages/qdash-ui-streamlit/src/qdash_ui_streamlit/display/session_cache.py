"""Cache of one object per place in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def cache_in_session(place: str, cache_key: object, make: Callable[[], T]) -> T:
    """Return the cached object of a place; create it again if its key has changed.

    Parameters
    ----------
    place : str
        Name of the place in the session.
    cache_key : object
        Key of the object.
    make : callable
        Creates the object.
    """
    kept: tuple[object, T] | None = st.session_state.get(place)
    if kept is None or kept[0] != cache_key:
        kept = st.session_state[place] = (cache_key, make())
    return kept[1]
