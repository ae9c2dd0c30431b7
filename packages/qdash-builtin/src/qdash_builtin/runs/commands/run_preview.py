"""Preview of a run on the terminal."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from qdash_builtin.runs.commands.timelines import describe_blocks, describe_expected_time
from qdash_cli.rendering.output import emit_json, format_count, print_message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.runs.views.previews import PreviewStage
    from qdash_cli.command_user import CommandUser
    from qdash_core.models.request import RunRequest


def show_preview(request: RunRequest, *, as_json: bool, command_user: CommandUser) -> bool:
    """Print the preview of a request; return whether it would measure anything."""
    from qdash_builtin.runs.operations.plans import preview_run
    from qdash_core.flows.exclusions import describe_skipped_tasks

    with (
        redirect_stdout(sys.stderr),  # the function of a user's flow may print
        command_user.connect() as home,
    ):
        foreseen = home.ask(preview_run, request)
    if as_json:
        emit_json(foreseen)
        return foreseen.measures
    if foreseen.tasks_left_out:
        print_message(f"not run: {describe_skipped_tasks(foreseen.tasks_left_out)}")
    for stage in foreseen.stages:
        _show_stage(stage)
    if foreseen.left_out:
        print_message(f"not measured: {_format_exclusions(foreseen.left_out)}")
    if not foreseen.measures:
        print_message("nothing would be measured: no target is left")
    return foreseen.measures


def _show_stage(stage: PreviewStage) -> None:
    if stage.foreseen is False:
        print_message(f"{stage.step}: unknown: {stage.reason}")
    if not stage.tasks and not stage.targets:
        return
    if not stage.tasks:
        print_message(f"{stage.step}: of {format_count(len(stage.targets), 'target')}")
        return
    print_message(f"{stage.step}: {format_count(len(stage.tasks), 'task')}: {', '.join(stage.tasks)}")
    targets = f"{format_count(len(stage.targets), 'target')}: {_format_targets(stage.targets)}"
    print_message(f"  on {targets}" if stage.targets else "  on no target")
    if stage.anew is not None and stage.targets:
        anew = f"{len(stage.anew)} of them: {_format_targets(stage.anew)}" if stage.anew else "nothing"
        print_message(f"  measured again: {anew}")
    if (
        stage.groups is not None
        and stage.makespan_s is not None
        and stage.lower_bound_s is not None
        and stage.group_by_group_s is not None
    ):
        times = describe_expected_time(stage.makespan_s, stage.lower_bound_s, stage.group_by_group_s)
        groups = format_count(len(stage.groups), "group")
        print_message(f"  in {groups}{describe_blocks(stage.strategy or '', stage.barriers or ())}: {times}")


def _format_exclusions(left_out: Mapping[str, str]) -> str:
    """Return omitted targets grouped by reason, with ranges of qubits: `0-8, 10-63 (not failed)`."""
    from qdash_core.models.target_lists import format_targets

    alike: dict[str, list[str]] = {}
    for target, reason in left_out.items():
        alike.setdefault(reason, []).append(target)
    return "; ".join(f"{format_targets(targets)} ({reason})" for reason, targets in alike.items())


def _format_targets(targets: Sequence[str]) -> str:
    return "the whole chip" if [*targets] == [""] else ", ".join(targets)
