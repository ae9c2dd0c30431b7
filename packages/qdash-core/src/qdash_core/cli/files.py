"""Commands `qdash file`: files below configured roots, and files of executions."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import (
    emit,
    emit_json,
    format_count,
    print_message,
    print_table,
    require_output_file,
    write_file,
)
from qdash_core.cli.rendering.times import format_short_time, format_time_header

if TYPE_CHECKING:
    from qdash_core.documents.files import (
        FilePreviewDocument,
        FileVersionDocument,
        WorkTreeUpdateDocument,
    )

_place = click.argument("place", metavar="ROOT:PATH")
_root = click.argument("root", metavar="ROOT")
_reason_option = click.option("-m", "--reason", metavar="TEXT", default="", help="Reason of the change.")


@click.group()
def file() -> None:
    """Browse and edit files below configured roots, with history and git, and files of executions.

    A file is named ROOT:PATH. The setting `file_roots` lists the roots. Root `executions` has the raw data and exports of executions, and is
    read-only.
    """


@file.command()
@access_options
@options.json_option
def roots(command_user: CommandUser, as_json: bool) -> None:
    """List the roots of the project."""
    from qdash_core.operations.transport import list_every
    from qdash_core.resources.files import list_file_roots

    with command_user.connect() as home:
        found = list(list_every(home, list_file_roots))
    if as_json:
        emit_json(found)
        return
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


@file.command("list")
@click.argument("place", metavar="ROOT[:FOLDER]")
@click.option(
    "--limit", type=click.IntRange(1), default=200, show_default=True, help="Maximum number of entries."
)
@access_options
@options.json_option
def list_files(place: str, limit: int, command_user: CommandUser, as_json: bool) -> None:
    """List a folder; of root `executions` the newest first."""
    from qdash_core.operations.transport import list_some
    from qdash_core.resources import files

    root, _, path = place.partition(":")
    with command_user.connect() as home:
        entries, more = list_some(home, files.list_files, limit, root, path.strip("/"))
        zone = home.zone
    if as_json:
        emit_json(entries)
        return
    if not entries:
        print_message(f"{place}: nothing")
        return
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
    if more:
        print_message(f"... and more: --limit {2 * limit}")


@file.command()
@_place
@access_options
@options.json_option
def show(place: str, command_user: CommandUser, as_json: bool) -> None:
    """Show a file: text, the first rows of a table, or the shapes and first values of arrays."""
    from qdash_core.resources.files import preview_file

    root, path = _parse_place(place)
    with command_user.connect() as home:
        found = home.ask(preview_file, root, path)
    if as_json:
        emit_json(found)
    else:
        _print_preview(place, found)


def _print_preview(place: str, found: FilePreviewDocument) -> None:
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


@file.command()
@_place
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Output file; default: the name of the file.",
)
@click.option("--version", metavar="VERSION", help="A version of the history; default: the present contents.")
@click.option("--force", is_flag=True, help="Overwrite an existing output file.")
@access_options
@options.json_option
def get(
    place: str,
    output: Path | None,
    version: str | None,
    force: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Copy a file from a root."""
    from qdash_core.resources.files import download_file

    root, path = _parse_place(place)
    target = output or Path(path.rpartition("/")[2])
    require_output_file(target, force=force)
    with command_user.connect() as home:
        contents = b"".join(home.ask(download_file, root, path, version).chunks)
    write_file(target, contents)
    if as_json:
        emit_json({"file": str(target), "bytes": len(contents)})
    else:
        print_message(f"{place}: {len(contents)} bytes in {target}")


@file.command()
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@_place
@_reason_option
@click.option("--force", is_flag=True, help="Overwrite an existing file, which stays in its history.")
@access_options
@options.json_option
def put(source: Path, place: str, reason: str, force: bool, command_user: CommandUser, as_json: bool) -> None:
    """Copy FILE to a root. Contents that violate their format are refused, with the line."""
    from qdash_core.resources import files

    root, path = _parse_place(place)
    contents = _read_source(source)
    with command_user.connect() as home:
        operation = files.write_file.at_version("*" if force else None)
        version = home.ask(operation, root, path, contents, reason)
    _print_version(place, version, as_json=as_json)


@file.command()
@_place
@_reason_option
@access_options
@options.json_option
def edit(place: str, reason: str, command_user: CommandUser, as_json: bool) -> None:
    """Edit a text file with the program that VISUAL or EDITOR names; a new file begins empty."""
    from hashlib import sha256

    from qdash_core.errors import InvalidInputError, NotFoundError, QDashError
    from qdash_core.parsing.limits import FILE
    from qdash_core.resources import files

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
    _print_version(place, version, as_json=as_json)


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
    from qdash_core.documents.files import FileCheckDocument
    from qdash_core.files.validation import check_file
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.resources import files

    contents = _read_source(source)
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


@file.command()
@_place
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="Maximum number of versions."
)
@access_options
@options.json_option
def history(place: str, limit: int, command_user: CommandUser, as_json: bool) -> None:
    """List the versions of a file, newest first; in a git work tree with the commits that changed it."""
    from qdash_core.operations.transport import list_some
    from qdash_core.resources.files import list_file_versions

    root, path = _parse_place(place)
    with command_user.connect() as home:
        found, _ = list_some(home, list_file_versions, limit, root, path)
        zone = home.zone
    if as_json:
        emit_json(found)
        return
    if not found:
        print_message(f"{place} was not changed through QDash")
        return
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


