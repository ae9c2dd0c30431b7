"""Text output of cool-downs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.cli.rendering.notes import format_note
from qdash_core.cli.rendering.output import print_message, print_table
from qdash_core.cli.rendering.times import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.documents.cooldowns import CooldownDocument


def print_cooldowns(documents: Sequence[CooldownDocument], zone: ZoneInfo) -> None:
    """Print cool-downs as a table."""
    print_table(
        ("cool-down", "cryostat", "started", "ended", "chips", "description", "note"),
        (
            (
                *(one.cooldown_id, one.cryo_id, format_time(one.started_at, zone)),
                format_time(one.ended_at, zone) or "in progress",
                ", ".join(one.chip_ids),
                one.description,
                one.note and one.note.content,
            )
            for one in documents
        ),
        fold=("chips", "description", "note"),
    )


def print_cooldown(document: CooldownDocument, zone: ZoneInfo) -> None:
    """Print a cool-down with its chips, description and note."""
    ended = format_time(document.ended_at, zone)
    print_message(
        f"cool-down {document.cooldown_id} of cryostat {document.cryo_id}: {format_time(document.started_at, zone)} "
        + (f"to {ended}" if ended else "to now")
    )
    for name, value in (
        ("chips", ", ".join(document.chip_ids)),
        ("description", document.description),
        ("note", format_note(document.note, zone)),
    ):
        if value:
            print_message(f"  {name}: {value}")
