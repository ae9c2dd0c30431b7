"""Command `qdash task record-analysis`: a user's own analysis of stored raw data as a new result."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_builtin.results.text_output.task_result import show_task_result
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options

if TYPE_CHECKING:
    from qdash_builtin.results.requests import CurveRequest


_LARGEST_CURVE = 1_000_000
"""Maximum size of a file with a curve in bytes."""


@click.command("record-analysis")
@click.argument("task_id", metavar="TASK_ID")
@click.argument("given", metavar="NAME=VALUE[±ERROR] ...", nargs=-1, required=True)
@click.option("--model", required=True, metavar="TEXT", help="The model in words: 'stretched exponential'.")
@click.option("--note", default="", metavar="TEXT", help="Note on the new result.")
@click.option(
    "--curve",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV file with x and y of the fitted model in each line, on the axes of the figure of the result.",
)
@click.option("--no-save", is_flag=True, help="Record the estimates; do not make them values of the chip.")
@access_options
@options.json_option
@click.pass_context
def record_analysis(
    ctx: click.Context,
    task_id: str,
    given: tuple[str, ...],
    model: str,
    note: str,
    curve: Path | None,
    no_save: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Record your own analysis of the raw data of a result as a new result, validated like any other.

    The estimates are outputs of its task. With --curve its figure shows the model, too. Example: `qdash task record-analysis TASK_ID t1=45.2±0.8 --model "stretched exponential"`.
    """
    from qdash_builtin.request_parts.typed_values import parse_values
    from qdash_builtin.results.operations import results
    from qdash_builtin.results.requests import AnalysisRequest
    from qdash_builtin.values.requests.value_changes import NewValue

    request = AnalysisRequest(
        parameters=NewValue.from_parameters(parse_values(given)),
        model=model,
        note=note,
        save=not no_save,
        curve=None if curve is None else _read_curve(curve),
    )
    with command_user.connect() as home:
        recorded = home.ask(results.record_analysis, task_id, request)
    show_task_result(recorded, as_json=as_json)
    ctx.exit(0 if recorded.status == "completed" else 1)


def _read_curve(path: Path) -> CurveRequest:
    """Read the x and y of each line of a CSV file; the first line may name them."""
    from qdash_builtin.results.requests import CurveRequest
    from qdash_core.errors import InvalidInputError
    from qdash_core.parsing.text_files import read_text

    points = []
    for number, line in enumerate(read_text(path, "curve", size=_LARGEST_CURVE).splitlines(), 1):
        try:
            x, y = map(float, line.split(","))
        except ValueError:
            if number > 1 and line.strip():
                raise InvalidInputError(
                    f"{path}, line {number}: {line!r} is not x and y of a point of the curve"
                ) from None
            continue
        points.append((x, y))
    return CurveRequest(x=[x for x, _ in points], y=[y for _, y in points])
