"""Storage of raw data at any URL of fsspec: `s3://bucket/folder`, `gs://bucket/folder`, `sftp://host/folder`,
`local:///folder`, ...
"""

import os
import uuid
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath

import fsspec
from qdash_core import (
    InvalidInputError,
    StoreError,
    compute_checksum,
    copy_with_checksum,
    make_raw_data_writer,
    read_raw_data,
)


class FsspecStorage:
    """Storage of raw data as files in one folder of an fsspec file system.

    `memory` is for trials: it ends with its process. QDash handles `file` itself; `local` means the same to
    fsspec.
    """

    schemes = ("memory", "local", "s3", "gs", "az", "abfs", "sftp", "ssh", "smb", "hdfs", "webdav", "webdavs")

    def __init__(self, files, root):
        self.files = files
        self.root = root.rstrip("/")

    @classmethod
    def open(cls, url):
        try:
            return cls(*fsspec.core.url_to_fs(url))
        except (ImportError, ValueError) as error:
            raise StoreError(f"cannot open artifacts at {url.partition('://')[0]}://...: {error}") from error

    def save_raw_data(self, path, raw):
        return self._write(path, make_raw_data_writer(raw))

    def write(self, path, source):
        return self._write(path, lambda file: copy_with_checksum(source, file))

    def load_raw_data(self, path):
        with self.reading(path) as file:
            return read_raw_data(file, path)

    def exists(self, path):
        return self.files.isfile(self._confined(path))

    def checksum(self, path):
        with self.reading(path) as file:
            return compute_checksum(file)

    def size(self, path):
        name = self._confined(path)
        try:
            return self.files.size(name)
        except FileNotFoundError as error:
            raise StoreError(f"{path}: the raw data are no longer there") from error
        except Exception as error:
            raise StoreError(f"{path} cannot be read: {error}") from error

    def remove(self, path):
        name = self._confined(path)
        try:
            if self.files.isfile(name):
                self.files.rm_file(name)
        except Exception as error:
            raise StoreError(f"{path} cannot be removed: {error}") from error

    def paths(self):
        try:
            found = self.files.find(self.root)
        except FileNotFoundError:
            return
        for name in found:
            if not PurePosixPath(name).name.startswith("."):  # unfinished or interrupted
                yield name.removeprefix(self.root).removeprefix("/")

    @contextmanager
    def reading(self, path):
        name = self._confined(path)
        try:
            file = self.files.open(name, "rb")
        except FileNotFoundError as error:
            raise StoreError(f"{path}: the raw data are no longer there") from error
        except Exception as error:
            raise StoreError(f"{path} cannot be read: {error}") from error
        with file:
            yield file

    def check(self):
        """Write a file, then remove it and the folders created for it.

        Object stores have no folders, and only a write shows whether they are writable.
        """
        made = self._folders_to_be_made()
        name = f"{self.root}/.check-{uuid.uuid4()}"
        with self._told(self.root):
            self.files.makedirs(self.root, exist_ok=True)
            self.files.pipe_file(name, b"")
            self.files.rm_file(name)
            for folder in made:
                if self.files.isdir(folder):
                    self.files.rmdir(folder)

    def _write(self, path, write):
        """Write a file under a temporary name, and rename it when it is complete, so that a kill leaves the
        previous one.
        """
        target = self._confined(path)
        folder, _, name = target.rpartition("/")
        temporary = f"{folder}/.{name}.{uuid.uuid4()}"
        with self._told(path):
            self.files.makedirs(folder, exist_ok=True)
            try:
                with self.files.open(temporary, "wb") as file:
                    checksum = write(file)
                    self._make_durable(file)
                self._rename(temporary, target)
            except BaseException:
                if self.files.exists(temporary):
                    self.files.rm_file(temporary)
                raise
        return checksum

    @staticmethod
    def _make_durable(file):
        """Sync the file to the disk if there is one; other file systems store the file when it is closed."""
        file.flush()
        with suppress(AttributeError, OSError, NotImplementedError):
            os.fsync(file.fileno())

    def _rename(self, temporary, target):
        """Rename a file atomically if the file system can (`mv`); object stores copy atomically."""
        if type(self.files).mv is not fsspec.AbstractFileSystem.mv:
            self.files.mv(temporary, target)
        else:  # not its `mv`, which takes `?` and `*` in a name for patterns
            self.files.cp_file(temporary, target)
            self.files.rm_file(temporary)

    @contextmanager
    def _told(self, path):
        try:
            yield
        except InvalidInputError:
            raise
        except Exception as error:
            raise StoreError(f"raw data cannot be written to {path}: {error}") from error

    def _folders_to_be_made(self):
        """Return the missing folders, the deepest first."""
        made, folder = [], self.root
        while "/" in folder.strip("/") and not self.files.exists(folder):
            made.append(folder)
            folder = folder.rpartition("/")[0]
        return made

    def _confined(self, path):
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts:
            raise InvalidInputError(f"artifact path {path!r} leaves its storage")
        return f"{self.root}/{pure}"
