"""Review page: order of the results, actions of users, and texts of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_api.samples import read_samples
from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.review.operations import list_review
from qdash_builtin.review.pages.review import list_disabled, render
from qdash_builtin.review.pages.review_actions import ReviewAct, load_review_item, perform_review_act
from qdash_builtin.review.pages.review_data import ReviewContext, find_neighbours
from qdash_builtin.review.pages.review_session import ReviewSession
from qdash_builtin.runs.operations.executions import list_executions
from qdash_builtin.runs.views.results import ResultDocument
from qdash_builtin.values.feature import VALUES as VALUES_SERVICE
from qdash_core import CalibConfig, CalibOrchestrator, OutputParameter, Parameter, TaskOutput
from qdash_core.models.chip import TargetStatus
from qdash_core.models.pages import PageRequest

from ...core.bench import CHIP, LINE, make_backend_by_chip, make_registry, make_task
from ..chips.test_chip_notes import join_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.review.views import ReviewItemDocument
    from qdash_core.hooks.manager import Registry
    from qdash_ui_streamlit.view import View

    from ...ui.conftest import DashboardPages

VALUES: Iterator[float] = iter(())
T1 = OutputParameter(unit="us", minimum=0.0, jump=0.5)


def analyse(_task: object, _result: object) -> TaskOutput:
    return TaskOutput(parameters={"t1": Parameter(next(VALUES), 0.5, "us")})


@pytest.fixture(scope="module")
def registry() -> Registry:
    tasks = [make_task("T1", analyse=analyse, output_parameters={"t1": T1})]
    return make_registry(tasks, [make_backend_by_chip()], http_host=True)


class Review:
    """Review of a user without a browser.

    Parameters
    ----------
    pages : DashboardPages
        Pages of the host.
    username : str
        The user.
    """

    def __init__(self, pages: DashboardPages, username: str = "editor") -> None:
        self.pages = pages
        self.view: View = pages.view(username)
        self.session = ReviewSession()
        self.reload()

    def reload(self) -> list[str]:
        return self.session.update(self.view.ask(list_review, CHIP).items)

    @property
    def targets(self) -> list[str]:
        """Targets of the list in order."""
        return [self.session.titles[one][1] for one in self.session.order]

    def act(self, name: str, task_id: str, text: str = "", *, turn: int | None = None) -> str | None:
        turn = self.session.turn if turn is None else turn
        self.session.shown = task_id if turn == self.session.turn else self.session.shown
        perform_review_act(self.view, self.session, ReviewAct(name, task_id, turn, text))
        return self.session.shown

    def list_events(self) -> list[str]:
        access = self.pages.qdash.access("owner")
        events = self.pages.qdash.get(VALUES_SERVICE).list_events(access, CHIP, PageRequest(50), by_hand=True)
        return [one.head.kind for one in events.items]


def measure(pages: DashboardPages, qid: str) -> str:
    config = CalibConfig(username="owner", chip_id=CHIP, repeat=False)
    session = CalibOrchestrator(config, pages.qdash)
    session.initialize()
    found = session.run_task("T1", qid)
    session.complete()
    return found.task_id


@pytest.fixture
def flagged(dashboard_pages: DashboardPages, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Flagged results on qubits 2, 1 and 0, in the order of the review."""
    dashboard_pages.qdash.get(CHIPS).create(
        dashboard_pages.qdash.access("owner"), CHIP, LINE, backend="bench"
    )
    monkeypatch.setitem(globals(), "VALUES", iter([80.0, 20.0] * 3 + [24.0]))
    found = []
    for qid in ("0", "1", "2"):
        measure(dashboard_pages, qid)
        found.append(measure(dashboard_pages, qid))
    return found[::-1]


