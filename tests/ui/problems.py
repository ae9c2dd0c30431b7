"""Warnings and errors of a drawn page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


def list_problems(page: AppTest) -> list[str]:
    """Return the texts of the errors, then of the warnings, as users read them: without the escapes of Markdown."""
    assert not page.exception
    return [one.value.replace("\\", "") for one in (*page.error, *page.warning)]
