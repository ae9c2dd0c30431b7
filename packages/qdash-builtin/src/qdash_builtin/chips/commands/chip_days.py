"""Chip on a day: its date, and its text."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from qdash_cli.rendering.output import emit_json, format_values, print_message, print_table
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from qdash_cli.command_user import CommandUser


def parse_day(text: str) -> date:
    """Return the day of a date such as 2026-11-20 or 20261120; raise InvalidInputError if it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInputError(f"{text!r} is not a date: write 2026-11-20") from None


def show_on_day(chip_id: str, day: date, *, command_user: CommandUser, as_json: bool) -> None:
    """Print a chip on a day: the statuses and values of its targets, and those without a copy."""
    from qdash_builtin.chips.operations.chip_days import show_chip_on_day

    with command_user.connect() as home:
        found = home.ask(show_chip_on_day, chip_id, day)
    if as_json:
        emit_json(found)
        return
    targets = {**found.qubits, **found.couplings}
    print_table(
        ("target", "status", "copied on", "values"),
        (
            (target, copy.status, copy.copied_on, format_values(copy.values))
            for target, copy in targets.items()
        ),
        title=f"{found.chip_id} on {found.date}",
        fold=("values",),
    )
    if found.without_copy:
        print_message(f"no change on record until then: {', '.join(found.without_copy)}")
