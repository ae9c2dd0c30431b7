"""The host as seen by the browser: authenticated by the cookie alone, with unchanged responses, and no other
server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from qdash_ui_streamlit.session import COOKIE

from .conftest import Parts

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from .conftest import FakeHost


def test_without_a_cookie_no_request_is_sent(anonymous: TestClient, fake: FakeHost) -> None:
    for path in ("/host/-/chips", "/live/events"):
        answer = anonymous.get(path)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthorised")
    assert not fake.asked


def test_responses_of_the_host_are_forwarded(browser: TestClient, fake: FakeHost) -> None:
    headers = [
        ("etag", '"7"'),
        ("content-disposition", "attachment"),
        ("set-cookie", "a=b"),
        ("cache-control", "private"),
    ]
    fake.respond_with(headers=headers, json={"items": []})
    answer = browser.get("/host/lab/chips/a%2Fb?limit=3&status=a&status=b")
    assert answer.json() == {"items": []}
    assert [answer.headers[name] for name, _ in headers[:2]] == ['"7"', "attachment"]
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert str(fake.last.url) == "http://host:8000/below/chips/a%2Fb?limit=3&status=a&status=b"
    assert fake.last.headers["authorization"] == "Bearer secret"
    assert fake.last.headers["x-project-id"] == "lab"
    assert fake.last.headers["x-forwarded-for"] == "testclient"
    assert "cookie" not in fake.last.headers


def test_the_default_project_is_not_named(browser: TestClient, fake: FakeHost) -> None:
    browser.get("/host/-/chips")
    assert "x-project-id" not in fake.last.headers


def test_an_unchanged_response_is_not_sent_again(browser: TestClient, fake: FakeHost) -> None:
    fake.respond_with(304, [("etag", '"7"')])
    answer = browser.get("/host/-/chips", headers={"if-none-match": '"7"'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert fake.last.headers["if-none-match"] == '"7"'


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://elsewhere.invalid", "sec-fetch-site": "cross-site"}]
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/flows/night"),
        ("DELETE", "/flows/night"),
        ("POST", "/flows/night/versions/1/restore"),
        ("POST", "/executions"),
        ("POST", "/timetables"),
    ],
)
def test_no_request_of_a_page_changes_anything_on_the_host(
    browser: TestClient, fake: FakeHost, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = browser.request(method, f"/host/-{path}", json={"source": "def night(): ..."}, headers=headers)
    assert answer.status_code in (403, 405)
    assert not fake.asked


@pytest.mark.parametrize(
    "path",
    [
        "/host/-//evil.example/x",
        "/host/-/http://evil.example/x",
        "/host/-/chips/%2e%2e/%2e%2e/x",
        "/host/-/chips/..%5c..",
        "/host/-/a%0d%0ab",
        "/host/-/",
    ],
)
def test_no_path_leads_out_of_the_host(browser: TestClient, fake: FakeHost, path: str) -> None:
    assert browser.get(path).status_code == 404
    assert not fake.asked


def test_a_project_name_that_is_no_header_value_is_not_found(browser: TestClient, fake: FakeHost) -> None:
    for project in ("%C3%A9", "a%0d%0ax-scope:1"):
        for path in (f"/host/{project}/chips", f"/live/events?project={project}"):
            answer = browser.get(path)
            assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert not fake.asked


def test_invalid_header_values_are_refused(browser: TestClient, fake: FakeHost) -> None:
    behind = browser.get("/live/events?last-event-id=7%0d%0ax-scope:1")
    etag = browser.get("/host/-/chips", headers={"if-none-match": "é".encode("latin-1")})
    assert [(answer.status_code, answer.json()["type"]) for answer in (behind, etag)] == [
        (400, "/problems/invalid-input")
    ] * 2
    assert not fake.asked


def test_an_invalid_cookie_counts_as_logged_out(anonymous: TestClient, fake: FakeHost) -> None:
    cookie = {"cookie": f"{COOKIE}=é".encode()}
    assert anonymous.get("/host/-/chips", headers=cookie).status_code == 401
    answer = anonymous.post("/auth/logout", headers=cookie)
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert not fake.asked


def test_html_of_the_host_is_not_forwarded(browser: TestClient, fake: FakeHost) -> None:
    fake.respond_with(html="<script>alert(1)</script>")
    answer = browser.get("/host/-/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_proxy_refuses_methods_that_write(browser: TestClient, fake: FakeHost, method: str) -> None:
    assert browser.request(method, "/host/-/chips").status_code == 405
    assert not fake.asked


def test_problems_of_the_host_are_forwarded(browser: TestClient, fake: FakeHost) -> None:
    fake.respond_with(
        429,
        [("retry-after", "30"), ("content-type", "application/problem+json")],
        content=b'{"detail": "slowly"}',
    )
    answer = browser.get("/host/-/chips")
    assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (
        429,
        "30",
        {"detail": "slowly"},
    )


def test_an_unreachable_host_is_reported(browser: TestClient, fake: FakeHost) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    fake.answer = away
    for path in ("/host/-/chips", "/live/events"):
        answer = browser.get(path)
        assert answer.status_code == 503
        assert (
            "http://host:8000/below cannot be reached (refused): check that it is running"
            in answer.json()["detail"]
        )
    answer = browser.post("/auth/login", json={})
    assert answer.status_code == 503


def test_events_resume_after_the_last_event_id(browser: TestClient, fake: FakeHost) -> None:
    stream = Parts(
        b"id: 7\nretry: 1000\n\n", b": heartbeat\n\n", b"id: 8\nevent: task.completed\ndata: {}\n\n"
    )
    fake.respond_with(headers=[("content-type", "text/event-stream")], stream=stream)
    answer = browser.get("/live/events?project=lab&last-event-id=7")
    assert answer.content == b"".join(stream.parts)
    assert (fake.last.headers["last-event-id"], fake.last.headers["x-project-id"]) == ("7", "lab")
    assert fake.last.url.query == b""


def test_the_last_event_id_may_be_a_header(browser: TestClient, fake: FakeHost) -> None:
    browser.get("/live/events", headers={"last-event-id": "9"})
    assert fake.last.headers["last-event-id"] == "9"


def test_an_unauthorised_event_stream_is_refused(browser: TestClient, fake: FakeHost) -> None:
    fake.respond_with(401, [("content-type", "application/problem+json")], content=b"{}")
    assert browser.get("/live/events").status_code == 401
