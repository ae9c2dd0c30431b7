"""The overview for users, and its number of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_remote.problems import HostError

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
        for kind in (test.header, test.error, test.warning, test.info, test.markdown, test.caption)
        for one in kind
    )


def test_without_a_chip_a_viewer_sees_who_can_create_one(open_page: OpenPage) -> None:
    test = open_page("viewer", "overview")
    assert "Your role in it is viewer" in join_texts(test)
    assert not test.button


def test_without_a_chip_an_editor_sees_the_first_steps(open_page: OpenPage) -> None:
    test = open_page("editor", "overview")
    assert [one.label for one in test.expander] == [
        "1. Create a simulated chip: to do",
        "2. Calibrate it: to do",
        "3. Check the result: to do",
        "4. Connect your instrument: to do",
        "5. Invite colleagues or set a timetable: done",
    ]
    assert "qdash chip create" in join_texts(test)  # this host has no simulated chips


def test_hidden_steps_stay_hidden_until_the_settings_bring_them_back(
    open_page: OpenPage, view_of: ViewOf
) -> None:
    open_page("editor", "overview").button(key="first-steps.hide").click().run()
    assert view_of("editor").connection.identify().user.hides_guide


def test_the_overview_shows_alerts_with_thirteen_requests(
    request_run: RequestRun, open_page: OpenPage, view_of: ViewOf
) -> None:
    request_run("Broken", performed=True)
    request_run()
    requests: list[httpx.Request] = []
    view_of("viewer").connection.event_hooks["request"].append(requests.append)
    said = join_texts(open_page("viewer", "overview"))
    assert "**No worker is running**: 1 run in the queue" in said
    assert "**Failed run**: [Broken on" in said
    assert "waits for a worker: none is running" in said
    assert len(requests) == 13


@pytest.mark.parametrize(
    "path", ["/workers", "/locks", "/queue", "/timetables", "/backups/last", "/backends"]
)
def test_an_error_of_one_part_leaves_the_others(
    request_run: RequestRun, open_page: OpenPage, view_of: ViewOf, path: str
) -> None:
    request_run(performed=True)

    def fail(request: httpx.Request) -> None:
        if request.url.path == path:
            raise HostError("the host failed", status=500)

    view_of("editor").connection.event_hooks["request"].append(fail)
    test = open_page("editor", "overview")
    said = join_texts(test)
    assert [one.value.partition(" ")[0] for one in test.error] == ["The"]
    assert "Latest executions" in said
    facts = "".join(one.proto.body for one in test.get("html"))
    assert ("Workers: unknown" in facts) == (path == "/workers")
    assert "Try again" in [one.label for one in test.button]


def test_a_run_on_the_own_instrument_ends_the_first_steps(
    request_run: RequestRun, open_page: OpenPage
) -> None:
    request_run()
    assert len(open_page("editor", "overview").expander) == 5
    request_run(performed=True)
    test = open_page("editor", "overview")
    assert not [one for one in test.expander if one.label.startswith("1.")]
