"""`qdash event`: the recorded events of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


def test_events_are_listed_newest_first_by_kind_chip_and_time(command: InProcess) -> None:
    assert command.does("event", "list") == "no events are recorded\n"
    for chip in ("a", "b"):
        command.does("chip", "create", chip, "--topology", "linear-16")
    command.does("chip", "delete", "a", "--yes")
    listed = command.read_json("event", "list")
    assert [(one["kind"], one["chip_id"]) for one in listed] == [
        ("chip.deleted", "a"),
        ("chip.created", "b"),
        ("chip.created", "a"),
    ]
    assert command.read_json("event", "list", "--kind", "*.created", "--chip", "b") == [listed[1]]
    assert command.read_json("event", "list", "--since", listed[0]["at"]) == [listed[0]]
    assert command.read_json("event", "list", "--until", listed[1]["at"]) == [listed[2]]
    first = command.does("event", "list", "--limit", "1")
    assert "chip.deleted  a " in first
    assert "by admin" in first
    assert "and more: --after " in first
    assert command.does("event", "list", "--kind", "task.*") == "no matching events\n"
