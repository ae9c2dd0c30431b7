"""A home with a simulated clock on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .command_line import CommandLine

SAID = "Simulated time: 2026-01-06 01:12+01:00\n"


@pytest.fixture
def simulated(qdash: CommandLine) -> CommandLine:
    """A command line whose home has a simulated clock."""
    zoned = qdash.with_settings(QDASH_TIMEZONE="Europe/Zurich")
    zoned.does("init", "--simulated-clock", "2026-01-06 01:12")
    return zoned


def test_each_command_that_opens_the_home_says_so_on_standard_error(simulated: CommandLine) -> None:
    listed = simulated("chip", "list", "--json")
    assert (listed.status, listed.document) == (0, [])
    assert listed.err.endswith(SAID)
    assert listed.err.count("\n") == 1
    assert simulated("chip", "list", "--help").err == ""


def test_the_doctor_says_so(simulated: CommandLine) -> None:
    checks = {one["name"]: one["detail"] for one in simulated.read_json("doctor")["checks"]}
    assert checks["clock"] == SAID.strip()


def test_a_duration_is_before_the_time_of_the_home(simulated: CommandLine) -> None:
    simulated.does("cryostat", "create", "K")
    started = simulated.read_json("cooldown", "create", "first", "--cryostat", "K", "--started", "12h")
    assert started["started_at"].startswith("2026-01-05T12:12:00")
