"""Configuration and fixtures of all tests."""

from __future__ import annotations

import gc
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

from . import slow_units
from .cpu_budget import CpuBudget, count_processors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pymongo import MongoClient
    from pymongo.database import Database

    from qdash_mongo.server import MongoServer

TESTS = Path(__file__).parent
ROOT = TESTS.parent


# Until the end of the collection: modules and tests stay alive, and collecting garbage among them takes a fifth of the time.
gc.disable()

# Files of tests in memory where there is room for them: synchronising a disk takes a sixth of the time.
MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 8e9:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

# Commands ask no host at which the user of this machine has logged in.
CONFIGURATION = TemporaryDirectory(prefix="qdash-tests-", ignore_cleanup_errors=True)
os.environ["XDG_CONFIG_HOME"] = CONFIGURATION.name

# Before any import of numpy, here and in child processes: each processor has a worker, and matrices are small.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Without bytecode files each of the many processes would compile all its imports, which takes seconds.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

LONG_QUICK = (
    ("tests/prefect",),
    ("tests/docs/test_samples.py", "tests/enforcement/test_checkers.py"),
    ("tests/faults/test_faults.py", "tests/journeys/test_resume.py", "tests/journeys/test_demo.py"),
)
"""Prefixes of the quick tests that start first, since the end of the session would have to wait for
them.

Each group starts in a process of its own, since servers of Prefect in several of them would be slow, too.
"""

SERVICES = (
    *(
        f"tests/core/{name}/"
        for name in ("access", "attempts", "flows", "models", "runners", "scheduling", "tasks", "validation")
    ),
    "tests/notify/",
    *(
        f"tests/features/{name}"
        for name in (
            *("comparisons/test_service", "cooldowns/", "digests/", "exchange/", "flows/", "metrics/"),
            *("notes/test_metric_notes", "provenance/", "reports/"),
            *(f"runs/test_{name}" for name in ("forecasts", "previews", "request_validation", "timelines")),
            *("values/test_adoption", "values/test_target_status"),
            *(f"chips/test_{name}" for name in ("chip_topology", "chips", "design", "wiring")),
            *(
                f"home/test_{name}"
                for name in ("digest_timetables", "growth", "home_state", "unattended_runs")
            ),
            *(f"people/test_{name}" for name in ("audit", "preferences", "project_service", "tokens")),
            *(f"people/test_{name}" for name in ("users", "who_may_what")),
            *(
                f"results/test_{name}"
                for name in ("backend", "figures", "raw_data", "refit", "reruns", "thumbnails")
            ),
        )
    ),
)
"""Prefixes of tests of services whose rules need only the contract of a store: on SQLite they are slow tests, on
MongoDB they run before a release.
"""
_SLOW_MODULE = re.compile(rb"^pytestmark = pytest\.mark\.(slow|release)\b", re.MULTILINE)
_SLOW_WORDS = re.compile(rb"slow|every_store|keep_quick|Contract\b")
"""Words of which a module with a slow test has one."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out modules without a test of the group, unless they are named: importing them takes time in each process."""
    if collection_path.suffix != ".py" or not (are_quick(config) or are_slow(config)):
        return None
    source = collection_path.read_bytes()
    is_other = _SLOW_MODULE.search(source) if are_quick(config) else not _SLOW_WORDS.search(source)
    return True if is_other else None


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Refuse tests of two commands; after the deselection, order the tests."""
    for item in items:
        if {"slow", "release"} <= {mark.name for mark in item.iter_markers()}:
            raise pytest.UsageError(f"{item.nodeid} is marked slow and release: mark each parameter with one")
    for path in {item.path for item in items if item.get_closest_marker("slow")}:
        if not _SLOW_WORDS.search(path.read_bytes()):
            raise pytest.UsageError(f"{path} has a slow test and none of the words {_SLOW_WORDS.pattern!r}")
    yield
    if are_slow(config):
        items.sort(key=lambda item: slow_units.rank(item.nodeid))
    else:
        order_items(config, items)


def order_items(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Move long tests to the start of a process's share; the others stay in order."""
    processes = int(getattr(config, "workerinput", {}).get("workercount", 1))
    begins: list[list[pytest.Item]] = [[] for _ in range(processes)]
    others: list[pytest.Item] = []
    for item in items:
        group = next((at for at, names in enumerate(LONG_QUICK) if item.nodeid.startswith(names)), None)
        (others if group is None else begins[group % processes]).append(item)
    left, share = iter(others), -(-len(items) // processes)
    shares = [[*begin, *islice(left, max(0, share - len(begin)))] for begin in begins]
    items[:] = [*chain.from_iterable(shares), *left]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test marked `every_store` on each kind of store, on some among the slow tests or before a
    release; others run in memory.
    """
    if "store_url" in metafunc.fixturenames and metafunc.definition.get_closest_marker("every_store"):
        of_service = metafunc.definition.nodeid.startswith(SERVICES)
        slow, release = pytest.mark.slow, pytest.mark.release
        on_sqlite, on_mongodb = (slow, release) if of_service else ((), slow)
        stores = [
            "memory",
            pytest.param("sqlite", marks=on_sqlite),
            pytest.param("mongodb", marks=on_mongodb),
        ]
        metafunc.parametrize("store_url", stores, indirect=True)


def pytest_collection_finish() -> None:
    """Make garbage collection less frequent, and exclude existing objects from it."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session")
