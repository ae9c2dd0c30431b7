"""Page of the laboratories: the result of each task in each, with an explanation of large errors."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from docs.make_laboratories import (
    BEGIN,
    END,
    FAR,
    LABORATORIES,
    PAGE,
    READOUT_BEGIN,
    READOUT_END,
    READOUT_LABORATORIES,
    READOUT_TASKS,
    TASKS,
    Row,
    as_markdown,
    with_table,
)

if TYPE_CHECKING:
    from pathlib import Path

TEXT = PAGE.read_text(encoding="utf-8")


def rows(begin: str = BEGIN, end: str = END) -> list[list[str]]:
    """Return the cells of a table."""
    table = TEXT.partition(begin)[2].partition(end)[0].strip().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_every_task_stands_there_with_every_laboratory() -> None:
    found = {(row[0], row[1]) for row in rows()}
    assert found == {(task, laboratory) for task in TASKS for laboratory in LABORATORIES}
    assert "not run yet" not in TEXT


def test_every_readout_task_stands_in_the_second_table() -> None:
    found = {(row[0], row[1]) for row in rows(READOUT_BEGIN, READOUT_END)}
    assert found == {(task, laboratory) for task in READOUT_TASKS for laboratory in READOUT_LABORATORIES}
    made = as_markdown([], tasks=READOUT_TASKS, laboratories=READOUT_LABORATORIES)
    assert made.count("not run yet") == len(found)


def test_rows_have_the_cells_of_the_head() -> None:
    assert {len(row) for row in (*rows(), *rows(READOUT_BEGIN, READOUT_END))} == {9}


def test_what_is_far_from_the_truth_is_explained_and_nothing_else() -> None:
    both = (*rows(), *rows(READOUT_BEGIN, READOUT_END))
    far = {(row[1], row[2], row[3]) for row in both if row[6].startswith("**")}
    section = TEXT.partition("## Pulls beyond 3")[2].partition("\n## ")[0]
    explained = set(re.findall(r"^\| ([^|]+) \| ([^|]+) \| `([^`]+)` \|", section, flags=re.MULTILINE))
    assert explained == far


def test_a_row_says_value_error_truth_and_pull() -> None:
    row = Row("CheckT1", "twin", "0", "t1", 92.0, 0.5, 90.0, "us", 3, 1.25)
    assert row.pull == pytest.approx(4.0)
    assert row.pull > FAR
    lines = as_markdown([row]).splitlines()
    assert (
        lines[2 + TASKS.index("CheckT1") * len(LABORATORIES)]
        == "| CheckT1 | twin | 0 | t1 | 92 ± 0.5 us | 90 | **+4.0** | 3 | 1.2 |"
    )


def test_what_is_written_by_hand_stays() -> None:
    page = f"before\n{BEGIN}\n\nold\n\n{END}\nafter\n"
    assert with_table(page, "new\n") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"


@pytest.mark.slow
def test_a_row_of_qubex_is_found_again(tmp_path: Path) -> None:
    file = tmp_path / "found.jsonl"
    command = [sys.executable, "-m", "docs.make_laboratories", "--laboratory", "qubex"]
    subprocess.run([*command, "--tasks", TASKS[0], "--found", str(file)], check=True)
    found = [Row(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {one.target: one.name for one in found} == {"0": "resonator_frequency", "1": "resonator_frequency"}
    written = {row[2]: row[4] for row in rows() if row[:2] == [TASKS[0], "qubex"]}
    for one in found:
        value, _, error = written[one.target].partition(" GHz")[0].partition(" ± ")
        assert one.error is not None
        assert one.value == pytest.approx(float(value), abs=5 * (one.error + float(error)))
        assert one.pull == pytest.approx(0.0, abs=5.0)
