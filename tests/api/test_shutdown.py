"""Shutdown by a signal: a deadline, and an immediate exit at the second signal."""

from __future__ import annotations

import signal
from queue import SimpleQueue
from threading import Event, main_thread
from typing import TYPE_CHECKING

import pytest

from qdash_api.process.shutdown import call_interruptibly, exit_deadline, on_termination

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

PATIENCE_S = 60.0


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """Signals that reach the previously installed handler."""
    numbers: list[int] = []

    def hear(number: int, _frame: FrameType | None) -> None:
        numbers.append(number)

    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_exits_some_time_after_the_signal_even_when_the_block_has_ended(
    heard: list[int], number: signal.Signals
) -> None:
    exits: SimpleQueue[int | str] = SimpleQueue()
    with exit_deadline(0.01, before_exit=lambda: exits.put("before"), exit_process=exits.put):
        signal.raise_signal(number)
    assert [exits.get(timeout=PATIENCE_S) for _ in range(2)] == ["before", 0]
    assert heard == [number]


def test_the_same_signal_again_exits_at_once_and_another_one_does_not(heard: list[int]) -> None:
    exits: list[int] = []
    with exit_deadline(PATIENCE_S, exit_process=exits.append):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        assert not exits
        signal.raise_signal(signal.SIGTERM)
    assert exits == [130]


def test_a_block_without_a_signal_leaves_handlers_as_they_were(heard: list[int]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with on_termination(lambda _: None):
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_interrupts_a_waiting_call() -> None:
    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def wait() -> None:
        signal.pthread_kill(main_thread().ident or 0, signal.SIGUSR1)
        released.wait()

    released = Event()
    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            call_interruptibly(wait)
    finally:
        released.set()
        signal.signal(signal.SIGUSR1, before)


def test_a_call_returns_the_result_or_raises_the_error() -> None:
    assert call_interruptibly(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        call_interruptibly(lambda: 1 // 0)
