"""Address of the workbench with the run parameters and inputs of a recorded result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_core.models.task import InputModel
    from qdash_ui_streamlit.view import View

PARAMETER, INPUT = "p.", "i."
"""Prefixes of the query parameters with run parameters and replaced inputs."""


def make_workbench_url(view: View, result: RecordedResult) -> str:
    """Return the URL of the workbench with task, target, run parameters and inputs of a result, which is the earlier one there.

    Values that the task chose or the laboratory kept are absent, as in a rerun of the result.
    """
    parameters = {
        f"{PARAMETER}{name}": _format_parameter(one.value)
        for name, one in result.run_parameters.items()
        if one.value is not None
    }
    inputs = {
        f"{INPUT}{name}": _format_input(one)
        for name, one in result.input_parameters.items()
        if not (one.undeclared or one.from_laboratory)
    }
    return view.link(
        "workbench",
        chip=result.chip_id,
        task=result.name,
        targets=result.qid or None,
        before=result.task_id,
        **parameters,
        **inputs,
    )


def _format_parameter(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict) else str(value)


def _format_input(one: InputModel) -> str:
    return str(one.value) if one.error is None else f"{one.value}±{one.error}"
