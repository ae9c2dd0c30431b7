"""Program of another author that reads a store through Beanie while a worker runs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ..docs.pages import ROOT, blocks_of
from .command_line import PATIENCE_S
from .test_queue import get_execution, start_command
from .test_worker import LONG, get_status, submit

if TYPE_CHECKING:
    from pathlib import Path

    from .command_line import CommandLine

PROGRAM = "follow_results.py"


@pytest.mark.slow
def test_results_are_read_through_beanie_while_a_worker_measures(
    qdash: CommandLine, mongo_url: str, tmp_path: Path
) -> None:
    qdash = qdash.with_settings(QDASH_STORE_URL=mongo_url)
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.1")
    (block,) = [block for block in blocks_of(ROOT / "docs/stores.md") if block.detail == PROGRAM]
    program = tmp_path / PROGRAM
    program.write_text(block.text)
    run = submit(qdash, *LONG)
    with start_command(qdash, "worker") as worker:
        reader = subprocess.Popen(
            [sys.executable, program, run],
            env=qdash.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with reader:
            assert reader.stdout is not None
            first = reader.stdout.readline()
            assert get_status(qdash, run) == "running"
            rest = reader.stdout.read()  # `communicate` would lose what was read together with the first line
            _, errors = reader.communicate(timeout=PATIENCE_S)
        worker.wait_for_text(rf"execution {run}: completed")
    assert (reader.returncode, errors) == (0, "")
    shown = get_execution(qdash, run)
    *results, counts = [first.strip(), *rest.splitlines()]
    measured = {(one["name"], one["qid"]) for one in shown["results"] if one["end_at"] is not None}
    assert {tuple(line.split()[:2]) for line in results} == measured
    assert "CheckT1 0 accepted t1" in results
    assert dict(part.split(": ") for part in counts.strip().split(", ")) == {
        status: str(number) for status, number in shown["tasks"].items() if number
    }
