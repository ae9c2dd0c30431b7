"""Commands `qdash file`: files below configured roots, and files of executions."""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import click

from qdash_builtin.files import operations as files
from qdash_builtin.files.views.files import FileEntryDocument, FileRootDocument, FileVersionDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.operation_fields import read_file
from qdash_cli.rendering.output import emit, emit_json, format_count, print_message, print_table
from qdash_cli.rendering.times import format_short_time, format_time_header
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError, NotFoundError, QDashError
from qdash_core.parsing.limits import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.files.views.files import (
        FileDifferenceDocument,
        FilePreviewDocument,
        WorkTreeDocument,
        WorkTreeUpdateDocument,
    )

_place = click.argument("place", metavar="ROOT:PATH")


@click.group()
def file() -> None:
    """Browse and edit files below configured roots, with history and git, and files of executions.

    A file is named ROOT:PATH. The setting `file_roots` lists the roots. Root `executions` has the raw data and exports of executions, and is
    read-only.
    """


@file.command()
@_place
@click.option("-m", "--reason", metavar="TEXT", default="", help="Reason of the change.")
@access_options
@options.json_option
def edit(place: str, reason: str, command_user: CommandUser, as_json: bool) -> None:
    """Edit a text file with the program that VISUAL or EDITOR names; a new file begins empty."""
    from hashlib import sha256

    root, path = _parse_place(place)
    with command_user.connect() as home:
        try:
            before = b"".join(home.ask(files.download_file, root, path).chunks)
            seen: str | None = sha256(before).hexdigest()
            if len(before) > FILE.size:
                raise InvalidInputError(f"{place} is too large to be edited")
        except NotFoundError:
            before, seen = b"", None
        try:
            before.decode()
        except UnicodeDecodeError as error:
            raise InvalidInputError(f"{place} is not text: qdash file put replaces it") from error
        extension = _get_extension(path)
        edited = click.edit(before, extension=extension)  # as bytes, whose line ends are kept
        if edited is None or edited == before:
            print_message(f"{place} is unchanged", err=as_json)
            return
        try:
            version = home.ask(files.write_file.at_version(seen), root, path, edited, reason)
        except QDashError as error:
            kept = _keep_text(edited, extension)
            error.args = (f"{error}; the edited text is kept in {kept}: qdash file put copies it",)
            raise
    if as_json:
        emit_json(version)
    else:
        print_message(f"{place}: {version.change}, version {version.version}")


