"""Text output of the results of a run: each result, or counts by task for many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.runs.text_output.refits import describe_refit, format_options
from qdash_cli.rendering.output import (
    format_count,
    format_decisions,
    format_outcomes,
    format_reasons,
    format_undeclared,
    format_values,
    print_message,
    print_table,
)
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.quantities import use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.runs.views.executions import RunOutcomeDocument
    from qdash_builtin.runs.views.results import RunResultDocument
    from qdash_core.models.execution import ExecutionModel

_MAX_ROWS = 40
"""Maximum number of results that are all shown, each in its row."""


def print_counts(ended: RunOutcomeDocument | ExecutionModel, show: str) -> None:
    """Print the status and the counts of an ended execution, and the command that lists its flagged and failed results."""
    from qdash_core.models.task import Outcome

    message = f" ({ended.message})" if ended.message else ""
    counts = format_outcomes(ended.outcomes) or "no results"
    print_message(f"{ended.execution_id} {ended.status}: {counts}{message}")
    names = [str(one) for one in (Outcome.FLAGGED, Outcome.FAILED) if ended.outcomes.get(one)]
    if names:
        print_message(f"{' and '.join(names)}: `{show} --outcome {','.join(names)}`")


def show_results(results: Sequence[RunResultDocument], zone: ZoneInfo, *, every: bool) -> None:
    """Print each result; if there are many and not `every`, counts by task and the failed, flagged and running ones.

    The results are in the order of the run.
    """
    from qdash_builtin.runs.run_results import needs_attention, order_refits
    from qdash_core.models.task import select_last_attempts

    if every or len(results) <= _MAX_ROWS:
        _show_rows(order_refits(results), zone)
        return
    last = select_last_attempts(results)
    _show_counts(last)
    _show_rows([result for result in last if needs_attention(result)], zone)
    print_message(
        f"\n{format_count(len(results), 'result')}: show each with --all, a selection with --qids, --couplings or --task"
    )


def _show_counts(results: Iterable[RunResultDocument]) -> None:
    from qdash_builtin.runs.run_results import summarise_tasks
    from qdash_core.models.task import Outcome

    print_message()
    print_table(
        ("task", *Outcome, "lab s (mean)"),
        (
            (one.name, *(one.became.get(what) or "" for what in Outcome), _format_seconds(one.lab_s))
            for one in summarise_tasks(results)
        ),
    )


def _show_rows(results: Sequence[RunResultDocument], zone: ZoneInfo) -> None:
    if results:
        print_message()
        print_table(
            ("task", "target", "result", "lab s", "values or reason", "task id"),
            (
                (
                    _format_task(r),
                    r.qid,
                    r.outcome_in_force,
                    _format_seconds(r.lab_s),
                    _describe_values(r, zone),
                    r.task_id,
                )
                for r in results
            ),
            fold=("values or reason",),
        )


def _format_task(result: RunResultDocument) -> str:
    return result.name if result.attempt == 1 else f"{result.name} (attempt {result.attempt})"


def _format_seconds(lab_s: float | None) -> str:
    return "" if lab_s is None else f"{lab_s:.2f}"


def _describe_use(result: RunResultDocument) -> str:
    """Return why the values are not those of the chip, or an empty text."""
    if result.simulated:
        return "simulated"
    if result.scope is not None:
        return f"in scope {result.scope}"
    return "" if result.saved else "trial, not used"


def _describe_refit(result: RunResultDocument, zone: ZoneInfo) -> str:
    """Return the original, time, author and analysis options of a refit, and the author of the measurement if another user."""
    if result.refit_of is None:
        return ""
    chosen = f" with {format_options(result.analysis_options)}" if result.analysis_options else ""
    author = result.measurement.username
    measured = "" if author == result.username else f" (measured by {author})"
    name = name_analysis(result.analysis_model)
    mark = describe_refit(result, zone).removeprefix(f"{name} ")
    return f"{name} of {result.refit_of}, {mark}{chosen}{measured}"


def _describe_values(result: RunResultDocument, zone: ZoneInfo) -> str:
    """Return the values in short form, with remarks."""
    parts = [
        _describe_refit(result, zone),
        f"rerun of {result.rerun_of}" if result.rerun_of else "",
        _describe_use(result),
        "" if result.outcome_in_force == result.outcome else f"validation: {result.outcome}",
        use_unit_symbols(result.message.removeprefix(f"{result.outcome}: ")),
        format_reasons(result.reasons or ()) if result.accepted else "",
        format_values(result.output_parameters),
        format_decisions(result.decisions),
        format_undeclared(result.input_parameters),
    ]
    return "; ".join(filter(None, parts))
