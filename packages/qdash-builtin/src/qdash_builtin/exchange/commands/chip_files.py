"""Commands `qdash import` and `qdash export`: chips as files in the formats of QDash and of plugins."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_builtin.exchange.commands.device_options import DeviceOptions, device_options, print_left_out
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import (
    emit,
    emit_json,
    format_count,
    is_standard_output,
    make_output_folder,
    print_message,
    require_folder,
    write_file,
)

if TYPE_CHECKING:
    from qdash_builtin.exchange.views.exchange import ExportedFilesDocument, ImportDocument

_AS_JSON = frozenset({"json", "topology", "design", "device-topology", "device"})
"""Formats whose file is one JSON document."""


@click.command("import")
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.option(
    "--chip", "chip_id", metavar="CHIP", help="Chip to change; created from PATH if it does not exist."
)
@click.option("--as", "new_id", metavar="CHIP", help="Name of a new chip, independent of its name in PATH.")
@click.option("--format", "format_name", metavar="NAME", help="Format of PATH, if it cannot be detected.")
@click.option("--backend", metavar="NAME", help="Backend of a new chip, if PATH does not name one.")
@click.option(
    "--only",
    multiple=True,
    metavar="NAME,..",
    help="Only these parameters, targets or kinds: t1,0..3,0-1,values,design,wiring.",
)
@click.option("--older", is_flag=True, help="Import values that are older than the chip's, too.")
@click.option("--dry-run", is_flag=True, help="Compare without writing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@access_options
@options.json_option
def import_files(
    path: Path,
    chip_id: str | None,
    new_id: str | None,
    format_name: str | None,
    backend: str | None,
    only: tuple[str, ...],
    older: bool,
    dry_run: bool,
    yes: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Import a file or folder into a chip after a comparison, or as a new chip.

    Imported values are accepted, and record you and the file as their source. Values of an existing chip change only after
    confirmation, or with --yes.
    """
    from qdash_builtin.chips.commands.chips import show_chip
    from qdash_builtin.chips.operations.chips import show_chip as show
    from qdash_builtin.exchange.operations.exports import compare_import, import_file
    from qdash_builtin.exchange.requests.exports import ImportQuery
    from qdash_builtin.exchange.text_output import show_comparison
    from qdash_builtin.exchange.uploads import read_upload
    from qdash_core.errors import InvalidInputError

    if chip_id is not None and new_id is not None:
        raise InvalidInputError("use --chip or --as, not both")
    # The home of this machine reads the file or folder itself, with what its format finds beside it.
    name, contents = read_upload(path) if command_user.asks_host else (path.name or ".", b"")
    query = ImportQuery(
        name=name,
        source=str(path),
        chip_id=chip_id,
        new_id=new_id,
        backend=backend,
        format=format_name,
        only=[one for text in only for one in text.split(",")],
        older=older,
    )
    with command_user.connect() as home:
        found = home.ask(compare_import, contents, query)
        if not as_json:
            show_comparison(found, home.zone, older=older)
        if not dry_run and found.changes_something and (yes or _confirm_import(found, may_ask=not as_json)):
            found = home.ask(import_file, contents, query, found.basis)
        if as_json:
            emit_json(found)
        elif not found.written:
            print_message("nothing was written")
        elif found.makes_a_chip:
            show_chip(home.ask(show, found.chip_id), home.zone, as_json=False)
        elif found.execution_id is None:
            print_message(f"chip {found.chip_id} was changed")
    if found.execution_id is not None and not as_json:
        print_message(
            f"imported as execution {found.execution_id}: `qdash executions show {found.execution_id}`"
        )


def _confirm_import(found: ImportDocument, *, may_ask: bool) -> bool:
    """Return whether the user agrees to change a chip; a new chip needs no consent."""
    from qdash_core.errors import InvalidInputError

    if found.makes_a_chip:
        return True
    if not (may_ask and sys.stdin.isatty()):
        raise InvalidInputError(
            f"chip {found.chip_id} would be changed: use --yes to import new and different values, --dry-run to compare only"
        )
    despite = f" despite {format_count(len(found.warnings), 'warning')}" if found.warnings else ""
    return click.confirm(f"import new and different values into chip {found.chip_id}{despite}?")


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--format",
    "format_name",
    metavar="NAME",
    help="Format: json (default), yaml, csv, topology, design, zip, device-topology, device, or that of a plugin.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Output file, or folder for a format with several files; default: standard output.",
)
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@device_options
@access_options
@options.json_option
def export(
    chip_id: str,
    format_name: str | None,
    output: Path | None,
    force: bool,
    device_options: DeviceOptions,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Export a chip with its accepted values to files, also in formats of other programs.

    device-topology and device write the usable part of the chip, within the limits of the options; qubits and couplings that are left
    out are listed on standard error, with the reasons.
    """
    from qdash_core.errors import InvalidInputError

    name = format_name or "json"
    if as_json and output is None and name not in _AS_JSON:
        raise InvalidInputError(f"--json and --format {name}: use one of them, or write files with --output")
    from qdash_builtin.exchange.operations.exports import export_files

    query = device_options.make_query(name)
    with command_user.connect() as home:
        exported = home.ask(export_files, chip_id, query)
    write_export(exported, chip_id, name, output, force=force, as_json=as_json)


def write_export(
    exported: ExportedFilesDocument,
    chip_id: str,
    name: str,
    output: Path | None,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Print an exported file, or write the files to an output file or folder.

    Raises
    ------
    InvalidInputError
        If a file exists and is not to be overwritten, or there is no folder of the output.
    """
    from qdash_builtin.exchange.views.exchange import ExportDocument
    from qdash_core.errors import InvalidInputError

    if not as_json:
        print_left_out(exported)
    if output is None:
        emit(_get_printable_text(exported, name))
        return
    if is_standard_output(output):
        if not exported.one_file:
            raise InvalidInputError(f"--format {name}: name a folder with --output")
        write_file(output, *exported.files.values())
        return
    files = _choose_destinations(exported, output)
    if there := [str(path) for path in files if path.exists() and not force]:
        are = "is" if len(there) == 1 else "are"
        raise InvalidInputError(f"{', '.join(there)} {are} there already: overwrite with --force")
    require_folder(output.parent)
    for path, contents in files.items():
        if path != output:  # a file of a folder, which may be new
            make_output_folder(path.parent)
        write_file(path, contents)
    if as_json:
        named = [str(path) for path in files]
        emit_json(ExportDocument(chip_id=chip_id, format=name, files=named, notes=exported.notes))
    else:
        print_message(
            f"{format_count(len(files), 'file')} of {chip_id} ({name}): {', '.join(str(path) for path in files)}"
        )


def _get_printable_text(exported: ExportedFilesDocument, name: str) -> str:
    """Return the text of the only file; raise InvalidInputError if there may be several or it is binary."""
    from qdash_core.errors import InvalidInputError

    if exported.one_file:
        (contents,) = exported.files.values()
        try:
            return contents.decode()
        except UnicodeDecodeError:
            pass
    what = "the file" if exported.one_file else "a folder"
    raise InvalidInputError(f"--format {name}: name {what} with --output")


def _choose_destinations(exported: ExportedFilesDocument, output: Path) -> dict[Path, bytes]:
    """Return file contents by destination; an output that is not a folder is the name of the only file."""
    if exported.one_file and not output.is_dir():
        (contents,) = exported.files.values()
        return {output: contents}
    return {output / path: contents for path, contents in exported.files.items()}