@file.command()
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("place", metavar="[ROOT:PATH]", required=False)
@access_options
@options.json_option
@click.pass_context
def validate(
    ctx: click.Context, source: Path, place: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """Validate FILE by its format, or by that of ROOT:PATH, without copying it. Exit status 1 if it is not valid."""
    from qdash_builtin.files.validation import check_file
    from qdash_builtin.files.views.files import FileCheckDocument
    from qdash_core.hooks.manager import load_plugins

    contents = read_file(source, FILE.size)
    if place is None:
        formats = load_plugins().formats().values()
        found = FileCheckDocument.from_check(check_file(source.name, contents, formats=formats))
    else:
        root, path = _parse_place(place)
        with command_user.connect() as home:
            found = home.ask(files.check_file, root, path, contents)
    if as_json:
        emit_json(found)
    elif found.problem is None:
        print_message(f"{source}: valid ({found.format})")
    else:
        where = "" if found.problem.line is None else f", line {found.problem.line}"
        print_message(f"{source}{where}: {found.problem.message}")
    ctx.exit(0 if found.problem is None else 1)


def _parse_place(place: str) -> tuple[str, str]:
    root, colon, path = place.partition(":")
    if not colon or not root or not path:
        raise InvalidInputError(f"{place!r}: write ROOT:PATH, such as config:params/t1.yaml")
    return root, path


def _get_extension(path: str) -> str:
    """Return the extension of a path for the file of an editor, which some versions of click name to a shell."""
    suffix = PurePosixPath(path).suffix
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() else ".txt"


def _keep_text(text: bytes, extension: str) -> str:
    """Write a text to a new temporary file, and return its path."""
    with NamedTemporaryFile(prefix="qdash-edit-", suffix=extension, delete=False) as file:
        file.write(text)
    return file.name


def _print_roots(found: Sequence[FileRootDocument], _zone: ZoneInfo) -> None:
    print_table(
        ("root", "rights", "git", "folder"),
        (
            (
                one.name,
                "write" if one.writable else "read",
                ("with remote" if one.remote else "yes") if one.git else None,
                None if one.available else "missing",
            )
            for one in found
        ),
    )


def _print_entries(entries: Sequence[FileEntryDocument], zone: ZoneInfo) -> None:
    print_table(
        ("name", "bytes", format_time_header("changed", zone, (one.changed_at for one in entries))),
        (
            (
                {"folder": f"{one.name}/", "other": f"{one.name} (link or device)"}.get(one.kind, one.name),
                one.size,
                None if one.changed_at is None else format_short_time(one.changed_at, zone),
            )
            for one in entries
        ),
    )


def _print_preview(found: FilePreviewDocument, _zone: ZoneInfo, sent: Mapping[str, Any]) -> None:
    place = _describe_place(sent)
    if found.arrays is not None:
        print_table(
            ("array", "shape", "type", "unit", "first values"),
            (
                (one.name, " x ".join(map(str, one.shape)), one.dtype, one.unit, " ".join(one.values[:4]))
                for one in found.arrays
            ),
        )
    elif found.table is not None:
        print_table(found.table.columns, found.table.rows)
    elif found.text is not None:
        emit(found.text if found.text.endswith("\n") or not found.text else f"{found.text}\n")
    else:
        kind = found.media_type or "no text"
        print_message(f"{place}: {kind}, {found.size} bytes; qdash file get copies it")
    if found.truncated:
        print_message(
            f"{place} has {found.size} bytes, and this is its beginning: qdash file get copies it", err=True
        )


def _print_versions(found: Sequence[FileVersionDocument], zone: ZoneInfo) -> None:
    print_table(
        ("version", "change", "user", format_time_header("time", zone, (one.at for one in found)), "reason"),
        (
            (
                one.version[:8] if one.change == "committed" else one.version,
                f"{one.change} {one.restored_from or ''}".strip(),
                one.username,
                format_short_time(one.at, zone),
                one.reason,
            )
            for one in found
        ),
        fold=("reason",),
    )


def _print_difference(found: FileDifferenceDocument, _zone: ZoneInfo, sent: Mapping[str, Any]) -> None:
    emit(found.difference or f"{_describe_place(sent)}: {found.before} and {found.after} are equal\n")


def _print_work_tree(found: WorkTreeDocument, _zone: ZoneInfo, sent: Mapping[str, Any]) -> None:
    commit = "no commit yet" if found.commit is None else f"commit {found.commit[:8]}"
    unpushed = f", {format_count(found.unpushed, 'commit')} not pushed" if found.unpushed else ""
    print_message(f"{sent['root']} is on branch {found.branch}, {commit}{unpushed}")
    if found.changed:
        print_table(("file", "change"), ((one.path, one.change) for one in found.changed))


def _print_update(
    verb: str, update: WorkTreeUpdateDocument, _zone: ZoneInfo, sent: Mapping[str, Any]
) -> None:
    files = f"{format_count(len(update.files), 'file')} {verb}: {', '.join(update.files)}"
    at = f"is at commit {update.commit[:8]}" if update.commit else "has no commit yet"
    print_message(f"{sent['root']} {at}; {files if update.files else f'nothing {verb}'}")


def _describe_place(sent: Mapping[str, Any]) -> str:
    return f"{sent['root']}:{sent['path']}"


add_commands(
    file,
    files.operations,
    {
        PageOf[FileRootDocument]: _print_roots,
        PageOf[FileEntryDocument]: _print_entries,
        "file show": _print_preview,
        PageOf[FileVersionDocument]: _print_versions,
        "file diff": _print_difference,
        "file status": _print_work_tree,
        "file commit": partial(_print_update, "committed"),
        "file pull": partial(_print_update, "changed"),
        "file push": partial(_print_update, "pushed"),
    },
)
