"""Recorded nights of a chip with known faults, for `benchmarks.twenty_questions`.

A twin of 16 qubits is brought up while it is healthy, and checked in each of six nights. A fault lasts from three hours before the check of its
night until three hours after it; a wrong value is entered right before the check.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.week import Home, set_wiring
from qdash_builtin.chips.feature import CHIPS
from qdash_core import open_qdash
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CHIP = "nights"
DEVICE, SEED = "square-lattice-mux-16", 43
_FIRST_CHECK_H, _BETWEEN_CHECKS_H, _AROUND_CHECK_H = 9.0, 24.0, 3.0
_FILE = "nights.json"


@dataclass(frozen=True, slots=True)
class Night:
    """Faults of a night, and the actions of users.

    Attributes
    ----------
    faults
        Values of timed faults by name, without hours.
    shift
        A qubit and the error in GHz with which a user enters its frequency before the check, or None.
    by_hand
        Arguments of `qdash calibrate` for a run after the check, or empty.
    """

    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shift: tuple[str, float] | None = None
    by_hand: tuple[str, ...] = ()


NIGHTS = (
    Night(),
    Night(
        {
            "dead-line": ["9"],
            "t1-fall": ["5:5"],
            "frequency-jump": ["3:4"],
            "readout-attenuation": ["14:25"],
            "lost-points": ["6:0.15"],
            "drive-attenuation": ["10:6"],
        }
    ),
    Night({"amplifier-failure": ["3:30"], "reset-failure": ["2:0.4"]}),
    Night({"dead-module": ["0+1"]}),
    Night({"warm-up": ["140"]}),
    Night(
        {"swapped-drive": ["1:2"], "resonator-shift": ["8:-2"]},
        shift=("6", 0.018),
        by_hand=(
            "--flow",
            "CheckT1",
            "--qids",
            "11",
            "--set",
            "time_range=[0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000]",
        ),
    ),
)
"""The nights. The first one is healthy; the drive line of qubit 9 stays dead."""


@dataclass(frozen=True, slots=True)
class RecordedNights:
    """Home of the nights and the executions in it.

    Attributes
    ----------
    evening
        Execution of the bring-up.
    checks
        Execution of the check of each night.
    by_hand
        Execution of the run by hand after each check, or empty.
    """

    home: Home
    evening: str
    checks: Sequence[str]
    by_hand: Sequence[str]

    def list_results(self, execution_id: str) -> list[dict[str, Any]]:
        """Return the results of an execution, in order."""
        found: list[dict[str, Any]] = self.home.read("executions", "show", execution_id)["results"]
        return found

    def list_executions(self) -> list[str]:
        """Return all executions, in order."""
        return [self.evening, *self.checks, *filter(None, self.by_hand)]


def record_nights(folder: Path) -> RecordedNights:
    """Return the nights in a folder, which are prepared if they are not there: two minutes."""
    home = Home(folder)
    if not (folder / _FILE).exists():
        (folder / _FILE).write_text(json.dumps(_prepare(home)), encoding="utf-8")
    stored = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    return RecordedNights(home, **stored)


def _prepare(home: Home) -> dict[str, str | list[str]]:
    """Record the nights, and return their executions."""
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    faults = [part for fault in list_faults() for part in ("--fault", fault)]
    home.read("twin", "create", CHIP, "--device", DEVICE, "--seed", str(SEED), "--drift", *faults)
    set_wiring(home.folder, CHIP)
    evening = _calibrate(home, "--flow", "bring-up", "--tag", "evening")
    checks: list[str] = []
    by_hand: list[str] = []
    for number, night in enumerate(NIGHTS, 1):
        clock_h = home.read("twin", "list")["twins"][0]["clock_s"] / 3600
        home.read("twin", "wait", CHIP, "--hours", f"{get_check_h(number) - clock_h:.6f}")
        if night.shift is not None:
            _shift_frequency(home, *night.shift)
        checks.append(_calibrate(home, "--flow", "check", "--tag", f"night-{number}"))
        by_hand.append(_calibrate(home, *night.by_hand) if night.by_hand else "")
    return {"evening": evening, "checks": checks, "by_hand": by_hand}


def list_faults() -> list[str]:
    """Return the faults of all nights as values of `--fault`."""
    found = []
    for number, night in enumerate(NIGHTS, 1):
        begin_h, end_h = (get_check_h(number) + sign * _AROUND_CHECK_H for sign in (-1, 1))
        for name, values in night.faults.items():
            hours = f"{begin_h:g}" if name == "dead-line" else f"{begin_h:g}-{end_h:g}"
            found += [f"{name}={value}@{hours}" for value in values]
    return found


def get_check_h(number: int) -> float:
    """Return the laboratory time in hours of the check of a night, from 1."""
    return _FIRST_CHECK_H + (number - 1) * _BETWEEN_CHECKS_H


def _calibrate(home: Home, *arguments: str) -> str:
    """Perform a run, and return its execution id."""
    return str(home.read("calibrate", CHIP, *arguments)["execution_id"])


def _shift_frequency(home: Home, qid: str, by_ghz: float) -> None:
    """Enter a wrong frequency of a qubit by hand."""
    with open_qdash(load_settings(home=home.folder)) as qdash:
        value = qdash.get(CHIPS).show(qdash.access("admin"), CHIP).qubits[qid].data["qubit_frequency"].value
    wrong = f"qubit_frequency={value + by_ghz:.4f}"
    home.read("values", "set", CHIP, qid, wrong, "--reason", "from the logbook")
