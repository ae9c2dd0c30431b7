"""Text of the preview of a refit beside its original."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.results.text_output.result_comparison import (
    format_estimate,
    format_number,
    format_outcome,
    print_compared_outputs,
)
from qdash_builtin.runs.text_output.refits import format_options
from qdash_cli.rendering.output import print_message, print_table
from qdash_cli.rendering.times import format_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_builtin.results.views.refits import RefitPreviewDocument


def show_refit_preview(found: RefitPreviewDocument, zone: ZoneInfo) -> None:
    """Print both analyses side by side, then the values of the chip that would change."""
    original, refit = found.original, found.refit
    print_message(
        f"{found.name} on {found.qid or 'the chip'} of {found.chip_id}: refit of {original.task_id}"
    )
    measured = original.measurement
    print_message(
        f"measured {format_time(measured.end_at, zone) or 'at an unknown time'} by {measured.username}"
    )
    if found.options:
        print_message(f"options: {format_options(found.options)}")
    if found.n_points:
        print_message(f"fitted points: {found.n_fitted} of {found.n_points}")
    print_message()
    quality = dict.fromkeys([*original.quality, *refit.quality])
    facts: list[tuple[str, object, object]] = [
        ("outcome", format_outcome(original), format_outcome(refit)),
        ("r2", format_number(original.r2), format_number(refit.r2)),
        *((name, format_number(original.quality.get(name)), format_number(refit.quality.get(name))) for name in quality),
    ]  # fmt: skip
    print_table(
        ("", "original", "refit"), [row for row in facts if row[1] or row[2]], fold=("original", "refit")
    )
    if found.outputs:
        print_message()
        print_compared_outputs(found.outputs, "refit")
    for text in found.remarks:
        print_message(text)
    print_message()
    for change in found.changes:
        print_message(
            f"would change {change.parameter} of {found.qid}: {format_estimate(change.before)} → {format_estimate(change.after)}"
        )
    if not found.changes:
        print_message("no value of the chip would change")
    if found.unused:
        print_message(found.unused)
