"""Clock of the process: unique, increasing times of a simulated clock, its file, and one clock in each process."""

from __future__ import annotations

import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import InvalidInputError, StoreError
from qdash_core.clock import (
    CLOCK_FILE,
    SimulatedClock,
    close_clock,
    get_clock,
    machine_now,
    open_clock,
    utc_now,
)

from .forked_programs import ForkedProgram

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 1, 5, 17, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
READ_AND_ADVANCE = """
import sys
from datetime import timedelta
from pathlib import Path
from qdash_core.clock import SimulatedClock

clock, number = SimulatedClock(Path(sys.argv[1])), int(sys.argv[2])
for turn in range(number):
    now = clock.now()
    print(now.isoformat(), flush=True)
    if turn % 5 == 0:
        clock.advance_to(now + timedelta(milliseconds=turn))
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a clock that starts at `START`."""
    SimulatedClock.create(tmp_path / CLOCK_FILE, START)
    return tmp_path / CLOCK_FILE


@pytest.fixture
def machine_after(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """After the test this process has the clock of the machine."""
    yield
    close_clock(open_clock(tmp_path_factory.mktemp("ordinary")))


def start_reader(path: Path, number: int) -> subprocess.Popen[str]:
    return ForkedProgram(READ_AND_ADVANCE, path, number, stdout=subprocess.PIPE)


def parse_times(text: str) -> list[datetime]:
    return [datetime.fromisoformat(line) for line in text.splitlines()]


# ---------------------------------------------------------------------------------------------------------- the times


def test_it_stands_still_but_for_a_microsecond_for_each_reading(path: Path) -> None:
    clock = SimulatedClock(path)
    assert [clock.now() for _ in range(3)] == [START + number * MICROSECOND for number in (1, 2, 3)]


def test_it_advances_and_never_goes_back(path: Path) -> None:
    clock = SimulatedClock(path)
    clock.advance_to(START + timedelta(hours=1))
    assert clock.now() == START + timedelta(hours=1) + MICROSECOND
    clock.advance_to(START)
    assert clock.now() > START + timedelta(hours=1)


@given(st.lists(st.tuples(st.integers(0, 2), st.none() | st.integers(-10_000, 10_000)), max_size=40))
def test_any_order_of_readings_and_advances_of_several_processes_gives_increasing_times(
    turns: list[tuple[int, int | None]],
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / CLOCK_FILE
        SimulatedClock.create(path, START)
        clocks = [SimulatedClock(path) for _ in range(3)]  # each with a descriptor of its own, like a process
        last = START
        for which, by_us in turns:
            if by_us is None:
                now = clocks[which].now()
                assert now > last
                last = now
            else:
                clocks[which].advance_to(last + by_us * MICROSECOND)
                last = max(last, last + by_us * MICROSECOND - MICROSECOND)


def test_times_are_unique_and_in_order_among_threads(path: Path) -> None:
    clock = SimulatedClock(path)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: [clock.now() for _ in range(200)], range(8)))
    assert all(times == sorted(times) for times in found)
    assert len({time for times in found for time in times}) == 1600


def test_times_are_unique_and_in_order_among_processes(path: Path) -> None:
    processes = [start_reader(path, 300) for _ in range(3)]
    found = [parse_times(process.communicate()[0]) for process in processes]
    assert all(times == sorted(times) and len(times) == 300 for times in found)
    assert len({time for times in found for time in times}) == 900
    assert SimulatedClock(path).now() > max(times[-1] for times in found)


def test_a_forked_process_reads_times_of_its_own(path: Path, machine_after: None) -> None:
    clock = open_clock(path.parent)
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, "\n".join(utc_now().isoformat() for _ in range(200)).encode())
        os._exit(0)
    mine = [utc_now() for _ in range(200)]
    os.waitpid(child, 0)
    others = parse_times(os.read(reading, 100_000).decode())
    assert len({*mine, *others}) == 400
    close_clock(clock)


