"""Progress of a long command: its time left is that of the present items, once their pace is known."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

from qdash_cli.rendering.progress import ProgressBar

if TYPE_CHECKING:
    import pytest


def test_a_slow_step_says_nothing_about_the_items_of_the_next_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = SimpleNamespace(ms=0)
    monkeypatch.setattr("qdash_cli.rendering.progress.time", SimpleNamespace(monotonic=lambda: now.ms / 1000))
    with ProgressBar() as progress:
        for mebibytes in range(1, 65):
            now.ms += 100
            progress("verifying the backup", mebibytes, 64)
        for documents in range(1, 30_001):
            now.ms += 1
            progress("documents", documents, 30_000)
        for files in range(1, 8):
            now.ms += 60_000
            progress("raw data", files, 7)
    lines = capsys.readouterr().err.splitlines()
    left = [re.fullmatch(r"(.+): (\d+)/\d+(?:, (.+) left)?", line) for line in lines]
    shown = [found.groups() for found in left if found]
    assert len(shown) == len(lines)
    assert shown[0] == ("verifying the backup", "50", "1 s")
    documents = [(int(done), text) for name, done, text in shown if name == "documents"]
    assert documents
    assert all(text == f"{(30_000 - done) / 1000:.0f} s" for done, text in documents if done > 3_000)
    assert [text for name, _, text in shown if name == "raw data"] == [
        None, None, "4 min", "3 min", "2 min", "1 min", "0 s",
    ]  # fmt: skip
