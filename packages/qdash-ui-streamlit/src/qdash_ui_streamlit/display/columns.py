"""Columns: two that stack on narrow screens, and rows of fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from streamlit.delta_generator import DeltaGenerator

T = TypeVar("T")
_NARROWEST = "23rem"


def make_wide_and_narrow(key: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return a wide and a narrow column, stacked without room; Streamlit stacks them on telephones only.

    The key, unique on the page, has lower-case letters and `_`.
    """
    with st.container(key=key):
        st.html(
            f"<style>.st-key-{key} [data-testid=stColumn] {{ min-width: min(100%, {_NARROWEST}); }}</style>"
        )
        wide, narrow = st.columns([3, 2])
    return wide, narrow


def arrange_in_rows(fields: Iterable[T]) -> Iterator[tuple[DeltaGenerator, T]]:
    """Yield the column of each field, in rows of three."""
    for place, field in enumerate(fields):
        if place % 3 == 0:
            columns = st.columns(3, vertical_alignment="bottom")
        yield columns[place % 3], field
