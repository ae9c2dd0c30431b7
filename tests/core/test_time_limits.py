"""Time limits of calls: interruption, results, and side effects."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.errors import TaskStuckError, TaskTimeoutError
from qdash_core.process.interrupts import defer_interrupts, interrupt
from qdash_core.process.time_limits import call_within

if TYPE_CHECKING:
    from collections.abc import Callable

SHORT_S = 0.05
LONG_S = 60.0


def sleep_long() -> None:
    time.sleep(LONG_S)


def wait_for_an_answer() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.recv(1)


def count() -> None:
    while True:
        pass


def sleep_in_pieces() -> None:
    while True:
        time.sleep(0.01)


def try_again_whatever_goes_wrong() -> None:
    while True:
        try:
            sleep_in_pieces()
        except Exception:  # noqa: BLE001  as laboratories write it
            continue


def catch_everything() -> str:
    try:
        sleep_in_pieces()
    except BaseException:  # noqa: BLE001
        return "what there was so far"
    raise AssertionError


def hide_it() -> None:
    try:
        sleep_in_pieces()
    finally:
        raise OSError("the instrument was in the middle of something")


def call_in_main_thread(call: Callable[[], Any]) -> Any:
    return call()


def call_in_lane(call: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as lane:
        return lane.submit(call).result()


EVERYWHERE = pytest.mark.parametrize("where", [call_in_main_thread, call_in_lane])


@EVERYWHERE
def test_what_ends_in_time_is_left_alone(where: Callable[..., Any]) -> None:
    told: list[str] = []
    call = partial(
        call_within, LONG_S, lambda: 42, what="it", time_up=lambda: told.append("up"), stuck=told.append
    )
    assert (where(call), told) == (42, [])


@EVERYWHERE
def test_what_it_raises_comes_out_as_it_is(where: Callable[..., Any]) -> None:
    with pytest.raises(ZeroDivisionError):
        where(partial(call_within, LONG_S, lambda: 1 / 0, what="it"))


@pytest.mark.parametrize(
    ("where", "work"),
    [
        (call_in_main_thread, sleep_long),
        (call_in_main_thread, wait_for_an_answer),
        *(
            (where, work)
            for where in (call_in_main_thread, call_in_lane)
            for work in (count, sleep_in_pieces, try_again_whatever_goes_wrong, catch_everything, hide_it)
        ),
    ],
)
def test_what_takes_longer_is_stopped(where: Callable[..., Any], work: Callable[[], Any]) -> None:
    with pytest.raises(TaskTimeoutError, match=r"^CheckT1 took longer than its timeout of 0\.05 s$"):
        where(partial(call_within, SHORT_S, work, what="CheckT1"))


@EVERYWHERE
def test_it_is_told_before_it_is_stopped(where: Callable[..., Any]) -> None:
    told = threading.Event()
    seen: list[bool] = []

    def work() -> None:
        try:
            sleep_in_pieces()
        finally:
            seen.append(told.is_set())

    with pytest.raises(TaskTimeoutError):
        where(partial(call_within, SHORT_S, work, what="it", time_up=told.set))
    assert seen == [True]


@EVERYWHERE
def test_of_nested_limits_the_one_that_is_up_counts(where: Callable[..., Any]) -> None:
    inner = partial(call_within, SHORT_S, sleep_in_pieces, what="the inner one")
    with pytest.raises(TaskTimeoutError, match="the inner one"):
        where(partial(call_within, LONG_S, inner, what="the outer one"))
    inner = partial(call_within, LONG_S, sleep_in_pieces, what="the inner one")
    with pytest.raises(TaskTimeoutError, match="the outer one"):
        where(partial(call_within, SHORT_S, inner, what="the outer one"))


@EVERYWHERE
def test_what_does_not_stop_is_reported_from_outside(where: Callable[..., Any]) -> None:
    reported = threading.Event()
    messages: list[str] = []

    def stuck(message: str) -> None:
        messages.append(message)
        reported.set()

    def work() -> None:
        try:
            sleep_in_pieces()
        finally:
            assert reported.wait(LONG_S)  # it continues until someone outside has noticed

    said = r"it took longer than its timeout of 0\.05 s, and did not stop within 0\.02 s"
    with pytest.raises(TaskStuckError, match=said):
        where(partial(call_within, SHORT_S, work, what="it", grace_s=0.02, stuck=stuck))
    assert len(messages) == 1


def test_a_limit_holds_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    call_within(LONG_S, lambda: None, what="it")
    monkeypatch.setattr(threading.Thread, "start", refuse)
    for seconds in (SHORT_S, 2 * SHORT_S):
        with pytest.raises(TaskTimeoutError):
            call_within(seconds, sleep_in_pieces, what="it")


def test_nothing_is_left_behind() -> None:
    handler, threads = signal.getsignal(signal.SIGALRM), set(threading.enumerate())
    call_within(LONG_S, lambda: None, what="it")
    with pytest.raises(TaskTimeoutError):
        call_within(SHORT_S, sleep_long, what="it")
    for thread in set(threading.enumerate()) - threads:
        thread.join(timeout=10)
    assert signal.getsignal(signal.SIGALRM) == handler
    assert set(threading.enumerate()) <= threads
    time.sleep(2 * SHORT_S)  # a limit still in force would raise here


def test_somebody_elses_alarm_still_reaches_him() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, _frame: heard.append(number))
    try:
        call_within(LONG_S, partial(signal.raise_signal, signal.SIGALRM), what="it")
        signal.raise_signal(signal.SIGALRM)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert heard == [signal.SIGALRM] * 2


def test_time_that_runs_out_at_the_last_moment_harms_nobody() -> None:
    def often() -> None:
        for number in range(100):
            # Some end just before their limit, some just after it.
            with_luck = partial(call_within, 0.0005, partial(sum, range(number * 100)), what="it")
            try:
                with_luck()
            except TaskTimeoutError:
                continue

    often()
    with ThreadPoolExecutor(3) as lanes:
        for lane in [lanes.submit(often) for _ in range(3)]:
            lane.result()


TRACED = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from qdash_core.errors import TaskTimeoutError
from qdash_core.process.time_limits import call_within

def work():
    while True:
        time.sleep(0.001)

def run():
    try:
        call_within(0.01, work, what="it")
    except TaskTimeoutError:
        pass

with ThreadPoolExecutor(1) as lane:
    lane.submit(run).result()
sys.settrace(lambda *_: None)
(lambda: None)()
"""


def test_a_debugger_can_go_on_afterwards() -> None:
    """An exception requested from Python and then cancelled makes it search forever while tracing."""
    subprocess.run([sys.executable, "-c", TRACED], check=True, timeout=60)


def test_an_interrupt_wins_over_time_that_is_up() -> None:
    def work() -> None:
        try:
            sleep_long()
        finally:
            signal.raise_signal(signal.SIGINT)

    with defer_interrupts(lambda: None), pytest.raises(KeyboardInterrupt):
        call_within(SHORT_S, work, what="it")


def test_a_run_is_interrupted_from_any_thread_in_the_middle_of_a_call() -> None:
    told: list[str] = []
    with defer_interrupts(lambda: told.append("stop")):
        timer = threading.Timer(SHORT_S, interrupt)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            call_within(LONG_S, sleep_long, what="it")
        timer.join()
    assert told == ["stop"]


def test_nobody_is_interrupted_where_nothing_holds_interrupts_back() -> None:
    interrupt()
    time.sleep(SHORT_S)
