"""What all tests share."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from qdash_mongo.server import MongoServer


def pytest_configure() -> None:
    """Let tests interrupt processes: a shell's background ignores Ctrl-C, `nohup` SIGHUP, and that is inherited."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """Return a MongoDB server that runs while the tests do. It is not to be stopped: start another one for that."""
    from qdash_mongo.server import MongoServer  # the other members' tests run without it

    server = MongoServer(tmp_path_factory.mktemp("mongo"))
    server.start()
    yield server
    server.kill()  # quicker than to stop it, and nobody wants its data any more


@pytest.fixture
def mongo_url(mongo_server: MongoServer) -> Iterator[str]:
    """URL of a store on the server that does not exist yet; it is removed after the test."""
    database = f"test_{uuid4().hex}"
    yield mongo_server.url(database)
    mongo_server.drop(database)


@pytest.fixture(params=["memory", "sqlite", "mongodb"])
def any_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a store that does not exist yet, of each kind in turn."""
    make: dict[str, Callable[[], str]] = {
        "memory": lambda: f"memory://{tmp_path}",
        "sqlite": lambda: f"sqlite:///{tmp_path}/qdash.db",
        "mongodb": lambda: str(request.getfixturevalue("mongo_url")),
    }
    return make[request.param]()
