"""Files below one folder: no path leaves it, and no symbolic link is followed, even if links are changed meanwhile.

Every part of a path is opened relative to the descriptor of the folder before it.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

from qdash_core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StoreError,
    StoreUnavailableError,
)
from qdash_core.process.clock import machine_now

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

Parts = tuple[str, ...]
EntryKind = Literal["file", "folder", "other"]

RESERVED = (".git", "head", "qdash.toml")
"""Names that are neither shown nor opened, in any case. git would run programs that `.git` names, or a folder with a file `HEAD`, which it
takes for a repository; QDash would obey `qdash.toml`."""
LONGEST_PATH = 1024
LONGEST_NAME = 255
"""Maximum lengths in bytes of UTF-8."""
DEEPEST = 32
MOST_ENTRIES = 10_000
"""Maximum number of entries of a folder that are listed, and of files of a folder tree."""

_DRIVE = re.compile(r"[A-Za-z]:")
_SHORT_NAME = re.compile(r"git~\d+")
_UNFINISHED = re.compile(r"\.qdash-[0-9a-f]{32}\.tmp")
_ABANDONED_S = 3600.0
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FULL = (errno.ENOSPC, errno.EDQUOT)
_UNWRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a folder.

    Parameters
    ----------
    kind : str
        `file`, `folder`, or `other` for what cannot be opened: links, devices, files with several hard links.
    size : int or None
        Bytes of a file, or None for others.
    changed_ns : int
        Time of the last change, in nanoseconds since 1970.
    """

    name: str
    kind: EntryKind
    size: int | None
    changed_ns: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Entries of a folder by name, and the number of those that are left out: reserved names, and names that no path can have."""

    entries: tuple[Entry, ...]
    left_out: int = 0


def parse_path(text: str, *, reserved: Collection[str] = RESERVED) -> Parts:
    """Return the parts of a relative path with `/`; none for the folder itself.

    Raises
    ------
    InvalidInputError
        If it leaves the folder, or a part is reserved or unsafe.
    """
    if not text:
        return ()
    if len(text.encode(errors="surrogatepass")) > LONGEST_PATH:
        raise InvalidInputError(f"a path has at most {LONGEST_PATH} bytes")
    if text.startswith("/") or _DRIVE.match(text):
        raise InvalidInputError(
            f"{text!r} is not relative: write the path below the root, without a leading /"
        )
    parts = tuple(text.split("/"))
    if len(parts) > DEEPEST:
        raise InvalidInputError(f"a path has at most {DEEPEST} parts")
    for part in parts:
        if (fault := find_fault(part, reserved=reserved)) is not None:
            raise InvalidInputError(f"path {text!r}: {fault}")
    return parts


def find_fault(name: str, *, reserved: Collection[str] = RESERVED) -> str | None:
    """Return why a name cannot be part of a path, or None if it can."""
    if not name:
        return "a part is empty"
    normal = unicodedata.normalize("NFKC", name)
    if normal in (".", ".."):
        return f"{name!r} is not accepted"
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "a name is not UTF-8"
    if size > LONGEST_NAME:
        return f"a name has at most {LONGEST_NAME} bytes"
    if any(one in normal for one in "\\/"):
        return "separate folders by /"
    if any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in name):
        return "a name has a control character or an invisible one"
    if name != name.strip() or name.endswith("."):
        return f"{name!r} begins or ends with a space, or ends with a full stop"
    folded = normal.casefold().partition(":")[0].rstrip(" .")
    if folded in reserved or _SHORT_NAME.fullmatch(folded) or _UNFINISHED.fullmatch(folded):
        return f"{name!r} is reserved"
    return None


class ConfinedFolder:
    """Files below a folder.

    Paths are those of `parse_path`. Files are regular and have one hard link: another one could be a file outside.

    All methods raise these errors, whose messages have the paths below the folder only:

    - NotFoundError: there is no such file or folder.
    - InvalidInputError: it, or a folder in its path, is a symbolic link, a device or something else that is not opened, or may not be written.
    - StoreUnavailableError: the folder itself cannot be opened, or its disk is full.
    - StoreError: the disk reports another error.

    Parameters
    ----------
    name : str
        Its name in messages.
    excluded : frozenset of tuple
        Device and number of files and folders that are not opened, wherever they are mounted.
    """

    def __init__(
        self, folder: Path, name: str, *, excluded: frozenset[tuple[int, int]] = frozenset()
    ) -> None:
        self.folder = folder
        self.name = name
        self._excluded = excluded

    def list(self, parts: Parts = ()) -> Listing:
        """Return the entries of a folder; raise InvalidInputError if there are too many."""
        entries: list[Entry] = []
        left_out = 0
        with self._open_folder(parts) as folder, self._explain(parts), os.scandir(folder) as found:
            for one in found:
                if _UNFINISHED.fullmatch(one.name):
                    continue
                if find_fault(one.name) is not None:
                    left_out += 1
                    continue
                with suppress(FileNotFoundError):  # it was removed meanwhile
                    entries.append(_make_entry(one.name, one.stat(follow_symlinks=False)))
                if len(entries) > MOST_ENTRIES:
                    raise InvalidInputError(f"{self._describe(parts)} has more than {MOST_ENTRIES} entries")
        return Listing(tuple(sorted(entries, key=lambda one: one.name)), left_out)

    def find(self, parts: Parts) -> Entry | None:
        """Return the entry of a path, or None if there is none; the folder itself has the name of the root."""
        try:
            if not parts:
                with self._open_folder(()) as folder:
                    return _make_entry(self.name, os.fstat(folder))
            with self._open_folder(parts[:-1]) as folder, self._explain(parts):
                return _make_entry(parts[-1], os.stat(parts[-1], dir_fd=folder, follow_symlinks=False))
        except NotFoundError:
            return None

    def stat(self, parts: Parts) -> os.stat_result:
        """Return the state of a file."""
        with self.open(parts) as file:
            return os.fstat(file.fileno())

    @contextmanager
    def open(self, parts: Parts) -> Iterator[BinaryIO]:
        """Open a file for reading."""
        with self._open_folder(parts[:-1]) as folder, self._explain(parts):
            descriptor = self._open_file(folder, parts)
        with os.fdopen(descriptor, "rb") as file:
            yield file

    def read(self, parts: Parts, *, most: int) -> bytes:
        """Return the contents of a file; raise InvalidInputError if they are longer than `most` bytes."""
        with self.open(parts) as file, self._explain(parts):
            contents = file.read(most + 1)
        if len(contents) > most:
            raise InvalidInputError(f"{self._describe(parts)} has more than {most} bytes: download it")
        return contents

    def write(self, parts: Parts, contents: bytes, *, mode: int | None = None) -> None:
        """Write a file atomically and durably, and create missing folders.

        A killed process leaves the former file or the new one. The file keeps its permissions; a new one has those of its folder, without
        the right to execute.

        Parameters
        ----------
        mode : int or None
            Permissions before the umask, or None for the above.
        """
        if not parts:
            raise InvalidInputError(f"{self.name}: name a file")
        self._make_folders(parts[:-1])
        with self._open_folder(parts[:-1]) as folder, self._explain(parts, writing=True):
            _remove_abandoned(folder)
            former = self._find_replaceable(folder, parts)
            temporary = f".qdash-{uuid.uuid4().hex}.tmp"
            descriptor = os.open(temporary, _NEW, 0o600 if mode is None else mode, dir_fd=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    if mode is None:
                        _copy_permissions(folder, former, descriptor)
                    file.write(contents)
                    file.flush()
                    os.fsync(descriptor)
                os.replace(temporary, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
                raise
            _sync_folder(folder)

    def remove(self, parts: Parts) -> None:
        """Remove a file; its folders stay."""
        with self._open_folder(parts[:-1]) as folder, self._explain(parts, writing=True):
            os.close(self._open_file(folder, parts))
            os.unlink(parts[-1], dir_fd=folder)
            _sync_folder(folder)

    def remove_folder(self, parts: Parts) -> None:
        """Remove an empty folder."""
        with self._open_folder(parts[:-1]) as folder, self._explain(parts, writing=True):
            os.rmdir(parts[-1], dir_fd=folder)

    def iter_files(self, parts: Parts = ()) -> Iterator[tuple[Parts, Entry]]:
        """Yield every file below a folder with its path, in order; raise InvalidInputError if there are too many."""
        count = 0
        waiting = [parts]
        while waiting:
            folder = waiting.pop()
            if len(folder) >= DEEPEST:
                continue
            entries = self.list(folder).entries
            for entry in entries:
                if entry.kind == "file":
                    count += 1
                    if count > MOST_ENTRIES:
                        raise InvalidInputError(f"{self._describe(parts)} has more than {MOST_ENTRIES} files")
                    yield (*folder, entry.name), entry
            waiting += [(*folder, one.name) for one in reversed(entries) if one.kind == "folder"]

    @contextmanager
    def _open_folder(self, parts: Parts) -> Iterator[int]:
        """Yield the descriptor of a folder."""
        try:
            descriptor = os.open(os.path.realpath(self.folder), _FOLDER | os.O_NOFOLLOW)
        except OSError as error:
            raise StoreUnavailableError(f"root {self.name} cannot be opened: {error.strerror}") from error
        try:
            with self._explain(parts):
                for index, part in enumerate(parts):
                    try:
                        below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
                    except OSError as error:
                        if error.errno in (errno.ENOTDIR, errno.ELOOP):
                            if stat.S_ISREG(os.stat(part, dir_fd=descriptor, follow_symlinks=False).st_mode):
                                raise FileNotFoundError from error
                            raise InvalidInputError(
                                f"{self._describe(parts[: index + 1])} is a symbolic link or a device, not a folder"
                            ) from error
                        raise
                    os.close(descriptor)
                    descriptor = below
                    self._require_accepted(os.fstat(below), parts[: index + 1])
            yield descriptor
        finally:
            os.close(descriptor)

    def _open_file(self, folder: int, parts: Parts) -> int:
        """Return the descriptor of a regular file with one hard link."""
        if not parts:
            raise InvalidInputError(f"{self.name}: name a file")
        try:
            descriptor = os.open(parts[-1], _FILE, dir_fd=folder)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENODEV):
                raise InvalidInputError(
                    f"{self._describe(parts)} is a symbolic link or a device, not a file"
                ) from error
            raise
        try:
            self._require_file(os.fstat(descriptor), parts)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _find_replaceable(self, folder: int, parts: Parts) -> os.stat_result | None:
        """Return the state of the file that a write replaces, or None if there is none."""
        try:
            found = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        self._require_file(found, parts)
        return found

    def _require_file(self, found: os.stat_result, parts: Parts) -> None:
        self._require_accepted(found, parts)
        if stat.S_ISDIR(found.st_mode):
            raise InvalidInputError(f"{self._describe(parts)} is a folder, not a file")
        if not stat.S_ISREG(found.st_mode):
            raise InvalidInputError(f"{self._describe(parts)} is a symbolic link or a device, not a file")
        if found.st_nlink > 1:
            raise InvalidInputError(
                f"{self._describe(parts)} has {found.st_nlink} hard links, so that it may be a file outside the root: replace it by a copy"
            )

    def _require_accepted(self, found: os.stat_result, parts: Parts) -> None:
        if (found.st_dev, found.st_ino) in self._excluded:
            raise InvalidInputError(f"{self._describe(parts)} is not opened: QDash keeps its own data there")

    def _make_folders(self, parts: Parts) -> None:
        for index in range(len(parts)):
            with self._open_folder(parts[:index]) as folder, self._explain(parts[: index + 1], writing=True):
                try:
                    os.mkdir(parts[index], os.fstat(folder).st_mode & 0o777, dir_fd=folder)
                except FileExistsError:
                    continue
                _sync_folder(folder)

    @contextmanager
    def _explain(self, parts: Parts, *, writing: bool = False) -> Iterator[None]:
        """Convert errors of the operating system."""
        try:
            yield
        except FileNotFoundError as error:
            raise NotFoundError(f"there is no {self._describe(parts)}") from error
        except FileExistsError as error:
            raise ConflictError(f"{self._describe(parts)} was created meanwhile: read it again") from error
        except OSError as error:
            if error.errno in _FULL:
                raise StoreUnavailableError(
                    f"{self._describe(parts)} cannot be written: no space left on the disk"
                ) from error
            if error.errno in _UNWRITABLE:
                verb = "written" if writing else "read"
                raise InvalidInputError(
                    f"{self._describe(parts)} cannot be {verb} by QDash on this machine: {error.strerror}"
                ) from error
            raise StoreError(f"{self._describe(parts)}: {error.strerror or error}") from error

    def _describe(self, parts: Parts) -> str:
        return "/".join((f"{self.name}:", *parts)).replace(":/", ":", 1)


def _make_entry(name: str, found: os.stat_result) -> Entry:
    if stat.S_ISDIR(found.st_mode):
        return Entry(name, "folder", None, found.st_mtime_ns)
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        return Entry(name, "file", found.st_size, found.st_mtime_ns)
    return Entry(name, "other", None, found.st_mtime_ns)


def _copy_permissions(folder: int, former: os.stat_result | None, descriptor: int) -> None:
    """Give a new file the permissions of the file that it replaces, or those of its folder."""
    with suppress(PermissionError):  # a file system without permissions, or a file of another user
        if former is None:
            os.fchmod(descriptor, os.fstat(folder).st_mode & 0o666)
            return
        os.fchmod(descriptor, former.st_mode & 0o777)
        os.fchown(descriptor, -1, former.st_gid)


def _sync_folder(folder: int) -> None:
    """Sync a folder, so that a new name is durable; file systems that cannot do this are ignored."""
    with suppress(OSError):
        os.fsync(folder)


def _remove_abandoned(folder: int) -> None:
    """Remove unfinished files that a killed process left in a folder."""
    with os.scandir(folder) as found:
        names = [one.name for one in found if _UNFINISHED.fullmatch(one.name)]
    for name in names:
        with suppress(OSError):
            if (
                os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime
                < machine_now().timestamp() - _ABANDONED_S
            ):
                os.unlink(name, dir_fd=folder)
