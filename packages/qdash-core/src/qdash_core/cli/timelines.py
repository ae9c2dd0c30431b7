"""Command `qdash executions timeline`, and the durations of a run's stages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, format_count, print_message, print_table, write_file
from qdash_core.cli.result_filters import result_filter_options
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qdash_core.record.run_results import ResultSelection
    from qdash_core.record.timelines import Span, StageTimes


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
    from qdash_core.documents.timelines import SpanDocument
    from qdash_core.record.timelines import list_stage_times, make_timeline
    from qdash_core.tasks.figure_files import get_figure_renderer

    draw = None if picture is None else get_figure_renderer(picture.suffix)
    with command_user.open_for_reading() as (qdash, access):
        pictures = None if picture is None else qdash.registry.pictures()
        view = qdash.executions.select_results(access, execution_id, only)
    execution = view.displayed.execution
    spans = make_timeline(execution, view.selected)
    stages = list_stage_times(execution, view.results)
    if picture is not None and draw is not None and pictures is not None:
        # A lower bound on the duration needs all results of the run.
        bound_s = 0.0 if only else sum(times.lower_bound_s for times in stages)
        blocks = [block for times in stages for block in times.blocks]
        given = {"blocks": blocks} if blocks else {}
        write_file(picture, draw(pictures.run_timeline(execution, spans, bound_s=bound_s or None, **given)))
    if as_json:
        emit_json([SpanDocument.from_record(span) for span in spans])
    elif picture is not None:
        print_message(f"{format_count(len(spans), 'measurement')} in {picture}")
    elif spans:
        _show_spans(spans, stages)
    else:
        print_message(f"{execution.execution_id} has no measurements yet")


def _show_spans(spans: Sequence[Span], stages: Sequence[StageTimes]) -> None:
    for times in stages:
        if times.blocks:
            print_message(describe_stage(times))
    print_table(
        ("begin s", "end s", "block", "target", "task"),
        (
            (f"{one.lab_start_s:.2f}", f"{one.lab_end_s:.2f}", one.block, one.target or "chip", one.task)
            for one in spans
        ),
    )


def describe_stage(times: StageTimes) -> str:
    """Return a line with the durations of a stage."""
    tasks = (
        ", ".join(times.stage.tasks)
        if len(times.stage.tasks) == 1
        else format_count(len(times.stage.tasks), "task")
    )
    return (
        f"{tasks} on {format_count(len(times.stage.resources), 'target')}"
        f"{describe_blocks(times.stage.strategy, times.stage.barriers)}: "
        f"{describe_expected_time(times.makespan_s, times.lower_bound_s, times.group_by_group_s)}"
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
