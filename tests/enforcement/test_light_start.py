"""Imports of a command: the help, and all commands without numerics, start at once."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..ratchets.imported_modules import read_imported

ROOT = Path(__file__).parents[2]
NUMBERS = {"numpy", "scipy", "plotly", "qdash_analysis"}
HOST = {"argon2", "fastapi", "httpx", "prometheus_client", "starlette", "uvicorn"}
ORIGINAL = {"bson", "pymongo", "qdash_mongo", "qdash_original.original_import"}
LIBRARY = {"qubex", "qxcore", "qxpulse", "qxschema", "qxsimulator", "qxvisualizer"}
"""Modules needed only for a connection to boxes: 250 MB, and seconds to import."""
MODEL = {"httpx2", "openai", "pydantic_ai"}
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
    ("chip", "create", "--help"),
    ("chip", "picture", "--help"),
    ("demo", "--help"),
    ("doctor", "--help"),
    ("executions", "--help"),
    ("executions", "resume", "--help"),
    ("export", "--help"),
    ("flow", "run", "--help"),
    ("cooldown", "create", "--help"),
    ("lab", "check", "--help"),
    ("metrics", "--help"),
    ("note", "edit", "--help"),
    ("plugins", "--help"),
    ("schedule", "--help"),
    ("store", "--help"),
    ("store", "import-qdash", "--help"),
    ("task", "run", "--help"),
    ("twin", "create", "--help"),
    ("up", "--help"),
    ("user", "create", "--help"),
)


@pytest.fixture(scope="module")
def imported_by_help(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], set[str]]:
    """Modules that each command's `--help` imports in addition, in order; one process prints all help texts for speed."""
    folder = tmp_path_factory.mktemp("help")
    code = f"""
import sys
from qdash_core.cli.main import run
seen = set()
for arguments in {HELP!r}:
    assert run(arguments) == 0, arguments
    print("imported:", *sorted(set(sys.modules) - seen), file=sys.stderr)
    seen |= set(sys.modules)
"""
    done = _run(folder, code)
    assert list(folder.iterdir()) == []
    lines = [set(line.split()[1:]) for line in done.splitlines() if line.startswith("imported:")]
    return dict(zip(HELP, lines, strict=True))


@pytest.mark.parametrize("arguments", HELP, ids=" ".join)
def test_help_imports_nothing_heavy(
    imported_by_help: dict[tuple[str, ...], set[str]], arguments: tuple[str, ...]
) -> None:
    assert not HEAVY & imported_by_help[arguments]


def test_the_pages_of_the_dashboard_are_listed_without_what_draws_them(tmp_path: Path) -> None:
    listed = "from qdash_ui_streamlit.plugin import qdash_dashboard_pages\nassert qdash_dashboard_pages()"

    _run(tmp_path, f"{listed}\nimport sys\nassert 'streamlit' not in sys.modules")


@pytest.mark.parametrize(
    "arguments",
    [("init", "--json"), ("chip", "list", "--json"), ("executions", "list", "--json")],
    ids=" ".join,
)
def test_looking_at_the_record_imports_no_numbers(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert not (NUMBERS | HOST | LIBRARY) & read_imported(tmp_path, *arguments)


def test_looking_at_tasks_imports_no_optimiser_and_no_library_of_a_laboratory(tmp_path: Path) -> None:
    imported = read_imported(tmp_path, "task", "list", "--json")

    assert {"qdash_tasks.tasks", "qdash_qubex.system.tasks"} <= imported
    assert not ({"scipy"} | LIBRARY) & imported


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


@pytest.mark.parametrize(
    "package",
    [
        "qdash_core",
        "qdash_tasks",
        "qdash_fake",
        "qdash_original",
        "qdash_pictures",
        "qdash_qubex",
        "qdash_assistant",
        "qdash_api",
        "qdash",
    ],
)
def test_importing_a_package_acts_on_nothing(tmp_path: Path, package: str) -> None:
    code = f"import sys, {package}\nassert not {NUMBERS | LIBRARY | MODEL!r} & set(sys.modules), sorted(sys.modules)"

    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=tmp_path, check=True, timeout=60)

    assert list(tmp_path.iterdir()) == []
