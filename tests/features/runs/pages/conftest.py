"""Pages of executions on a host in this process, for any user."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.runs.operations.executions import submit_run
from qdash_core.features.declarations import list_known_features
from qdash_core.models.progress import SilentProgress
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_remote import connect
from qdash_ui_streamlit.view import View

from ....api.conftest import host, settings
from ....client.test_connection import InProcess
from ....core.bench import CHIP, LINE, make_backend_by_chip, make_raising, make_registry, make_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.hooks.manager import Registry

    from ....api.conftest import Host

__all__ = ["host", "settings"]


@pytest.fixture(scope="session")
def registry() -> Registry:
    """Tasks of the bench, which need no laboratory."""
    return make_registry(
        (make_task(), make_task("Broken", measure=make_raising(OSError("cable")))),
        [make_backend_by_chip()],
        http_host=True,
    )


@pytest.fixture
def chip(host: Host) -> str:
    host.qdash.get(CHIPS).create(host.qdash.access(DEFAULT_USER), CHIP, LINE, backend="bench")
    return CHIP


@pytest.fixture
def view_of(host: Host) -> Callable[[str], View]:
    """Function that returns a user's view of the dashboard."""

    @cache
    def view(username: str) -> View:
        client = connect("http://testserver", host.token(username), transport=InProcess(host))
        return View(client, client.identify(), "default", ZoneInfo("UTC"))

    return view


@pytest.fixture
def request_run(host: Host, view_of: Callable[[str], View], chip: str) -> Callable[..., str]:
    """Function that requests a run, and optionally performs it."""

    def ask(flow: str = "Measure", *, performed: bool = False) -> str:
        request = RunRequest(flow=flow, chip_id=chip, targets=TargetSelection(qubits=("0", "1")))
        run: str = view_of("editor").ask(submit_run, asked=request).execution_id
        if performed:
            host.qdash.get(RUNS).perform("default", run, SilentProgress(), alone=False)
            host.qdash.get(RUNS).queue.conclude("default", run, died=False)
        return run

    return ask


def draw(module: str, function: str, args: tuple[object, ...]) -> None:
    """Draw a page, or a part of one: a self-contained script."""
    from importlib import import_module

    getattr(import_module(f"qdash_builtin.{module}"), function)(*args)


@pytest.fixture
def open_page(view_of: Callable[[str], View]) -> Callable[..., AppTest]:
    """Function that opens a page for a user at an address."""

    def look(username: str, name: str, **params: Any) -> AppTest:
        (module,) = {
            page.drawn_by.removeprefix("qdash_builtin.").partition(":")[0]
            for feature in list_known_features()
            for page in feature.pages
            if page.path == name
        }
        test = AppTest.from_function(draw, args=(module, "render", (view_of(username),)), default_timeout=30)
        for key, value in params.items():
            test.query_params[key] = value
        return test.run()

    return look


@pytest.fixture
def open_dialog(view_of: Callable[[str], View]) -> Callable[..., AppTest]:
    """Function that opens a dialog by itself, since a redraw of the whole page closes it."""

    def ask(username: str, module: str, function: str, about: Any) -> AppTest:
        args = (module, function, (view_of(username), about))
        return AppTest.from_function(draw, args=args, default_timeout=30).run()

    return ask
