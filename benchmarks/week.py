"""A week of a chip with known faults and changes: `python -m benchmarks.week --home HOME`.

A twin with drift is brought up on Monday evening and checked in each of seven nights. Between the checks, faults of the twin and commands
of its user change it. HOME gets `truth.md`, what was done and when; for each morning a copy of the home in `mornings/N` and the digest
since the previous check in `day-N.*`; and the trend and the report of the week. If the week exists, only these files are made again.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.servers import program
from qdash_builtin.chips.feature import CHIPS
from qdash_core import open_qdash
from qdash_core.models.chip import MuxLines, WiringModel
from qdash_core.settings import load_settings

CHIP = "week"
FIRST_NIGHT_H = 9.0
"""Hours from Monday evening to the first check."""
FORMATS = {".txt": "text", ".md": "markdown", ".html": "html", ".json": "json"}
"""Formats of a digest by the ending of their files."""
_BEGINS_BEFORE_H = 3.0
"""Hours by which faults begin before the check that they are first seen in."""
_MUXES_OF_CONTROL_MODULE = 2
_MUXES_OF_READOUT_MODULE = 4
_WRONG_BY_GHZ = 0.018
WRONG = "qubit_frequency=WRONG"
"""Place of the wrong frequency in a command."""


@dataclass(frozen=True, slots=True)
class Night:
    """One night: the events until its check, in plain words, and the commands of users around it."""

    happens: str
    faults: tuple[str, ...] = ()
    evening: tuple[tuple[str, ...], ...] = ()
    """Commands before the check."""
    morning: tuple[tuple[str, ...], ...] = ()
    """Commands after the check and its digest."""


def main() -> None:
    """Prepare the week, and make its digests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--qubits", type=int, choices=(16, 64), default=64)
    parser.add_argument("--days", type=int, choices=range(1, 8), default=7)
    parser.add_argument("--seed", type=int, default=36)
    given = parser.parse_args()
    home = Home(given.home)
    if not home.runs_file.exists():
        prepare_week(home, qubits=given.qubits, days=given.days, seed=given.seed)
    show_mornings(home)


class Home:
    """A home, and the commands that are performed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs_file = folder / "week.json"

    def get_morning(self, number: int) -> Home:
        """Return the home as it was in a morning, from 1."""
        return Home(self.folder / "mornings" / str(number))

    def copy_to_morning(self, number: int) -> None:
        """Copy the home as it is in a morning; raw data, which never change, are linked."""

        def copy(source: str, copied: str) -> None:
            os.link(source, copied) if source.endswith(".npz") else shutil.copy2(source, copied)

        ignored = shutil.ignore_patterns("mornings")
        shutil.copytree(self.folder, self.get_morning(number).folder, ignore=ignored, copy_function=copy)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run `qdash`, and print its duration."""
        environment = {**os.environ, "QDASH_HOME": str(self.folder)}
        begun = time.perf_counter()
        done = subprocess.run(
            [program("qdash"), *command], env=environment, check=False, capture_output=True, text=True
        )
        print(f"{time.perf_counter() - begun:6.1f} s  qdash {' '.join(command)}")
        return done

    def read(self, *command: str) -> dict[str, Any]:
        """Run `qdash` and return its JSON document; raise RuntimeError if it fails."""
        done = self.run(*command, "--json")
        if not done.stdout.strip():
            raise RuntimeError(f"qdash {' '.join(command)}: {done.stderr}")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def show(self, *command: str) -> str:
        """Run `qdash` and return its output; raise RuntimeError if it fails."""
        done = self.run(*command)
        if done.returncode:
            raise RuntimeError(f"qdash {' '.join(command)}: {done.stderr}")
        return done.stdout

    def keep(self, file: Path, *command: str) -> None:
        """Store the output of `qdash` in a file; raise as `show`."""
        file.write_text(self.show(*command), encoding="utf-8")


def list_nights(days: int = 7) -> list[Night]:
    """Return the nights of a week, or the first `days` of them."""
    nights = [
        Night("nothing but drift"),
        Night(
            "T1 of qubits 5 and 10 falls to a quarter, that of 10 until the next day, that of 5 until before night 7",
            faults=(
                f"t1-fall=5:4@{begin_h(2):g}-{begin_h(7):g}",
                f"t1-fall=10:4@{begin_h(2):g}-{begin_h(3):g}",
            ),
        ),
        Night("the drive line of qubit 9 dies, for good", faults=(f"dead-line=9@{begin_h(3):g}",)),
        Night(
            "the readout line of multiplexer 3 (qubits 12 to 15) dies, for good",
            faults=tuple(f"dead-readout={qid}@{begin_h(4):g}" for qid in range(12, 16)),
        ),
        Night(
            "the chip is at 140 mK, from three hours before the check until three hours after it",
            faults=(f"warm-up=140@{begin_h(5):g}-{check_h(5) + _BEGINS_BEFORE_H:g}",),
        ),
        Night(
            "the chip is cold again; the user enters a frequency of qubit 6 by hand that is 18 MHz too high; after the check the user undoes it",
            evening=(("values", "set", CHIP, "6", WRONG, "--reason", "from the logbook"),),
            morning=(("values", "undo", "--reason", "two digits were exchanged"),),
        ),
        Night(
            "T1 of qubit 5 has recovered; the user excludes qubit 9 as dead",
            evening=(("chip", "exclude", CHIP, "9", "--dead", "--note", "drive line broken"),),
        ),
    ]
    return nights[:days]


