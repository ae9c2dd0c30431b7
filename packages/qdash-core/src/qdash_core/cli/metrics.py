"""`qdash metrics` and `qdash export`: the values of a chip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from qdash_core.cli import options
from qdash_core.cli.acting import Acting, acting
from qdash_core.cli.rendering.output import emit, emit_json, quantity, table, write_file
from qdash_core.cli.rendering.times import short_moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from qdash_core.metrics.export import ExportFormat
    from qdash_core.metrics.service import ChipValues


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.option("--all", "flagged", is_flag=True, help="With newer values that were flagged, and why.")
@acting
@options.as_json
def metrics(chip_id: str, flagged: bool, acting: Acting, as_json: bool) -> None:
    """Show the latest accepted values of a chip."""
    from qdash_core.metrics.export import values_document

    with acting.reading() as (qdash, access):
        values = qdash.metrics.values(access.project_id, chip_id, flagged=flagged)
    if as_json:
        emit_json(values_document(values))
    elif not values.qubits and not values.couplings:
        click.echo(f"nothing is calibrated yet: `qdash calibrate {chip_id} --flow bring-up`")
    else:
        table(
            ("target", "parameter", "value", "calibrated", "execution", "not used"),
            _rows(values, qdash.zone),
            fold=("not used",),
        )


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["json", "yaml", "csv", "topology"]),
    help="json if not given.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File instead of standard output."
)
@acting
@options.as_json
def export(chip_id: str, format_: str | None, output: Path | None, acting: Acting, as_json: bool) -> None:
    """Write a chip with its accepted values, or its topology."""
    from qdash_core.errors import InvalidInputError
    from qdash_core.metrics.export import export as export_chip

    if as_json and format_ in ("yaml", "csv"):
        raise InvalidInputError(f"--json and --format {format_}: one of them at a time")
    with acting.reading() as (qdash, access):
        chip = qdash.chips.show(access.project_id, chip_id)
        values = qdash.metrics.values(access.project_id, chip_id)
    text = export_chip(chip, values, cast("ExportFormat", format_ or "json"))
    if output is None:
        emit(text)
    else:
        write_file(output, text)


def _rows(values: ChipValues, zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    from qdash_core.models.task import Verdict

    for targets in (values.qubits, values.couplings):
        for target, parameters in targets.items():
            for name, known in parameters.items():
                parameter = known.parameter
                accepted = known.verdict is Verdict.ACCEPTED
                remark = "" if accepted else f"{known.verdict}: {'; '.join(known.reasons)}"
                yield (
                    target,
                    name,
                    quantity(parameter.value, parameter.error, parameter.unit),
                    short_moment(parameter.calibrated_at, zone),
                    parameter.execution_id,
                    remark,
                )
