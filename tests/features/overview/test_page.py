"""The overview for users, and its number of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from streamlit.testing.v1 import AppTest

    from qdash_ui_streamlit.view import View

    RequestRun = Callable[..., str]
    OpenPage = Callable[..., AppTest]
    ViewOf = Callable[[str], View]

pytestmark = pytest.mark.slow


def join_texts(test: AppTest) -> str:
    assert not test.exception
    return "\n".join(
        one.value
        for kind in (test.header, test.error, test.warning, test.markdown, test.caption)
        for one in kind
    )


def test_without_a_chip_a_viewer_sees_who_can_create_one(open_page: OpenPage) -> None:
    test = open_page("viewer", "overview")
    assert "its owner or an editor can create one" in join_texts(test)
    assert not test.button


def test_without_twins_an_editor_sees_how_to_create_a_chip(open_page: OpenPage) -> None:
    test = open_page("editor", "overview")
    assert "qdash chip create" in join_texts(test)
    assert not test.button


def test_the_overview_shows_alerts_with_twelve_requests(
    request_run: RequestRun, open_page: OpenPage, view_of: ViewOf
) -> None:
    request_run("Broken", performed=True)
    request_run()
    requests: list[httpx.Request] = []
    view_of("viewer").connection.event_hooks["request"].append(requests.append)
    said = join_texts(open_page("viewer", "overview"))
    assert "**No worker is running**: 1 run in the queue" in said
    assert "**Failed run**: [Broken on" in said
    assert "No active runs." in said
    assert len(requests) == 12


def test_a_first_run_is_followed_to_the_chip(request_run: RequestRun, open_page: OpenPage) -> None:
    waiting, done = request_run(), request_run(performed=True)
    assert "You can leave this page" in join_texts(open_page("editor", "overview", first=waiting))
    test = open_page("editor", "overview", first=done)
    assert test.button[0].label == "Open chip chip"
