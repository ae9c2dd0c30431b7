"""Pages of the dashboard that replace a command line of `qdash`."""

from __future__ import annotations

import shlex
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_ui_streamlit.view import View

_RUN_PARAMETER = "p."
"""Prefix of the query parameters of the workbench with run parameters."""


def find_command_page(view: View, command: str) -> tuple[str, str] | None:
    """Return label and URL of the page that does what a command does, or None if there is none."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    match words[1:]:
        case ["task", "run", task, *rest]:
            return _make_workbench_link(view, task, rest)
        case ["calibrate", chip_id, "--flow", task, *rest] if task[:1].isupper():  # a task as a flow
            return _make_workbench_link(view, task, ["--chip", chip_id, *rest])
        case ["calibrate", chip_id, "--flow", flow, *_]:
            return f"Open flow {flow}", view.link("flows", flow=flow, chip=chip_id)
        case ["executions", "logs", execution_id, *_]:
            return "Open the log", view.link("execution", execution=execution_id, view="log")
        case ["executions", "resume", execution_id, *_]:
            return "Open the execution", view.link("execution", execution=execution_id)
        case ["values", "log", chip_id, *_]:
            return "Open the changes", view.link("chip", chip=chip_id, view="changes")
        case ["digest", chip_id, *_]:
            return "Open the digest", view.link("overview", chip=chip_id)
        case _:
            return None


def _make_workbench_link(view: View, task: str, rest: Sequence[str]) -> tuple[str, str]:
    pairs = [*pairwise(rest)]
    options = dict(pairs)
    changed = dict(one.split("=", 1) for option, one in pairs if option == "--set" and "=" in one)
    parameters = {f"{_RUN_PARAMETER}{name}": value for name, value in changed.items()}
    address = view.link(
        "workbench", chip=options.get("--chip"), task=task, targets=options.get("--qid"), **parameters
    )
    return f"Open {task} in the workbench", address
