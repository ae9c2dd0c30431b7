"""The same commands on the home of the machine and through a profile: the same output, JSON and exit status."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from qdash_core.settings import Settings

from ..api import sockets
from .commands_at_a_host import make_commands

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.hooks.manager import Registry

JOURNEY = """
chip create lab --topology linear-4
chip list
chip show lab
chip exclude lab 3 --note "broken line"
chip include lab 3 --note "line mended"
chip days lab
cryostat create K-1 --location "room 3"
cryostat list
cryostat edit K-1 --name north
cooldown create 1 --cryostat K-1 --chip lab --started 2026-01-01
cooldown list
cooldown show 1
cooldown chips 1
cooldown note 1 "leak at flange"
values set lab 0 qubit_frequency=5.01 --reason "spectroscopy" --yes
values set lab 1 t1=45.2±0.8 --reason "first look" --yes
values log lab
values history lab 0 qubit_frequency
values trust lab 1 t1 --until tomorrow --reason "measured by hand"
values undo --chip lab
metrics lab
metrics lab --summary
issue open "no decay" --chip lab --target 0 --label readout
issue list
issue show 1
issue comment 1 "pump off"
issue label 1 cryo --remove readout
issue close 1 --comment "pump on"
issue events 1
issue similar 1
note edit lab "new package"
note show lab
note list lab
tag add night --chip lab
tag list
project list
user create bob
timetable list
queue list
lock status
executions list
task list
task results
digest lab
compare "1 hour ago" now --chip lab
release create lab --name first
release list lab
release show lab first
release diff lab first
release export lab first --format csv
release delete lab first --yes
chip design lab 0 qubit_frequency=5.01
chip design lab
chip specification lab t1=60us
chip specification lab
metrics lab --long --out-of-spec
values statistics lab t1
provenance lab 0 qubit_frequency --forward
review lab --list
export lab
export lab --format device
export lab -o lab.json --force
import lab.json --as copy --dry-run
import lab.json --as copy
import lab.json --as copy
import values.csv --chip lab --dry-run
import values.csv --chip lab
import values.csv --chip lab --yes
import values.csv --chip lab --yes
import parameters --chip lab --dry-run --format qubex-params
import parameters/nothing --chip lab --dry-run
import values.csv --chip nothing --dry-run
import values.csv --chip lab --only ,
report lab -o report.md --force
report lab -o report.html --force
chip show lab --on 2026-01-01
chip delete lab
context lab
explain 0 --chip lab
provenance lab 0 qubit_frequency
scope list lab
flow list
file roots
file list executions
file list executions:nothing
file show nowhere:values.csv
file put values.csv executions:values.csv
file get executions:nothing
file diff executions:nothing 1
file restore executions:nothing 1
file status executions
chip edit lab --topology linear-5
issue delete 1
"""
READING = ("import", "list", "show", "history", "log", "events", "status", "results", "similar", "chips")
_CHANGING = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(?:\+00:00|Z)?|\d\d-\d\d \d\d:\d\d"), "TIME"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\[[0-9a-f]{8}\]|\b[0-9a-f]{64}\b"), "ID"),
    (re.compile(r"\b\d+ s\)"), "SECONDS)"),
)


def mask(text: str) -> str:
    """Return an output without times and random ids."""
    for pattern, masked in _CHANGING:
        text = pattern.sub(masked, text)
    return text


@pytest.mark.slow
def test_commands_print_the_same_here_and_at_a_host(
    registry: Registry,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    subtests: pytest.Subtests,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "values.csv").write_text("target,parameter,value,unit\n0,t1,45.2,us\n77,t1,1,us\n")
    for name, unit, value in (("t1", "ns", 90_000), ("control_frequency", "GHz", 5.1)):
        path = tmp_path / "parameters" / "params" / "LAB" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"meta: {{unit: {unit}}}\ndata: {{0: {value}}}\n")
    with sockets.run_host(Settings(home=tmp_path / "host", timezone="UTC"), registry) as host:
        commands = make_commands(host, tmp_path, monkeypatch, capsys)
        monkeypatch.setenv("QDASH_TIMEZONE", "UTC")
        commands.log_in("admin")
        for line in JOURNEY.strip().splitlines():
            asked = shlex.split(line)
            also = [(*asked, "--json")] if set(READING) & set(asked[:2]) else []
            for one in (tuple(asked), *also):
                with subtests.test(" ".join(one)):
                    there = commands.run(*one)
                    here = commands.run(*one, "--profile", "local")
                    assert tuple(map(mask, map(str, there))) == tuple(map(mask, map(str, here)))
