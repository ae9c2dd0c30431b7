"""`qdash flow`: saved flows are copied, deleted and restored."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess

NIGHT = "def night(chip_id): ...\n"


def test_a_deleted_flow_is_listed_and_restored(command: InProcess, tmp_path: Path) -> None:
    file = tmp_path / "night.py"
    for text in (NIGHT, f"{NIGHT}# second\n"):
        file.write_text(text)
        command.does("flow", "save", str(file), "--tag", "nightly")
    assert command.does("flow", "list", "--deleted") == "no deleted flows\n"
    assert "`qdash flow restore night` restores it" in command.does(
        "flow", "delete", "night", "--user", "ann"
    )
    assert "no saved flows" in command.does("flow", "list", "--saved")
    (deleted,) = command.read_json("flow", "list", "--deleted")
    assert (deleted["name"], deleted["version"], deleted["deleted_by"]) == ("night", 2, "ann")
    assert "night  2" in command.does("flow", "list", "--deleted")
    assert "no flow 'night'" in command.run_refused("flow", "delete", "night")

    assert command.read_json("flow", "restore", "night")["version"] == 3
    assert command.does("flow", "versions", "night", "--source", "3") == f"{NIGHT}# second\n"
    assert "is not deleted" in command.run_refused("flow", "restore", "night")
    restored = command.read_json("flow", "restore", "night", "--version", "1")
    assert (restored["version"], restored["tags"]) == (4, ["nightly"])
    assert "has no version 9" in command.run_refused("flow", "restore", "night", "--version", "9")
    assert "no deleted flow 'day'" in command.run_refused("flow", "restore", "day")


def test_a_copy_does_the_same_under_a_new_name(command: InProcess, tmp_path: Path) -> None:
    file = tmp_path / "night.py"
    file.write_text(f"{NIGHT}def day(chip_id): ...\n")
    command.does("flow", "save", f"{file}:day", "--tag", "nightly", "--description", "daily")
    copied = command.read_json("flow", "copy", "night", "day")
    assert (copied["name"], copied["function"], copied["tags"], copied["description"]) == (
        *("day", "day"),
        ["nightly"],
        "daily",
    )
    assert "there is a flow 'day': choose another name" in command.run_refused("flow", "copy", "night", "day")
    assert "no flow 'absent'" in command.run_refused("flow", "copy", "absent", "other")
