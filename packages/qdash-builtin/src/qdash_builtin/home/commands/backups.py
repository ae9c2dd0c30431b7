"""Commands `qdash store backup`, `restore`, `verify` and `recover`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.rendering.output import emit_json, format_count, print_message, print_table

if TYPE_CHECKING:
    from qdash_builtin.home.views.backups import BackupDocument, RestoreDocument

_SHOWN = 5
_File = click.Path(path_type=Path)


@click.command()
@click.argument("place", metavar="FILE_OR_FOLDER", type=_File)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help="Remove backups of this store from the folder that are older than the newest N complete ones.",
)
@options.json_option
@click.pass_context
def backup(ctx: click.Context, place: Path, keep: int | None, as_json: bool) -> None:
    """Write a compressed backup of store, raw data and twins; runs may continue.

    A file contains everything. In a folder, each backup is a file whose name contains the time, and the backups share their raw data in
    `qdash-raw`, so that only new files are copied. Only the owner can read backups, because they contain the hashes of passwords
    and tokens.
    """
    from qdash_builtin.home.backups.creation import create_backup
    from qdash_builtin.home.backups.data_location import open_location
    from qdash_builtin.home.views.backups import BackupDocument
    from qdash_cli.rendering.progress import ProgressBar
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.process.clock import read_simulated_clock, utc_now
    from qdash_core.settings import load_settings

    with open_location(load_settings(), load_plugins(), made=False) as kept, ProgressBar() as progress:
        try:
            now = read_simulated_clock(kept.home) or utc_now()
            made = create_backup(kept, place, keep=keep, now=now, progress=progress)
        except KeyboardInterrupt:
            raise KeyboardInterrupt("no backup was made") from None
    document = BackupDocument.from_creation(made)
    _show_backup(document, as_json=as_json)
    ctx.exit(0 if document.is_whole else 1)


@click.command()
@click.argument("place", metavar="BACKUP", type=_File)
@click.option("--force", is_flag=True, help="Replace the contents of the store, and omit broken files.")
@options.json_option
@click.pass_context
def restore(ctx: click.Context, place: Path, force: bool, as_json: bool) -> None:
    """Restore a backup into an empty store, and verify it.

    Runs that were in progress are interrupted, and can be resumed; runs that waited for a worker are held. Files of raw
    data that are not in the backup stay.
    """
    from qdash_builtin.home.backups.data_location import open_location
    from qdash_builtin.home.backups.reader import open_backup
    from qdash_builtin.home.backups.restoration import restore as restore_backup
    from qdash_builtin.home.doctor import verify_data
    from qdash_builtin.home.views.backups import RestoreDocument
    from qdash_cli.rendering.progress import ProgressBar
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.process.clock import utc_now
    from qdash_core.settings import load_settings

    settings, registry = load_settings(), load_plugins()
    with open_backup(place) as found, ProgressBar() as progress:
        try:
            with open_location(settings, registry, made=True) as kept:
                restored = restore_backup(found, kept, force=force, now=utc_now(), progress=progress)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(
                "the restored data are not in use yet; run the same command again to continue"
            ) from None
        findings = verify_data(settings, registry, progress)
        document = RestoreDocument.from_manifest(place, found.manifest, restored, findings)
    _show_restored(document, as_json=as_json)
    ctx.exit(1 if any(check.status == "failed" for check in document.checks) else 0)


@click.command()
@click.argument("place", metavar="[BACKUP]", type=_File, required=False)
@options.json_option
@click.pass_context
def verify(ctx: click.Context, place: Path | None, as_json: bool) -> None:
    """Verify every file of a backup, or every page, document and file of store and raw data."""
    from qdash_builtin.home.backups.reader import open_backup
    from qdash_builtin.home.commands.home import show_checks
    from qdash_builtin.home.doctor import verify_data
    from qdash_builtin.home.views.backups import BackupDocument
    from qdash_builtin.home.views.doctor import DoctorDocument
    from qdash_cli.rendering.progress import ProgressBar
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.settings import load_settings

    if place is None:
        with ProgressBar() as progress:
            checks = DoctorDocument.from_findings(verify_data(load_settings(), load_plugins(), progress))
        show_checks(checks, as_json=as_json)
        ctx.exit(1 if checks.failed else 0)
    with open_backup(place) as found, ProgressBar() as progress:
        document = BackupDocument.from_manifest(place, found.manifest, found.list_problems(progress))
    _show_backup(document, as_json=as_json)
    ctx.exit(0 if document.is_whole else 1)


@click.command()
@click.argument("file", metavar="NEW_FILE", type=_File)
@options.json_option
def recover(file: Path, as_json: bool) -> None:
    """Copy the readable data of a damaged store to a new SQLite file. The store is not changed."""
    from urllib.parse import urlsplit

    from qdash_builtin.home.backups.salvage import salvage
    from qdash_builtin.home.views.backups import RecoveryDocument
    from qdash_cli.rendering.progress import ProgressBar
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.settings import load_settings

    url = load_settings().store_url
    with ProgressBar() as progress:
        kind = load_plugins().store_class(urlsplit(url).scheme)
        document = RecoveryDocument.from_salvage(file, salvage(kind, url, file, progress=progress))
    if as_json:
        emit_json(document)
        return
    print_table(
        ("collection", "saved", "lost"),
        ((name, one.saved, one.lost) for name, one in document.collections.items() if one.saved or one.lost),
    )
    print_message(f"open it with QDASH_STORE_URL=sqlite:///{file.absolute()} and qdash doctor --deep")


def _show_backup(document: BackupDocument, *, as_json: bool) -> None:
    if as_json:
        emit_json(document)
        return
    documents = format_count(sum(document.documents.values()), "document")
    files = f"{format_count(document.files, 'file')} of raw data ({document.bytes / 2**20:.1f} MiB)"
    of_chips = f", {format_count(document.chip_files, 'file')} of chips" if document.chip_files else ""
    print_message(
        f"{document.backup}: {documents}, {files}{of_chips}, of {document.made_at:%Y-%m-%d %H:%M:%S} UTC"
    )
    for paths, what in (
        (document.missing, "missing when it was made"),
        (document.altered, "changed before the backup was made"),
        (document.problems, "changed since the backup was made"),
    ):
        if paths:
            print_message(f"{format_count(len(paths), 'part')} {what}: {_list_first(paths, ', ')}", err=True)
    if document.removed:
        print_message(
            f"removed {_list_first(document.removed, ', ')}: {(document.freed_bytes or 0) / 2**20:.1f} MiB freed"
        )
    if document.unreadable:
        print_message(
            f"{_list_first(document.unreadable, ', ')} cannot be read, so no raw data were removed from the folder: "
            "move damaged backups away",
            err=True,
        )
    if document.left_out:
        print_message(
            f"without what backends keep of some chips: {_list_first(document.left_out, '; ')}",
            err=True,
        )


def _list_first(texts: list[str], between: str) -> str:
    return between.join([*texts[:_SHOWN], *(["..."] if len(texts) > _SHOWN else [])])


def _show_restored(document: RestoreDocument, *, as_json: bool) -> None:
    from qdash_builtin.home.commands.home import show_checks
    from qdash_builtin.home.views.doctor import DoctorDocument

    if as_json:
        emit_json(document)
        return
    files = document.files + document.chip_files
    print_message(
        f"restored {format_count(document.documents, 'document')} and {format_count(files, 'file')}"
    )
    for names, what in (
        (document.interrupted, "interrupted, to be resumed with qdash executions resume ID"),
        (document.held, "held in the queue, to be released with qdash queue release ID"),
        (document.left_out, "omitted, because it is broken in the backup"),
        (document.stayed, "kept as it was, because instruments do not return to an earlier state"),
    ):
        if names:
            print_message(f"{what}: {', '.join(names)}")
    show_checks(DoctorDocument(checks=document.checks), as_json=False)
