"""Impact of a result in the dashboard: on its page, and before its rejection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.operations.results import show_result
from qdash_builtin.results.pages import result
from qdash_builtin.results.pages.result_decision import CHOICES, draw_decision_form
from qdash_core import CalibConfig, CalibOrchestrator, Parameter

from ...core.bench import CHIP, LINE, make_backend, make_registry, make_task
from ..chips.test_chip_notes import join_texts

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access

    from ...ui.conftest import DashboardPages

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def registry() -> Registry:
    tasks = [
        make_task("Pulse", {"amplitude": Parameter(0.2, 0.01, "a.u."), "beta": Parameter(0.5, 0.1, "ns")}),
        make_task("T1", needs=["amplitude"]),
        make_task("Limit", {"limit": Parameter(0.99, 0.001)}, needs=["t1"]),
    ]
    return make_registry(tasks, [make_backend()], http_host=True)


@pytest.fixture
def task_ids(dashboard_pages: DashboardPages) -> dict[str, str]:
    """Results of a new chip by task, each with a value of the one before it as input."""
    qdash = dashboard_pages.qdash
    access: Access = qdash.access("owner")
    qdash.get(CHIPS).create(access, CHIP, LINE, backend="bench")
    session = CalibOrchestrator(
        CalibConfig(username="owner", chip_id=CHIP, project_id=access.project_id), qdash
    )
    session.initialize()
    found = {name: session.run_task(name, "0").task_id for name in ("Pulse", "T1", "Limit")}
    session.complete()
    qdash.get(RELEASES).create(access, CHIP, "friday")
    return found


def open_rejection(pages: DashboardPages, task_id: str) -> AppTest:
    choice = next(one for one in CHOICES if one.label == "Reject")
    view = pages.view("editor")
    found = view.ask(show_result, task_id)
    return pages.draw(lambda view: draw_decision_form(view, found, choice, once="key"), view)


def test_a_rejection_shows_what_used_the_chosen_values_first(
    dashboard_pages: DashboardPages, task_ids: dict[str, str]
) -> None:
    page = open_rejection(dashboard_pages, task_ids["Pulse"])
    text = join_texts(page)
    assert "**2 results** used its values: 1 directly, 1 through other results." in text
    assert "**2 values in use** on 1 target depend on them." in text
    assert "**1 release** contains them" in text
    for name in ("T1", "Limit"):
        assert f"[{name} on 0](/result?result={task_ids[name]})" in text
    assert f"(/result?result={task_ids['Pulse']}&impact=on)" in text

    text = join_texts(page.multiselect[0].set_value(["beta"]).run())
    assert "used its values" not in text
    assert "**1 release** contains them" in text

    page.multiselect[0].set_value(["amplitude"]).run()
    page.text_input(key="decide.reason").input("leakage").run()
    assert not page.button(key="decide.go").click().run().exception
    pulse = dashboard_pages.qdash.get(RESULTS).show(dashboard_pages.qdash.access("owner"), task_ids["Pulse"])
    assert list(pulse.decisions) == ["amplitude"]


def test_a_rejection_of_a_result_that_nothing_used_says_so(
    dashboard_pages: DashboardPages, task_ids: dict[str, str]
) -> None:
    qdash = dashboard_pages.qdash
    qdash.get(RELEASES).delete(qdash.access("owner"), CHIP, "friday")
    assert "Nothing has used these values" in join_texts(open_rejection(dashboard_pages, task_ids["Limit"]))


def test_what_used_a_result_is_loaded_when_it_is_asked_for(
    dashboard_pages: DashboardPages, task_ids: dict[str, str]
) -> None:
    page = dashboard_pages.page(result.render, "viewer", result=task_ids["Pulse"])
    assert "what used it" in join_texts(page)
    assert "used its values" not in join_texts(page)
    page = page.toggle(key="address.impact").set_value(True).run()
    assert "**2 results** used its values" in join_texts(page)
    assert {one.value for one in page.subheader} >= {
        "Values in use that depend on it",
        "Used its values directly",
        "Used them through other results",
        "Releases",
    }
    page = dashboard_pages.page(result.render, "viewer", result=task_ids["T1"], impact="on")
    assert "**1 result** used its values: 1 directly, 0 through other results." in join_texts(page)
