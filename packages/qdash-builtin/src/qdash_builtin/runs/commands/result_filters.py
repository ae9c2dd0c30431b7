"""Options that select the results of an execution."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def result_filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--qids`, `--couplings`, `--task` and `--outcome` to a command, passed as `only`."""

    @wraps(command)
    def filtered(
        *args: Any,
        qids: str | None,
        couplings: str | None,
        tasks: tuple[str, ...],
        outcomes: str | None,
        **options: Any,
    ) -> Any:
        from qdash_builtin.runs.run_results import ResultSelection
        from qdash_core.models.target_lists import parse_couplings, parse_qubits

        qubits = () if qids is None else parse_qubits(qids)
        pairs = () if couplings is None else parse_couplings(couplings)
        named = () if outcomes is None else tuple(one.strip() for one in outcomes.split(","))
        return command(*args, only=ResultSelection((*qubits, *pairs), tasks, named), **options)

    for option in (
        click.option(
            "--outcome",
            "outcomes",
            metavar="NAME,..",
            help="Only results that ended as accepted, flagged, completed (without a verdict), failed, skipped or cancelled, or that are running, "
            "pending or scheduled; decisions do not change it.",
        ),
        click.option("--task", "tasks", multiple=True, metavar="NAME", help="Only results of this task."),
        click.option("--couplings", metavar="0-1,..", help="Only results on these couplings."),
        click.option("--qids", metavar="0-3,7,..", help="Only results on these qubits and ranges."),
    ):
        filtered = option(filtered)
    return filtered
