"""Text of a single task result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.output import emit_json, format_reasons, format_undeclared, print_message
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.quantities import format_quantity
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from qdash_builtin.runs.views.results import RecordedResult


def show_task_result(result: RecordedResult, *, as_json: bool) -> None:
    """Print a result: status, values, ids and laboratory time, or the whole record as JSON."""
    if as_json:
        emit_json(result)
        return
    scope = "" if result.scope is None else f" (in scope {result.scope})"
    simulated = " (simulated)" if result.simulated else scope
    why = format_reasons(result.reasons if result.outcome == "accepted" else [result.message])
    status = "interrupted" if result.interrupted else result.status
    print_message(f"{result.name} on {result.qid or 'the chip'}{simulated}: {status} {why}".rstrip())
    if result.analysis_model is not None:
        print_message(f"  {name_analysis(result.analysis_model)} of {result.refit_of} by {result.username}")
    for name, value in result.output_parameters.items():
        print_message(f"  {name} = {format_quantity(value.value, value.error, value.unit)}")
    if undeclared := format_undeclared(result.input_parameters):
        print_message(f"  {undeclared}")
    lab = "" if result.lab_s is None else f", {format_duration(result.lab_s)} of laboratory time"
    print_message(f"task {result.task_id} of execution {result.execution_id}{lab}")
