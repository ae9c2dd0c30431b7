"""Likely causes of failures on the pages of a result, a target and an execution, loaded on demand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.pages.target import draw_target
from qdash_builtin.chips.pages.targets import QUBIT
from qdash_builtin.explanations.pages.command_links import find_command_page
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.pages import result
from qdash_builtin.runs.pages import execution
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import LatestResultModel, TaskStatus
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import LatestResultRepository

from ..issues.pages.conftest import EXECUTION, SPITEFUL, IssueLab, issue_lab, join_html

if TYPE_CHECKING:
    from ...ui.conftest import DashboardPages

__all__ = ["issue_lab"]
pytestmark = pytest.mark.slow
COMMAND = "qdash executions logs"
"""Next step after an error in the code of a task."""


def fail(lab: IssueLab) -> str:
    """Record a failure by an error in the code of a task."""
    lab.open(SPITEFUL, chip_id="a", targets=["0"])
    return lab.record("r1", message="run: KeyError: 'delay'")


def test_a_failed_result_shows_its_causes_with_evidence_and_the_next_step_on_demand(
    issue_lab: IssueLab,
) -> None:
    pages, task_id = issue_lab.pages, fail(issue_lab)
    closed = pages.page(result.render, "viewer", result=task_id)
    assert "explanation" in [one.proto.anchor for one in closed.header]
    assert "Next step" not in join_html(closed)

    page = pages.page(result.render, "viewer", result=task_id, explain="on")
    html = join_html(page)
    assert "Error in the code of the task" in html
    assert "The message names an error in the code of CheckT1." in html
    assert any(one.value.startswith(f"{COMMAND} {EXECUTION}") for one in page.code)
    assert f"/execution?execution={EXECUTION}&amp;view=log" in html
    assert "&lt;img src=x" in html
    for forbidden in ("<img", "<script", 'href="javascript'):
        assert forbidden not in html


def test_a_skipped_result_leads_to_the_result_that_it_missed_and_an_accepted_one_has_no_explanation(
    issue_lab: IssueLab,
) -> None:
    pages = issue_lab.pages
    fail(issue_lab)
    skipped = issue_lab.record(
        "r22",
        name="CheckRamsey",
        status=TaskStatus.SKIPPED,
        message="t1 of 0 is not available: CheckT1 failed",
    )
    html = join_html(pages.page(result.render, "viewer", result=skipped, explain="on"))
    assert "Skipped because of" in html
    assert "/result?result=r1" in html
    accepted = issue_lab.record("r333", status=TaskStatus.COMPLETED, message="")
    page = pages.page(result.render, "viewer", result=accepted, explain="on")
    assert "Explanation" not in [one.value for one in page.header]
    unknown = issue_lab.record("r4444", message="the fit does not converge")
    page = pages.page(result.render, "viewer", result=unknown, explain="on")
    assert [one.value for one in page.info if "(flow `fine-tune`)" in one.value]


def test_a_target_and_an_execution_with_failures_show_their_causes(issue_lab: IssueLab) -> None:
    pages = issue_lab.pages
    task_id = fail(issue_lab)
    qdash = pages.qdash
    access = qdash.access("owner")
    executions = qdash.repositories.of(ExecutionRepository)
    for status in (ExecutionStatus.RUNNING, ExecutionStatus.COMPLETED):
        one = executions.require(access.project_id, EXECUTION)
        executions.replace(
            one.model_copy(update={"status": status, "outcomes": {"failed": 1}}), was=one.status
        )
    html = join_html(pages.page(execution.render, "viewer", execution=EXECUTION, explain="on"))
    assert "<b>1 target</b>" in html
    assert "Error in the code of the task" in html
    recorded = qdash.get(RESULTS).show(access, task_id)
    latest = {
        name: getattr(recorded, name) for name in LatestResultModel.model_fields if hasattr(recorded, name)
    }
    qdash.repositories.of(LatestResultRepository).put(LatestResultModel(**latest))
    draw = partial(draw_target, kind=QUBIT)
    for params in ({}, {"explain": "on"}):  # without a click, as its last result failed
        html = join_html(pages.page(draw, "viewer", chip="a", qubit="0", **params))
        assert "Error in the code of the task" in html
        assert f"<code>{COMMAND} {EXECUTION}" in html
    assert "Next step" not in join_html(pages.page(draw, "viewer", chip="a", qubit="0", explain="off"))


@pytest.mark.parametrize(
    ("command", "label", "address"),
    [
        (
            "qdash task run CheckT1 --chip a --qid 0-1 --set shots=64 --save",
            "Open CheckT1 in the workbench",
            "/workbench?chip=a&task=CheckT1&targets=0-1&p.shots=64",
        ),
        ("qdash calibrate a --flow check --qids 0", "Open flow check", "/flows?flow=check&chip=a"),
        (
            "qdash calibrate a --flow SimultaneousRandomizedBenchmarking",
            "Open SimultaneousRandomizedBenchmarking in the workbench",
            "/workbench?chip=a&task=SimultaneousRandomizedBenchmarking",
        ),
        ("qdash lab check a", None, None),
        ("qdash task run 'CheckT1", None, None),
    ],
)
def test_a_command_leads_to_the_page_that_does_the_same(
    dashboard_pages: DashboardPages, command: str, label: str | None, address: str | None
) -> None:
    view = dashboard_pages.view("viewer")
    found = find_command_page(view, command)
    assert found == (None if label is None else (label, address))
