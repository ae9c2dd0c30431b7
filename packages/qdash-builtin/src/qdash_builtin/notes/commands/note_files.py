"""Commands of the files of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.attachments.commands import attach_files, files_argument
from qdash_builtin.notes.commands.note_targets import NoteTarget, note_target
from qdash_builtin.notes.operations import note_files
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_fields import make_path_type
from qdash_cli.rendering.documents import print_list
from qdash_cli.rendering.output import (
    emit_json,
    is_standard_output,
    print_message,
    require_output_file,
    write_file,
)
from qdash_core.operations.transport import list_every

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.attachments.views import AttachmentDocument


@click.command()
@note_target
@files_argument
@access_options
@options.json_option
def attach(target: NoteTarget, paths: tuple[Path, ...], command_user: CommandUser, as_json: bool) -> None:
    """Attach files to the notes on CHIP or a part of it, in place of those of the same names.

    Pictures, PDF, CSV, text, NPZ, HDF5 and ZIP files of up to 20 MiB. Pictures lose their metadata, such as the place of a photograph.
    """
    scope, target_id, chip_id, metric = target.noted_object
    with command_user.connect() as home:

        def put(name: str, contents: bytes) -> AttachmentDocument:
            return home.ask(note_files.attach_to_note, scope, target_id, name, contents, chip_id, metric)

        attach_files(paths, put, as_json=as_json)


@click.command()
@note_target
@access_options
@options.json_option
def files(target: NoteTarget, command_user: CommandUser, as_json: bool) -> None:
    """List the files of the notes on CHIP or a part of it."""
    with command_user.connect() as home:
        found, zone = [*list_every(home, note_files.list_files_of_note, *target.noted_object)], home.zone
    if as_json:
        emit_json(found)
    elif found:
        print_list(found, zone)
    else:
        print_message("no files: `qdash note attach` adds them")


@click.command()
@note_target
@click.argument("name")
@click.option(
    "--output", "-o", metavar="FILE", type=make_path_type(), help="File to write; -: standard output."
)
@click.option("--force", is_flag=True, help="Overwrite the file.")
@access_options
@options.json_option
def download(
    target: NoteTarget, name: str, output: Path | None, force: bool, command_user: CommandUser, as_json: bool
) -> None:
    """Download a file of the notes on CHIP or a part of it."""
    from pathlib import Path

    place = output or Path(Path(name).name)
    require_output_file(place, force=force)
    scope, target_id, chip_id, metric = target.noted_object
    with command_user.connect() as home:
        answer = home.ask(note_files.download_from_note, scope, target_id, name, chip_id, metric)
        contents = b"".join(answer.chunks)
    write_file(place, contents)
    if is_standard_output(output):
        return
    if as_json:
        emit_json({"file": str(place), "bytes": len(contents)})
    else:
        print_message(f"{len(contents)} bytes in {place}")


@click.command()
@note_target
@click.argument("name")
@access_options
@options.json_option
def detach(target: NoteTarget, name: str, command_user: CommandUser, as_json: bool) -> None:
    """Delete a file of the notes on CHIP or a part of it. It cannot be restored."""
    scope, target_id, chip_id, metric = target.noted_object
    with command_user.connect() as home:
        gone = home.ask(note_files.delete_file_of_note, scope, target_id, name, chip_id, metric)
    if as_json:
        emit_json(gone)
    else:
        print_message(f"file {name} was deleted")