def begin_h(night: int) -> float:
    """Return the laboratory time in hours at which the faults of a night begin."""
    return check_h(night) - _BEGINS_BEFORE_H


def check_h(night: int) -> float:
    """Return the laboratory time in hours of the check of a night, from 1."""
    return FIRST_NIGHT_H + 24 * (night - 1)


def prepare_week(home: Home, *, qubits: int, days: int, seed: int) -> None:
    """Create the twin, perform its week, and write what happened."""
    nights = list_nights(days)
    faults = [part for night in nights for fault in night.faults for part in ("--fault", fault)]
    device = f"square-lattice-mux-{qubits}"
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.read("twin", "create", CHIP, "--device", device, "--seed", str(seed), "--drift", *faults)
    set_wiring(home.folder, CHIP)
    runs = [_calibrate(home, "bring-up", "evening")]
    lines = [
        "# A week of a chip",
        "",
        f"{device}, seed {seed}, drift of size 1",
        "",
        f"Monday evening: {runs[0]}",
    ]
    for number, night in enumerate(nights, 1):
        done = [_perform(home, command) for command in night.evening]
        home.read("twin", "wait", CHIP, "--hours", f"{_left_h(home, number):.6f}")
        runs.append(_calibrate(home, "check", f"night-{number}"))
        home.copy_to_morning(number)
        done += [_perform(home, command) for command in night.morning]
        lines += ["", f"## Night {number}: {runs[-1]}", "", f"At hour {check_h(number):g}: {night.happens}."]
        lines += ["", *(f"- `--fault {fault}`" for fault in night.faults), *(f"- {said}" for said in done)]
    (home.folder / "truth.md").write_text("\n".join(lines).replace("\n\n\n", "\n\n") + "\n", encoding="utf-8")
    home.runs_file.write_text(json.dumps({"runs": runs}), encoding="utf-8")


def _calibrate(home: Home, flow: str, tag: str) -> str:
    """Perform a run, and return its execution id."""
    return str(home.read("calibrate", CHIP, "--flow", flow, "--tag", tag)["execution_id"])


def set_wiring(folder: Path, chip_id: str) -> None:
    """Set a wiring in which a module drives two multiplexers, and another one reads out four."""
    with open_qdash(load_settings(home=folder)) as qdash:
        access = qdash.access("admin")
        chip = qdash.get(CHIPS).show(access, chip_id)
        lines = [_make_lines(mux, len(chip.topology.members(mux))) for mux in chip.topology.muxes]
        qdash.get(CHIPS).set_wiring(access, chip_id, WiringModel(lines=lines))


def _make_lines(mux: int, qubits: int) -> MuxLines:
    control, readout = mux // _MUXES_OF_CONTROL_MODULE, mux // _MUXES_OF_READOUT_MODULE
    first = mux % _MUXES_OF_CONTROL_MODULE * qubits
    port = mux % _MUXES_OF_READOUT_MODULE
    return MuxLines(
        mux=mux,
        ctrl=[f"U{10 + control}B-{first + index}" for index in range(qubits)],
        read_out=f"R{10 + readout}A-{port}",
        read_in=f"R{10 + readout}A-{port + _MUXES_OF_READOUT_MODULE}",
    )


def _left_h(home: Home, night: int) -> float:
    """Return the hours until the check of a night."""
    clock_s = home.read("twin", "list")["twins"][0]["clock_s"]
    return check_h(night) - float(clock_s) / 3600


def _perform(home: Home, command: tuple[str, ...]) -> str:
    """Perform a command of a user, and return it as text."""
    given = tuple(_fill_in(home, part) for part in command)
    home.read(*given)
    return f"`qdash {shlex.join(given)}`"


def _fill_in(home: Home, part: str) -> str:
    """Return the wrong frequency in place of `WRONG`."""
    if part != WRONG:
        return part
    with open_qdash(load_settings(home=home.folder)) as qdash:
        value = qdash.get(CHIPS).show(qdash.access("admin"), CHIP).qubits["6"].data["qubit_frequency"].value
    return f"qubit_frequency={value + _WRONG_BY_GHZ:.4f}"


def show_mornings(home: Home) -> None:
    """Store the digest of every morning, and the trend and the report of the week."""
    runs = json.loads(home.runs_file.read_text(encoding="utf-8"))["runs"]
    for number, before in enumerate(runs[:-1], 1):
        morning, file = home.get_morning(number), home.folder / f"day-{number}"
        for ending, form in FORMATS.items():
            morning.keep(file.with_suffix(ending), "digest", CHIP, "--since", before, "--format", form)
        morning.keep(file.with_suffix(".compared.txt"), "compare", before, "--chip", CHIP)
    home.keep(home.folder / "trend.txt", "metrics", CHIP, "--trend")
    home.show("report", CHIP, "-o", str(home.folder / "report.html"), "--force")


if __name__ == "__main__":
    main()
