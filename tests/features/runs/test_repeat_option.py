"""`--no-repeat` of every command that requests a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN

if TYPE_CHECKING:
    from pathlib import Path

    from ...cli.conftest import InProcess

FLOW = "def night(chip_id, username): ...\n"


@pytest.mark.parametrize(
    ("options", "repeat"), [((), True), (("--no-repeat",), False), (("--repeat",), True)]
)
@pytest.mark.parametrize(
    "run",
    [
        ("calibrate", "a", "--flow", "Measure"),
        ("task", "run", "Measure", "--chip", "a", "--qid", "0"),
        ("flow", "run", "{folder}/night.py", "--chip", "a"),
    ],
    ids=lambda run: run[0],
)
def test_a_run_is_requested_with_or_without_repeats(
    lab: InProcess, tmp_path: Path, run: tuple[str, ...], options: tuple[str, ...], repeat: bool
) -> None:
    (tmp_path / "night.py").write_text(FLOW)
    lab.does(*(part.format(folder=tmp_path) for part in run), *options, "--detach")
    with open_qdash() as qdash:
        (execution,) = qdash.get(EXECUTIONS).newest(ADMIN)
    assert execution.request is not None
    assert execution.request.repeat is repeat


def test_a_timetable_keeps_the_choice_until_it_is_edited(lab: InProcess) -> None:
    when = ("--flow", "Measure", "--cron", "0 2 * * *")
    assert (
        lab.read_json("timetable", "add", "nightly", "a", *when, "--no-repeat")["request"]["repeat"] is False
    )
    for options, repeat in ((("--tag", "night"), False), (("--repeat",), True)):
        edited = lab.read_json("timetable", "edit", "nightly", *options)
        assert edited["request"]["repeat"] is repeat
