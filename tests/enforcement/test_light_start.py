"""Imports of a command: the help, and all commands that read the record, start at once."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TASKS = {"numpy", "qdash_analysis", "qdash_tasks.tasks"}
"""Modules needed for the declarations of all tasks."""
NUMBERS = TASKS | {"pandas", "plotly", "scipy", "streamlit"}
HOST = {"argon2", "fastapi", "httpx", "prometheus_client", "starlette", "uvicorn"}
ORIGINAL = {"bson", "pymongo", "qdash_mongo", "qdash_original.original_import"}
LIBRARY = {"qubex", "qxcore", "qxpulse", "qxschema", "qxsimulator", "qxvisualizer"}
"""Modules needed only for a connection to boxes: 250 MB, and seconds to import."""
MODEL = {"httpx2", "mcp", "openai", "pydantic_ai"}
"""Modules needed only for an answer of a language model: seconds to import."""
HEAVY = (
    NUMBERS | HOST | LIBRARY | ORIGINAL | MODEL | {"pydantic", "pydantic_settings", "rich", "yaml", "psutil"}
)


def _run(folder: Path, code: str, *arguments: str) -> str:
    """Run code in a fresh process, and return its standard error."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env={"QDASH_HOME": str(folder / "home"), "PATH": "", "HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stderr


HELP = (
    ("--help",),
    ("--version",),
    ("api", "--help"),
    ("calibrate", "--help"),
    ("chip", "--help"),
    ("demo", "--help"),
    ("doctor", "--help"),
    ("executions", "--help"),
    ("export", "--help"),
    ("issue", "--help"),
    ("lab", "check", "--help"),
    ("mcp", "--help"),
    ("member", "--help"),
    ("metrics", "--help"),
    ("plugins", "--help"),
    ("schedule", "--help"),
    ("store", "--help"),
    ("store", "import-qdash", "--help"),
    ("twin", "create", "--help"),
    ("up", "--help"),
    ("user", "--help"),
)
HELP_OF_MODELS = (
    ("chip", "create", "--help"),
    ("chip", "picture", "--help"),
    ("executions", "resume", "--help"),
    ("cooldown", "create", "--help"),
    ("issue", "list", "--help"),
    ("flow", "run", "--help"),
    ("note", "edit", "--help"),
    ("task", "run", "--help"),
    ("user", "create", "--help"),
)
"""Help of groups whose commands come from models of requests, some of them."""
COMMANDS = {
    "calibrate lab --flow CheckT1 --qids 0": TASKS | {"qdash_fake.backend"},
    "chip list": set(),
    "chip show lab": set(),
    "compare 1h --chip lab": {"numpy"},
    "context lab": set(),
    "cooldown list": set(),
    "event list": set(),
    "executions list": set(),
    "executions logs last": set(),
    "executions show last": set(),
    "flow list": set(),
    "init --json": set(),
    "issue list": set(),
    "member list": set(),
    "metrics lab": set(),
    "note list lab": set(),
    "queue list": set(),
    "release list lab": set(),
    "scope list lab": set(),
    "search t1": TASKS,
    "task list": TASKS,
    "task results": set(),
    "timetable list": set(),
    "user list": set(),
    "values history lab 0 qubit_frequency": set(),
    "values log lab": set(),
}
"""Commands, each with those of `SLOW_TO_IMPORT` that its process may import; runs are performed in another one."""
SLOW_TO_IMPORT = (
    NUMBERS
    | HOST
    | LIBRARY
    | MODEL
    | {"asyncio", "pydantic_settings", "pymongo", "qdash_fake.backend", "rich"}
)


@pytest.fixture(scope="module")
def imported_by(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], set[str]]:
    """Modules that each command imports beyond the commands before it; one process performs all of them for speed."""
    folder = tmp_path_factory.mktemp("commands")
    code = f"""
import os, sys
from qdash_cli.main import run
seen = set()
for arguments in {(*HELP, *HELP_OF_MODELS)!r}:
    assert run(arguments) == 0, arguments
    print("imported:", *sorted(set(sys.modules) - seen), file=sys.stderr)
    seen |= set(sys.modules)
    assert arguments not in {HELP!r} or os.listdir() == [], arguments
"""
    done = _run(folder, code)
    lines = [set(line.split()[1:]) for line in done.splitlines() if line.startswith("imported:")]
    return dict(zip((*HELP, *HELP_OF_MODELS), lines, strict=True))


@pytest.mark.parametrize("arguments", HELP, ids=" ".join)
def test_help_imports_nothing_heavy(
    imported_by: dict[tuple[str, ...], set[str]], arguments: tuple[str, ...]
) -> None:
    assert not HEAVY & imported_by[arguments]


