"""Runs in a value scope: the chip stays as it was until a user commits the scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .command_line import CommandLine

RUN = ("calibrate", "lab", "--flow", "bring-up", "--qids", "0", "--scope", "evening")


@pytest.fixture
def lab(qdash: CommandLine) -> CommandLine:
    """A home with twin `lab`."""
    qdash.does("twin", "create", "lab", "--device", "jakarta", "--seed", "1")
    return qdash


@pytest.mark.slow
def test_a_bring_up_in_a_scope_is_committed_and_undone(lab: CommandLine) -> None:
    before = lab.does("export", "lab", "--format", "json")
    run = lab.read_json(*RUN)
    assert (run["status"], run["tasks"], run["scope"]) == ("completed", {"completed": 15}, "evening")
    assert lab.does("export", "lab", "--format", "json") == before
    again = lab.read_json("task", "run", "CheckT1", "--chip", "lab", "--qid", "0", "--scope", "evening")
    assert again["scope"] == "evening"
    given = [one for one in again["input_parameters"].values() if "from_laboratory" not in one]
    assert {one["task_id"] for one in given} <= {
        one["task_id"] for one in lab.read_json("executions", "show", run["execution_id"])["results"]
    }

    shown = lab.read_json("scope", "show", "lab", "evening")
    assert (shown["status"], len(shown["executions"])) == ("open", 2)
    changed = {one: (of["before"], of["after"]) for one, of in shown["status_changes"].items()}
    assert changed == {"0": ("pending", "calibrated")}
    assert "qubit 0: status pending becomes calibrated" in lab.does("scope", "show", "lab", "evening")
    committed = lab.read_json("scope", "commit", "lab", "evening", "--reason", "good")
    exported = lab.read_json("export", "lab", "--format", "json")
    assert exported["status"] == {"0": "calibrated"}
    assert committed["changes"] == shown["changes"]
    (t1,) = [one for one in committed["changes"] if (one["target"], one["parameter"]) == ("0", "t1")]
    assert t1["after"]["task_id"] == again["task_id"]
    judged = {"trust": "trusted"}
    assert lab.read_json("metrics", "lab")["qubits"]["0"]["t1"] == t1["after"] | judged
    assert "was committed at" in lab.run_refused(*RUN)
    lab.does("values", "undo", str(committed["event"]))
    assert lab.read_json("metrics", "lab") == {"qubits": {}, "couplings": {}}
    assert lab.read_json("scope", "show", "lab", "evening")["status"] == "open"
    undo, commit = lab.read_json("values", "log", "lab")
    assert [(one["kind"], one["scope"]) for one in (undo, commit)] == [
        ("undone", "evening"),
        ("committed", "evening"),
    ]
    log = lab.does("values", "log", "lab")
    assert "committed scope evening" in log
    assert f"undo of event {commit['number']} (commit of scope evening)" in log
    told = lab.does("values", "show", str(commit["number"]))
    assert "0: status pending becomes calibrated" in told
    assert "committed scope evening by admin: good" in told


@pytest.mark.slow
def test_the_tasks_of_ones_own_flow_use_the_scope_of_the_run(lab: CommandLine) -> None:
    (lab.folder / "mine.py").write_text(
        "from qdash_core import CalibService\n"
        "from qdash_core.flows.steps import CustomOneQubit\n"
        "from qdash_core.flows.targets import QubitTargets\n"
        "def first(username, chip_id):\n"
        "    cal = CalibService(username, chip_id)\n"
        "    cal.run(QubitTargets(['0']), [CustomOneQubit(['CheckResonatorSpectroscopy'])])\n"
        "    cal.finish_calibration()\n"
        "def second(username, chip_id):\n"
        "    cal = CalibService(username, chip_id)\n"
        "    cal.run(QubitTargets(['0']), [CustomOneQubit(['CheckQubitSpectroscopy'])])\n"
        "    cal.finish_calibration()\n",
        encoding="utf-8",
    )
    for function in ("first", "second"):
        ended = lab.read_json("flow", "run", f"mine.py:{function}", "--chip", "lab", "--scope", "noon")
        assert (ended["scope"], ended["tasks"]) == ("noon", {"completed": 1})
    assert lab.read_json("metrics", "lab")["qubits"] == {}
    closed = lab.does("scope", "discard", "lab", "noon")
    assert "was discarded" in closed
    refused = lab.run_refused("flow", "run", "mine.py:first", "--chip", "lab", "--scope", "noon")
    assert "choose another name" in refused


def test_scopes_are_listed_shown_and_discarded(lab: CommandLine) -> None:
    assert "no value scopes yet" in lab.does("scope", "list", "lab")
    spectroscopy = ("CheckResonatorSpectroscopy", "--chip", "lab", "--qid", "0", "--scope", "noon")
    assert "not both" in lab.run_refused("task", "run", *spectroscopy, "--save")
    lab.does("task", "run", *spectroscopy)
    assert "noon" in lab.does("scope", "list", "lab")
    shown = lab.does("scope", "show", "lab", "noon")
    assert "value scope noon of lab: open" in shown
    assert "resonator_frequency" in shown
    assert "in value scope noon" in lab.does("executions", "show", "last")
    assert "was discarded" in lab.does("scope", "discard", "lab", "noon", "--reason", "a test")
    (listed,) = lab.read_json("scope", "list", "lab")
    assert (listed["status"], listed["reason"]) == ("discarded", "a test")
    assert "was discarded at" in lab.run_refused("scope", "commit", "lab", "noon")
