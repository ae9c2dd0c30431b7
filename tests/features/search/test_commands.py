"""`qdash search`: matches as a table and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


def test_words_are_searched(command: InProcess) -> None:
    command.does("chip", "create", "A", "--topology", "linear-16")
    printed = command.does("search", "q7")
    assert "Qubit 7" in printed
    assert "qdash calibrate A --qids 7" in printed
    found = command.read_json("search", "calibrate", "q7", "--chip", "A")
    assert [one["title"] for one in found["matches"]] == ["Calibrate qubit 7"]
    assert command.does("search", "no", "such", "words") == "nothing contains no and such and words\n"
    assert "there is no chip 'B'" in command.run_refused("search", "q7", "--chip", "B")
    assert "limit" in command.run_refused("search", "q7", "--limit", "0")