def test_an_action_that_arrives_twice_is_performed_once_and_the_next_result_follows(
    dashboard_pages: DashboardPages, flagged: list[str]
) -> None:
    review = Review(dashboard_pages)
    assert review.session.order == flagged
    assert review.act("accept", flagged[0], turn=0) == flagged[1]
    assert review.act("accept", flagged[0], turn=0) == flagged[1]
    assert review.list_events() == ["accepted"]
    assert "T1 of 2: 80.0(5)" in review.session.message
    assert not review.session.can_decide(flagged[0])
    assert review.reload() == []  # a decision of this review is no change by others


def test_a_rejection_proposes_its_reason_and_the_last_decision_is_undone(
    dashboard_pages: DashboardPages, flagged: list[str]
) -> None:
    review = Review(dashboard_pages)
    assert review.act("reject", flagged[0], " two-level system ") == flagged[1]
    assert review.session.reason == "two-level system"
    assert list_disabled(review.session, None)["accept"] == "No result is shown"
    assert review.act("undo", flagged[1]) == flagged[0]
    assert review.list_events() == ["undone", "rejected"]
    assert load_review_item(review.view, review.session, flagged[0]).state == "waiting"
    assert review.session.can_decide(flagged[0])
    assert "undo" in list_disabled(review.session, review.session.items[flagged[0]])
    assert review.act("undo", flagged[0]) == flagged[0]
    assert (review.session.message, review.session.failed) == (
        "There is no decision of this review to undo",
        True,
    )


def test_an_excluded_target_has_no_further_results_until_the_exclusion_is_undone(
    dashboard_pages: DashboardPages, flagged: list[str]
) -> None:
    review = Review(dashboard_pages)
    access = dashboard_pages.qdash.access("owner")
    assert review.act("exclude", flagged[0], "broken line") == flagged[1]
    assert dashboard_pages.qdash.get(TARGETS).show(access, CHIP, "2").state.status is TargetStatus.EXCLUDED
    assert review.reload() == []
    assert review.act("undo", flagged[1]) == flagged[0]
    assert (
        dashboard_pages.qdash.get(TARGETS).show(access, CHIP, "2").state.status is not TargetStatus.EXCLUDED
    )
    assert review.session.can_decide(load_review_item(review.view, review.session, flagged[0]).task_id)


def test_a_decision_of_another_user_is_told_and_overwrites_nothing(
    dashboard_pages: DashboardPages, flagged: list[str]
) -> None:
    review, other = Review(dashboard_pages), Review(dashboard_pages, "owner")
    other.act("reject", flagged[0], "line 3")
    assert review.act("accept", flagged[0]) == flagged[0]
    assert review.session.failed
    assert "rejected by owner meanwhile: line 3" in review.session.message
    item = load_review_item(review.view, review.session, flagged[0])
    assert list_disabled(review.session, item)["accept"] == "This result does not await a decision: decided"
    assert review.reload() == ["1 result no longer waiting"]
    assert review.reload() == []
    assert review.list_events() == ["rejected"]


def test_a_measurement_is_requested_once_and_its_result_joins_the_review(
    dashboard_pages: DashboardPages, flagged: list[str]
) -> None:
    review = Review(dashboard_pages)
    assert review.act("measure", flagged[0]) == flagged[1]
    assert review.act("measure", flagged[0]) == flagged[1]
    runs = review.view.ask(list_executions, chip_id=CHIP).items
    assert [one.status for one in runs].count("scheduled") == 1
    new = measure(dashboard_pages, "2")
    assert review.reload() == ["1 new flagged result", "1 result replaced"]
    assert review.session.order == [*flagged, new]
    assert review.session.count_outcomes() == {"replaced": 1, "not reviewed": 3}


def test_a_note_is_written_unless_another_user_has_changed_it(
    dashboard_pages: DashboardPages, flagged: list[str]
) -> None:
    review, other = Review(dashboard_pages), Review(dashboard_pages, "owner")
    assert review.act("note", flagged[0], "compare with Friday") == flagged[0]
    item = load_review_item(review.view, review.session, flagged[0])
    assert item.note is not None
    assert item.note.content == "compare with Friday"
    other.act("note", flagged[0], "mine")
    assert "another user changed the note meanwhile" in other.session.message
    assert "'mine'" in other.session.message


