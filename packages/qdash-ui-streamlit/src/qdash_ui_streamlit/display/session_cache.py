"""Caches of one object per place, in a session or while it shows a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

T = TypeVar("T")
_PAGE, _PAGE_CACHE = "qdash.page", "qdash.page.cache"


def cache_in_session(place: str, cache_key: object, make: Callable[[], T]) -> T:
    """Return the cached object of a place in the session; create it again if its key has changed."""
    return _cache(st.session_state, place, cache_key, make)


def cache_on_page(place: str, cache_key: object, make: Callable[[], T]) -> T:
    """Return the cached object of a place as `cache_in_session`, for large ones: until the user leaves the page."""
    return _cache(st.session_state.setdefault(_PAGE_CACHE, {}), place, cache_key, make)


def forget_other_pages(path: str) -> None:
    """Delete what was cached on another page than that of a path."""
    if st.session_state.get(_PAGE) != path:
        st.session_state[_PAGE], st.session_state[_PAGE_CACHE] = path, {}


def _cache(cache: MutableMapping[Any, Any], place: str, cache_key: object, make: Callable[[], T]) -> T:
    kept: tuple[object, T] | None = cache.get(place)
    if kept is None or kept[0] != cache_key:
        kept = cache[place] = (cache_key, make())
    return kept[1]
