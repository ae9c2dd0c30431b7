"""Login and logout in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .person import Person

pytestmark = pytest.mark.slow


def test_a_login_leads_to_the_requested_page(person: Person) -> None:
    person.open("/chip?chip=bench&metric=t1")
    person.log_in("admin")
    person.page.get_by_role("heading", name="Chip bench").wait_for()
    assert person.address == "/chip?chip=bench&metric=t1"
    settings = person.page.context.request.get(f"{person.url}/_stcore/host-config").json()
    assert settings["allowedOrigins"] == []  # pages of no other site may send commands


def test_a_wrong_password_is_refused_with_a_message(person: Person) -> None:
    page = person.open("/")
    page.get_by_label("User").fill("admin")
    page.get_by_label("Password").fill("a wrong password, surely")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("alert").get_by_text("password").wait_for()
    (complaint,) = person.complaints
    assert complaint.of == "/auth/login"
    person.complaints.clear()  # the browser logs the refusal


def test_a_logout_applies_to_all_tabs(admin: Person) -> None:
    other = admin.page.context.new_page()
    other.goto(f"{admin.url}/executions")
    other.get_by_role("heading", name="Executions").wait_for()
    page = admin.open("/chip?chip=bench")
    page.get_by_role("button", name="Log out").click()
    page.get_by_role("button", name="Log in").wait_for()
    other.get_by_role("button", name="Log in").wait_for()
    assert not any(one["name"] == "qdash_session" for one in page.context.cookies())
