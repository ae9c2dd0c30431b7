"""First steps of a project, done or not by its records."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from qdash_api.samples import read_samples
from qdash_builtin.chips.views.chips import ChipHeader
from qdash_builtin.overview.pages.first_steps import TITLES, ProjectState, find_state
from qdash_builtin.runs.views.executions import ExecutionHeader

if TYPE_CHECKING:
    from collections.abc import Sequence

_SAMPLES = read_samples("qdash_builtin")
TWIN = ChipHeader(**{**_SAMPLES["ChipHeader"], "chip_id": "twin", "backend": "fake"})
OWN = TWIN.model_copy(update={"chip_id": "own", "backend": "qubex"})
DONE = ExecutionHeader(
    **{**_SAMPLES["ExecutionHeader"], "chip_id": "twin", "status": "completed", "outcomes": {"accepted": 9}}
)


def judge(
    chips: Sequence[ChipHeader] = (),
    last: Sequence[ExecutionHeader] = (),
    *,
    n_members: int = 1,
    **further: Any,
) -> ProjectState:
    found: Any = SimpleNamespace(chips=chips, last=last, **{"timetables": (), **further})
    return find_state(found, simulated={"fake"}, backends=["qubex"], n_members=n_members)


def test_nothing_is_done_in_an_empty_project() -> None:
    assert judge().done == (False,) * len(TITLES)


def test_a_chip_is_calibrated_by_a_completed_run_with_accepted_results() -> None:
    failed = DONE.model_copy(update={"status": "failed"})
    nothing = DONE.model_copy(update={"outcomes": {"failed": 9}})
    elsewhere = DONE.model_copy(update={"chip_id": "former"})
    assert judge([TWIN], [failed, nothing, elsewhere]).done == (True, False, False, False, False)
    assert judge([TWIN], [failed, DONE]).done == (True, True, True, False, False)


def test_the_result_is_looked_at_when_no_flagged_result_awaits_a_decision() -> None:
    state = judge([TWIN], [DONE.model_copy(update={"outcomes": {"accepted": 7, "flagged": 2}})])
    assert state.n_undecided == 2
    assert state.done == (True, True, False, False, False)


def test_the_own_instrument_is_connected_by_a_completed_run_on_it() -> None:
    assert not judge([OWN, TWIN], [DONE]).done[3]
    ran = DONE.model_copy(update={"chip_id": "own"})
    assert judge([OWN, TWIN], [ran, DONE]).done == (True, True, True, True, False)


def test_the_steps_are_about_a_simulated_chip_if_there_is_one() -> None:
    assert judge([OWN, TWIN]).chip == TWIN
    state = judge([OWN])
    assert (state.chip, state.is_simulated) == (OWN, False)


def test_a_colleague_or_a_timetable_ends_the_last_step() -> None:
    assert judge(n_members=2).done[4]
    assert judge(timetables=[object()]).done[4]


def test_the_documentation_has_the_same_steps() -> None:
    text = (Path(__file__).parents[3] / "docs/features/overview.md").read_text("utf-8")
    steps = [line for line in text.splitlines() if line[:2] in {f"{number}." for number in range(1, 9)}]
    assert [line[3:].partition("**: ")[0].removeprefix("**") for line in steps] == [*TITLES]
