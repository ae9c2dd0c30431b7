"""What all tests share."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pymongo import MongoClient
    from pymongo.database import Database

    from qdash_mongo.server import MongoServer

TESTS = Path(__file__).parent
ROOT = TESTS.parent


# Until all is collected: modules and tests stay to the end, and to look through them for garbage takes a fifth of the time.
gc.disable()

# Before anything imports numpy, here and in processes that tests start: a worker a processor, and its matrices are small.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Without bytecode beside the modules each of the many processes would compile all that it imports, which takes seconds.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

LONG = (
    ("tests/prefect",),
    ("tests/docs/test_samples.py", "tests/enforcement/test_checkers.py"),
    ("tests/faults/test_faults.py", "tests/journeys/test_resume.py", "tests/journeys/test_demo.py"),
)
"""Files and folders with tests that take long: they begin first, or the last of them would be waited for in the end.

Each group begins in a process of its own: to start a server of Prefect in several of them would take long, too.
"""

SERVICES = tuple(
    f"tests/core/{name}"
    for name in (
        *(
            "attempts",
            "cooldowns",
            "exchange",
            "flows",
            "health",
            "metrics",
            "models",
            "notifiers",
            "runners",
        ),
        *("scheduling", "tasks", "validation"),
        *(f"projects/test_{name}" for name in ("audit", "preferences", "project_service", "saved_flows")),
        *(f"projects/test_{name}" for name in ("services_ask", "tokens", "users", "who_may_what")),
        *(f"results/test_{name}" for name in ("backend", "figures", "refit", "thumbnails")),
    )
)
"""Beginnings of names of tests whose rules need no more of a store than its contract: on MongoDB they run before a release."""


@pytest.hookimpl(trylast=True)  # of the tests that are left
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put long tests where the share of a process begins; the others stay in their order."""
    processes = int(getattr(config, "workerinput", {}).get("workercount", 1))
    begins: list[list[pytest.Item]] = [[] for _ in range(processes)]
    others: list[pytest.Item] = []
    for item in items:
        group = next((at for at, names in enumerate(LONG) if item.nodeid.startswith(names)), None)
        (others if group is None else begins[group % processes]).append(item)
    left, share = iter(others), -(-len(items) // processes)
    shares = [[*begin, *islice(left, max(0, share - len(begin)))] for begin in begins]
    items[:] = [*chain.from_iterable(shares), *left]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test marked `every_store` on each kind of store, on MongoDB among the slow tests or before a release; others run in memory."""
    if metafunc.definition.get_closest_marker("every_store") and "store_url" in metafunc.fixturenames:
        of_service = metafunc.definition.nodeid.startswith(SERVICES)
        mark = pytest.mark.release if of_service else pytest.mark.slow
        stores = ["memory", "sqlite", pytest.param("mongodb", marks=mark)]
        metafunc.parametrize("store_url", stores, indirect=True)


def pytest_collection_finish() -> None:
    """Collect garbage from now on, more seldom than usual, and not what is there to the end."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


# How long an example may take says nothing on a machine that does other things besides.
settings.register_profile("random", deadline=None)
settings.register_profile("fixed", deadline=None, derandomize=True, database=None, max_examples=24)


def pytest_configure(config: pytest.Config) -> None:
    """Choose the examples of properties, fixed ones in the test command, and undo what would change processes."""
    fixed = config.option.markexpr in config.getini("addopts")
    settings.load_profile("fixed" if fixed else "random")
    if fixed:  # Else examples contain constants of the modules that the process happens to have imported.
        providers._get_local_constants = providers.Constants
    # A shell's background ignores Ctrl-C, `nohup` SIGHUP, and that is inherited.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    # xdist gives its workers a width; what commands print is folded to it. A test that is about widths says one.
    os.environ.pop("COLUMNS", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """Return how many workers `-n auto` means: two more than processors, since tests often wait for other processes."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else processors() + 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Compile a fresh checkout once for all workers: each would compile everything for itself, at the same time."""
    folders = sorted(path for path in TESTS.iterdir() if path.is_dir() and any(path.rglob("test_*.py")))
    if next(TESTS.rglob("*-pytest-*.pyc"), None) is None:
        shares = [folders[first :: processors()] for first in range(processors())]
        command = (sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
        compiling = [
            subprocess.Popen([*command, *share], stdout=subprocess.DEVNULL) for share in shares if share
        ]
        for process in compiling:
            process.wait()


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object | None:
    """Let workers begin far apart and take from each other: what a module shares is made once, and none is idle early."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoServer]:
    """Return a MongoDB server that runs while the tests do. It is not to be stopped: start another one for that."""
    from qdash_mongo.server import MongoServer  # the other members' tests run without it

    server = MongoServer(tmp_path_factory.mktemp("mongo"))
    server.start()
    yield server
    server.kill()  # quicker than to stop it, and nobody wants its data any more


@pytest.fixture
def new_mongo_url(mongo_server: MongoServer) -> Iterator[str]:
    """URL of a store on the server that does not exist yet; it is removed after the test."""
    database = f"test_{uuid4().hex}"
    yield mongo_server.url(database)
    mongo_server.drop(database)


@pytest.fixture(scope="session")
def emptied_databases() -> list[str]:
    """Return the databases of the shared server that no test has now: `mongo_url` takes and returns them."""
    return []


@pytest.fixture(scope="session")
def emptier(mongo_server: MongoServer) -> Iterator[MongoClient[dict[str, Any]]]:
    """Return a client of the shared server, for who makes room on it between tests."""
    from pymongo import MongoClient

    with MongoClient[dict[str, Any]](mongo_server.url(""), serverMonitoringMode="poll") as client:
        yield client


@pytest.fixture
def mongo_url(
    mongo_server: MongoServer, emptier: MongoClient[dict[str, Any]], emptied_databases: list[str]
) -> Iterator[str]:
    """URL of a store on the server that holds nothing; often an earlier test's, since to make its indexes takes long."""
    database = emptied_databases.pop() if emptied_databases else f"test_{uuid4().hex}"
    yield mongo_server.url(database)
    empty(emptier[database])
    emptied_databases.append(database)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store on SQLite that holds nothing: to copy it is quicker than to make one."""
    from qdash_core.repositories.sqlite import SQLiteStore

    path = tmp_path_factory.mktemp("empty") / "qdash.db"
    SQLiteStore.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a store that holds nothing: in memory, and for a test marked `every_store` of each kind in turn."""

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
    """Remove what a store on MongoDB holds, but not its indexes."""
    from qdash_core.repositories.schema import COLLECTIONS
    from qdash_mongo.database import REGISTER

    names = database.list_collection_names()
    for name in _not_empty(database, [name for name in names if name in COLLECTIONS]):
        database[name].delete_many({})
    for name in set(names).difference(COLLECTIONS, [REGISTER]):
        database.drop_collection(name)
    database[REGISTER].update_one({}, {"$set": {"mark": "", "numbers": {}}})


def _not_empty(database: Database[dict[str, Any]], names: list[str]) -> list[str]:
    """Return those of the collections that hold anything: to ask once is quicker than to empty each."""
    if not names:
        return []
    of = {name: [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}] for name in names}
    others: list[Mapping[str, Any]] = [
        {"$unionWith": {"coll": name, "pipeline": of[name]}} for name in names[1:]
    ]
    return [str(found["_id"]) for found in database[names[0]].aggregate([*of[names[0]], *others])]
