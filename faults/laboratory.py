"""Laboratory under test: a home on a store, with a chip to measure."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient

from faults.commands import SITE, Command
from qdash_builtin.chips.feature import CHIPS as CHIPS_SERVICE
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import load_plugins, open_qdash
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from qdash_mongo.server import MongoServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.application import QDash

SQLITE, MONGODB = "sqlite", "mongodb"
STORES = (SQLITE, MONGODB)
PROJECT = "default"
_DEVICE = "jakarta"
_SEED = 3
QIDS = ("0", "1")
CHIPS = ("bench", "rack")
SHARED = "shared"
"""Chip whose multiplexers are measured by several runs at once, where a fault creates it."""


@dataclass(frozen=True)
class Laboratory:
    """A home on a store, and commands that use it.

    Attributes
    ----------
    home : Path
        A fresh home.
    store_url : str
        URL of its store.
    settings : mapping
        Environment of its commands, beside home and store.
    """

    home: Path
    store_url: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def start(self, *arguments: str, watched: bool = False, file_size: int | None = None) -> Command:
        """Start a command; if `watched`, also write the progress of its watcher to a file."""
        return self._start(
            *arguments, module="faults.observed_command" if watched else "", file_size=file_size
        )

    def start_own_flow(self) -> Command:
        """Start a user's own flow."""
        return self.start_module("faults.own_flow")

    def start_module(self, module: str, *arguments: str) -> Command:
        """Start a module with the file for progress and these arguments."""
        return self._start(*arguments, module=module)

    def _start(self, *arguments: str, module: str, file_size: int | None = None) -> Command:
        folder = self.home.parent
        return Command(
            *arguments, folder=folder, settings=self.environment, module=module, file_size=file_size
        )

    @property
    def environment(self) -> dict[str, str]:
        """Environment of its commands."""
        return {"QDASH_HOME": str(self.home), "QDASH_STORE_URL": self.store_url, **self.settings}

    def does(self, *arguments: str) -> str:
        """Run a command that must succeed, and return its output."""
        with self.start(*arguments) as command:
            status = command.ended()
            if status:
                raise RuntimeError(f"qdash {' '.join(arguments)} ended with {status}: {command.err}")
            return command.out

    @contextmanager
    def opened(self) -> Iterator[QDash]:
        """Open the home in this process, to prepare or inspect it."""
        settings = load_settings(home=self.home, store_url=self.store_url)
        with open_qdash(settings, load_plugins(extra={"faulty": _faulty_plugin()})) as qdash:
            yield qdash

    def only_execution(self) -> tuple[ExecutionModel, list[TaskResultModel]]:
        """Return the only execution with its results; raise RuntimeError unless there is exactly one."""
        with self.opened() as qdash:
            found = qdash.get(EXECUTIONS).newest(qdash.access("admin"))
            if len(found) != 1:
                raise RuntimeError(f"there are {len(found)} executions, and should be one")
            return qdash.get(EXECUTIONS).show(qdash.access("admin"), found[0].execution_id)

    def elsewhere(self, store_url: str) -> Laboratory:
        """Return the same home on another store."""
        return replace(self, store_url=store_url)

    def with_settings(self, **settings: str) -> Laboratory:
        """Return the same laboratory with additional environment variables."""
        return replace(self, settings={**self.settings, **settings})


@dataclass(frozen=True)
class Place:
    """A store on which faults are tested, one after the other.

    Attributes
    ----------
    store : str
        Kind of the store.
    folder : Path
        Folder of all its files.
    server : MongoServer or None
        Server of the store, if it has one.
    """

    store: str
    folder: Path
    server: MongoServer | None = None

    @contextmanager
    def laboratory(self, *, slow_s: float = 0.0, below: Path | None = None) -> Iterator[Laboratory]:
        """Yield a fresh home with the chips `bench` (a twin) and `rack` (whose tasks misbehave), and remove
        it afterwards.

        Parameters
        ----------
        slow_s : float
            Wall time of every measurement on `bench`, in s.
        below : Path or None
            Parent folder of the home, or None for that of the place.
        """
        with tempfile.TemporaryDirectory(dir=below or self.folder) as name:
            laboratory = Laboratory(Path(name) / "home", self.url(Path(name)))
            with laboratory.opened() as qdash:
                options = {"slow": slow_s}
                create_twin_chip(
                    qdash,
                    qdash.access("admin"),
                    "bench",
                    load_device(_DEVICE),
                    seed=_SEED,
                    options=options,
                )
                qdash.get(CHIPS_SERVICE).create(
                    qdash.access("admin"), "rack", get_builtin_topology("linear-16"), backend="faulty"
                )
            try:
                yield laboratory
            finally:
                self._clear()

    def url(self, folder: Path, name: str = "faults") -> str:
        """Return the URL of a store; `name` distinguishes it from others in the folder or on the server."""
        return f"sqlite:///{folder}/{name}.db" if self.server is None else self.server.url(name)

    def _clear(self) -> None:
        """Empty the databases, but keep collections and indexes, which are slow to create."""
        if self.server is not None:
            with MongoClient[dict[str, Any]](self.server.url("admin")) as client:
                for database in set(client.list_database_names()) - {"admin", "config", "local"}:
                    for name in COLLECTIONS:
                        client[database][name].delete_many({})


@contextmanager
def place(store: str, folder: Path) -> Iterator[Place]:
    """Yield a place for a kind of store, with its own server if it needs one."""
    folder.mkdir(parents=True, exist_ok=True)
    if store == SQLITE:
        yield Place(store, folder)
        return
    with MongoServer(folder / "mongod") as server:
        yield Place(store, folder, server)


def _faulty_plugin() -> object:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("faulty_laboratory", SITE / "faulty_laboratory.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