@file.command()
@_place
@click.argument("before", metavar="VERSION")
@click.argument("after", metavar="[VERSION]", default="present")
@access_options
@options.json_option
def diff(place: str, before: str, after: str, command_user: CommandUser, as_json: bool) -> None:
    """Compare two versions of a text file, by default with the present contents."""
    from qdash_core.resources.files import compare_file_versions

    root, path = _parse_place(place)
    with command_user.connect() as home:
        found = home.ask(compare_file_versions, root, path, before, after)
    if as_json:
        emit_json(found)
    else:
        emit(found.difference or f"{place}: {before} and {after} are equal\n")


@file.command()
@_place
@click.argument("version", metavar="VERSION")
@_reason_option
@access_options
@options.json_option
def restore(place: str, version: str, reason: str, command_user: CommandUser, as_json: bool) -> None:
    """Restore a version of a file as its next version."""
    from qdash_core.resources.files import restore_file
    from qdash_core.resources.requests.files import RestoreRequest

    root, path = _parse_place(place)
    with command_user.connect() as home:
        made = home.ask(restore_file, root, RestoreRequest(path=path, version=version, reason=reason))
    _print_version(place, made, as_json=as_json)


@file.command()
@_place
@_reason_option
@access_options
@options.json_option
def delete(place: str, reason: str, command_user: CommandUser, as_json: bool) -> None:
    """Delete a file; its contents stay in its history."""
    from qdash_core.resources.files import delete_file

    root, path = _parse_place(place)
    with command_user.connect() as home:
        made = home.ask(delete_file, root, path, reason)
    _print_version(place, made, as_json=as_json)


@file.command()
@_root
@access_options
@options.json_option
def status(root: str, command_user: CommandUser, as_json: bool) -> None:
    """Show the changed files of a root that is a git work tree."""
    from qdash_core.resources.files import show_work_tree

    with command_user.connect() as home:
        found = home.ask(show_work_tree, root)
    if as_json:
        emit_json(found)
        return
    commit = "no commit yet" if found.commit is None else f"commit {found.commit[:8]}"
    unpushed = f", {format_count(found.unpushed, 'commit')} not pushed" if found.unpushed else ""
    print_message(f"{root} is on branch {found.branch}, {commit}{unpushed}")
    if found.changed:
        print_table(("file", "change"), ((one.path, one.change) for one in found.changed))


@file.command()
@_root
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("-m", "--reason", metavar="TEXT", required=True, help="Message of the commit.")
@access_options
@options.json_option
def commit(root: str, paths: tuple[str, ...], reason: str, command_user: CommandUser, as_json: bool) -> None:
    """Commit changed files of a root, by default all."""
    from qdash_core.resources.files import commit_files
    from qdash_core.resources.requests.files import CommitRequest

    with command_user.connect() as home:
        made = home.ask(commit_files, root, CommitRequest(reason=reason, paths=list(paths)))
    _print_update(root, "committed", made, as_json=as_json)


@file.command()
@_root
@access_options
@options.json_option
def pull(root: str, command_user: CommandUser, as_json: bool) -> None:
    """Update a root from its git remote. Files that were changed on both sides are refused."""
    from qdash_core.resources.files import pull_files

    with command_user.connect() as home:
        made = home.ask(pull_files, root)
    _print_update(root, "changed", made, as_json=as_json)


@file.command()
@_root
@access_options
@options.json_option
def push(root: str, command_user: CommandUser, as_json: bool) -> None:
    """Push the commits of a root to its git remote, never forced."""
    from qdash_core.resources.files import push_files

    with command_user.connect() as home:
        made = home.ask(push_files, root)
    _print_update(root, "pushed", made, as_json=as_json)


def _parse_place(place: str) -> tuple[str, str]:
    from qdash_core.errors import InvalidInputError

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


def _read_source(source: Path) -> bytes:
    from qdash_core.errors import InvalidInputError, NotFoundError
    from qdash_core.parsing.limits import FILE

    try:
        with source.open("rb") as opened:
            return opened.read(FILE.size + 1)  # one more byte, for the service to refuse a larger file
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {source}") from error
    except OSError as error:
        raise InvalidInputError(f"{source} cannot be read: {error.strerror}") from error


def _print_version(place: str, version: FileVersionDocument, *, as_json: bool) -> None:
    if as_json:
        emit_json(version)
    else:
        print_message(f"{place}: {version.change}, version {version.version}")


def _print_update(root: str, verb: str, update: WorkTreeUpdateDocument, *, as_json: bool) -> None:
    if as_json:
        emit_json(update)
        return
    files = f"{format_count(len(update.files), 'file')} {verb}: {', '.join(update.files)}"
    at = f"{root} is at commit {update.commit[:8]}" if update.commit else f"{root} has no commit yet"
    print_message(f"{at}; {files}" if update.files else f"{at}; nothing {verb}")
