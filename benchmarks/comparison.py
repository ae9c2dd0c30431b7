"""Comparison of this tree with another revision, in alternation, each in its own environment."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_dir

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[1]
PAIRS = 9
"""Number of pairs: of a revision compared with itself, one row of 256 has all of them on one side of 1."""
ROWS = {
    "durable-task": (("null task on SQLite, over a bare transaction", ""),),
    "memory-task": (("null task in memory", "ms"),),
    "bring-up": (("bring-up of 16 qubits, whole command", "s"), ("its peak memory", "MB")),
    "metrics": (("`qdash metrics`, 127 qubits", "s"),),
    "chip-list": (("`qdash chip list`", "s"),),
    "executions": (("`qdash executions list`", "s"),),
    "dry-run": (("dry run of `full` on 1,024 qubits", "s"),),
    "help": (("`qdash --help`", "s"),),
    "task-run": (("`qdash task run` on one qubit", "s"),),
    "line-fits": (("fits of resonator and qubit spectroscopy, over `curve_fit`", ""),),
    "decay-fits": (("fits of T1 and Ramsey, over `curve_fit`", ""),),
    "host-start": (("start of the host", "s"), ("its first /openapi.json", "s")),
    "reads": (("ten reads of the dashboard after a change, 127 qubits", "ms"),),
}
"""Rows and units of each measurement. A row without a unit is a ratio within one process."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two revisions, with the Python of its environment."""

    name: str
    python: Path


@dataclass(frozen=True, slots=True)
class Row:
    """Samples of both revisions in pairs; of a revision that lacks the measurement, none and the reason."""

    what: str
    unit: str
    other: Sequence[float]
    this: Sequence[float]
    missing: Sequence[str] = field(default=())

    @property
    def ratios(self) -> list[float]:
        """The ratios of the pairs, sorted; above 1, this tree is slower or larger."""
        return sorted(this / other for this, other in zip(self.this, self.other, strict=False))

    def as_markdown(self) -> str:
        """Return the row of the table."""
        cells = (
            self.what,
            _cell(self.other, self.unit),
            _cell(self.this, self.unit),
            _ratio_cell(self.ratios),
        )
        return f"| {' | '.join(cells)} |"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("revision", help="revision of this repository")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=ROWS,
        default=list(ROWS),
        metavar="NAME",
        help=f"measure only these: {', '.join(ROWS)}; by default all",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(user_cache_dir("qdash-benchmarks")),
        dest="clones",
        help="folder on the disk that is to be measured; it keeps the clones of other revisions (default: %(default)s)",
    )


def run(given: argparse.Namespace) -> None:
    """Compare, and print the table."""
    given.clones.mkdir(parents=True, exist_ok=True)
    folder = given.clones.resolve()
    load, begun = os.getloadavg()[0], time.monotonic()
    other = prepare_revision(given.revision, folder)
    changed = " with changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    this = Side(f"this tree ({_git('rev-parse', '--short=9', 'HEAD')}{changed})", Path(sys.executable))
    missing: dict[str, None] = {}
    print(f"| measured | {other.name} | {this.name} | ratio |\n|---|---|---|---|")
    for name in given.only:
        for row in compare(name, other, this, folder):
            print(row.as_markdown(), flush=True)
            missing |= dict.fromkeys(row.missing)
    print("".join(f"\nMissing: {reason}\n" for reason in missing))
    print(
        f"{PAIRS} pairs in alternation, Python {platform.python_version()}, {os.cpu_count()} processors, load "
        f"{load:.1f} at the start, {time.monotonic() - begun:.0f} s. Ratio: this tree over {other.name}, median "
        "(smallest to largest) of the pairs, bold if all are on one side of 1."
    )


def prepare_revision(revision: str, folder: Path) -> Side:
    """Return a revision in a clone with the environment of its lock file; both are kept in the folder."""
    try:
        commit = _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except subprocess.CalledProcessError:
        raise SystemExit(f"there is no revision {revision!r} in {ROOT}") from None
    clone = folder / commit[:12]
    if not clone.exists():
        with tempfile.TemporaryDirectory(dir=folder, prefix=".clone-") as name:
            _git("clone", "--quiet", "--no-checkout", str(ROOT), f"{name}/clone")
            _git("-C", f"{name}/clone", "checkout", "--quiet", "--detach", commit)
            Path(name, "clone").rename(clone)
    # The same interpreter, and the group by which `uv run` installs this tree.
    python = str(Path(sys.executable).resolve())
    sync = ["uv", "sync", "--frozen", "--quiet", "--group", "dev", "--python", python]
    if subprocess.run(sync, cwd=clone, env=make_environment(), check=False).returncode:
        raise SystemExit(
            f"the environment of {commit[:9]} could not be installed in {clone}, uv says above why: a revision whose lock file does not "
            "allow this Python cannot be compared"
        )
    return Side(commit[:9], clone / ".venv/bin/python")


def compare(name: str, other: Side, this: Side, folder: Path, *, pairs: int = PAIRS) -> list[Row]:
    """Return the rows of a measurement. The first sample of each revision warms it, and does not count."""
    print(name, file=sys.stderr)
    samples: dict[Side, list[list[float]]] = {other: [], this: []}
    missing: dict[Side, str] = {}
    with tempfile.TemporaryDirectory(dir=folder, prefix=".homes-") as homes, ExitStack() as stack:
        measuring = {
            side: stack.enter_context(_measuring(name, side, Path(homes, str(number))))
            for number, side in enumerate(samples)
        }
        for number in range(pairs + 1):
            for side in (other, this) if number % 2 else (this, other):
                if side in missing:
                    continue
                try:
                    samples[side].append(measuring[side].sample())
                except MissingError as error:
                    missing[side] = f"{name}, {side.name}: {error}"
    found = {side: [] if side in missing else samples[side][1:] for side in samples}
    return [
        Row(what, unit, *([one[place] for one in found[side]] for side in samples), tuple(missing.values()))
        for place, (what, unit) in enumerate(ROWS[name])
    ]


class MissingError(Exception):
    """A revision without the measurement; the text is the reason."""


@dataclass(frozen=True, slots=True)
class _Measuring:
    """Process that takes the samples of one revision."""

    process: subprocess.Popen[str]
    log: Path

    def sample(self) -> list[float]:
        """Return the numbers of one sample."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            print(file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            self.process.wait()
            told = self.log.read_text("utf-8", errors="replace").strip().splitlines()
            raise MissingError(told[-1] if told else f"exit status {self.process.returncode}")
        return [float(number) for number in json.loads(line)]


@contextmanager
def _measuring(name: str, side: Side, home: Path) -> Iterator[_Measuring]:
    home.mkdir()
    log = home.with_suffix(".log")
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            [side.python, "-m", "benchmarks.measurements", name, "--home", home],
            cwd=home,
            env={**make_environment(), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        yield _Measuring(process, log)
        with suppress(BrokenPipeError):  # it has failed
            process.communicate()  # the end of its input ends it


def _cell(samples: Sequence[float], unit: str) -> str:
    return f"{statistics.median(samples):.3g} {unit}".strip() if samples else "missing"


def _ratio_cell(ratios: Sequence[float]) -> str:
    if not ratios:
        return ""
    median = f"{statistics.median(ratios):.2f}"
    if not ratios[0] <= 1 <= ratios[-1]:
        median = f"**{median}**"
    return f"{median} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def make_environment() -> dict[str, str]:
    """Return the environment without what belongs to this process: its Python, and settings of QDash."""
    own = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    return {
        name: text for name, text in os.environ.items() if name not in own and not name.startswith("QDASH_")
    }


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", ROOT, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()
