"""Chromium, a dashboard, an empty application for comparison, and users."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from ...journeys.calibrated_home import calibrate_bench
from ...journeys.command_line import Prepared
from ..conftest import run_chromium
from .dashboard_server import Dashboard, run_dashboard, serve_empty_application
from .person import PATIENCE_MS, Complaint, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from playwright.sync_api import Browser

expect.set_options(timeout=PATIENCE_MS)  # as patient as every other wait


@pytest.fixture(scope="session")
def prepared_streams(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    """The process that runs commands."""
    with Prepared(tmp_path_factory) as prepared:
        yield prepared


@pytest.fixture(scope="session")
def dashboard(prepared_streams: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard shared by all tests of a process, which leave the chip `bench` unchanged, apart from runs
    and notes.
    """
    with run_dashboard(calibrate_bench(prepared_streams, tmp_path_factory)) as served:
        yield served


@pytest.fixture
def slow_chip(dashboard: Dashboard) -> Iterator[str]:
    """A chip whose runs take longer than a browser on a busy machine. Name it before the user, whose page may still show it."""
    dashboard.qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.5")
    yield "slow"
    dashboard.qdash.does("chip", "delete", "slow", "--force", "--yes")


_SHARED = pytest.StashKey[dict[object, Any]]()


def share_in_folder(
    request: pytest.FixtureRequest, make: Callable[..., AbstractContextManager[Any]], *given: object
) -> Any:
    """Return what a context manager yields: made for the first module of the folder, ended after the last one that
    runs in a row, since other tests could not run beside the loop of the browser.
    """
    folder = request.node.parent
    shared = folder.stash.setdefault(_SHARED, {})
    if make not in shared:
        manager = make(*given)
        shared[make] = manager.__enter__()

        def end() -> None:
            del shared[make]
            manager.__exit__(None, None, None)

        folder.addfinalizer(end)
    return shared[make]


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Browser:
    """The browser of all modules."""
    return share_in_folder(request, run_chromium)


@contextmanager
def open_empty_page(chromium: Browser, folder: Path) -> Iterator[Person]:
    """Yield a user of an empty application with as many pages."""
    with serve_empty_application(folder) as url:
        yield Person.with_browser(chromium, url)


@pytest.fixture(scope="module")
def empty_page(
    request: pytest.FixtureRequest, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Person:
    """The user of an empty application of all modules."""
    return share_in_folder(request, open_empty_page, chromium, tmp_path_factory.mktemp("empty"))


@contextmanager
def find_usual_complaints(empty_page: Person) -> Iterator[Callable[[str], set[Complaint]]]:
    """Yield a function that returns the browser's complaints at a path of an application that is only Streamlit, which
    are alike on all pages, apart from the first one.
    """
    found: dict[str, list[Complaint]] = {}

    def complaints(path: str) -> set[Complaint]:
        alike = "/chip" if re.fullmatch("/[a-z-]+", path) else path
        if alike not in found:
            empty_page.open(alike)
            found[alike] = [one for one in empty_page.complaints if one.at == alike]
        return {replace(one, at=path, of=one.of.replace(alike, path, 1)) for one in found[alike]}

    yield complaints


@pytest.fixture(scope="module")
def usual_complaints(request: pytest.FixtureRequest, empty_page: Person) -> Callable[[str], set[Complaint]]:
    """The function of all modules that returns the usual complaints at a path."""
    return share_in_folder(request, find_usual_complaints, empty_page)


@pytest.fixture
def person(
    chromium: Browser, dashboard: Dashboard, usual_complaints: Callable[[str], set[Complaint]]
) -> Iterator[Person]:
    """A user without a login. Their browser reports no error, and connects to the dashboard only."""
    somebody = Person.with_browser(chromium, dashboard.url)
    yield somebody
    somebody.page.context.close()
    require_no_complaints(somebody, usual_complaints)


def require_no_complaints(person: Person, usual_complaints: Callable[[str], set[Complaint]]) -> None:
    """Check that the browser of a user reported no unusual error, and connected to the dashboard only."""
    assert [one for one in person.complaints if one not in usual_complaints(one.at)] == []
    assert person.foreign_requests == []


@pytest.fixture
def admin(person: Person) -> Person:
    """A user logged in as `admin`."""
    return person.log_in_directly("admin")