def test_a_process_that_is_killed_at_any_moment_leaves_a_clock_that_goes_on(path: Path) -> None:
    last = START
    for number in range(5):
        process = start_reader(path, 1_000_000)
        assert process.stdout is not None
        seen = [process.stdout.readline() for _ in range(1 + 40 * number)]
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().rpartition("\n")[0]
        process.wait()
        process.stdout.close()
        times = parse_times("".join(seen) + rest)
        assert last < times[0]
        last = SimulatedClock(path).now()
        assert last > times[-1]


# ----------------------------------------------------------------------------------------------------------- the file


@pytest.mark.parametrize("contents", [b"", b"1234567", b"123456789", bytes([255] * 8)], ids=repr)
def test_a_damaged_file_is_reported_with_what_to_do(path: Path, contents: bytes) -> None:
    clock = SimulatedClock(path)
    path.write_bytes(contents)
    for use in (lambda: SimulatedClock(path), clock.now, lambda: clock.advance_to(START)):
        with pytest.raises(
            StoreError, match=r"simulated-clock is damaged: .*qdash store restore.*--simulated-clock TIME"
        ):
            use()
    assert path.read_bytes() == contents


def test_a_clock_is_created_once(path: Path) -> None:
    with pytest.raises(InvalidInputError, match="has a simulated clock already"):
        SimulatedClock.create(path, START + timedelta(days=1))
    assert SimulatedClock(path).now() == START + MICROSECOND
    assert [one.name for one in path.parent.iterdir()] == [CLOCK_FILE]


@pytest.mark.parametrize("year", [1969, 9999])
def test_a_time_that_no_clock_shows_is_refused(path: Path, year: int) -> None:
    clock, impossible = SimulatedClock(path), datetime(year, 6, 1, tzinfo=UTC)
    with pytest.raises(InvalidInputError, match="the years 1970 to 9998"):
        clock.advance_to(impossible)
    with pytest.raises(InvalidInputError, match="the years 1970 to 9998"):
        SimulatedClock.create(path.with_name("other"), impossible)
    assert clock.now() == START + MICROSECOND


# ------------------------------------------------------------------------------------------ one clock in each process


def test_a_process_has_the_clock_of_the_home_that_it_opened_last(
    path: Path, tmp_path: Path, machine_after: None
) -> None:
    assert abs(utc_now() - machine_now()) < timedelta(minutes=1)
    clock = open_clock(path.parent)
    assert (get_clock(), utc_now()) == (clock, START + MICROSECOND)
    assert machine_now() > START + timedelta(days=1)
    close_clock(clock)
    assert utc_now() == START + 2 * MICROSECOND, (
        "what a command prints after it closed the home is still of its time"
    )
    close_clock(open_clock(tmp_path / "ordinary"))
    assert machine_now() - utc_now() < timedelta(minutes=1)


def test_a_home_with_another_clock_is_refused_while_one_is_open(
    path: Path, tmp_path: Path, machine_after: None
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    SimulatedClock.create(other / CLOCK_FILE, START)
    clocks = [open_clock(path.parent), open_clock(path.parent)]
    for home in (other, tmp_path / "ordinary"):
        with pytest.raises(
            InvalidInputError, match="a process has one clock: open it in a process of its own"
        ):
            open_clock(home)
    for clock in clocks:
        close_clock(clock)
    close_clock(open_clock(other))


def test_many_homes_with_the_clock_of_the_machine_are_open_at_once(path: Path, tmp_path: Path) -> None:
    clocks = [open_clock(tmp_path / str(number)) for number in range(10)]
    with pytest.raises(InvalidInputError, match="a process of its own"):
        open_clock(path.parent)
    with pytest.raises(InvalidInputError, match="the clock of the machine cannot be advanced"):
        clocks[0].advance_to(START)
    for clock in clocks:
        close_clock(clock)
