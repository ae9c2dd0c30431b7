"""`qdash review`: flagged results one by one by keys, or as a table or one JSON document."""

from __future__ import annotations

import json
import math
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_query import ResultQuery
from qdash_builtin.review.feature import REVIEW
from qdash_builtin.review.item_maker import ReviewItemMaker
from qdash_builtin.review.session import read_key
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.values.feature import VALUES
from qdash_cli.app import app
from qdash_core import CalibConfig, CalibOrchestrator, OutputParameter, Parameter, TaskOutput
from qdash_core.models.chip import TargetStatus
from qdash_core.models.pages import PageRequest
from qdash_core.models.task import Verdict
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import Settings

from ...access import ADMIN, access_of
from ...case_tables import keep_quick
from ...core.bench import CHIP, LINE, make_backend, make_registry, make_task
from ...user_settings import without_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_builtin.review.item import ReviewItem
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.task import TaskResultModel

    from ...cli.conftest import InProcess

GIVEN = {"t1": 80.0}
"""Value of the next analysis; NaN: Ctrl-C is pressed during it."""
KEY_LINE = "a accept, r reject, "


def analyse(_task: object, _result: object) -> TaskOutput:
    if math.isnan(GIVEN["t1"]):
        raise KeyboardInterrupt
    return TaskOutput(parameters={"t1": Parameter(GIVEN["t1"], 0.5, "us")})


def measure(session: CalibOrchestrator, name: str, qid: str, value: float) -> TaskResultModel:
    GIVEN["t1"] = value
    return session.run_task(name, qid)


@dataclass(frozen=True)
class Review:
    """A home with flagged results, and reviews of them by keys."""

    task_ids: list[str]
    """Newest first: `B` and `A` on qubit 4, then on qubit 3, and so on."""

    def press(self, *keys: str, options: Sequence[str] = ()) -> str:
        """Review with these keys and answers until the end of the input, and return the output."""
        outcome = CliRunner().invoke(
            app, ["review", CHIP, *options], input="".join(keys), catch_exceptions=False
        )
        assert outcome.exit_code == 0, outcome.output
        return outcome.output

    def list_decisions(self) -> list[str]:
        """Return the verdict of each result, or an empty text, in the order of `task_ids`."""
        with open_qdash() as qdash:
            found = [qdash.get(RESULTS).show(ADMIN, one).decisions.get("t1") for one in self.task_ids]
        return ["" if one is None else one.verdict for one in found]


@pytest.fixture(scope="module")
def registry() -> Registry:
    """Tasks `A` and `B`, whose values are flagged when they jump."""
    t1 = {"t1": OutputParameter(unit="us", minimum=0.0, maximum=1e4, jump=0.5)}
    tasks = [make_task(name, analyse=analyse, output_parameters=t1) for name in ("A", "B")]
    return make_registry(tasks, [make_backend()])


