"""Text output of cool-downs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.note_texts import format_note
from qdash_cli.rendering.output import print_message, print_table
from qdash_cli.rendering.times import format_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.cooldowns.views import CooldownChipDocument, CooldownDocument


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


def print_cooldown_chips(documents: Sequence[CooldownChipDocument], _zone: ZoneInfo) -> None:
    """Print the chips of a cool-down as a table, and how to compare it with the one before."""
    print_table(
        ("chip", "executions", "results", "previous", "next"),
        (
            (one.chip_id, str(one.n_executions), str(one.n_results), one.previous_id, one.next_id)
            for one in documents
        ),
    )
    found = next((one for one in documents if one.previous_id), None)
    if found is not None:
        print_message(
            f"compare with `qdash compare cooldown:{found.previous_id} cooldown:{found.cooldown_id} --chip {found.chip_id}`"
        )


def print_cooldown(document: CooldownDocument, zone: ZoneInfo) -> None:
    """Print a cool-down with its chips, description and note."""
    ended = format_time(document.ended_at, zone)
    print_message(
        f"cool-down {document.cooldown_id} of cryostat {document.cryo_id}: {format_time(document.started_at, zone)} "
        + (f"to {ended}" if ended else "to now")
    )
    for name, value in (
        ("cold since", format_time(document.base_at, zone)),
        ("chips", ", ".join(document.chip_ids)),
        ("description", document.description),
        ("note", format_note(document.note, zone)),
    ):
        if value:
            print_message(f"  {name}: {value}")
