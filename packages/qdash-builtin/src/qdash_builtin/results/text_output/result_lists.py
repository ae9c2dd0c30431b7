"""Text of a list of task results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.runs.text_output.refits import describe_refit
from qdash_cli.rendering.output import format_decisions, format_values, print_table
from qdash_cli.rendering.times import format_short_time, format_time_header

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.runs.views.results import ResultDocument


def print_results(results: Sequence[ResultDocument], zone: ZoneInfo) -> None:
    """Print task results of all executions."""
    begun = format_time_header("begun", zone, (_get_start(one) for one in results))
    print_table(
        ("execution", "chip", "task", "target", "result", begun, "values or reason", "task id"),
        (
            (
                one.execution_id,
                one.chip_id,
                one.name,
                one.qid,
                one.outcome_in_force,
                format_short_time(_get_start(one), zone),
                "; ".join(
                    filter(
                        None,
                        (
                            describe_refit(one, zone),
                            one.message,
                            format_values(one.output_parameters),
                            format_decisions(one.decisions),
                        ),
                    )
                ),
                one.task_id,
            )
            for one in results
        ),
        fold=("values or reason",),
    )


def _get_start(result: ResultDocument) -> datetime | None:
    measured = result.measurement
    return measured.start_at or measured.end_at