@pytest.fixture(scope="module")
def measured(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A home with ten flagged results, two on each of five qubits, and their ids, newest first. Read-only."""
    folder = tmp_path_factory.mktemp("measured")
    home, flagged = folder / "home", []
    with without_settings(folder), open_qdash(Settings(home=home), registry) as qdash:
        qdash.get(CHIPS).create(ADMIN, CHIP, LINE, backend="bench")
        session = CalibOrchestrator(CalibConfig(username="admin", chip_id=CHIP, repeat=False), qdash)
        session.initialize()
        for qid in map(str, range(5)):
            measure(session, "A", qid, 80.0)
            flagged += [measure(session, name, qid, value) for name, value in (("A", 20.0), ("B", 21.0))]
        session.complete()
    assert {one.verdict for one in flagged} == {Verdict.FLAGGED}
    return home, [one.task_id for one in reversed(flagged)]


@pytest.fixture
def review(
    command: InProcess,
    registry: Registry,
    measured: tuple[Path, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Review:
    """Reviews of a copy of the measured home."""
    home, task_ids = measured
    shutil.copytree(home, tmp_path / "home")
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    monkeypatch.setattr("qdash_builtin.review.commands._is_on_terminal", lambda: True)
    return Review(task_ids)


def count_waiting() -> int:
    with open_qdash() as qdash:
        return qdash.get(REVIEW).count(ADMIN, CHIP)


def test_each_result_is_shown_with_what_a_person_needs(review: Review) -> None:
    shown = review.press("q")
    assert "1 of 10: B on qubit 4, measured " in shown
    assert "flagged by jump: t1 jumped from 80 to 21 µs" in shown
    assert re.search(r"t1 +21\.0\(5\) µs +80\.0\(5\) µs +−59 µs +83\.4 +21\.0\(5\) µs", shown)
    assert "t1 █▁▁ 80.0(5)*, 20.0(5)?, 21.0(5)? µs" in shown
    assert "also on 4: A flagged " in shown
    assert shown.rstrip().endswith("10 results: 10 not reviewed")


def test_keys_accept_reject_postpone_and_the_last_reason_is_offered(review: Review) -> None:
    shown = review.press("artwo-level system\nr\nlq")
    assert review.list_decisions() == ["accepted", "", "rejected", "rejected", *[""] * 6]
    assert "accepted, event " in shown
    assert "2 of 10: A on 4 is no longer waiting: superseded" in shown
    assert "t1 80.0(5) µs → 21.0(5) µs" in shown
    assert "10 results: 1 accepted, 2 rejected, 1 later, 1 no longer waiting, 5 not reviewed" in shown
    assert re.search(
        r"events \d+, \d+, \d+: `qdash values undo \d+` undoes the last acceptance or rejection", shown
    )
    with open_qdash() as qdash:
        log = qdash.get(VALUES).list_events(ADMIN, CHIP, PageRequest(3)).items
        assert [one.head.kind for one in log] == ["rejected", "rejected", "accepted"]
        assert [one.head.reason for one in log] == ["two-level system", "two-level system", ""]
        assert qdash.get(METRICS).values(ADMIN, CHIP).qubits["4"]["t1"].parameter.value == 21.0


def test_an_undone_decision_is_shown_again_and_may_be_another(review: Review) -> None:
    shown = review.press("laurline 3\nq")
    assert shown.count("2 of 10: A on qubit 4") == 2
    assert review.list_decisions() == ["", "rejected", *[""] * 8]
    assert "10 results: 1 rejected, 1 later, 8 not reviewed" in shown
    assert "there is no decision of this review to undo" in review.press("u")


def test_a_decision_changes_the_counts_and_lists_of_its_run(review: Review, command: InProcess) -> None:
    review.press("aq")
    with open_qdash() as qdash:
        (listed,) = qdash.get(EXECUTIONS).list_executions(ADMIN)
        found = qdash.get(RESULTS).page(ADMIN, ResultQuery(outcome="flagged"), PageRequest(20))
    assert listed.execution.outcomes == {"accepted": 6, "flagged": 9}
    accepted, *left = review.task_ids
    assert {one.task_id for one in found.items} == {*left}
    assert command.does("executions", "show", "last").splitlines()[1] == "6 accepted, 9 flagged"
    shown = command.does("executions", "show", "last", "--outcome", "flagged")
    assert [one for one in review.task_ids if one not in shown] == [accepted]


@pytest.mark.parametrize("end", keep_quick(["", "\x03", "\x04"], 0), ids=["end of input", "ctrl-c", "ctrl-d"])
def test_the_end_of_the_review_loses_no_decision(review: Review, end: str) -> None:
    shown = review.press(f"lla{end}")
    assert "10 results: 1 accepted, 2 later, 1 no longer waiting, 6 not reviewed" in shown
    assert (review.list_decisions()[2], count_waiting()) == ("accepted", 8)


@pytest.mark.parametrize("key", ["a", "rfine\n"])
def test_a_decision_of_another_reviewer_is_said_and_the_review_goes_on(
    review: Review, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    decided = iter(review.task_ids[:2])

    def read_key_while_bob_decides() -> str:
        pressed = read_key()
        for task_id in decided:  # the present result and the next one
            with open_qdash() as qdash:
                qdash.get(VALUES).reject(access_of("bob"), task_id, reason="line 3")
        return pressed

    monkeypatch.setattr("qdash_builtin.review.session.read_key", read_key_while_bob_decides)
    shown = review.press(f"{key}l")
    assert "was rejected by bob meanwhile: line 3" in shown
    assert "1 of 10: B on 4 is no longer waiting: t1 rejected by bob: line 3" in shown
    assert "2 of 10: A on 4 is no longer waiting: t1 rejected by bob: line 3" in shown
    assert "10 results: 1 later, 2 no longer waiting, 7 not reviewed" in shown


def test_an_excluded_target_ends_the_wait_of_its_results(review: Review) -> None:
    shown = review.press("xwarm line\nuq")
    assert "`qdash chip include chip 4 --note TEXT` includes it again" in shown
    assert "2 of 10: A on 4 is no longer waiting: excluded" in shown
    assert "10 results: 2 excluded, 8 not reviewed" in shown
    with open_qdash() as qdash:
        target = qdash.get(TARGETS).show(ADMIN, CHIP, "4").state
    assert (target.status, target.note.content) == (TargetStatus.EXCLUDED, "warm line")


def test_a_note_is_shown_with_the_result(review: Review) -> None:
    shown = review.press("nlook at the raw data\nq")
    assert "note by admin: look at the raw data" in shown
    with open_qdash() as qdash:
        note = qdash.get(NOTES).show(ADMIN, NotePlace(NoteScope.TASK_RESULT, review.task_ids[0])).note
    assert note.content == "look at the raw data"


def test_a_figure_is_written_to_the_folder_which_is_created(review: Review, tmp_path: Path) -> None:
    shown = review.press("fq", options=("--figures", str(tmp_path / "new" / "figures")))
    (path,) = (tmp_path / "new" / "figures").glob("B-4-*.*")
    assert path.name in shown.replace("\n", "")


def test_a_refit_that_is_flagged_is_reviewed_next_and_one_that_is_accepted_ends_the_wait(
    review: Review,
) -> None:
    GIVEN["t1"] = 25.0
    assert "refitting ..." in review.press("t\nn\nq")
    shown = review.press("t\ny\nq")
    assert "B on 4: flagged; t1 25.0(5) µs" in shown
    assert f"refit of {review.task_ids[0]}" in shown
    GIVEN["t1"] = 79.0
    shown = review.press("t\ny\nq")
    assert "B on 4: accepted; t1 79.0(5) µs" in shown
    assert "10 results: 1 refitted, 1 no longer waiting, 8 not reviewed" in shown


def test_invalid_input_changes_nothing_and_the_result_stays(review: Review) -> None:
    shown = review.press("z?tshots\nr")
    assert "no action has the key 'z'" in shown
    assert "m  measure again" in shown
    assert "error: --set shots: write NAME=VALUE" in shown
    assert "nothing was changed" in shown
    assert shown.count(KEY_LINE) == 5, "first, and after an unknown key, the help, an error and Ctrl-D"
    assert shown.rstrip().endswith("10 results: 10 not reviewed")
    assert count_waiting() == 10


def test_the_last_decision_of_all_can_be_undone(review: Review) -> None:
    last = review.task_ids[-1]
    options = ("--qids", "0", "--task", "A", "--all")
    shown = review.press("rline 3\nzuaq", options=options)
    assert shown.count("all reviewed: u undo, q quit") == 3
    assert "no action has the key 'z' here" in shown
    assert shown.count("1 of 1: A on qubit 0") == 2
    assert review.list_decisions()[review.task_ids.index(last)] == "accepted"


def test_a_review_without_decisions_ends_after_the_last_result(review: Review) -> None:
    assert "all reviewed" not in review.press("l" * 10)


def test_a_rejection_without_a_reason_is_asked_again(review: Review) -> None:
    shown = review.press("r\n \nline 3\nq")
    assert shown.count("a reason is needed") == 2
    assert review.list_decisions()[0] == "rejected"


def test_ctrl_c_during_a_refit_leaves_only_the_refit(review: Review) -> None:
    GIVEN["t1"] = math.nan
    shown = review.press("t\naq")
    assert "the refit was interrupted: nothing was changed" in shown
    assert review.list_decisions()[0] == "accepted"


def test_measure_again_runs_the_task_and_goes_on_with_the_new_result(
    review: Review,
) -> None:
    GIVEN["t1"] = 79.0
    shown = review.press("mq")
    assert "B on 4: accepted; t1 79.0(5) µs" in shown
    # The later value is in use, so that nothing on the qubit waits any more.
    assert "2 of 10: A on 4 is no longer waiting: superseded" in shown


def test_without_a_terminal_a_table_with_commands_is_printed(
    review: Review, command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qdash_builtin.review.commands._is_on_terminal", lambda: False)
    shown = command.does("review", CHIP, "--qids", "3-4", "--task", "B")
    assert re.search(
        rf"4 +B +.* +t1 +21\.0\(5\) µs +80\.0\(5\) µs +83\.4 +waiting .* {review.task_ids[0]}", shown
    )
    assert len([line for line in shown.splitlines() if " waiting " in line]) == 2
    assert f"`qdash review {CHIP}` in a terminal" in shown
    assert "`qdash values accept TASK_ID`" in shown
    shown = command.does("review", CHIP, "--list", "--all", "--qids", "3")
    assert f"`qdash review {CHIP} --all` in a terminal" in shown
    assert "no flagged result of chip chip awaits a decision" in command.does(
        "review", CHIP, "--couplings", "0-1"
    )


def test_a_list_has_a_limit_and_tells_how_many_results_follow(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    for options, first in (([], review.task_ids[:2]), (["--all"], review.task_ids[:2])):
        printed = CliRunner().invoke(app, ["review", CHIP, "--json", "--limit", "2", *options])
        assert [one["task_id"] for one in json.loads(printed.stdout)] == first
        assert printed.stderr == "and 8 more: --limit 10 shows all\n"
    shown = review.press(options=["--list", "--limit", "9"])
    assert "and 1 more: --limit 10 shows all" in shown
    assert " more: " not in review.press(options=["--list", "--limit", "10"])


def test_a_session_makes_no_items_before_it_shows_them(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    make = ReviewItemMaker._make

    def count(maker: ReviewItemMaker, result: TaskResultModel) -> ReviewItem:
        made.append(result.task_id)
        return make(maker, result)

    monkeypatch.setattr(ReviewItemMaker, "_make", count)
    for options in ([], ["--all"]):
        made.clear()
        assert "10 results: 10 not reviewed" in review.press("q", options=options)
        assert made == review.task_ids[:1]


def test_the_list_is_one_json_document(review: Review, command: InProcess) -> None:
    found = command.read_json("review", CHIP)
    assert [one["task_id"] for one in found] == review.task_ids
    assert found[0]["values"][0]["in_use"]["value"] == 80.0
    assert command.read_json("review", CHIP, "--metric", "t1", "--qids", "0", "--all")[0]["target"] == "0"


def test_unknown_names_are_refused_in_one_line(review: Review, command: InProcess) -> None:
    for options in (("--qids", "9"), ("--task", "C"), ("--metric", "t9")):
        assert options[1] in command.run_refused("review", CHIP, *options)
    assert "nochip" in command.run_refused("review", "nochip")
