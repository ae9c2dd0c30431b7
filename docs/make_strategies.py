"""Draws the timelines of one run under each scheduling strategy for qubits: `python -m docs.make_strategies`.

The runs are real ones of the flow `rough` on a twin of 16 qubits with a wiring. Everything is seeded, so the same code draws the same picture.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

PICTURE = Path(__file__).with_name("images") / "strategies.svg"
STRATEGIES = ("uncoupled", "checkerboard", "synchronized", "boxes", "synchronized-boxes", "serial")
WIRING = """\
wired:
  - {mux: 0, ctrl: [U10A-0, U10A-1, U10A-2, U10A-3], read_out: S1A-0, read_in: S1A-1, pump: null}
  - {mux: 1, ctrl: [U11A-0, U11A-1, U11A-2, U11A-3], read_out: S1A-2, read_in: S1A-3, pump: null}
  - {mux: 2, ctrl: [U12B-0, U12B-1, U12B-2, U12B-3], read_out: S1A-4, read_in: S1A-5, pump: null}
  - {mux: 3, ctrl: [U12B-4, U12B-5, U12B-6, U12B-7], read_out: S1A-6, read_in: S1A-7, pump: null}
"""
"""Multiplexers 0 and 1 are of class A; 2 and 3 need classes A and B, and share a module."""

_WIDTH, _LEFT, _RIGHT, _TOP, _HEADING, _GAP, _BOTTOM = 900, 60, 20, 46, 34, 12, 44
_ROW = 6
_INK, _PALE = "#30343b", "#d8dbe0"
_MUXES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7")


@dataclass(frozen=True)
class Run:
    """A run: the interval of each qubit and the start of each block, in seconds of laboratory time."""

    strategy: str
    intervals_s: dict[str, tuple[float, float]]
    blocks_s: list[tuple[float, float]]

    @property
    def end_s(self) -> float:
        """End of the last measurement."""
        return max(end_s for _, end_s in self.intervals_s.values())


def main(picture: Path = PICTURE) -> None:
    """Run the flow under each strategy and draw the timelines."""
    with tempfile.TemporaryDirectory() as home:
        picture.write_text(draw(list_runs(home)), encoding="utf-8")


def list_runs(home: str) -> list[Run]:
    """Return one run for each strategy, on one twin."""
    wiring = Path(home) / "wiring.yaml"
    wiring.write_text(WIRING, encoding="utf-8")
    _call(home, f"chip create wired --topology square-lattice-mux-16 --backend qubex --wiring {wiring}")
    _call(home, "twin create --for wired --seed 1")
    return [_run(home, strategy) for strategy in STRATEGIES]


def _run(home: str, strategy: str) -> Run:
    _call(home, f"calibrate wired --backend fake --flow rough --strategy {strategy}")
    spans = json.loads(_call(home, "executions timeline last --json"))
    (stage,) = json.loads(_call(home, "executions show last --json"))["schedule"]
    found: dict[str, list[float]] = {}
    for span in spans:
        found.setdefault(span["target"], []).extend(
            (span["lab_start_s"], span["lab_start_s"] + span["lab_s"])
        )
    intervals_s = {target: (min(times), max(times)) for target, times in found.items()}
    return Run(stage["strategy"], intervals_s, [(one["start_s"], one["end_s"]) for one in stage["blocks"]])


def _call(home: str, arguments: str) -> str:
    """Run a command of `qdash` and return what it prints."""
    command = [sys.executable, "-c", f"from qdash_cli.main import main; main({arguments.split()})"]
    environment = {**os.environ, "QDASH_HOME": home}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603  ours


def draw(runs: list[Run]) -> str:
    """Return the timelines one below the other, on one axis of time, as SVG."""
    longest_s = max(run.end_s for run in runs)
    panel = _HEADING + 16 * _ROW + _GAP
    height = _TOP + len(runs) * panel + _BOTTOM
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
            f'font-family="sans-serif" font-size="12" fill="{_INK}">'
        ),
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(_LEFT, 22, "One run of the flow rough on 16 qubits under each strategy", size=16),
        *_draw_legend(),
    ]
    for number, run in enumerate(runs):
        parts += _draw_run(run, _TOP + number * panel, longest_s)
    parts += _draw_axis(height - _BOTTOM + 6, longest_s)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _draw_run(run: Run, top: float, longest_s: float) -> list[str]:
    below = top + _HEADING
    bottom = below + 16 * _ROW
    blocks = f", {len(run.blocks_s)} blocks one after another" if run.blocks_s else ""
    parts = [
        _text(_LEFT, top + 16, f"{run.strategy}: {run.end_s:.0f} s{blocks}", weight="bold"),
        f'<rect x="{_LEFT}" y="{below}" width="{_WIDTH - _LEFT - _RIGHT}" height="{16 * _ROW}" fill="none" stroke="{_PALE}"/>',
        _text(_LEFT - 6, below + 9, "qubit 0", size=10, anchor="end"),
        _text(_LEFT - 6, bottom, "15", size=10, anchor="end"),
    ]
    for target, (start_s, end_s) in run.intervals_s.items():
        x, width = _place(start_s, longest_s), _place(end_s, longest_s) - _place(start_s, longest_s)
        colour = _MUXES[int(target) // 4]
        parts.append(
            f'<rect x="{x:.1f}" y="{below + int(target) * _ROW + 0.5:.1f}" width="{width:.1f}" height="{_ROW - 1}" '
            f'fill="{colour}"/>'
        )
    for number, (start_s, end_s) in enumerate(run.blocks_s, 1):
        x = _place(start_s, longest_s)
        if number > 1:
            parts.append(
                f'<line x1="{x:.1f}" y1="{below - 12}" x2="{x:.1f}" y2="{bottom}" stroke="{_INK}" stroke-dasharray="2 3"/>'
            )
        middle = (x + _place(end_s, longest_s)) / 2
        parts.append(_text(middle, below - 3, str(number), size=10, anchor="middle"))
    return parts


def _draw_legend() -> list[str]:
    parts = []
    for mux, colour in enumerate(_MUXES):
        x = _LEFT + 110 * mux
        parts += [
            f'<rect x="{x}" y="32" width="10" height="10" fill="{colour}"/>',
            _text(x + 15, 41, f"multiplexer {mux}", size=11),
        ]
    return parts


def _draw_axis(top: float, longest_s: float) -> list[str]:
    ticks = [
        _text(_place(seconds, longest_s), top + 10, str(seconds), size=11, anchor="middle")
        for seconds in range(0, int(longest_s) + 1, 20)
    ]
    return [
        *ticks,
        _text((_LEFT + _WIDTH - _RIGHT) / 2, top + 28, "Laboratory time (s)", size=12, anchor="middle"),
    ]


def _place(seconds: float, longest_s: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * seconds / longest_s


def _text(x: float, y: float, text: str, **style: Any) -> str:
    size, anchor, weight = style.get("size", 13), style.get("anchor", "start"), style.get("weight", "normal")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'


if __name__ == "__main__":
    main()
