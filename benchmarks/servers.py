"""Server processes for the length of a benchmark."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.runtime.application import QDash

PATIENCE_S = 60.0
CHROMIUM = "/usr/bin/chromium"


@contextmanager
def store_url(store: str, home: Path) -> Iterator[str]:
    """Yield the URL of a store in a folder, "SQLite" or "MongoDB", with its server running."""
    if store == "SQLite":
        yield f"sqlite:///{home}/qdash.db"
        return
    from qdash_mongo.server import MongoServer

    with MongoServer(home / "mongod", cache_gb=1) as server:
        yield server.url("qdash")


@contextmanager
def opened_store(store: str, home: Path) -> Iterator[QDash]:
    """Yield QDash on a store in a folder: "memory", "SQLite" or "MongoDB", with its server running."""
    from qdash_core import load_plugins, open_qdash
    from qdash_core.settings import load_settings

    with nullcontext("memory://") if store == "memory" else store_url(store, home) as url:
        settings = load_settings(home=home, store_url=url, artifacts_url=(home / "artifacts").as_uri())
        with open_qdash(settings, load_plugins()) as qdash:
            yield qdash


@contextmanager
def host(home: Path, url: str, python: str = sys.executable) -> Iterator[tuple[psutil.Process, str]]:
    """Yield the process of a host on a store and its URL, in the environment of an interpreter."""
    port = free_port()
    environment = {**os.environ, "QDASH_HOME": str(home), "QDASH_STORE_URL": url}
    with answering([program("qdash", python), "api", "--port", str(port)], port, env=environment) as found:
        yield found


@contextmanager
def answering(
    command: list[str], port: int, *, path: str = "/health", **given: Any
) -> Iterator[tuple[psutil.Process, str]]:
    """Start a server, and yield its process and URL once it responds at a path."""
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **given) as process:
        try:
            deadline = time.monotonic() + PATIENCE_S
            while True:
                try:
                    httpx.get(f"{address}{path}", timeout=PATIENCE_S)
                    break
                except httpx.TransportError:
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)
            yield psutil.Process(process.pid), address
        finally:
            process.terminate()


def program(name: str, python: str = sys.executable) -> str:
    """Return the path of a command in the environment of an interpreter."""
    return str(Path(python).with_name(name))


def memory_mb(process: psutil.Process) -> float:
    """Return the memory of a process."""
    return float(process.memory_info().rss) / 1e6


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