@pytest.mark.parametrize("arguments", HELP_OF_MODELS, ids=" ".join)
def test_help_of_models_imports_no_numbers_and_no_host(
    imported_by: dict[tuple[str, ...], set[str]], arguments: tuple[str, ...]
) -> None:
    assert not (NUMBERS | HOST | LIBRARY | ORIGINAL | MODEL) & imported_by[arguments]


def test_pages_and_sections_of_the_dashboard_are_listed_without_what_draws_them(tmp_path: Path) -> None:
    listed = (
        "from qdash_core.hooks.manager import load_plugins\n"
        "registry = load_plugins()\nassert len(registry.pages()) > 30 and registry.sections()"
    )

    _run(tmp_path, f"{listed}\nimport sys\nassert 'streamlit' not in sys.modules")


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a home that has a chip with values of several results."""
    folder = tmp_path_factory.mktemp("calibrated")
    for command in ("twin create lab --device jakarta --seed 0", "calibrate lab --flow rough --qids 0"):
        _run(folder, f"from qdash_cli.main import run\nassert run({command.split()!r}) == 0")
    return folder


@pytest.mark.parametrize(("command", "allowed"), COMMANDS.items(), ids=COMMANDS)
def test_a_command_imports_only_what_it_needs(calibrated: Path, command: str, allowed: set[str]) -> None:
    code = f"""
import sys
from qdash_cli.main import run
status = run(sys.argv[1:])
print("imported:", *{SLOW_TO_IMPORT!r} & set(sys.modules), file=sys.stderr)
raise SystemExit(status)
"""
    last = _run(calibrated, code, *command.split()).splitlines()[-1]

    assert set(last.split()[1:]) == allowed


@pytest.mark.parametrize("command", ["chip list", "metrics lab"])
def test_a_command_searches_for_no_garbage_before_it_ends(calibrated: Path, command: str) -> None:
    code = """
import atexit, gc, sys
from qdash_cli.main import main
from qdash_core.process.process_start import begin_process
begin_process()
count = lambda: sum(one["collections"] for one in gc.get_stats())
before = count()
atexit.register(lambda: print(f"searches: {count() - before}, objects kept from the last: {gc.get_freeze_count()}", file=sys.stderr))
main(sys.argv[1:])
"""
    last = _run(calibrated, code, *command.split()).splitlines()[-1]

    searches, kept = map(int, re.findall(r"\d+", last))
    assert searches == 0
    assert kept > 10_000


def test_preparing_a_run_on_a_twin_imports_no_optimiser(tmp_path: Path) -> None:
    _run(
        tmp_path,
        "from pathlib import Path\n"
        "from qdash_fake import backend, chips, pair_truth\n"
        "from qdash_fake.devices import load_device\n"
        "from qdash_fake.twin import create_twin\n"
        "import sys\n"
        "create_twin(Path('twin'), load_device('jakarta'), 0).design()\n"
        "assert 'scipy' not in sys.modules",
    )


def test_only_the_member_for_it_imports_the_library() -> None:
    others = [path for path in ROOT.glob("packages/*/src/**/*.py") if "qdash-qubex" not in path.parts]
    texts = {path: path.read_text("utf-8") for path in (*others, *ROOT.glob("src/**/*.py"))}
    library = re.compile(rf"^\s*(?:from|import) (?:{'|'.join(sorted(LIBRARY))})\b", re.MULTILINE)

    assert len(texts) > 100
    assert [str(path.relative_to(ROOT)) for path, text in texts.items() if library.search(text)] == []


def test_importing_packages_acts_on_nothing(tmp_path: Path) -> None:
    packages = (
        *("qdash_core", "qdash_tasks", "qdash_fake", "qdash_original", "qdash_pictures", "qdash_qubex"),
        *("qdash_assistant", "qdash_api", "qdash"),
    )
    code = f"""
import sys
from importlib import import_module
for package in {packages!r}:
    import_module(package)
    assert not {NUMBERS | LIBRARY | MODEL!r} & set(sys.modules), (package, sorted(sys.modules))
"""

    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, check=True, timeout=60)

    assert list(tmp_path.iterdir()) == []


def test_stored_models_and_requests_are_declared_without_building_them(tmp_path: Path) -> None:
    """A model is built when it is used: the kinds of a default and of a constant of a module, too (`model_construct`)."""
    code = """
import importlib, pkgutil, sys
from pydantic import BaseModel
from qdash_core import models
for one in pkgutil.iter_modules(models.__path__):
    importlib.import_module(f"{models.__name__}.{one.name}")
importlib.import_module("qdash_builtin.entities.requests")
found = [BaseModel]
for model in found:
    found += model.__subclasses__()
print(*{one.__qualname__ for one in found if one.__module__.startswith("qdash") and one.__pydantic_complete__}, file=sys.stderr)
"""
    assert set(_run(tmp_path, code).split()) <= {"PageOf", "Settings"}
