"""Progress of a run: every task on every target counts once, regardless of its attempts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.runs.text_output.tally import Tally
from qdash_core.models.task import TaskResultModel, TaskStatus

if TYPE_CHECKING:
    from ...core.clock import Clock


def make_result(
    clock: Clock, qid: str, *, name: str = "CheckT1", attempt: int = 1, status: str = "completed"
) -> TaskResultModel:
    return TaskResultModel(
        project_id="default",
        username="admin",
        chip_id="chip",
        execution_id="20261121-000",
        task_id=f"{name} {qid} {attempt}",
        name=name,
        qid=qid,
        attempt=attempt,
        status=TaskStatus(status),
        end_at=clock(),
    )


def get_counts(tally: Tally) -> tuple[int, int]:
    assert tally.stage is not None
    return tally.stage.done, tally.stage.total


def test_a_target_is_finished_with_its_last_task(clock: Clock) -> None:
    tally = Tally(clock)
    stage = tally.planned(["CheckT1", "CheckRabi"], ["0", "1"])
    assert tally.finished(make_result(clock, "0")) is None
    assert tally.finished(make_result(clock, "0", name="CheckRabi")) is stage
    assert [one.name for one in stage.results_of("0")] == ["CheckT1", "CheckRabi"]
    assert get_counts(tally) == (2, 4)


def test_what_is_tried_again_counts_once_and_what_is_cancelled_not_at_all(clock: Clock) -> None:
    tally = Tally(clock)
    tally.planned(["CheckT1"], ["0", "1"])
    tally.finished(make_result(clock, "0", status="failed"))
    tally.finished(make_result(clock, "0", attempt=2))
    tally.finished(make_result(clock, "1", status="cancelled"))
    assert get_counts(tally) == (1, 2)


def test_a_run_that_goes_on_does_again_what_had_not_completed(clock: Clock) -> None:
    tally = Tally(clock)
    tally.began()
    tally.planned(["CheckT1"], ["0", "1", "2"])
    for qid, status in (("0", "completed"), ("1", "failed"), ("2", "cancelled")):
        tally.finished(make_result(clock, qid, status=status))
    assert get_counts(tally) == (2, 3)
    tally.began()
    assert get_counts(tally) == (1, 3)
    for qid in ("1", "2"):
        tally.finished(make_result(clock, qid, attempt=2))
    assert get_counts(tally) == (3, 3)
    assert tally.left_s() == 0.0


def test_each_stage_counts_its_own_also_where_all_are_known_before_their_results(clock: Clock) -> None:
    tally = Tally(clock)
    tally.planned(["CheckT1"], ["0", "1"])
    tally.planned(["CheckZX90"], ["0-1"])
    tally.finished(make_result(clock, "0"))
    assert get_counts(tally) == (1, 2)
    tally.finished(make_result(clock, "1"))
    assert get_counts(tally) == (0, 1)


def test_how_long_the_rest_takes_is_told_by_what_was_measured_since_somebody_watches(clock: Clock) -> None:
    before = make_result(clock, "0")
    clock.now += timedelta(hours=1)
    times_s = [0.0]
    tally = Tally(clock, lambda: times_s[-1])
    tally.planned(["CheckT1"], [str(qid) for qid in range(20)])
    tally.finished(before)
    for qid in range(1, 4):
        assert tally.left_s() is None, "the pace is unknown"
        clock.now += timedelta(hours=8)  # a simulated clock
        times_s.append(100.0 * qid)
        tally.finished(make_result(clock, str(qid)))
    assert tally.left_s() == 1600.0
    times_s.append(350.0)
    assert tally.left_s() == 1550.0
    tally.began()
    assert tally.left_s() is None, "a run that goes on may have another pace"


def test_what_is_being_measured_is_the_first_of_it_and_how_many_others(clock: Clock) -> None:
    tally = Tally(clock)
    tally.planned(["CheckT1"], ["0", "1", "2"])
    assert tally.describe_measurement() == ""
    for qid in ("0", "1", "2"):
        tally.started("CheckT1", qid)
    assert tally.describe_measurement() == "qubit 0: CheckT1 (+2)"
    for qid in ("0", "1"):
        tally.finished(make_result(clock, qid))
    assert tally.describe_measurement() == "qubit 2: CheckT1"
    tally.finished(make_result(clock, "2"))
    assert tally.describe_measurement() == "CheckT1", (
        "where nobody tells of starts: the last that there is a result of"
    )


def test_another_result_of_a_finished_target_finishes_it_again(clock: Clock) -> None:
    """A follower sees the flagged result before its repeat."""
    tally = Tally(clock)
    stage = tally.planned(["CheckT1"], ["0"])
    assert tally.finished(make_result(clock, "0")) is stage
    assert tally.finished(make_result(clock, "0", attempt=2)) is stage
    assert tally.finished(make_result(clock, "0", attempt=2)) is None
    assert get_counts(tally) == (1, 1)
