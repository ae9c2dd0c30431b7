"""Permissions of a viewer: forbidden actions are hidden, and refused nevertheless."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...journeys.command_line import wait_until
from ...journeys.hosts import PASSWORD
from .person import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from .dashboard_server import Dashboard

ACTS = {
    "/chip?chip=bench&metric=t1": ("Calibrate", "Exclude", "Include"),
    "/chip?chip=bench&view=releases": ("Create release",),
    "/qubit?chip=bench&qubit=1": ("Exclude", "Add note", "Set value"),
    "/qubit?chip=bench&qubit=1&metric=t1&point={result}": ("Accept", "Reject", "Use these values"),
    "/coupling?chip=bench&coupling=0-1": ("Exclude", "Add note", "Set value"),
    "/result?result={result}": ("Add note", "Accept", "Reject", "Use these values"),
    "/executions": (),
    "/execution?execution={failed}": ("Resume",),
    "/workbench?chip=bench&task=CheckT1&targets=1": ("Start",),
    "/timetables?timetable=later": ("New timetable", "Pause", "Start now"),
    "/members": ("Invite", "Change role", "Transfer project"),
}
"""Actions of an owner on each page, by the label of the button or switch."""

BEFORE_RELEASE = [
    address
    for address in ACTS
    if address.startswith(("/coupling", "/executions", "/execution?", "/members", "/timetables"))
]
"""Pages whose actions are made like those of the others."""


@pytest.fixture
def viewer(chromium: Browser, dashboard: Dashboard) -> Iterator[Person]:
    """A user with read access only."""
    person = Person.with_browser(chromium, dashboard.url).log_in_directly("vera")
    yield person
    person.page.context.close()


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param([one for one in ACTS if one not in BEFORE_RELEASE], id="main", marks=pytest.mark.slow),
        pytest.param(BEFORE_RELEASE, id="further", marks=pytest.mark.release),
    ],
)
def test_forbidden_actions_are_hidden_from_a_viewer(
    addresses: list[str], admin: Person, viewer: Person, dashboard: Dashboard
) -> None:
    every_act = {act for acts in ACTS.values() for act in acts}
    failed = _cancel_run(dashboard) if any("{failed}" in address for address in addresses) else ""
    for address in addresses:
        at, acts = address.format(result=dashboard.result, failed=failed), ACTS[address]
        wait_until(lambda at=at, acts=acts: {*acts} <= {*_list_buttons(admin, at)}, what=f"{at} has {acts}")
        found = _list_buttons(viewer, at)
        assert every_act.intersection(found) == set(), at


def _cancel_run(dashboard: Dashboard) -> str:
    """Submit a run, cancel it, and return its execution."""
    asked = dashboard.host.send_request("POST", "/executions", {"chip_id": "bench", "flow": "full"})
    execution: str = asked.body["execution_id"]
    assert dashboard.host.send_request("POST", f"/executions/{execution}/cancel").status in (200, 202)
    ended = {"completed", "failed", "cancelled"}
    wait_until(
        lambda: dashboard.host.get(f"/executions/{execution}")["status"] in ended, what="it is cancelled"
    )
    return execution


def _list_buttons(person: Person, address: str) -> list[str]:
    """Return the labels of all buttons and switches of a page, which is opened unless it is open."""
    page = person.page
    if person.address != address:
        person.open(address)
        if address.startswith("/chip") and "view=" not in address:
            page.get_by_test_id("choose-list").fill("1")
            page.get_by_role("button", name="By list").click()
            page.get_by_test_id("chosen").get_by_text("1 selected").wait_for()
            page.get_by_role("heading", name="1 selected").wait_for()
    things = page.get_by_role("button").or_(page.get_by_role("switch"))
    said = things.evaluate_all("all => all.map(one => one.ariaLabel || one.innerText || one.textContent)")
    return [one.strip().split("\n")[-1].rstrip(" …") for one in said]


CHANGES: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("POST", "/executions", {"chip_id": "bench", "flow": "bring-up"}),
    ("POST", "/timetables/later/start", {}),
    ("PUT", "/chips/bench/qubits/1/note", {"content": "mine"}),
    ("POST", "/chips/bench/qubits/1/exclusion", {"reason": "mine"}),
    ("PATCH", "/chips/bench/qubits/1", {"values": {"t1": {"value": 1.0}}, "reason": "mine"}),
    ("POST", "/chips/bench/values/reversion", {"to": "1h"}),
    ("POST", "/chips/bench/value-scopes/night/commit", {"reason": "mine"}),
    ("POST", "/projects/default/members", {"username": "eve", "role": "editor"}),
)


@pytest.mark.slow
def test_the_host_refuses_a_viewer_anyway(viewer: Person, dashboard: Dashboard) -> None:
    login = {"username": "vera", "password": PASSWORD}
    vera = dashboard.host.with_token(dashboard.host.send_request("POST", "/auth/login", login).body["token"])
    refused = {path: vera.send_request(method, path, body).status for method, path, body in CHANGES}
    assert refused == {path: 403 for _, path, _ in CHANGES}
    # The cookie permits no changes at all.
    by_cookie = {
        path: viewer.page.context.request.fetch(
            f"{viewer.url}/host/-{path}", method=method, data=body, headers={"origin": viewer.url}
        ).status
        for method, path, body in CHANGES
    }
    assert set(by_cookie.values()) <= {404, 405}, by_cookie
