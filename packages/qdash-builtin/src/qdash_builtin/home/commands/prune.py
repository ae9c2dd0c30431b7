"""Command `qdash store prune`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.rendering.output import emit_json, format_count, print_message, print_table

if TYPE_CHECKING:
    from qdash_builtin.home.views.removals import PruneDocument


@click.command()
@click.option(
    "--older-than", required=True, metavar="90d", help="Remove data that are older; at least a day."
)
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(["raw", "executions", "events"]),
    multiple=True,
    help="Only raw data, only executions with their results, or only events and logs; may be repeated. Default: all.",
)
@click.option("--project", "project_id", metavar="PROJECT", help="Only one project; default: all.")
@click.option("--yes", is_flag=True, help="Remove the data, not only list them.")
@options.json_option
@click.pass_context
def prune(
    ctx: click.Context,
    older_than: str,
    kinds: tuple[str, ...],
    project_id: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """List old data that nothing refers to, and remove them with --yes; runs may continue.

    What values, releases, notes, issues, tags and decisions refer to stays, and so do the newest result of each task on each target, and
    every value with its time and outcome.
    """
    from qdash_builtin.home.feature import PRUNER
    from qdash_builtin.home.pruning.keep_request import KeepRequest, PrunedKind
    from qdash_builtin.home.views.removals import PruneDocument
    from qdash_cli.rendering.progress import ProgressBar
    from qdash_core.runtime.application import open_qdash

    keep = KeepRequest.parse((PrunedKind(kind), older_than) for kind in kinds or PrunedKind)
    with open_qdash() as qdash, ProgressBar() as progress:
        try:
            outcome = qdash.get(PRUNER).prune(keep, project_id=project_id, applied=yes, progress=progress)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "what was removed before stays removed; run the same command again to continue"
                if yes
                else "nothing was removed"
            ) from None
    document = PruneDocument.from_outcome(outcome)
    _show(document, as_json=as_json)
    ctx.exit(1 if document.failures else 0)


def _show(document: PruneDocument, *, as_json: bool) -> None:
    if as_json:
        emit_json(document)
        return
    for failure in document.failures:
        print_message(f"error: {failure}; run the same command again", err=True)
    if not document.removed:
        print_message("nothing is that old, or all of it is needed")
    else:
        rows = [(name, one.number, f"{one.bytes / 2**20:.1f}") for name, one in document.removed.items()]
        print_table(("removed" if document.applied else "would be removed", "number", "MiB"), rows)
    kept = document.kept
    for number, reason in (
        (kept.named, "whole, because a value, release, note, issue, tag or decision refers to it"),
        (kept.inputs, "without raw data, because a value in use was computed from it"),
        (kept.series, "with values and outcome, for histories"),
    ):
        if number:
            verb = "stays" if number == 1 else "stay"
            print_message(f"{format_count(number, 'old result')} {verb} {reason}")
    if document.removed and not document.applied:
        print_message("nothing was removed: repeat the command with --yes")