def test_results_that_were_left_for_later_are_passed_over_until_the_end(
    dashboard_pages: DashboardPages, flagged: list[str]
) -> None:
    review = Review(dashboard_pages)
    assert review.act("later", flagged[0]) == flagged[1]
    assert review.act("back", flagged[1]) == flagged[0]
    assert review.act("accept", flagged[0]) == flagged[1]
    assert review.act("later", flagged[1]) == flagged[2]
    assert review.act("accept", flagged[2]) is None
    assert review.session.count_outcomes() == {"accepted": 2, "later": 1}
    review.session.shown = None
    assert review.session.find_current() is None
    assert review.act("back", "") == flagged[2]


def test_a_refit_takes_the_place_of_its_original(dashboard_pages: DashboardPages, flagged: list[str]) -> None:
    review = Review(dashboard_pages)
    items = [review.session.items[one] for one in flagged]
    review.act("refit", flagged[1])
    assert (review.session.refitted, review.session.is_form_new) == (flagged[1], True)
    refit: ReviewItemDocument = items[1].model_copy(update={"task_id": "refit", "refit_of": flagged[1]})
    assert review.session.update([items[0], refit, items[2]]) == ["1 new flagged result"]
    assert review.session.order == [flagged[0], "refit", flagged[2]]
    # An accepted refit leaves no result in the list.
    review.session.refitted = "refit"
    assert review.session.update([items[0], items[2]]) == ["1 result refitted"]


def test_the_page_shows_the_result_in_the_url_and_viewers_decide_nothing(
    dashboard_pages: DashboardPages, flagged: list[str]
) -> None:
    page = dashboard_pages.page(render, "editor", chip=CHIP)
    text = join_texts(page)
    assert "1 of 3: T1 on qubit 2" in text
    assert "jumped from 80 to 20" in text
    assert "20.0(5) µs</td>" in text  # with a plain space, where a narrow table breaks the line
    assert "Only editors" not in text
    assert "3 of 3: T1 on qubit 0" in join_texts(
        dashboard_pages.page(render, "viewer", chip=CHIP, result=flagged[2])
    )
    shown = join_texts(dashboard_pages.page(render, "viewer", chip=CHIP, qubits="1"))
    assert "1 of 1: T1 on qubit 1" in shown
    assert "Only editors of the project can decide" in shown
    review = Review(dashboard_pages, "viewer")
    review.act("accept", flagged[0])
    assert review.session.failed
    assert review.list_events() == []


def test_a_chip_without_flagged_results_has_an_empty_review(dashboard_pages: DashboardPages) -> None:
    dashboard_pages.qdash.get(CHIPS).create(
        dashboard_pages.qdash.access("owner"), "other", LINE, backend="bench"
    )
    text = join_texts(dashboard_pages.page(render, "viewer", chip="other"))
    assert "No flagged result of chip other awaits a decision." in text


def test_neighbours_share_a_qubit_or_a_coupling() -> None:
    couplings = ["0-1", "1-2", "2-3"]
    assert find_neighbours(couplings, "1") == {"0-1", "1-2", "0", "2"}
    assert find_neighbours(couplings, "1-2") == {"1", "2", "0-1", "2-3"}


def test_a_neighbour_is_told_with_the_last_failure_of_each_task() -> None:
    failed = read_samples("qdash_builtin")["ResultDocument"]
    failures = [
        ResultDocument.model_validate({**failed, "task_id": key, "name": task, "qid": qid})
        for key, task, qid in [("4", "T1", "1"), ("3", "T1", "1"), ("2", "Rabi", "1"), ("1", "T1", "3")]
    ]
    context = ReviewContext(None, ["0-1", "1-2", "2-3"], failures, {})
    assert [one.task_id for one in context.list_nearby_failures("0")] == ["4", "2"]
