"""Command `qdash lab`: checks whether a laboratory follows the conventions of the standard tasks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, format_count, print_message
from qdash_core.models.quantities import format_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_tasks.laboratory.recipes import Finding, Value


@click.group()
def lab() -> None:
    """Check the conventions of a connected laboratory that plays pulses: signs, clock, generators, readout."""


@lab.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--qubit",
    "qids",
    multiple=True,
    metavar="Q",
    help="Only these qubits: 3, Q03 or 0-3,7; may be repeated. Default: all with an accepted frequency and pulse.",
)
@click.option(
    "--shots",
    type=click.IntRange(min=100),
    default=2000,
    show_default=True,
    metavar="N",
    help="Shots of each program.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="RECIPE",
    help="Only this recipe and its prerequisites.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also recipes that play cross-resonance tones on the couplings of the qubits.",
)
@access_options
@options.json_option
@click.pass_context
def check(
    ctx: click.Context,
    chip_id: str,
    qids: tuple[str, ...],
    shots: int,
    only: tuple[str, ...],
    everything: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Check the conventions of a connected laboratory that plays pulses: signs, clock, generators, readout.

    Each recipe plays programs with a known outcome, and names the setting to correct if the outcome differs. The check takes
    seconds for each qubit, uses the accepted values of the chip, changes nothing, and locks the instrument. A qubit needs an
    accepted frequency and pulse, which the flow `rough` finds.
    """
    from qdash_tasks.laboratory_check import CheckRequest, check_laboratory

    asked = CheckRequest(chip_id=chip_id, qids=qids, only=only, everything=everything, shots=shots)
    with command_user.open_for_writing() as (qdash, access):
        found = check_laboratory(
            qdash, access, asked, lambda one: print_message(_format_finding(one), err=as_json)
        )
    failed = [one for one in found if not one.passed]
    if as_json:
        from qdash_tasks.documents import LaboratoryCheckDocument

        emit_json(LaboratoryCheckDocument.from_findings(chip_id, found))
    else:
        print_message(_summarise_outcomes([one.outcome.value for one in found]))
        print_message(
            "the tests of LaboratoryContract also check IQ per unit of time, amplitudes, limits, noise, single shots"
        )
    ctx.exit(1 if failed else 0)


def _summarise_outcomes(outcomes: Sequence[str]) -> str:
    """Count the recipes per outcome, as text."""
    numbers = Counter(outcomes)
    if len(numbers) == 1 and "met" in numbers:
        return "all recipes are met"
    ended = ", ".join(f"{number} {outcome}" for outcome, number in numbers.items())
    return f"of {format_count(len(outcomes), 'recipe')}: {ended}"


def _format_finding(finding: Finding) -> str:
    """Format a finding as one line: values with their expected values, and the setting to change."""
    values = "; ".join(_format_value(one) for one in finding.values)
    outcome = "ok" if finding.met else finding.outcome.value
    reading = "" if finding.met else finding.reading
    found = ": ".join(part for part in (values, reading) if part)
    return f"{finding.target:>5}  {finding.recipe:<26}  {outcome:<12}  {found}".rstrip()


def _format_value(value: Value) -> str:
    within = f" within {value.tolerance:g}" if value.tolerance else ""
    expected = "" if value.expected is None else f" (expected {value.expected:g}{within})"
    return f"{value.name} {format_quantity(value.value, value.error, value.unit)}{expected}"
