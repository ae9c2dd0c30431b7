"""The results of a run for people: every one, or of many the counts by task and those to look at."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from qdash_core.cli.rendering.output import counted, quantities, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.models.task import TaskResultModel

_FEW = 40
"""So many results are shown in any case, each in its row."""
_BECAME = ("accepted", "flagged", "failed", "skipped", "cancelled", "running", "pending", "scheduled")
"""What may have become of a result, as columns; a verdict of `rejected` is a failed result."""


def show_results(results: Sequence[TaskResultModel], *, every: bool) -> None:
    """Print results: each, or where there are many of them counts by task, and those that failed, are flagged or run.

    Parameters
    ----------
    results : sequence of TaskResultModel
        In the order of the run.
    every : bool
        Whether each of them is wanted however many there are.
    """
    from qdash_core.models.task import last_attempts

    if every or len(results) <= _FEW:
        _show_rows(_refits_below(results))
        return
    last = last_attempts(results)
    _show_counts(last)
    _show_rows([result for result in last if _deserves_a_look(result)])
    click.echo(
        f"\n{counted(len(results), 'result')}: each with --all, some with --qids, --couplings or --task"
    )


def flagged_of(results: Iterable[TaskResultModel]) -> int:
    """Return how many tasks completed with values that are not used. A refit is not a task of the run."""
    return sum(r.status == "completed" and r.verdict == "flagged" and r.refit_of is None for r in results)


def _show_counts(results: Iterable[TaskResultModel]) -> None:
    by_task: dict[str, list[TaskResultModel]] = {}
    for result in results:
        by_task.setdefault(result.name, []).append(result)
    click.echo()
    table(
        ("task", *_BECAME, "lab s each"),
        ((name, *_counts(Counter(map(_became, own))), _mean_lab(own)) for name, own in by_task.items()),
    )


def _counts(found: Mapping[str, int]) -> list[object]:
    return [found.get(what) or "" for what in _BECAME]


def _mean_lab(results: Iterable[TaskResultModel]) -> str:
    times = [result.lab_s for result in results if result.lab_s is not None]
    return f"{sum(times) / len(times):.2f}" if times else ""


def _show_rows(results: Sequence[TaskResultModel]) -> None:
    if results:
        click.echo()
        table(
            ("task", "target", "result", "lab s", "values or reason", "task id"),
            ((_named(r), r.qid, _became(r), _lab(r), _told(r), r.task_id) for r in results),
            fold=("values or reason",),
        )


def _deserves_a_look(result: TaskResultModel) -> bool:
    """Whether it failed, is flagged or runs. What was skipped or cancelled is so for another's sake."""
    return _became(result) in ("failed", "flagged", "running")


def _refits_below(results: Sequence[TaskResultModel]) -> list[TaskResultModel]:
    """Return results in their order, each refit below what it analysed again."""
    measured = {r.task_id for r in results if r.refit_of is None}
    refits: dict[str, list[TaskResultModel]] = {}
    for result in results:
        if result.refit_of in measured:
            refits.setdefault(str(result.refit_of), []).append(result)
    return [
        one
        for result in results
        if result.refit_of not in measured
        for one in (result, *refits.get(result.task_id, ()))
    ]


def _became(result: TaskResultModel) -> str:
    """Return the verdict of what completed, the status of anything else."""
    return str(result.verdict if result.status == "completed" and result.verdict else result.status)


def _named(result: TaskResultModel) -> str:
    return result.name if result.attempt == 1 else f"{result.name} (attempt {result.attempt})"


def _lab(result: TaskResultModel) -> str:
    return "" if result.lab_s is None else f"{result.lab_s:.2f}"


def _told(result: TaskResultModel) -> str:
    """Return the values in short form, and what has to be known about them."""
    parts = [
        f"refit of {result.refit_of}" if result.refit_of else "",
        "a trial, not used" if not result.saved else "",
        result.message.removeprefix(f"{_became(result)}: "),
        quantities(result.output_parameters),
    ]
    return "; ".join(filter(None, parts))
