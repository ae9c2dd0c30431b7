"""Modules that processes of QDash import: commands, a worker, the process of a run, the host."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import CHIPS

from .recorded_values import Measured

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RUN = """
import sys
from qdash_cli.main import run
status = run(sys.argv[1:])
"""
_WORK = """
import os, signal
from qdash_builtin.runs.queue_view import QueueView
looked, list_entries = [], QueueView.list_entries
def end_after_first_look(view):
    if looked:
        os.kill(os.getpid(), signal.SIGTERM)
    looked.append(view)
    return list_entries(view)
QueueView.list_entries = end_after_first_look
"""
"""Makes a worker end when it looks at the queue for the second time."""
_SERVE = """
import threading
from uvicorn import Server
startup = Server.startup
async def end_after_start(server, sockets=None):
    await startup(server, sockets)
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):  # it imports what the first figure needs
            thread.join()
    server.should_exit = True
Server.startup = end_after_start
"""
"""Makes a host end when it has started and imported what it imports in the background."""
_HOOK = "sitecustomize"
"""Module that Python imports at its start: it writes, at the end of each process, what was imported."""
_WRITE = r"""
import atexit, os, sys
@atexit.register
def write():
    with open(os.path.join(os.environ["IMPORTED"], str(os.getpid())), "w") as file:
        print(sys.argv[0], *sys.modules, sep="\n", file=file)
"""
_ANY_PORT = ("--host", "127.0.0.1", "--port", "0")


def read_imported(folder: Path, *arguments: str, code: str = RUN) -> set[str]:
    """Return the modules that `qdash` with these arguments imports in a process of its own, in a new home below `folder`."""
    return _run(folder, code, *arguments)["-c"]


def measure_help(folder: Path) -> Iterator[Measured]:
    """Count the modules of `qdash --help`."""
    yield from count_modules("qdash --help", read_imported(folder, "--help"))


def measure_chip_list(folder: Path) -> Iterator[Measured]:
    """Count the modules of `qdash chip list`."""
    yield from count_modules("qdash chip list", read_imported(folder, "chip", "list"))


def measure_metrics(folder: Path) -> Iterator[Measured]:
    """Count the modules of `qdash metrics` on a chip with values."""
    from qdash_core import load_plugins, open_qdash
    from qdash_core.chips.lattices import get_builtin_topology
    from qdash_core.settings import load_settings
    from tests.calibrated_chips import set_device_values

    with open_qdash(load_settings(home=folder / "home"), load_plugins()) as qdash:
        access = qdash.access("admin")
        qdash.get(CHIPS).create(access, "lab", get_builtin_topology("linear-16"), backend="fake")
        set_device_values(qdash, access.project_id, "lab")
    yield from count_modules("qdash metrics", read_imported(folder, "metrics", "lab"))


def measure_worker(folder: Path) -> Iterator[Measured]:
    """Count the modules of a worker that has looked at the queue."""
    yield from count_modules("qdash worker", read_imported(folder, "worker", code=_WORK + RUN))


def measure_host(folder: Path) -> Iterator[Measured]:
    """Count the modules of a host that has started."""
    yield from count_modules("qdash api", read_imported(folder, "api", *_ANY_PORT, code=_SERVE + RUN))


def measure_calibrate(folder: Path) -> Iterator[Measured]:
    """Count the modules of `qdash calibrate` on a twin, and of the process that performs its run."""
    _run(folder, RUN, "twin", "create", "lab", "--device", "jakarta", "--seed", "0")
    imported = _run(folder, RUN, "calibrate", "lab", "--flow", "rough", "--qids", "0")
    yield from count_modules("qdash calibrate", imported["-c"])
    yield from count_modules("the process of a run", imported["process.py"])


def _run(folder: Path, code: str, *arguments: str) -> dict[str, set[str]]:
    """Run code in a process, and return the imported modules of it and of its children, by the names of their programs."""
    written = folder / "imported"
    written.mkdir(exist_ok=True)
    for path in written.iterdir():
        path.unlink()
    (folder / f"{_HOOK}.py").write_text(_WRITE)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"{code}\nraise SystemExit(status)", *arguments],
        env={
            "QDASH_HOME": str(folder / "home"),
            "PATH": "",
            "HOME": str(folder),
            "PYTHONPATH": str(folder),
            "IMPORTED": str(written),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {}
    for path in written.iterdir():
        program, *modules = path.read_text("utf-8").splitlines()
        found[Path(program).name] = set(modules)
    return found


def count_modules(process: str, imported: Iterable[str]) -> Iterator[Measured]:
    """Count our modules by name, and those of others by the name of their package.

    The standard library is left out.
    """
    counts: Counter[str] = Counter()
    for module in imported:
        package = module.partition(".")[0]
        if package == "qdash" or package.startswith("qdash_"):
            counts[module if "." in module else f"{module}.__init__"] += 1
        elif package not in sys.stdlib_module_names and package[0] != "_" and package != _HOOK:
            counts[package] += 1
    yield Measured(f"modules imported by {process}", "modules", counts)
