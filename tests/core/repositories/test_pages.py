"""Pages of lists: every item once, in order, on all stores; foreign cursors are refused."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.errors import InvalidInputError
from qdash_core.models.pages import Page, PageRequest


def make_cursor(place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


@given(
    items=st.sets(
        st.text(
            st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp", "Zs", "Cn", "Co", "Cf")), max_size=5
        )
    ),
    limit=st.integers(1, 7),
)
def test_pages_are_all_items_once_in_order(items: set[str], limit: int) -> None:
    found: list[str] = []
    request = PageRequest(limit)
    while True:
        page = Page.from_all_items(items, request, lambda item: (item,))
        assert len(page.items) <= limit
        found += page.items
        if page.next is None:
            break
        request = PageRequest(limit, page.next)
    assert found == sorted(items)


@pytest.mark.parametrize(
    "after",
    [
        "",
        "x",
        "%%%",
        make_cursor({}),
        make_cursor([]),
        make_cursor([1]),
        make_cursor(["a", "b"]),
        make_cursor([["a"]]),
        make_cursor([2**70]),
        make_cursor(["a\n"]),
        make_cursor("a"),
        "a" * 2000,
        "ä",
    ],
)
def test_a_cursor_of_something_else_is_refused(after: str) -> None:
    with pytest.raises(InvalidInputError, match="next"):
        Page.from_all_items(["a", "b"], PageRequest(1, after), lambda item: (item,))


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_page_has_bounds(limit: int) -> None:
    with pytest.raises(InvalidInputError, match="limit"):
        PageRequest(limit)
