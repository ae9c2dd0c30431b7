"""Options that select results of a run by target and task."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable


def result_filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--qids`, `--couplings` and `--task` to a command, passed as `only`."""

    @wraps(command)
    def filtered(
        *args: Any, qids: str | None, couplings: str | None, tasks: tuple[str, ...], **options: Any
    ) -> Any:
        from qdash_core.models.targets import parse_couplings, parse_qubits
        from qdash_core.record.run_results import ResultSelection

        qubits = () if qids is None else parse_qubits(qids)
        pairs = () if couplings is None else parse_couplings(couplings)
        return command(*args, only=ResultSelection((*qubits, *pairs), tasks), **options)

    for option in (
        click.option("--task", "tasks", multiple=True, metavar="NAME", help="Only results of this task."),
        click.option("--couplings", metavar="0-1,..", help="Only results on these couplings."),
        click.option("--qids", metavar="0,1,..", help="Only results on these qubits."),
    ):
        filtered = option(filtered)
    return filtered
