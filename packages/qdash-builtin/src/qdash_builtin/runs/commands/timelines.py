"""Command `qdash executions timeline`, and the durations of a run's stages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_builtin.figures.output import write_figure
from qdash_builtin.runs.commands.result_filters import result_filter_options
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, format_count, print_message, print_table
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qdash_builtin.runs.run_results import ResultSelection
    from qdash_builtin.runs.views.timelines import SpanDocument, StageDocument


@click.command()
@click.argument("execution_id", metavar="ID|last")
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a figure to this file: .json, .html, .png or .svg.",
)
@result_filter_options
@access_options
@options.json_option
def timeline(
    execution_id: str, picture: Path | None, only: ResultSelection, command_user: CommandUser, as_json: bool
) -> None:
    """Show the measurements of an execution in laboratory time."""
    from qdash_builtin.figures.files import get_figure_renderer
    from qdash_builtin.runs.operations.executions import execution_timeline, timeline_figure

    if picture is not None:
        get_figure_renderer(picture.suffix)
    asked = execution_id, None, only.targets, only.tasks, only.outcomes
    with command_user.connect() as home:
        figure = None if picture is None else home.ask(timeline_figure, execution_id, *asked[2:])
        found = home.ask(execution_timeline, *asked)
        spans, next_s = found.spans, found.next_s
        while next_s is not None:
            part = home.ask(execution_timeline, found.execution_id, next_s, *asked[2:])
            spans, next_s = [*spans, *part.spans], part.next_s
        if picture is not None and figure is not None:
            write_figure(picture, figure)
    if as_json:
        emit_json(spans)
    elif picture is not None:
        print_message(f"{format_count(len(spans), 'measurement')} in {picture}")
    elif spans:
        _show_spans(spans, found.stages)
    else:
        print_message(f"{found.execution_id} has no measurements yet")


def _show_spans(spans: Sequence[SpanDocument], stages: Sequence[StageDocument]) -> None:
    for stage in stages:
        if stage.blocks:
            print_message(describe_stage(stage))
    print_table(
        ("begin s", "end s", "block", "target", "task"),
        (
            (
                f"{one.lab_start_s:.2f}",
                f"{one.lab_start_s + one.lab_s:.2f}",
                one.block,
                one.target or "chip",
                one.task,
            )
            for one in spans
        ),
    )


def describe_stage(stage: StageDocument) -> str:
    """Return a line with the durations of a stage."""
    tasks = ", ".join(stage.tasks) if len(stage.tasks) == 1 else format_count(len(stage.tasks), "task")
    return (
        f"{tasks} on {format_count(sum(map(len, stage.groups)), 'target')}"
        f"{describe_blocks(stage.strategy, stage.barriers)}: "
        f"{describe_expected_time(stage.makespan_s, stage.lower_bound_s, stage.group_by_group_s)}"
    )


def describe_blocks(strategy: str, barriers: Collection[int]) -> str:
    """Return a text with the strategy of a stage and its number of blocks: ` (synchronized, 4 blocks one after another)`."""
    blocks = f"{len(barriers) + 1} blocks one after another" if barriers else ""
    parts = [part for part in (strategy, blocks) if part]
    return f" ({', '.join(parts)})" if parts else ""


def describe_expected_time(makespan_s: float, lower_bound_s: float, group_by_group_s: float) -> str:
    """Return a text with the laboratory time of a stage and its lower bound."""
    return (
        f"{format_duration(makespan_s)} of laboratory time, at least {format_duration(lower_bound_s)} required; "
        f"group by group {format_duration(group_by_group_s)}"
    )
