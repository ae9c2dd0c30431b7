"""Advised actions of a digest, and the runs that measure their subject."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.digests.advice import list_advice
from qdash_builtin.digests.digest import ManualChange, StaleValue, UnfitGroup, UnfitTarget
from qdash_builtin.digests.run_choice import RunChoice, list_measuring_runs
from qdash_builtin.explanations.causes import Cause, LikelyCause
from qdash_builtin.metrics.definition_file import load_builtin
from qdash_core.hooks.catalogue import Catalogue
from qdash_core.models.judgement import FailureKind

from ...cli.conftest import load_usual_plugins
from .test_formats import EVENING, QUIET, fail

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_builtin.digests.digest import Advice


@pytest.fixture(scope="module")
def runs() -> RunChoice:
    """Choice among the installed flows and tasks."""
    registry = load_usual_plugins()
    offers = frozenset(one for task in registry.tasks().values() for one in task.requires)
    catalogue = Catalogue.from_tasks(registry.tasks(), "fake", offers, str)
    return RunChoice(list_measuring_runs(catalogue, registry.flows()))


def be_unfit(*targets: str, parameters: Sequence[str], shared: str = "") -> UnfitGroup:
    members = [UnfitTarget(qid, ["far worse"], EVENING, f"r{qid}", parameters=parameters) for qid in targets]
    return UnfitGroup(members, shared)


def advise(
    runs: RunChoice,
    *groups: UnfitGroup,
    explain: Callable[[str], LikelyCause | None] = lambda _task_id: None,
    by_hand: Sequence[ManualChange] = (),
) -> list[Advice]:
    return list_advice(replace(QUIET, newly_unfit=groups), runs=runs, explain=explain, by_hand=by_hand)


def test_the_run_measures_the_parameter_that_is_the_reason(runs: RunChoice) -> None:
    measured = {one.name: one.measured for one in runs.runs}
    for qid, metrics in (("0", load_builtin().qubit_metrics), ("0-1", load_builtin().coupling_metrics)):
        for name in metrics:
            flow = runs.choose(qid, [name])
            assert not flow or name in measured[flow], name
    group = be_unfit("52", "53", parameters=["average_readout_fidelity"], shared="multiplexer 13")
    (advice,) = advise(runs, group)
    assert (advice.flow, advice.targets) == ("ReadoutClassification", ["52", "53"])


def test_the_cheapest_run_that_measures_everything_is_chosen(runs: RunChoice) -> None:
    assert runs.choose("0", ["t1"]) == "CheckT1"
    assert runs.choose("0", ["t1", "t2_echo"]) == "check"
    assert runs.choose("0", ["qubit_frequency"], known=["CheckRamsey"]) == "CheckRamsey"
    assert runs.choose("0", ["room_temperature"]) == ""
    everything = {one.name: one for one in runs.runs}
    names = ["drag_pi_amplitude", "average_readout_fidelity"]
    chosen = everything[runs.choose("0", names)]
    assert chosen.measured.issuperset(names)
    others = [one for one in runs.runs if one.kind == "qubit" and one.measured.issuperset(names)]
    assert chosen.seconds == min(one.seconds for one in others)


def test_stale_values_of_each_target_are_measured_by_the_run_that_made_them(runs: RunChoice) -> None:
    stale = [
        StaleValue("0", "qubit_frequency", is_old=True, task_id="a"),
        StaleValue("1", "average_readout_fidelity", is_old=True, task_id="b"),
    ]
    known = {"a": "CheckRamsey", "b": "ReadoutClassification"}
    advice = list_advice(replace(QUIET, stale=stale), runs=runs, known_tasks=known)
    assert [(one.targets, one.flow) for one in advice] == [
        (["0"], "CheckRamsey"),
        (["1"], "ReadoutClassification"),
    ]


def test_metrics_have_their_titles_in_advice(runs: RunChoice) -> None:
    digest = replace(QUIET, titles={"t2_echo": "T2 echo"})
    stale = [StaleValue("0", name, is_old=True) for name in ("t2_echo", "qubit_frequency")]
    (measured,) = list_advice(replace(digest, stale=stale), runs=runs)
    assert measured.reason == "values of T2 echo, qubit_frequency that gates need: 2 too old"
    by_hand = ManualChange(9, EVENING - timedelta(hours=1), "alice", "set", "", ["12"], ["t2_echo"])
    undo, *_ = list_advice(
        replace(digest, newly_unfit=[fail("no signal", "12", since=EVENING)], manual=[by_hand]), runs=runs
    )
    assert undo.text == "Check T2 echo of 12, changed by alice, and undo it if wrong"


def make_cause(command: str) -> LikelyCause:
    commands = {"command": command} if command else {}
    return LikelyCause(Cause(id="x", title="Drive is {odd}", do="Do this. And know that.", **commands), 0.62)


@pytest.mark.parametrize(
    ("command", "kind", "flow", "text"),
    [
        ("qdash task run CheckRamsey --chip {chip} --qid {qid} --save", "measure", "CheckRamsey", "Do this. And know that"),
        ("qdash task run {task} --chip {chip} --qid {qid} --save", "measure", "CheckRabi", "Do this. And know that"),
        ("qdash calibrate {chip} --flow bring-up --qids {qid}", "measure", "bring-up", "Do this. And know that"),
        ("qdash task run CheckWaveform --chip {chip} --qid {qid}", "inspect", "CheckRabi", "Do this, then measure again"),
        ("qdash task run CheckNothing --chip {chip} --qid {qid} --save", "inspect", "CheckRabi", "Do this, then measure again"),
        ("", "inspect", "CheckRabi", "Do this, then measure again"),
    ],
)  # fmt: skip
def test_the_action_is_that_of_the_likely_cause(
    runs: RunChoice, command: str, kind: str, flow: str, text: str
) -> None:
    (advice,) = advise(runs, fail("no signal", "5", "7"), explain=lambda _task_id: make_cause(command))
    assert (str(advice.kind), advice.flow, advice.targets) == (kind, flow, ["5", "7"])
    assert advice.text == f"5, 7: drive is {{odd}} (62 %). {text}"


@pytest.mark.parametrize(
    ("failure", "kind", "text"),
    [
        (FailureKind.NO_SIGNAL, "inspect", "Check the lines of 5, then measure again, or exclude"),
        (FailureKind.COULD_NOT_TELL, "measure", "Measure 5 again, or exclude"),
        (FailureKind.REJECTED, "measure", "Measure 5 again, or exclude"),
        (FailureKind.REJECTED_BY_USER, "measure", "Measure 5 again"),
        (None, "measure", "Measure 5 again, or exclude"),
    ],
)
def test_without_a_likely_cause_lines_are_checked_only_where_the_signal_is_absent(
    runs: RunChoice, failure: FailureKind | None, kind: str, text: str
) -> None:
    member = replace(fail("reason", "5").members[0], failure=failure)
    unsure = replace(make_cause(""), probability=0.4)
    (advice,) = advise(runs, UnfitGroup([member]), explain=lambda _task_id: unsure)
    assert (str(advice.kind), advice.text, advice.flow) == (kind, text, "CheckRabi")


def test_after_the_undo_of_a_wrong_input_the_failed_task_is_measured_again(runs: RunChoice) -> None:
    group = fail("no signal", "12", since=EVENING)
    undo = ManualChange(
        9, EVENING + timedelta(hours=1), "alice", "undid", "", ["12"], ["qubit_frequency"], undoable=False
    )
    (advice,) = advise(runs, group, by_hand=[undo])
    assert (str(advice.kind), advice.text, advice.flow) == ("measure", "Measure 12 again", "CheckRabi")
    assert advice.reason == "event 9: alice undid qubit_frequency since CheckRabi failed"
    other = replace(undo, parameters=["t1"])
    earlier = replace(undo, at=EVENING - timedelta(hours=1))
    for change in (other, earlier):
        assert advise(runs, group, by_hand=[change])[0].text.startswith("Check the lines of 12")


def test_after_a_new_measurement_of_an_input_the_failed_task_is_measured_again(runs: RunChoice) -> None:
    member = replace(fail("no signal", "50", since=EVENING).members[0], newer=["t1", "qubit_frequency"])
    (advice,) = advise(runs, UnfitGroup([member]), explain=lambda _task_id: make_cause(""))
    assert (advice.text, advice.flow) == ("Measure 50 again", "CheckRabi")
    assert advice.reason == "qubit_frequency measured since CheckRabi failed"
