"""Texts of the browser: they are those of Python."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import qdash_ui_streamlit.components as components
from qdash_ui_streamlit.display.markdown import begin_sentence
from qdash_ui_streamlit.display.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def script(chromium: Browser) -> Iterator[Page]:
    """A page with the functions that components share."""
    page = chromium.new_page()
    for name in ("shared.js", "sentences.js"):
        page.add_script_tag(content=Path(components.__file__).with_name(name).read_text("utf-8"))
    yield page
    page.close()


def test_durations_are_the_same(script: Page) -> None:
    seconds = [0.0, 0.012, 7.33, 9.97, 42.4, 59.7, 60.0, 458.1, 3599.6, 7190.0, 7440.0, 51 * 3600.0]
    assert script.evaluate("(some) => some.map(duration)", seconds) == [*map(format_duration, seconds)]


def test_messages_begin_in_the_same_way(script: Page) -> None:
    messages = [
        "there is no chip",
        "cool-down 3 has ended",
        "ann is no member",
        "shots: above 0",
        "`qdash up` failed",
    ]
    shown = script.evaluate("(some) => some.map(begin_sentence)", messages)
    assert shown == [*map(begin_sentence, messages)]
    assert script.evaluate("[null, undefined].map(begin_sentence)") == [None, None]
