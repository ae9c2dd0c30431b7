"""Coming in and going, in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Person

pytestmark = pytest.mark.slow


def test_who_logs_in_finds_the_page_that_was_asked_for(person: Person) -> None:
    person.opens("/chip?chip=bench")
    person.logs_in("admin")
    person.page.get_by_role("heading", name="Chip").first.wait_for()
    assert person.page.url.endswith("/chip?chip=bench")


def test_a_wrong_password_is_refused_in_words(person: Person) -> None:
    page = person.opens("/")
    page.get_by_label("User").fill("admin")
    page.get_by_label("Password").fill("a wrong password, surely")
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("alert").get_by_text("password").wait_for()
    person.complaints.clear()  # the browser says that it was refused
