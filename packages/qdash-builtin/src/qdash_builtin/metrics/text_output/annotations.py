"""Text of the annotations of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.output import print_message, print_table
from qdash_cli.rendering.times import format_short_time, format_time, format_time_header

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_builtin.metrics.views.annotations import ChipAnnotationsDocument


def print_annotations(shown: ChipAnnotationsDocument, zone: ZoneInfo) -> None:
    """Print the annotations as a table, oldest first."""
    if not shown.items:
        print_message(f"no cool-down, note or change by a user of chip {shown.chip_id} in this time")
        return
    print_table(
        (format_time_header("time", zone, (one.at for one in shown.items)), "what", "by", "reason"),
        (
            (
                format_short_time(one.at, zone)
                + ("" if one.until is None else f" to {format_short_time(one.until, zone)}"),
                f"{one.kind}: {one.text}",
                one.username or "",
                one.reason or "",
            )
            for one in shown.items
        ),
        fold=("what", "reason"),
    )
    if shown.complete_since is not None:
        print_message(f"before {format_time(shown.complete_since, zone)} some are left out: give --until")
