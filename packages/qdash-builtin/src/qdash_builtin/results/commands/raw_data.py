"""Command `qdash task data`: the raw data of a result, as an overview, JSON, CSV, NetCDF or the stored file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import (
    emit,
    emit_json,
    format_count,
    print_message,
    print_table,
    write_file,
)
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.quantities import use_minus_sign

if TYPE_CHECKING:
    from qdash_builtin.results.views.raw_data import RawArrayDocument, RawDataDocument

_MOST_SHOWN = 6
"""Maximum number of values of an array in the overview."""
_SUFFIXES = (".npz", ".csv", ".nc", ".json")


@click.command()
@click.argument("task_id", metavar="TASK_ID")
@click.option("--csv", "as_csv", is_flag=True, help="Print every number as a row of CSV.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Output file: .npz (as stored), .csv, .nc (NetCDF) or .json.",
)
@access_options
@options.json_option
def data(task_id: str, as_csv: bool, output: Path | None, command_user: CommandUser, as_json: bool) -> None:
    """Show the raw data of a result: its arrays with units, and its attributes."""
    from qdash_builtin.results.operations.results import raw_data, raw_data_file
    from qdash_builtin.results.requests import RawDataFormat
    from qdash_core.errors import InvalidInputError

    if as_csv + as_json + (output is not None) > 1:
        raise InvalidInputError("use one of --json, --csv and --output")
    if output is not None and output.suffix not in _SUFFIXES:
        raise InvalidInputError(f"{output}: raw data are written as {', '.join(_SUFFIXES)}")
    with command_user.connect() as home:
        if output is not None and output.suffix in (".npz", ".nc"):
            chosen = RawDataFormat(output.suffix[1:])
            write_file(output, b"".join(home.ask(raw_data_file, task_id, format=chosen).chunks))
            return
        document = home.ask(raw_data, task_id)
    if output is not None:
        write_file(output, document.as_csv() if output.suffix == ".csv" else document.as_json_text())
    elif as_csv:
        emit(document.as_csv())
    elif as_json:
        emit_json(document)
    else:
        _show(document)


def _show(document: RawDataDocument) -> None:
    print_table(
        ("array", "unit", "kind", "shape", "values"),
        (
            (name, unit_symbol(one.unit), one.kind, " x ".join(map(str, one.shape)), _summarize_values(one))
            for name, one in document.arrays.items()
        ),
        fold=("values",),
    )
    if document.attributes:
        print_message()
        attributes = (
            (name, json.dumps(value, ensure_ascii=False)) for name, value in document.attributes.items()
        )
        print_table(("attribute", "value"), attributes, fold=("value",))
    numbers = sum(len(one.values) for one in document.arrays.values())
    print_message(
        f"\n{format_count(numbers, 'number')}: print all with --csv or --json, or write a file with --output"
    )


def _summarize_values(array: RawArrayDocument) -> str:
    """Return the first values, and the last one if there are more."""
    shown = [_format_number(array, place) for place in range(len(array.values))[: _MOST_SHOWN - 1]]
    if len(array.values) > len(shown):
        shown += [*(["…"] if len(array.values) > _MOST_SHOWN else []), _format_number(array, -1)]
    return ", ".join(shown)


def _format_number(array: RawArrayDocument, place: int) -> str:
    value = array.values[place]
    if value is None:
        return "not finite"
    real = use_minus_sign(f"{value:.6g}")
    if array.imaginary is None:
        return real
    imaginary = array.imaginary[place]
    return "not finite" if imaginary is None else f"{real}{use_minus_sign(f'{imaginary:+.6g}')}i"
