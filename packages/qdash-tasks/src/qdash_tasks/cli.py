"""`qdash lab`: whether a laboratory does what the standard tasks take for granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.acting import Acting, acting
from qdash_core.cli.rendering.output import counted, emit_json, quantity, say

if TYPE_CHECKING:
    from qdash_tasks.laboratory.recipes import Finding, Value


@click.group()
def lab() -> None:
    """Laboratories that play pulses."""


@lab.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--qubit",
    "qids",
    multiple=True,
    metavar="Q",
    help="Only this qubit; several may be given. Default: all calibrated.",
)
@click.option(
    "--shots",
    type=click.IntRange(min=100),
    default=2000,
    show_default=True,
    metavar="N",
    help="Of each program.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="RECIPE",
    help="Only this recipe, and those without which it means nothing.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also what plays more than calibrated pulses: tones of cross resonance, on the couplings of the qubits.",
)
@acting
@options.as_json
@click.pass_context
def check(
    ctx: click.Context,
    chip_id: str,
    qids: tuple[str, ...],
    shots: int,
    only: tuple[str, ...],
    everything: bool,
    acting: Acting,
    as_json: bool,
) -> None:
    """Ask a connected laboratory the recipes: signs, clock, generators, readout. What is wrong is named.

    It measures for seconds a qubit, at the accepted values, and changes nothing. Nothing else is measured meanwhile.
    """
    from qdash_tasks.checking import CheckRequest, check_laboratory

    asked = CheckRequest(chip_id=chip_id, qids=qids, only=only, everything=everything, shots=shots)
    with acting.changing() as (qdash, access):
        found = check_laboratory(qdash, access, asked, lambda one: say(_line(one), err=as_json))
    failed = [one for one in found if not one.passed]
    if as_json:
        from qdash_tasks.documents import LaboratoryCheckDocument

        emit_json(LaboratoryCheckDocument.of(chip_id, found))
    else:
        say(f"{counted(len(failed), 'recipe')} of {len(found)} not met" if failed else "all recipes are met")
    ctx.exit(1 if failed else 0)


def _line(finding: Finding) -> str:
    """Return what one recipe found: values with what is expected of them, and what to set where it is not met."""
    values = "; ".join(_value(one) for one in finding.values)
    said = "ok" if finding.met else finding.outcome.value
    reading = "" if finding.met else f": {finding.reading}"
    return f"{finding.target:>5}  {finding.recipe:<26}  {said:<9}  {values}{reading}"


def _value(value: Value) -> str:
    expected = "" if value.expected is None else f" (expected {value.expected:g})"
    return f"{value.name} {quantity(value.value, value.error, value.unit)}{expected}"
