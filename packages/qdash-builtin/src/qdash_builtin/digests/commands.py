"""Command `qdash digest`: runs, changes and failures of a chip since a point in time, with advice."""

from __future__ import annotations

import sys
from typing import Literal, TypeAlias

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit, emit_json, print_message
from qdash_cli.rendering.wrapping import get_line_width
from qdash_core.errors import InvalidInputError

_Format: TypeAlias = Literal["text", "markdown", "html", "json"]
_FORMATS: tuple[_Format, ...] = ("text", "markdown", "html", "json")


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--since",
    metavar="18:00|ID",
    help="Start: a time (18:00 is the last one), a duration before now (12h), an execution (its end), release:NAME, last-night or night-before-last; default: yesterday 18:00.",
)
@click.option("--until", metavar="9:00|ID", help="End: as --since; default: now.")
@click.option(
    "--format", "format_name", type=click.Choice(_FORMATS), help="Format of the digest; default: text."
)
@click.option(
    "--send", is_flag=True, help="Send the digest by the configured notifiers instead of showing it."
)
@access_options
@options.json_option
@click.pass_context
def digest(
    ctx: click.Context,
    chip_id: str,
    since: str | None,
    until: str | None,
    format_name: _Format | None,
    send: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Show or send the digest of a chip: runs, changes, failures and what to do next.

    --send ends with status 1 if a notifier did not deliver the digest, and with 2 if no notifier is configured.
    """
    from qdash_builtin.digests.operations import show_digest, show_digest_page

    if send:
        if until is not None:
            raise InvalidInputError("--send sends the digest until now: leave out --until")
        if format_name is not None:
            raise InvalidInputError(
                f"--send and --format {format_name}: use one of them; a digest is sent as text and HTML"
            )
        ctx.exit(0 if _send(chip_id, since, command_user, as_json=as_json) else 1)
    if as_json and format_name not in (None, "json"):
        raise InvalidInputError(f"--json and --format {format_name}: use one of them")
    with command_user.connect() as home:
        if as_json or format_name == "json":
            emit_json(home.ask(show_digest, chip_id, since, until))
        else:
            width = get_line_width(sys.stdout)
            emit(home.ask(show_digest_page, chip_id, since, until, format_name or "text", width).text)


def _send(chip_id: str, since: str | None, command_user: CommandUser, *, as_json: bool) -> bool:
    """Send the digest and print its destinations; return whether every notifier delivered it."""
    from qdash_builtin.digests.operations import send_digest

    with command_user.connect() as home:
        sent = home.ask(send_digest, chip_id, since)
    if as_json:
        emit_json(sent)
    else:
        print_message(sent.title)
        for name, place in sent.delivered.items():
            print_message(f"  sent by {name}{f': {place}' if place else ''}")
    for name, error in sent.errors.items():
        print_message(f"sending by {name} failed: {error}", err=True)
    return not sent.errors
