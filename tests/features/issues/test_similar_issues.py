"""Similar earlier issues: found again at the next failure, with reasons, in a fixed order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.issues import similar as similar_issues
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.repositories.results import TaskResultHistoryRepository

from .laboratory import ALICE, BOB, lab

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.issues.similar import SimilarIssue

    from .laboratory import Lab

__all__ = ["lab"]


def list_reasons(similar: SimilarIssue) -> list[str]:
    return [reason.kind for reason in similar.reasons]


def list_ids(similar: Sequence[SimilarIssue]) -> list[str]:
    return [one.issue.issue_id for one in similar]


@pytest.mark.every_store
def test_a_closed_issue_is_found_again_at_the_next_similar_failure(lab: Lab) -> None:
    lab.record("r0")
    lab.issues.open(ALICE, "no decay on Q00", task_id="r0")
    lab.issues.close(BOB, "1", comment="The pump of the amplifier was off.")
    lab.clock.forward(days=30)
    lab.issues.open(ALICE, "door is open", chip_id="chip")
    [found] = lab.issues.find_similar_to_result(ALICE, lab.record("r1"))
    assert found.issue.issue_id == "1"
    assert [(one.kind, one.common) for one in found.reasons] == [
        ("target", ("0",)),
        ("task", ("CheckT1",)),
        ("metric", ("t1",)),
    ]
    assert found.closing is not None
    assert (found.closing.username, found.closing.text) == ("bob", "The pump of the amplifier was off.")
    assert found.last_comment == found.closing


def test_the_most_similar_issue_is_first_and_of_equals_the_newest(lab: Lab) -> None:
    for title, targets in (("a", ["2"]), ("b", ["0-1"]), ("c", ["4"]), ("d", ["0"]), ("e", ["0"])):
        lab.issues.open(ALICE, title, chip_id="chip", targets=targets)
        lab.clock.forward(hours=1)
    lab.issues.open(ALICE, "f", metrics=["t1"])
    lab.issues.open(ALICE, "the trace is flat again")
    found = lab.issues.find_similar_to_result(ALICE, lab.record("r1"), limit=20)
    assert [(one.issue.title, list_reasons(one)) for one in found] == [
        ("e", ["target"]),
        ("d", ["target"]),
        ("the trace is flat again", ["words"]),
        ("f", ["metric"]),
        ("b", ["neighbour"]),
        ("a", ["multiplexer"]),
    ]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert found == lab.issues.find_similar_to_result(ALICE, "r1", limit=20)
    assert found[:2] == lab.issues.find_similar_to_result(ALICE, "r1", limit=2)


def test_an_issue_about_the_result_itself_comes_first(lab: Lab) -> None:
    lab.record("r0")
    lab.issues.open(ALICE, "a", task_id="r0")
    lab.record("r1")
    lab.issues.open(ALICE, "b", task_id="r1")
    found = lab.issues.find_similar_to_result(ALICE, "r0")
    assert list_ids(found) == ["1", "2"]
    assert list_reasons(found[0])[0] == "result"


def test_words_of_comments_count_and_single_common_words_and_numbers_do_not(lab: Lab) -> None:
    lab.issues.open(ALICE, "cold head")
    lab.issues.comment(ALICE, "1", "the signal vanished behind the switch")
    lab.issues.open(ALICE, "a signal at 12345 and 67890")
    failed = lab.record("r1", message="signal vanished after switch 12345 67890", output_parameter_names=[])
    [found] = lab.issues.find_similar_to_result(ALICE, failed)
    assert found.issue.issue_id == "1"
    assert [(one.kind, one.common) for one in found.reasons] == [("words", ("signal", "switch", "vanished"))]


def test_an_issue_has_similar_ones_that_were_opened_before(lab: Lab) -> None:
    for title in ("resonator jumps at night", "resonator jumps", "jumps of the resonator"):
        lab.issues.open(ALICE, title)
        lab.clock.forward(hours=1)
    assert list_ids(lab.issues.find_similar(ALICE, "2")) == ["1"]
    assert list_ids(lab.issues.find_similar(ALICE, "3")) == ["2", "1"]
    lab.record("r0")
    lab.issues.open(ALICE, "x", task_id="r0")
    lab.clock.forward(hours=1)
    lab.issues.open(ALICE, "y", chip_id="chip", targets=["0"])
    assert list_ids(lab.issues.find_similar(ALICE, "5")) == ["4"]


def test_many_later_issues_hide_no_earlier_one(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar_issues, "_MOST_READ", 2)
    for title in ("first", "second", "third", "fourth", "fifth"):
        lab.issues.open(ALICE, title, chip_id="chip", targets=["0"])
        lab.clock.forward(hours=1)
    assert list_ids(lab.issues.find_similar(ALICE, "2")) == ["1"]


def test_equal_targets_of_another_chip_are_not_similar(lab: Lab) -> None:
    lab.record("r0")
    lab.issues.open(ALICE, "x", chip_id="chip", targets=["0"])
    other = lab.record("r1", output_parameter_names=[], message="", name="Other")
    assert list_ids(lab.issues.find_similar_to_result(ALICE, other)) == ["1"]
    moved = lab.repositories.of(TaskResultHistoryRepository).find("default", "r1")
    assert moved is not None
    lab.repositories.of(TaskResultHistoryRepository).put(moved.model_copy(update={"chip_id": "elsewhere"}))
    assert lab.issues.find_similar_to_result(ALICE, other) == []


def test_unknown_subjects_and_limits_are_refused(lab: Lab) -> None:
    with pytest.raises(NotFoundError, match="no result 'r9'"):
        lab.issues.find_similar_to_result(ALICE, "r9")
    with pytest.raises(NotFoundError, match="no issue 1"):
        lab.issues.find_similar(ALICE, "1")
    for limit in (0, 21):
        with pytest.raises(InvalidInputError, match="limit cannot be"):
            lab.issues.find_similar_to_result(ALICE, "r9", limit=limit)
