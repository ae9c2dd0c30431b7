"""`qdash store prune`: the list of old data, and their removal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.home.pruning import pruner
from qdash_core.process.clock import utc_now

if TYPE_CHECKING:
    from ...cli.conftest import InProcess

OLD = ("store", "prune", "--older-than", "90d")


@pytest.fixture
def old(lab: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """A home with two measurements of a hundred days ago."""
    for _ in range(2):
        lab.does("task", "run", "Measure", "--chip", "a", "--qid", "0", "--save")
    monkeypatch.setattr(
        pruner.Pruner.__init__,
        "__kwdefaults__",
        {
            "clock": lambda: utc_now() + timedelta(days=100),
            "machine_clock": lambda: utc_now() + timedelta(days=100),
        },
    )
    return lab


def test_old_data_are_listed_and_removed_with_yes_only(old: InProcess) -> None:
    said = old.does(*OLD, "--kind", "raw")
    assert "would be removed" in said
    assert "files of raw data" in said
    assert "nothing was removed: repeat the command with --yes" in said
    preview = old.read_json(*OLD, "--kind", "raw")
    assert (preview["applied"], preview["removed"]["files of raw data"]["number"]) == (False, 1)
    removed = old.read_json(*OLD, "--kind", "raw", "--yes")
    assert {**removed, "applied": False, "before": preview["before"]} == preview
    assert "nothing is that old, or all of it is needed" in old.does(*OLD, "--kind", "raw")
    said = old.does(*OLD, "--yes")
    assert "1 old result stays with values and outcome, for histories" in said
    checks = {one["name"]: one for one in old.read_json("doctor")["checks"]}
    assert checks["artifacts"]["status"] == "ok"
    assert "raw data" in checks["growth"]["detail"]


def test_what_cannot_be_is_refused(lab: InProcess, subtests: pytest.Subtests) -> None:
    for arguments, message in [
        (("--older-than", "soon"), "'soon' is not a length of time"),
        (("--older-than", "0d"), "'0d' is no length of time: it has to be positive"),
        (("--older-than", "2h"), "greater than or equal to 1"),
        (("--older-than", "90d", "--project", "other"), "there is no project 'other'"),
        ((), "Missing option '--older-than'"),
    ]:
        with subtests.test(str(arguments)):
            assert message in lab.run_refused("store", "prune", *arguments, "--yes")
