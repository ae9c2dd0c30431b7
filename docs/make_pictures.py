"""Draws the pictures of the documentation from a real run of a twin: `python -m docs.make_pictures`.

Everything is seeded, so the same code draws the same pictures. Needs nothing but what `qdash` installs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from docs.svg_figures import svg_of
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.results.feature import RESULTS
from qdash_core import CalibConfig, CalibOrchestrator, QDash, load_plugins, open_qdash
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from qdash_tasks.flows import ROUGH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

IMAGES = Path(__file__).with_name("images")
BENCH = Path(__file__).resolve().parents[1] / "examples" / "my-bench" / "src"


def main(folder: Path = IMAGES) -> None:
    """Draw every picture into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        (folder / "demo.svg").write_text(demo_picture("qdash demo", "Twin of", home), encoding="utf-8")
    with tempfile.TemporaryDirectory() as home:
        of_gates = demo_picture("qdash demo --flow full", "ZX90 gate error of each coupling", home)
        (folder / "demo-full.svg").write_text(of_gates, encoding="utf-8")
        gate_map = map_picture("jakarta", "zx90_gate_fidelity", home)
        (folder / "zx90-map.svg").write_text(gate_map, encoding="utf-8")
    (folder / "t1.svg").write_text(svg_of(t1_figure()), encoding="utf-8")
    (folder / "bench-rabi.svg").write_text(svg_of(bench_figure()), encoding="utf-8")
    (folder / "chip-map.svg").write_text(chip_map_picture(), encoding="utf-8")


def demo_picture(command: str, first: str, home: str) -> str:
    """Return the tables that a demonstration prints, from the line that begins with `first`, as a terminal shows them."""
    # Below the tables stand the date, the time that it took and the folder: not the same twice.
    tables = _printed(command, home).partition("completed:")[0].splitlines()[:-1]
    begin = next(number for number, line in enumerate(tables) if line.startswith(first))
    lines = [line.rstrip() for line in tables[begin:]]
    console = Console(record=True, width=max(map(len, [*lines, command])) + 2, file=StringIO())
    console.print(f"$ {command}\n" + ("" if begin == 0 else "...\n"), highlight=False)
    for line in lines:
        console.print(line, highlight=False, markup=False)
    drawn = console.export_svg(title=command, unique_id="demo")
    # It would fetch its font from a server of others; any monospaced one will do.
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)


def chip_map_picture() -> str:
    """Return what the experimenter's page draws: T1 on the map of a guadalupe whose qubits 6 and 13 were left out."""
    with tempfile.TemporaryDirectory() as home:
        _printed("qdash twin create guadalupe --device guadalupe --seed 0", home)
        _printed("qdash calibrate guadalupe --flow bring-up --exclude 6,13", home)
        return map_picture("guadalupe", "t1", home)


def map_picture(chip: str, metric: str, home: str) -> str:
    """Return a metric on the map of a chip, as `qdash chip picture` draws it."""
    picture = Path(home) / "map.svg"
    _printed(f"qdash chip picture {chip} --metric {metric} -o {picture}", home)
    drawn = picture.read_text(encoding="utf-8")
    # Plotly puts random names into its identifiers: one for the figure, one for each trace.
    for number, name in enumerate(dict.fromkeys(re.findall(r'(?:"defs-| trace)([0-9a-f]{6})"', drawn))):
        drawn = drawn.replace(name, f"map{number}")
    return drawn + "\n"


def _printed(line: str, home: str) -> str:
    """Run a command of `qdash` and return what it prints."""
    command = [sys.executable, "-c", f"from qdash_cli.main import main; main({line.split()[1:]})"]
    environment = {**os.environ, "QDASH_HOME": home}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603  ours


def t1_figure() -> dict[str, Any]:
    """Return the figure of a T1 measurement on a twin, as `qdash task figure` prints it."""
    with tempfile.TemporaryDirectory() as home, open_qdash(load_settings(home=home)) as qdash:
        create_twin_chip(qdash, qdash.access("admin"), "jakarta", load_device("jakarta"), seed=0)
        return qdash.get(RESULTS).figure(qdash.access("admin"), _t1_result(qdash))


def _t1_result(qdash: QDash) -> str:
    return _last_result(qdash, "jakarta", *ROUGH, "CheckRamsey", "CheckT1")


def bench_figure() -> dict[str, Any]:
    """Return the figure of a Rabi oscillation on the bench of the tutorial for authors of plugins."""
    with (
        tempfile.TemporaryDirectory() as home,
        _bench() as plugin,
        open_qdash(load_settings(home=home), load_plugins(extra={"my-bench": plugin})) as qdash,
    ):
        access = qdash.access("admin")
        qdash.get(CHIPS).create(access, "bench", get_builtin_topology("linear-1"), backend="my-bench")
        return qdash.get(RESULTS).figure(access, _last_result(qdash, "bench", *ROUGH))


@contextmanager
def _bench() -> Iterator[ModuleType]:
    sys.path.insert(0, str(BENCH))
    try:
        yield import_module("my_bench")
    finally:
        sys.path.remove(str(BENCH))


def _last_result(qdash: QDash, chip: str, *tasks: str) -> str:
    orchestrator = CalibOrchestrator(CalibConfig(username="admin", chip_id=chip), qdash)
    orchestrator.initialize()
    *_, result = [orchestrator.run_task(name, "0") for name in tasks]
    orchestrator.complete()
    return result.task_id


if __name__ == "__main__":
    main()
