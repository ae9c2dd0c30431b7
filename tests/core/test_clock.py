"""Clock of the process: unique, increasing times of a simulated clock, its file, and one clock in each process."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import InvalidInputError, StoreError, StoreUnavailableError
from qdash_core.process.clock import (
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
    from collections.abc import Callable, Iterator

START = datetime(2026, 1, 5, 17, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
READ_AND_ADVANCE = """
import sys
from datetime import timedelta
from pathlib import Path
from qdash_core.process.clock import SimulatedClock

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


@contextmanager
def alarms(handle: Callable[[], object]) -> Iterator[None]:
    """Call a function by a signal, 100 microseconds after its last call, for the length of a block."""

    ended = False

    def handle_then_wait(*_: object) -> None:
        handle()
        if not ended:
            signal.setitimer(signal.ITIMER_REAL, 1e-4)

    before = signal.signal(signal.SIGALRM, handle_then_wait)
    signal.setitimer(signal.ITIMER_REAL, 1e-4)
    try:
        yield
    finally:
        # An alarm that is pending here is still handled, and must not set another one: that would be taken for the test's time limit.
        ended = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_signal_handler_in_the_midst_of_a_reading_gets_a_time_of_its_own(path: Path) -> None:
    clock, of_handler = SimulatedClock(path), []

    def handle() -> None:
        of_handler.append(clock.now())
        if len(of_handler) % 10 == 0:
            clock.advance_to(of_handler[-1] + timedelta(seconds=1))

    with alarms(handle):
        mine = [clock.now() for _ in range(5000)]
    assert len(of_handler) > 10
    assert mine == sorted(mine)
    assert len({*mine, *of_handler}) == len(mine) + len(of_handler)


@pytest.mark.parametrize("step", ["read", "write"])
def test_what_a_handler_does_before_or_after_any_step_is_kept_and_stays_locked(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    clock, other, of_handler = SimulatedClock(path), path.open("rb"), []
    pread, pwrite = os.pread, os.pwrite

    def is_locked() -> bool:
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(other, fcntl.LOCK_UN)
        return False

    def interrupt() -> None:
        if not of_handler:
            of_handler.append(None)
            of_handler[:] = [clock.now()]
            assert is_locked(), "the interrupted call has not ended"

    def read_then_interrupt(*given: Any) -> bytes:
        found = pread(*given)
        interrupt()
        return found

    def write_then_interrupt(*given: Any) -> int:
        found = pwrite(*given)
        interrupt()
        return found

    with other, monkeypatch.context() as patched:
        patched.setattr(
            os, *(("pread", read_then_interrupt) if step == "read" else ("pwrite", write_then_interrupt))
        )
        mine = clock.now()
        assert not is_locked()
    assert START < of_handler[0] < mine < clock.now()


def test_forked_processes_read_times_of_their_own_by_each_of_their_clocks(
    path: Path, machine_after: None
) -> None:
    clocks = [open_clock(path.parent), open_clock(path.parent)]
    started, go = os.pipe()
    reading, writing = os.pipe()

    def read_times() -> list[datetime]:
        return [clock.now() for _ in range(2000) for clock in clocks]

    if (child := os.fork()) == 0:
        os.write(go, b"x")
        os.write(writing, "\n".join(time.isoformat() for time in read_times()[-1000:]).encode())
        os._exit(0)
    os.read(started, 1)
    mine = read_times()
    others = parse_times(os.read(reading, 60_000).decode())
    os.waitpid(child, 0)
    for descriptor in (started, go, reading, writing):
        os.close(descriptor)
    assert len({*mine, *others}) == 5000
    for clock in clocks:
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
    with pytest.raises(InvalidInputError, match=r"has a simulated clock already.*`qdash init`"):
        SimulatedClock.create(path, START + timedelta(days=1))
    assert SimulatedClock(path).now() == START + MICROSECOND
    assert [one.name for one in path.parent.iterdir()] == [CLOCK_FILE]


@pytest.mark.parametrize("contents", [b"", b"123456789"], ids=repr)
def test_a_damaged_clock_is_set_in_place_and_open_processes_continue_with_it(
    path: Path, contents: bytes
) -> None:
    clock = SimulatedClock(path)
    path.write_bytes(contents)
    SimulatedClock.create(path, START + timedelta(days=1))
    times = [clock.now(), SimulatedClock(path).now(), clock.now()]
    assert times == [START + timedelta(days=1) + number * MICROSECOND for number in (1, 2, 3)]


@pytest.mark.parametrize("harm", ["deleted", "created again", "moved away", "replaced"])
def test_a_process_whose_file_was_deleted_or_replaced_does_not_keep_a_time_of_its_own(
    path: Path, harm: str
) -> None:
    clock, other = SimulatedClock(path), path.with_name("other")
    SimulatedClock.create(other, START)
    if harm == "replaced":
        other.replace(path)
    elif harm == "moved away":
        path.replace(other)
    else:
        path.unlink()
    if harm == "created again":
        SimulatedClock.create(path, START)
    for use in (clock.now, lambda: clock.advance_to(START)):
        with pytest.raises(
            StoreError,
            match=r"was deleted or replaced .*: end the processes of the home, then run `qdash doctor`",
        ):
            use()


@pytest.mark.parametrize("call", ["flock", "pwrite", "pread"])
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.ESTALE])
def test_a_failure_of_the_disk_is_an_error_of_the_store(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    clock = SimulatedClock(path)

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(fcntl if call == "flock" else os, call, fail)
        with pytest.raises(StoreUnavailableError, match=f"{CLOCK_FILE} cannot be used: {os.strerror(code)}"):
            clock.now()
    assert clock.now() == START + MICROSECOND


def test_a_folder_without_a_place_for_the_file_is_an_error_of_the_store(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError, match="cannot be used: No such file"):
        SimulatedClock.create(tmp_path / "none" / CLOCK_FILE, START)


def test_a_file_that_is_not_writable_is_read_and_microseconds_are_counted_in_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    clock = SimulatedClock(path)
    monkeypatch.undo()
    assert [clock.now() for _ in range(2)] == [START + MICROSECOND, START + 2 * MICROSECOND]
    with pytest.raises(StoreError, match="is not writable: change its permissions"):
        clock.advance_to(START + timedelta(hours=1))
    SimulatedClock(path).advance_to(START + timedelta(hours=1))
    assert clock.now() == START + timedelta(hours=1) + MICROSECOND


@pytest.mark.parametrize("year", [1969, 9990])
def test_a_time_that_no_clock_shows_is_refused(path: Path, year: int) -> None:
    clock, impossible = SimulatedClock(path), datetime(year, 6, 1, tzinfo=UTC)
    with pytest.raises(InvalidInputError, match="the years 1970 to 9989"):
        clock.advance_to(impossible)
    with pytest.raises(InvalidInputError, match="the years 1970 to 9989"):
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
        with pytest.raises(InvalidInputError, match="this process has a home with another clock open"):
            open_clock(home)
    for clock in clocks:
        close_clock(clock)
    close_clock(open_clock(other))


def test_many_homes_with_the_clock_of_the_machine_are_open_at_once(path: Path, tmp_path: Path) -> None:
    clocks = [open_clock(tmp_path / str(number)) for number in range(10)]
    with pytest.raises(InvalidInputError, match="a home with another clock open"):
        open_clock(path.parent)
    for clock in clocks:
        close_clock(clock)
