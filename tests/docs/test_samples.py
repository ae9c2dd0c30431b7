"""Samples of the documentation: each runs and prints the documented output."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import pytest

from ..prepared.clients import CLIENT
from ..prepared.shared_process import Shared
from .pages import PAGES, ROOT, Block, blocks_of, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MARK = "--- sample"
_RUN = ("bash", "python", "file")
_PYTHON = """\
#!/bin/sh
case "$1:$2" in
    *.py:*|-m:pytest) exec {prepared} "$@" ;;
    *) exec {python} "$@" ;;
esac
"""
"""Python of the samples: scripts and tests find their imports made, like `qdash`."""

NOT_RUN = {
    "README.md": 2,
    "docs/contributor.md": 3,
}
"""Number of samples that cannot be run here, by page: installations, and the commands of the tests. The list
only shrinks.
"""

LONG_PAGES = {
    "docs/experimenter.md",
    "docs/operator.md",
    "docs/scripting.md",
    "examples/my-fridge/README.md",
    "examples/my-page/README.md",
}
"""Pages whose samples need many runs or processes, beside those of whole folders."""

WITH_TWIN = ("docs/backups.md", "docs/features/", "docs/recipes/")
"""Beginnings of the paths of pages whose samples find the twin `lab`."""
TWIN = """
qdash twin create lab --device jakarta --seed 0
qdash calibrate lab --flow bring-up --qids 0,1
qdash calibrate lab --flow two-qubit --couplings 0-1
"""

BEFORE_RELEASE = {
    "docs/qubex.md",
    "examples/fsspec-storage/README.md",
    "examples/my-bench/README.md",
    "examples/my-echoes/README.md",
    "examples/my-lab/README.md",
    "examples/my-rack/README.md",
    "examples/qubex-on-a-twin/README.md",
}
"""Further long pages: the same plugins and libraries are used by the tests of laboratories, storages and of qubex.
"""

WITH_QUBEX = {"docs/qubex.md", "examples/qubex-on-a-twin/README.md"}
"""Pages whose commands measure by qubex. Its import takes 6 s, and is shared by all of them."""
QUBEX = ("qubex.experiment", "qdash_qubex.library.execution", "qdash_qubex.library.schedules")

WITH_SAMPLES = [page for page in PAGES if any(block.kind in _RUN for block in blocks_of(page))]


def get_marks(name: str) -> list[pytest.MarkDecorator]:
    """Return the marks of a page."""
    if name in BEFORE_RELEASE:
        return [pytest.mark.release]
    long = name in LONG_PAGES or name.startswith((*WITH_TWIN, "docs/plugins/", "docs/tutorials/"))
    return [pytest.mark.slow] if long else []


@pytest.mark.timeout(900)  # the longest page takes a minute on a quiet machine
@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=name_of(page), marks=get_marks(name_of(page))) for page in WITH_SAMPLES],
)
def test_the_samples_of_a_page_run_one_after_the_other(
    page: Path, tmp_path: Path, commands: Callable[..., Path], make_home: Callable[[], Path]
) -> None:
    folder = tmp_path / "folder"
    if page.is_relative_to(ROOT / "examples"):
        shutil.copytree(page.parent, folder)
    else:
        folder.mkdir()
    blocks = blocks_of(page)
    answered = commands(*(QUBEX if name_of(page) in WITH_QUBEX else ()))
    environment = _environment(tmp_path, answered)
    if name_of(page).startswith(WITH_TWIN):
        shutil.copytree(make_home(), environment["HOME"], dirs_exist_ok=True)
    printed = _run(blocks, folder, environment=environment)
    for place, block in enumerate(blocks):
        if block.kind == "output":
            before = max(number for number in range(place) if blocks[number].kind in ("bash", "python"))
            _check_printed(block.text, printed[before])


def test_what_is_not_run_is_listed() -> None:
    found = {name_of(page): [block.kind for block in blocks_of(page)].count("not run") for page in PAGES}
    assert {page: count for page, count in found.items() if count} == NOT_RUN


def test_every_reason_not_to_run_is_given() -> None:
    assert all(block.detail for page in PAGES for block in blocks_of(page) if block.kind == "not run")


def _environment(tmp_path: Path, commands: Path) -> dict[str, str]:
    """Return an environment without the variables of the user or the caller."""
    tools, site, home = (tmp_path / name for name in ("bin", "site", "home"))
    for made in (tools, site, home, tmp_path / "tmp"):
        made.mkdir()
    python = quote(sys.executable)
    tools.joinpath("python").write_text(_PYTHON.format(python=python, prepared=tmp_path / "prepared"))
    for path, program in ((tools / "qdash", "qdash"), (tmp_path / "prepared", "python")):
        path.write_text(f"#!{sys.executable} -IS\n{CLIENT.format(path=str(commands), program=program)}")
        path.chmod(0o755)
    tools.joinpath("uv").write_text(f'#!/bin/sh\nexec {python} {quote(str(ROOT))}/tests/docs/pip.py "$@"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("QDASH_", "PYTEST_", "XDG_")) and name != "COLUMNS"
    }
    return {
        **kept,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(site),
        "SAMPLE_SITE": str(site),
        "HOME": str(home),
        "TMPDIR": str(tmp_path / "tmp"),
        "PYTHONWARNINGS": "error",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Path]]:
    """Function that returns the socket of a process that serves `qdash` with additional modules imported."""
    with ExitStack() as stack:
        yield cache(lambda *modules: stack.enter_context(Shared(tmp_path_factory, *modules)).path)


@pytest.fixture(scope="session")
def make_home(tmp_path_factory: pytest.TempPathFactory, commands: Callable[..., Path]) -> Callable[[], Path]:
    """Function that returns the folder of a user whose home has the twin `lab`."""

    @cache
    def make() -> Path:
        folder = tmp_path_factory.mktemp("twin")
        environment = _environment(folder, commands())
        _run([Block("bash", TWIN)], folder, environment=environment)
        return Path(environment["HOME"])

    return make


def _run(blocks: list[Block], folder: Path, *, environment: dict[str, str]) -> dict[int, str]:
    """Run the samples in one shell and return the output of each, by its index on the page."""
    script = ["set -euo pipefail"]
    for place, block in enumerate(blocks):
        if block.kind not in _RUN:
            continue
        script.append(f'echo "{_MARK} {place}"')
        if block.kind == "bash":
            script.append(block.text)
            continue
        name = block.detail or f"sample_{place}.py"
        target = folder / ".samples" / str(place)
        target.parent.mkdir(exist_ok=True)
        target.write_text(block.text)
        script.append(f"mkdir -p {quote(str(Path(name).parent))} && cp {quote(str(target))} {quote(name)}")
        if block.kind == "python":
            script.append(f"python {quote(name)}")
    process = subprocess.Popen(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=800)
    finally:
        with suppress(ProcessLookupError):  # servers that a failed sample has left
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, printed
    parts = re.split(rf"^{_MARK} (\d+)\n", printed, flags=re.MULTILINE)
    return {int(place): text for place, text in zip(parts[1::2], parts[2::2], strict=True)}


def _check_printed(expected: str, printed: str) -> None:
    lines = {_shape(line) for line in printed.splitlines()}
    for line in expected.splitlines():
        if line.strip() not in ("", "..."):
            assert _shape(line) in lines, f"{line!r} is not printed; this is:\n{printed}"


def _shape(line: str) -> str:
    """Return a line without its variable parts: numbers (but exit statuses), ids, spaces, folders."""
    line = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", line)
    line = re.sub(r"(?<![\w.])/\S*", "PATH", line)
    line = re.sub(r"(?<!exit status )-?\d[\d.]*(e-?\d+)?(\(\d+\))?", "N", line)
    return " ".join(line.replace("─", " ").split())
