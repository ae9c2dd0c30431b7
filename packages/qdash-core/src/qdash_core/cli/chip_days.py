"""Commands `qdash chip days` and `qdash chip compare`, and the text of a chip on a day."""

from __future__ import annotations

from datetime import date

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, format_values, print_message, print_table
from qdash_core.errors import InvalidInputError


def parse_day(text: str) -> date:
    """Return the day of a date such as 2026-11-20 or 20261120; raise InvalidInputError if it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInputError(f"{text!r} is not a date: write 2026-11-20") from None


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="Maximum number.")
@click.option("--before", metavar="DATE", help="Only days before this one: the next page.")
@access_options
@options.json_option
def days(chip_id: str, limit: int, before: str | None, command_user: CommandUser, as_json: bool) -> None:
    """List the days with daily copies of a chip, newest first."""
    from qdash_core.resources.chip_days import list_chip_days

    with command_user.connect() as home:
        page = home.ask(
            list_chip_days.paged(limit=limit), chip_id, before=None if before is None else parse_day(before)
        )
    if as_json:
        emit_json(page.items)
    elif page.items:
        print_table(
            ("date", "qubits", "couplings", "calibrated"),
            ((one.date, one.qubits or "", one.couplings or "", one.n_calibrated) for one in page.items),
        )
        if page.next is not None:
            print_message(f"and more: --before {page.items[-1].date}")
    else:
        print_message("no copies on record" if before is None else f"no copies before {before}")


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("before", metavar="DATE")
@click.argument("after", metavar="DATE")
@access_options
@options.json_option
def compare(chip_id: str, before: str, after: str, command_user: CommandUser, as_json: bool) -> None:
    """Compare the values and statuses of a chip on two days."""
    from qdash_core.cli.compare import show_comparison

    show_comparison(
        f"day:{parse_day(before)}",
        f"day:{parse_day(after)}",
        chip_id,
        command_user=command_user,
        as_json=as_json,
    )


def show_on_day(chip_id: str, day: date, *, command_user: CommandUser, as_json: bool) -> None:
    """Print a chip on a day: the statuses and values of its targets, and those without a copy."""
    from qdash_core.resources.chip_days import show_chip_on_day

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
