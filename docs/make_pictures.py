"""Draws the pictures of the documentation from a real run of a twin: `uv run docs/make_pictures.py`.

Everything is seeded, so the same code draws the same pictures. Needs nothing but what `qdash` installs.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from rich.console import Console

from qdash_core import CalibConfig, CalibOrchestrator, QDash, open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

IMAGES = Path(__file__).with_name("images")

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 20, 44, 56
_TICKS = 6
_INK, _POINT, _CURVE = "#30343b", "#3465a4", "#c4501b"


def main(folder: Path = IMAGES) -> None:
    """Draw every picture into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        (folder / "demo.svg").write_text(demo_picture("qdash demo", "A twin of", home), encoding="utf-8")
    with tempfile.TemporaryDirectory() as home:
        of_gates = demo_picture("qdash demo --flow full", "The error of the ZX90", home)
        (folder / "demo-full.svg").write_text(of_gates, encoding="utf-8")
        gate_map = map_picture("jakarta", "zx90_gate_fidelity", home)
        (folder / "zx90-map.svg").write_text(gate_map, encoding="utf-8")
    (folder / "t1.svg").write_text(svg_of(t1_figure()), encoding="utf-8")
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
    command = [sys.executable, "-c", f"from qdash_core.cli import main; main({line.split()[1:]})"]
    environment = {**os.environ, "QDASH_HOME": home}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603  ours


def t1_figure() -> dict[str, Any]:
    """Return the figure of a T1 measurement on a twin, as `qdash task figure` prints it."""
    with tempfile.TemporaryDirectory() as home, open_qdash(load_settings(home=home)) as qdash:
        create_twin_chip(qdash, qdash.access("admin"), "jakarta", load_device("jakarta"), seed=0)
        return qdash.results.figure(qdash.access("admin"), _t1_result(qdash))


def _t1_result(qdash: QDash) -> str:
    orchestrator = CalibOrchestrator(CalibConfig(username="admin", chip_id="jakarta"), qdash)
    orchestrator.initialize()
    before = ("CheckResonatorSpectroscopy", "CheckQubitSpectroscopy", "CheckRabi", "CheckRamsey")
    for name in before:
        orchestrator.run_task(name, "0")
    result = orchestrator.run_task("CheckT1", "0")
    orchestrator.complete()
    return result.task_id


def svg_of(figure: dict[str, Any]) -> str:
    """Return a Plotly figure of points with error bars and lines as SVG."""
    layout = figure["layout"]
    traces = [trace for trace in figure["data"] if "yaxis" not in trace]  # those of the main panel
    x_axis = _Axis([x for trace in traces for x in trace["x"]], _LEFT, _WIDTH - _RIGHT)
    y_axis = _Axis([y for trace in traces for y in trace["y"]], _HEIGHT - _BOTTOM, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        *_frame(layout, x_axis, y_axis),
        *(part for trace in traces for part in _trace(trace, x_axis, y_axis)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class _Axis:
    """From values to places along one side of the picture."""

    def __init__(self, values: list[float], begin: float, end: float) -> None:
        margin = 0.04 * (max(values) - min(values))
        self.low, self.high = min(values) - margin, max(values) + margin
        self.begin, self.end = begin, end

    def __call__(self, value: float) -> float:
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)

    def ticks(self) -> list[float]:
        rough = (self.high - self.low) / _TICKS
        power = 10.0 ** len(str(int(rough))) / 10 if rough >= 1 else 10.0 ** -len(f"{1 / rough:.0f}")
        step = min((power * factor for factor in (1, 2, 5, 10, 20, 50)), key=lambda step: abs(step - rough))
        first = int(self.low // step) + 1
        return [number * step for number in range(first, int(self.high // step) + 1)]


def _frame(layout: dict[str, Any], x_axis: _Axis, y_axis: _Axis) -> list[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = [
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="{_INK}"/>',
        _text(_WIDTH / 2, 26, layout["title"]["text"], size=15),
        _text((_LEFT + right) / 2, _HEIGHT - 14, layout["xaxis"]["title"]["text"]),
        f'<g transform="translate(18 {(_TOP + bottom) / 2}) rotate(-90)">{_text(0, 0, layout["yaxis"]["title"]["text"])}</g>',
    ]
    for tick in x_axis.ticks():
        parts.append(f'<path d="M{x_axis(tick):.1f} {bottom}v5" stroke="{_INK}"/>')
        parts.append(_text(x_axis(tick), bottom + 20, f"{tick:.6g}"))
    for tick in y_axis.ticks():
        parts.append(f'<path d="M{_LEFT} {y_axis(tick):.1f}h-5" stroke="{_INK}"/>')
        parts.append(_text(_LEFT - 9, y_axis(tick) + 4, f"{tick:.6g}", anchor="end"))
    return parts


def _trace(trace: dict[str, Any], x_axis: _Axis, y_axis: _Axis) -> list[str]:
    places = [(x_axis(x), y_axis(y)) for x, y in zip(trace["x"], trace["y"], strict=True)]
    if trace["mode"] == "lines":
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        return [f'<path d="M{path}" fill="none" stroke="{_CURVE}" stroke-width="2"/>']
    bars = trace.get("error_y", {}).get("array", [0.0] * len(places))
    parts = []
    for (x, y), value, bar in zip(places, trace["y"], bars, strict=True):
        parts.append(
            f'<path d="M{x:.1f} {y_axis(value - bar):.1f}V{y_axis(value + bar):.1f}" stroke="{_POINT}"/>'
        )
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{_POINT}"/>')
    return parts


def _text(x: float, y: float, text: str, *, size: int = 13, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{_INK}">{escape(text)}</text>'


if __name__ == "__main__":
    main()