def prepared_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Processes that `faults` and the contract of runners start are forks of the prepared process."""
    from .prepared.forked_starts import start_forks

    with start_forks(tmp_path_factory):
        yield


# A deadline for an example is meaningless on a busy machine.
settings.register_profile("random", deadline=None)
settings.register_profile("fixed", deadline=None, derandomize=True, database=None, max_examples=24)


def pytest_configure(config: pytest.Config) -> None:
    """Select the examples of properties, fixed ones in the test command, and undo changes of the process."""
    fixed = are_quick(config)
    settings.load_profile("fixed" if fixed else "random")
    if fixed:
        config.pluginmanager.register(CpuBudget())
    if (
        fixed
    ):  # Otherwise examples contain constants of the modules that the process happens to have imported.
        providers._get_local_constants = providers.Constants
    # A shell's background ignores Ctrl-C, `nohup` SIGHUP, and that is inherited.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    # xdist sets a terminal width for its workers, which would wrap output. Tests of widths set their own.
    os.environ.pop("COLUMNS", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Return the number of workers for `-n auto`: two more than processors, since tests often wait for other processes. With more,
    browsers, Prefect's servers and their workers would wait for each other longer than their tests do.
    """
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else count_processors() + 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Compile a fresh checkout once for all workers, which would each compile everything concurrently."""
    folders = sorted(path for path in TESTS.iterdir() if path.is_dir() and any(path.rglob("test_*.py")))
    if next(TESTS.rglob("*-pytest-*.pyc"), None) is None:
        shares = [folders[first :: count_processors()] for first in range(count_processors())]
        command = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "", "-p", "no:cacheprovider")
        compiling = [
            subprocess.Popen([*command, *share], stdout=subprocess.DEVNULL) for share in shares if share
        ]
        for process in compiling:
            process.wait()


def are_quick(config: pytest.Config) -> bool:
    """Return whether these are the tests of the test command, without slow ones."""
    return config.option.markexpr in config.getini("addopts")


def are_slow(config: pytest.Config) -> bool:
    """Return whether these are the slow tests."""
    return bool(config.option.markexpr == "slow")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object | None:
    """Return a scheduler of units for slow tests, and for others one that starts workers far apart and lets them steal
    work: a module's fixtures are made once, and no worker is idle early.
    """
    from xdist.scheduler import WorkStealingScheduling

    if config.getoption("dist") != "load":
        return None
    return slow_units.make_scheduler(config, log) if are_slow(config) else WorkStealingScheduling(config, log)


@pytest.fixture(autouse=True)
def _remembered_features() -> Iterator[None]:
    """Forget the features and entities that a test passed in."""
    names = ("_REMEMBERED", "_ENTITIES")
    former = {
        name: dict(getattr(sys.modules.get("qdash_core.features.declarations"), name, {})) for name in names
    }
    yield
    if (features := sys.modules.get("qdash_core.features.declarations")) is not None:
        for name in names:
            kept = getattr(features, name)
            kept.clear()
            kept.update(former[name])


@pytest.fixture(scope="session", autouse=True)
def _forked_readers() -> None:
    with suppress(ImportError):  # the tests of other members run without the core
        from .prepared.forks import let_readers_be_forks

        let_readers_be_forks()


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """A MongoDB server for the whole session, which must not be stopped: start another one for that."""
    from qdash_mongo.server import MongoServer  # the tests of other members run without it

    server = MongoServer(tmp_path_factory.mktemp("mongo"))
    server.start()
    yield server
    server.kill()  # faster than a clean stop, and its data are no longer needed


@pytest.fixture
def new_mongo_url(mongo_server: MongoServer) -> Iterator[str]:
    """URL of a new store on the server; the store is removed after the test."""
    database = f"test_{uuid4().hex}"
    yield mongo_server.url(database)
    mongo_server.drop(database)


@pytest.fixture(scope="session")
def emptied_databases() -> list[str]:
    """Unused databases of the shared server: `mongo_url` takes and returns them."""
    return []


@pytest.fixture(scope="session")
def emptier(mongo_server: MongoServer) -> Iterator[MongoClient[dict[str, Any]]]:
    """A client of the shared server, which empties databases between tests."""
    from pymongo import MongoClient

    with MongoClient[dict[str, Any]](mongo_server.url(""), serverMonitoringMode="poll") as client:
        yield client


@pytest.fixture
def mongo_url(
    mongo_server: MongoServer, emptier: MongoClient[dict[str, Any]], emptied_databases: list[str]
) -> Iterator[str]:
    """URL of an empty store on the server; often an earlier test's, since its indexes are slow to create."""
    database = emptied_databases.pop() if emptied_databases else f"test_{uuid4().hex}"
    yield mongo_server.url(database)
    empty(emptier[database])
    emptied_databases.append(database)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite store: copying it is faster than creating one."""
    from qdash_sqlite.store import SQLiteStore

    path = tmp_path_factory.mktemp("empty") / "qdash.db"
    SQLiteStore.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty store: in memory, or of each kind in turn for a test marked `every_store`."""

    def sqlite() -> str:
        shutil.copyfile(request.getfixturevalue("empty_sqlite"), tmp_path / "qdash.db")
        return f"sqlite:///{tmp_path}/qdash.db"

    make: dict[str, Callable[[], str]] = {
        "memory": lambda: f"memory://{tmp_path}",
        "sqlite": sqlite,
        "mongodb": lambda: str(request.getfixturevalue("mongo_url")),
    }
    return make[getattr(request, "param", "memory")]()


def empty(database: Database[dict[str, Any]]) -> None:
    """Remove the contents of a store on MongoDB, but not its indexes."""
    from qdash_core.repositories.catalogue import CATALOGUE
    from qdash_core.repositories.schema import COLLECTIONS
    from qdash_mongo.database import REGISTER

    names = database.list_collection_names()
    for name in _not_empty(database, [name for name in names if name in COLLECTIONS]):
        database[name].delete_many({})
    for name in set(names).difference(COLLECTIONS, [REGISTER, CATALOGUE]):
        database.drop_collection(name)
    database[CATALOGUE].delete_many({"_id": {"$not": {"$in": [*COLLECTIONS]}}})
    database[REGISTER].update_one({}, {"$set": {"mark": "", "numbers": {}}})


def _not_empty(database: Database[dict[str, Any]], names: list[str]) -> list[str]:
    """Return the non-empty collections, since one query is faster than emptying each."""
    if not names:
        return []
    of = {name: [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}] for name in names}
    others: list[Mapping[str, Any]] = [
        {"$unionWith": {"coll": name, "pipeline": of[name]}} for name in names[1:]
    ]
    return [str(found["_id"]) for found in database[names[0]].aggregate([*of[names[0]], *others])]
