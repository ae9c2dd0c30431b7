"""`qdash cryostat` and `qdash cooldown`, from registration to permanent records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


@pytest.fixture
def lab(command: InProcess) -> InProcess:
    """A chip and a cryostat."""
    command.does("chip", "create", "lab", "--topology", "linear-16")
    command.does("cryostat", "create", "K-101", "--location", "room 3")
    return command


def test_a_cryostat_is_registered_changed_put_out_of_use_and_removed(command: InProcess) -> None:
    assert "register one with `qdash cryostat create CRYOSTAT`" in command.does("cryostat", "list")
    made = command.read_json("cryostat", "create", "K", "--model", "LD400", "--commissioned", "2024-04-01")
    assert made == {
        "cryo_id": "K",
        "model": "LD400",
        "status": "active",
        "commissioned_at": "2024-03-31T15:00:00Z",
    }
    assert command.does("cryostat", "edit", "K", "--name", "north", "--status", "maintenance") == (
        "cryostat K: maintenance\n  name: north\n  model: LD400\n  commissioned: 2024-04-01 00:00:00+09:00\n"
    )
    assert "noted on cryostat K" in command.does("cryostat", "note", "K", "trap cleaned")
    assert "note: trap cleaned (admin, " in command.does("cryostat", "show", "K")
    gone = command.read_json("cryostat", "decommission", "K", "--at", "2026-01-01T12:00Z")
    assert (gone["status"], gone["decommissioned_at"]) == ("decommissioned", "2026-01-01T12:00:00Z")
    listed = command.does("cryostat", "list").splitlines()
    assert [line.split()[:2] for line in listed[::2]] == [["cryostat", "status"], ["K", "decommissioned"]]
    assert command.read_json("cryostat", "list") == [gone]
    assert "the note on cryostat K would be lost" in command.run_refused("cryostat", "delete", "K")
    command.does("cryostat", "note", "K", "--clear")
    assert command.does("cryostat", "delete", "K") == "cryostat K was deleted\n"
    assert command.read_json("cryostat", "list") == []


def test_a_cooldown_begins_takes_chips_and_ends(lab: InProcess) -> None:
    assert "start one with `qdash cooldown create COOLDOWN --cryostat ID`" in lab.does("cooldown", "list")
    made = lab.read_json("cooldown", "create", "1", "--cryostat", "K-101", "--started", "2026-01-01T09:00")
    assert made == {
        "cooldown_id": "1",
        "cryo_id": "K-101",
        "started_at": "2026-01-01T00:00:00Z",
        "chip_ids": [],
    }
    assert "  chips: lab\n" in lab.does("cooldown", "assign", "1", "lab")
    assert lab.read_json("chip", "show", "lab")["current_cooldown_id"] == "1"
    assert "in progress" in lab.does("cooldown", "list", "--chip", "lab")
    assert lab.read_json("cooldown", "unassign", "1", "lab")["chip_ids"] == []
    assert "current_cooldown_id" not in lab.read_json("chip", "show", "lab")
    assert "no matching cooldowns" in lab.does("cooldown", "list", "--chip", "lab", "--cryostat", "K-101")
    lab.does("cooldown", "assign", "1", "lab")
    lab.does("cooldown", "note", "1", "leak at flange")
    lab.does("cooldown", "edit", "1", "--description", "new package")
    ended = lab.read_json("cooldown", "end", "1", "--at", "2026-02-01")
    assert (ended["ended_at"], ended["note"]["content"]) == ("2026-01-31T15:00:00Z", "leak at flange")
    assert lab.read_json("cooldown", "list", "--cryostat", "K-101") == [ended]
    told = lab.does("cooldown", "show", "1").splitlines()
    assert told[0].endswith("2026-01-01 09:00:00+09:00 to 2026-02-01 00:00:00+09:00")
    assert told[1:3] == ["  chips: lab", "  description: new package"]


def test_what_would_be_lost_with_a_cooldown_is_said_first(lab: InProcess) -> None:
    lab.does("cooldown", "create", "1", "--cryostat", "K-101", "--chip", "lab")
    assert "would be lost: that lab is in it; --force" in lab.run_refused("cooldown", "delete", "1")
    assert "cool-downs on record (1): decommission it" in lab.run_refused("cryostat", "delete", "K-101")
    assert lab.read_json("cooldown", "delete", "1", "--force")["chip_ids"] == ["lab"]
    assert "current_cooldown_id" not in lab.read_json("chip", "show", "lab")
    assert lab.read_json("cooldown", "list") == []


def test_what_cannot_be_is_refused_and_nothing_is_written(lab: InProcess, subtests: pytest.Subtests) -> None:
    for arguments, message in [
        ("cryostat create a/b", "cryostat id 'a/b'"),
        ("cryostat create K-101", "exists already"),
        ("cryostat edit K-101", "nothing to change"),
        ("cryostat edit K-101 --status cold", "--status: it has to be 'active'"),
        ("cryostat show K", "no cryostat 'K' in project default (known: K-101)"),
        ("cryostat note K x", "no cryostat 'K' in project default (known: K-101)"),
        ("cryostat note K-101 x --clear", "use one of TEXT, --editor and --clear"),
        ("cooldown create 1 --cryostat K", "no cryostat 'K' in project default (known: K-101)"),
        (
            "cooldown create 1 --cryostat K-101 --chip lb",
            "no chip 'lb' in project default; did you mean 'lab'? (known: lab)",
        ),
        ("cooldown create 1 --cryostat K-101 --started May", "--started: 'May' is not a moment: write 2026-"),
        (
            "cooldown create 1 --cryostat K-101 --started 2026-02-01 --ended 2026-01-01",
            "not after its beginning",
        ),
        ("cooldown show 1", "no cool-down '1' in project default (known: none yet)"),
        ("cooldown edit 1", "nothing to change"),
        ("cooldown list --chip lb", "no chip 'lb' in project default; did you mean 'lab'? (known: lab)"),
    ]:
        with subtests.test(arguments):
            before = lab.read_json("cryostat", "list")
            assert message in lab.run_refused(*arguments.split())
            assert lab.read_json("cryostat", "list") == before
            assert lab.read_json("cooldown", "list") == []


def test_the_chips_of_a_cooldown_are_listed_with_the_command_that_compares(lab: InProcess) -> None:
    for name, year in (("1", "2025"), ("2", "2026")):
        times = ("--started", f"{year}-01-01", "--ended", f"{year}-02-01")
        lab.does("cooldown", "create", name, "--cryostat", "K-101", "--chip", "lab", *times)
    lab.does("cooldown", "create", "3", "--cryostat", "K-101", "--started", "2026-03-01")
    assert lab.read_json("cooldown", "chips", "2") == [
        {"cooldown_id": "2", "chip_id": "lab", "n_executions": 0, "n_results": 0, "previous_id": "1"}
    ]
    listed = lab.does("cooldown", "chips", "2")
    assert listed.splitlines()[-1] == "compare with `qdash compare cooldown:1 cooldown:2 --chip lab`"
    assert "qdash compare" not in lab.does("cooldown", "chips", "1")
    assert "`qdash cooldown assign 3 CHIP`" in lab.does("cooldown", "chips", "3")
