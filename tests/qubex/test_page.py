"""Page for laboratories with the library, against the code."""

from __future__ import annotations

import re
from pathlib import Path

from qdash_qubex.settings import QubexSettings
from qdash_qubex.system.tasks import SYSTEM_TASKS

PAGE = (Path(__file__).parents[2] / "docs/qubex.md").read_text("utf-8")


def first_column(heading: str) -> set[str]:
    """Return the names in the first column of the table below a heading."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def test_every_task_on_boxes_is_named() -> None:
    assert first_column("task") == {task.name for task in SYSTEM_TASKS}


def test_every_variable_is_named() -> None:
    assert first_column("variable") == {f"QDASH_QUBEX_{name.upper()}" for name in QubexSettings.model_fields}
