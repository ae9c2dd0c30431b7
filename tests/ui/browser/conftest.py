"""Chromium, a dashboard to look at, an empty application to compare it with, and people who look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...journeys.command_line import Prepared
from .person import Complaint, Person
from .serving import Dashboard, calibrated, empty_application

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def prepared_streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """Yield what runs commands."""
    with Prepared(tmp_path_factory) as prepared:
        yield prepared


@pytest.fixture(scope="session")
def dashboard(prepared_streams: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """Yield a dashboard that all tests of a process look at: they leave the chip `bench` as it is, apart from runs and notes."""
    with calibrated(prepared_streams, tmp_path_factory.mktemp("dashboard")) as served:
        yield served


@pytest.fixture(scope="module")
def empty_page(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Yield somebody who looks at an empty application of as many pages."""
    with empty_application(tmp_path_factory.mktemp("empty")) as url:
        yield Person.with_browser(chromium, url)


@pytest.fixture(scope="module")
def usual_complaints(empty_page: Person) -> Callable[[str], set[Complaint]]:
    """Return what a browser complains of at a path when nothing but Streamlit is there."""
    found: dict[str, set[Complaint]] = {}

    def complaints(path: str) -> set[Complaint]:
        if path not in found:
            empty_page.opens(path)
            found[path] = {one for one in empty_page.complaints if one.at == path}
        return found[path]

    return complaints


@pytest.fixture
def person(
    chromium: Browser, dashboard: Dashboard, usual_complaints: Callable[[str], set[Complaint]]
) -> Iterator[Person]:
    """Yield somebody who has not logged in. Their browser has nothing to complain of, and asks nobody but the dashboard."""
    somebody = Person.with_browser(chromium, dashboard.url)
    yield somebody
    somebody.page.context.close()
    assert [one for one in somebody.complaints if one not in usual_complaints(one.at)] == []
    assert somebody.asked_elsewhere == []


@pytest.fixture
def admin(person: Person) -> Person:
    """Return somebody who is logged in as `admin`."""
    return person.comes_in("admin")
