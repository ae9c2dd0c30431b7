"""Twins in a home with a simulated clock, whose time is that of their laboratory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.process.clock import CLOCK_FILE, SimulatedClock, close_clock, open_clock, utc_now
from qdash_fake.twin import create_twin, load_twin
from qdash_tasks.laboratory.requests import Relaxation
from qdash_tasks.laboratory.shots import Shots

from .conftest import make_table
from .twin_requests import asked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.process.clock import Clock
    from qdash_fake.twin import Twin

START = datetime(2026, 1, 5, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)
READINGS = timedelta(milliseconds=1)
"""More than the microseconds by which the readings of a test advance the clock."""
LONG, SHORT = Relaxation(np.array([1000.0])), Relaxation(np.array([10.0]))
MANY = Shots(count=10_000)


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[Clock]:
    """The clock of a home in which a twin is made an hour after its start."""
    SimulatedClock.create(tmp_path / CLOCK_FILE, START)
    clock = open_clock(tmp_path)
    clock.advance_to(START + HOUR)
    yield clock
    close_clock(clock)
    close_clock(open_clock(tmp_path / "ordinary"))


def make_twin(folder: Path, **options: object) -> Twin:
    return create_twin(folder / "twin", make_table({}, {}, couplings=(("0", "1"),)), 3, options)


def test_the_laboratory_time_of_a_twin_is_that_of_the_home_since_it_was_made(
    clock: Clock, tmp_path: Path
) -> None:
    folder = make_twin(tmp_path).folder
    assert load_twin(folder).clock_s == pytest.approx(0, abs=READINGS.total_seconds())
    clock.advance_to(START + 25 * HOUR)
    assert load_twin(folder).clock_s == pytest.approx(24 * 3600, abs=READINGS.total_seconds())


def test_a_measurement_advances_the_home_by_its_laboratory_time(clock: Clock, tmp_path: Path) -> None:
    laboratory = make_twin(tmp_path).open()
    before = utc_now()
    asked(laboratory, {"0": LONG}, MANY)
    passed_s = (utc_now() - before).total_seconds()
    assert laboratory.lab_seconds > 10
    assert passed_s == pytest.approx(laboratory.lab_seconds, abs=READINGS.total_seconds())


def test_sessions_side_by_side_overlap_instead_of_adding_up(clock: Clock, tmp_path: Path) -> None:
    twin = make_twin(tmp_path)
    long, short = twin.open(), twin.open()
    before = utc_now()
    asked(long, {"0": LONG}, MANY)
    asked(short, {"0": SHORT}, MANY)
    assert 0 < short.lab_seconds < long.lab_seconds
    passed_s = (utc_now() - before).total_seconds()
    assert passed_s == pytest.approx(long.lab_seconds, abs=READINGS.total_seconds())


def test_the_next_session_begins_at_the_time_of_the_home(clock: Clock, tmp_path: Path) -> None:
    twin = make_twin(tmp_path)
    asked(twin.open(), {"0": LONG}, MANY)
    clock.advance_to(START + 11 * HOUR)
    began_s = twin.open().clock.begun_s
    assert began_s == pytest.approx(10 * 3600, abs=READINGS.total_seconds())


def test_drift_and_timed_faults_follow_the_clock_of_the_home(clock: Clock, tmp_path: Path) -> None:
    folder = make_twin(tmp_path, drift=1.0, dead_line={"0": 12.0}).folder
    seen = []
    for hours in (1, 2, 14):
        clock.advance_to(START + hours * HOUR)
        twin = load_twin(folder)
        seen.append((twin.truth().qubits["1"].frequency_ghz, twin.remarks().get("0")))
    frequencies = [frequency for frequency, _ in seen]
    assert len(set(frequencies)) == 3
    assert seen[0][1] != seen[2][1], "the drive line died twelve hours after the twin was made"
    # The same laboratory time is the same truth, whichever clock showed it.
    close_clock(clock)
    close_clock(open_clock(tmp_path / "ordinary"))
    ordinary = create_twin(tmp_path / "same", twin.table, 3, twin.options).wait(13 * 3600)
    assert ordinary.truth().qubits["1"].frequency_ghz == pytest.approx(frequencies[2], abs=1e-9)
