"""`qdash chip exclude` and `include`: user exclusions of targets, and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...case_tables import keep_quick

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


@pytest.fixture
def lab(command: InProcess) -> InProcess:
    command.does("chip", "create", "lab", "--topology", "linear-16")
    return command


@pytest.mark.parametrize(("target", "meant"), [("3", "3"), ("Q03", "3"), ("4-3", "3-4")])
@pytest.mark.parametrize(("options", "status"), keep_quick([((), "excluded"), (("--dead",), "dead")], 0))
def test_a_target_is_taken_out_with_the_reason_and_taken_back(
    lab: InProcess, target: str, meant: str, options: tuple[str, ...], status: str
) -> None:
    said = lab.does("chip", "exclude", "lab", target, *options, "--note", "open line", "--user", "ann")
    assert said == f"{meant} of lab is {status}: open line\n"
    assert f"{status}: {meant}" in lab.does("chip", "show", "lab")
    (document,) = lab.read_json("chip", "include", "lab", target, "--note", "soldered")["targets"]
    assert (document["target_id"], document["status"], document["note"]["content"]) == (
        meant,
        "pending",
        "soldered",
    )
    assert status not in lab.does("chip", "show", "lab")


def test_several_targets_are_taken_out_and_taken_back_at_once_or_not_at_all(lab: InProcess) -> None:
    said = lab.does("chip", "exclude", "lab", "0..2, 7, 4-3", "--note", "open line")
    assert said.splitlines() == [
        f"{one} of lab is excluded: open line" for one in ("0", "1", "2", "7", "3-4")
    ]
    lab.run_refused("chip", "include", "lab", "0, 5", "--note", "soldered")
    assert "excluded: 0, 1, 2, 7" in lab.does("chip", "show", "lab")
    document = lab.read_json("chip", "include", "lab", "7, 3-4", "--note", "soldered")
    assert [(one["target_id"], one["status"]) for one in document["targets"]] == [
        ("7", "pending"),
        ("3-4", "pending"),
    ]


def test_what_is_not_taken_out_cannot_be_taken_back(lab: InProcess) -> None:
    assert "nothing to take back" in lab.run_refused("chip", "include", "lab", "3", "--note", "soldered")
    assert "has no qubit 99" in lab.run_refused("chip", "exclude", "lab", "99", "--note", "open line")
    assert "--note" in lab.run_refused("chip", "exclude", "lab", "3")
