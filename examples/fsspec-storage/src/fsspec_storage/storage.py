"""Raw data at any URL of fsspec: `s3://bucket/folder`, `gs://bucket/folder`, `sftp://host/folder`, `local:///folder`, ..."""

import os
import uuid
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath

import fsspec
from qdash_core import InvalidInputError, StoreError
from qdash_core.artifacts.checksums import checksum_of, copy
from qdash_core.artifacts.raw_data import read, writer_of


class FsspecStorage:
    """Raw data as files below one folder of a file system of fsspec's.

    `memory` is for trials: it ends with its process. What `file` says is QDash's own; `local` means the same to fsspec.
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
        return self._write(path, writer_of(raw))

    def write(self, path, source):
        return self._write(path, lambda file: copy(source, file))

    def load_raw_data(self, path):
        with self.reading(path) as file:
            return read(file, path)

    def exists(self, path):
        return self.files.isfile(self._confined(path))

    def checksum(self, path):
        with self.reading(path) as file:
            return checksum_of(file)

    def paths(self):
        try:
            found = self.files.find(self.root)
        except FileNotFoundError:
            return
        for name in found:
            if not PurePosixPath(name).name.startswith("."):  # it is being written, or was cut
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
        """Write a file and take it away again, and the folders that were made for it.

        Object stores have no folders, and nothing but writing tells whether they can be written to.
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
        """Write a file under another name and give it its own when it is whole: so a kill leaves what was there."""
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
        """Wait for the disk where there is one; other places have the file when it is closed."""
        file.flush()
        with suppress(AttributeError, OSError, NotImplementedError):
            os.fsync(file.fileno())

    def _rename(self, temporary, target):
        """Give a file its name at once: file systems that can have a `mv` of their own, object stores copy at once."""
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
        """Return the folders that are not there, the deepest first."""
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
