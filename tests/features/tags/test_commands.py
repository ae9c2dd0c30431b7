"""`qdash tag`: the tags of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


def test_tags_are_added_listed_and_removed(command: InProcess) -> None:
    assert "no tags yet" in command.does("tag", "list")
    added = command.read_json("tag", "add", "nightly", "--user", "ann")
    assert (added["name"], added["username"]) == ("nightly", "ann")
    assert command.does("tag", "add", "nightly") == "tag nightly: first used by ann\n"
    assert command.read_json("tag", "list") == [added]
    assert "nightly  ann" in command.does("tag", "list")
    assert "records keep it" in command.does("tag", "delete", "nightly")
    assert command.read_json("tag", "list") == []


def test_tags_are_renamed_and_removed_everywhere(command: InProcess) -> None:
    assert "no tags yet" in command.does("tag", "use")
    for name in ("night", "evening"):
        command.does("tag", "add", name)
    done = command.read_json("tag", "rename", "night", "evening", "--to", "nightly")
    assert (done["names"], done["to"], done["n_results"]) == (["night", "evening"], "nightly", 0)
    assert "nightly" in command.does("tag", "use")
    assert [one["name"] for one in command.read_json("tag", "use")] == ["nightly"]
    assert "nightly removed in 0 executions" in command.does("tag", "delete", "nightly", "--everywhere")
    assert "no tag 'nightly'" in command.run_refused("tag", "rename", "nightly", "--to", "x")


def test_what_cannot_be_is_refused(command: InProcess) -> None:
    command.does("tag", "add", "nightly")
    assert "' night' is not a tag" in command.run_refused("tag", "add", " night")
    assert "no tag 'day' in project default (known: nightly)" in command.run_refused("tag", "delete", "day")
    assert "there is no user 'eve'" in command.run_refused("tag", "list", "--user", "eve")
