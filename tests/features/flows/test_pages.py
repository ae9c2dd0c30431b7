"""Pages of flows: list, editor, runs and versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.flows.feature import SAVED_FLOWS
from qdash_builtin.flows.pages import flows
from qdash_builtin.flows.pages.flow_editor import FlowDraft, make_draft_key
from qdash_core.errors import StaleError
from qdash_core.models.base import NEVER
from qdash_core.models.token import TokenScope

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from ...ui.conftest import DashboardPages

NIGHT = '''\
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets


def night(username, chip_id, qids, *, rounds: int = 2):
    """T1 again and again."""
    cal = CalibService(username, chip_id)
    for _ in range(rounds):
        cal.run(QubitTargets(qids), [CustomOneQubit(["CheckT1"])])
    cal.finish_calibration()
'''


@pytest.fixture
def pages(dashboard_pages: DashboardPages) -> DashboardPages:
    qdash = dashboard_pages.qdash
    qdash.get(SAVED_FLOWS).save(qdash.access("owner"), "night", NIGHT, tags=["nightly"])
    return dashboard_pages


def read(page: AppTest) -> str:
    assert not page.exception
    parts = (*page.title, *page.markdown, *page.caption, *page.info, *page.warning, *page.error)
    return "\n".join(one.value for one in parts)


def test_the_function_of_a_valid_source_is_named_with_its_arguments(pages: DashboardPages) -> None:
    page = pages.page(flows.render, "editor", flow="night")
    assert "A run calls `night` with the arguments rounds of its form." in read(page)


def test_the_problems_of_an_unsaved_text_are_counted(pages: DashboardPages) -> None:
    view = pages.view("editor")
    page = pages.draw(flows.render, view, flow="night")
    text = NIGHT.replace("flow_name", "x").replace("chip_id)", "chip_id, flw=1)") + "\nnot_there\n"
    page.session_state[make_draft_key(view, "night")] = FlowDraft(text, '"0"')
    said = read(page.run())
    assert (
        "1 error: the flow cannot be saved. 1 warning: it can be saved, but may fail or do something else."
        in said
    )
    assert "Somebody else changed the flow while you were writing. owner saved version 1." in said


def test_a_viewer_reads_a_flow_and_may_copy_it(pages: DashboardPages) -> None:
    page = pages.page(flows.render, "viewer", flow="night")
    assert "Viewers read, copy and check flows" in read(page)
    assert [one.label for one in page.button] == ["Copy as a new flow …"]


def test_a_token_that_only_reads_is_told_why_it_cannot_save(pages: DashboardPages) -> None:
    view = pages.view("editor", TokenScope.READ)
    assert "Viewers read, copy and check flows" in read(pages.draw(flows.render, view, flow="night"))


def test_a_new_flow_begins_with_the_source_of_its_start(pages: DashboardPages) -> None:
    page = pages.page(flows.render, "editor", flow="my-own", start="example")
    assert "A run calls `my_own` with the arguments rounds, shots of its form." in read(page)
    page = pages.page(flows.render, "editor", flow="mine", start="night")
    assert "A run calls `night`" in read(page)
    page = pages.page(flows.render, "editor", flow="mine", start="absent")
    assert "There is no flow 'absent'" in read(page)


def test_an_unknown_flow_is_reported(pages: DashboardPages) -> None:
    with pytest.raises(Exception, match="there is no flow 'absent'"):
        flows.load_flow(pages.view("editor"), "absent")


def test_an_installed_flow_has_a_source_and_no_versions(pages: DashboardPages) -> None:
    page = pages.page(flows.render, "editor", flow="check", view="versions")
    assert "This source does the same." in read(page)


def test_a_deleted_flow_is_listed_and_restored_with_a_confirmation(pages: DashboardPages) -> None:
    qdash = pages.qdash
    assert "No deleted flows" in read(pages.page(flows.render, "editor", view="deleted"))
    qdash.get(SAVED_FLOWS).delete(qdash.access("owner"), "night")
    page = pages.page(flows.render, "viewer", view="deleted")
    assert "A click on a flow shows its versions" in read(page)
    page = pages.page(flows.render, "viewer", flow="night")
    assert "This flow was deleted: it cannot be started" in read(page)
    assert not page.button
    page = pages.page(flows.render, "editor", flow="night")
    page = next(one for one in page.button if one.label == "Restore …").click().run()
    assert "Version 1 of night is saved again, as version 2. It can be started again" in read(page)
    assert "Restore" in [one.label for one in page.button]


def test_a_new_flow_is_not_saved_over_one_of_somebody_else(pages: DashboardPages) -> None:
    qdash = pages.qdash
    with pytest.raises(StaleError):
        qdash.get(SAVED_FLOWS).save(qdash.access("owner"), "night", f"{NIGHT}#", as_of=NEVER)
