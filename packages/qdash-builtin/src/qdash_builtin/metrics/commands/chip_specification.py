"""Command `qdash chip specification`: the limits that are asked of the values of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, print_message, print_table

if TYPE_CHECKING:
    from qdash_builtin.metrics.views.specifications import SpecificationDocument


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("asked", metavar="[NAME=LIMIT] ...", nargs=-1)
@click.option(
    "--minimum",
    "minima",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set the worst value with which a target may be used.",
)
@click.option(
    "--remove", "removed", metavar="NAMES", help="Remove the limits of these metrics, separated by commas."
)
@click.option("--propose", is_flag=True, help="Show limits derived from the first values of the chip.")
@click.option("--accept", is_flag=True, help="Set the proposed limits.")
@access_options
@options.json_option
def specification(
    chip_id: str,
    asked: tuple[str, ...],
    minima: tuple[str, ...],
    removed: str | None,
    propose: bool,
    accept: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Show or set the limits that are asked of the values of a chip.

    A limit is the worst value within specification, in the unit of stored values, or with the unit of tables.
    Example: `qdash chip specification CHIP t1=60us average_readout_fidelity=98%`.
    """
    from qdash_builtin.metrics.operations import specifications
    from qdash_builtin.metrics.requests.specifications import SpecificationRequest
    from qdash_builtin.request_parts.typed_values import split_settings
    from qdash_core.errors import InvalidInputError

    changes = bool(asked or minima or removed is not None)
    if changes + propose + accept > 1:
        raise InvalidInputError("give limits, --propose or --accept, not several of them")
    with command_user.connect() as home:
        if propose:
            shown = home.ask(specifications.proposed_specification, chip_id)
        elif accept:
            shown = home.ask(specifications.accept_specification, chip_id)
        elif changes:
            names = [one.strip() for one in (removed or "").split(",") if one.strip()]
            request = SpecificationRequest(
                limits=split_settings(asked), minima=split_settings(minima), withdrawn=names
            )
            shown = home.ask(specifications.ask_specification, chip_id, request)
        else:
            shown = home.ask(specifications.chip_specification, chip_id)
    _show(shown, as_json, is_proposal=propose)


def _show(shown: SpecificationDocument, as_json: bool, *, is_proposal: bool = False) -> None:
    if as_json:
        emit_json(shown)
    elif not shown.limits:
        hint = f"`qdash chip specification {shown.chip_id} --propose` shows a proposal"
        asked = f"nothing is asked of chip {shown.chip_id}: {hint}"
        print_message(f"nothing is proposed for chip {shown.chip_id}" if is_proposal else asked)
    else:
        print_table(
            ("metric", "limit", "minimum", "by", "at"),
            [
                (
                    name,
                    one.shown_limit or "",
                    one.shown_minimum or "",
                    one.username or "",
                    "" if one.asked_at is None else f"{one.asked_at:%Y-%m-%d %H:%M} UTC",
                )
                for name, one in shown.limits.items()
            ],
        )
