"""Ctrl-C at any time: the run and its results are ended, and the next run can start."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import Parameter
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.process.interrupts import defer_interrupts, interrupt, raise_pending
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.runs.performance import run_to_end
from tests.core.bench import PROJECT, make_task

from ...access import ADMIN
from ...case_tables import keep_quick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from tests.core.conftest import MakeBench

# Such a calibration executes some thirteen thousand lines of the core: these are spread over them.
MOMENTS = range(7, 13_500, 307)


class SignalAt:
    """Sends SIGINT to this process when the n-th line of the core is about to run."""

    def __init__(self, n: int) -> None:
        self._left = n
        self.sent = False

    def __call__(self, frame: FrameType, event: str, _argument: object) -> Any:
        if "qdash_core" not in frame.f_code.co_filename:
            return None
        if event == "line":
            self._left -= 1
            if self._left == 0:
                sys.settrace(None)
                self.sent = True
                signal.raise_signal(signal.SIGINT)
        return self


@pytest.mark.parametrize("moment", keep_quick(MOMENTS, *range(0, len(MOMENTS), 3)))
@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
def test_whenever_a_run_is_interrupted_nothing_is_left_open(make_bench: MakeBench, moment: int) -> None:
    second = make_task("Second", {"t2": Parameter(1.0, 0.1, "us")}, needs=["t1"])
    bench = make_bench(make_task(), second, lease_ttl_s=3600)
    calibration = bench.make_service()
    signal_at = SignalAt(moment)
    before = sys.gettrace()
    try:
        sys.settrace(signal_at)
        run_to_end(calibration, QubitTargets(["0", "1"]), [CustomOneQubit(["Measure", "Second"])])
    except KeyboardInterrupt:
        assert signal_at.sent
    finally:
        sys.settrace(before)

    for execution in bench.qdash.get(EXECUTIONS).newest(ADMIN):
        assert execution.status.terminal
        _, results = bench.qdash.get(EXECUTIONS).show(ADMIN, execution.execution_id)
        assert all(result.status.terminal for result in results)
    assert bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
    bench.start_session().complete()


def test_a_signal_that_is_handled_in_c_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """This happens in a process that embeds Python: its handler cannot be restored."""
    kept = signal.getsignal(signal.SIGTERM)
    set_signal = signal.signal

    def unknown(number: int, handler: Any) -> None:
        set_signal(number, handler)

    monkeypatch.setattr(signal, "getsignal", lambda _number: None)
    monkeypatch.setattr(signal, "signal", unknown)
    with defer_interrupts(lambda: None):
        interrupt()
    monkeypatch.undo()
    assert signal.getsignal(signal.SIGTERM) is kept


class Terminated(BaseException):
    """A foreign SIGTERM handler's exception, as Prefect's engine has it."""


@pytest.fixture
def theirs() -> Iterator[None]:
    def handler(_number: int, _frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, handler)
    yield
    signal.signal(signal.SIGTERM, before)


def cut_within(cut: Callable[[], None]) -> None:
    """Interrupt a block of deferred interrupts, which ends with KeyboardInterrupt."""
    with defer_interrupts(lambda: None):
        cut()
        with pytest.raises(KeyboardInterrupt) as within:
            raise_pending()
        raise within.value


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize("cut", [interrupt, lambda: signal.raise_signal(signal.SIGTERM)])
def test_outside_an_interrupt_is_what_somebody_elses_handler_raises(cut: Callable[[], None]) -> None:
    with pytest.raises(Terminated):
        cut_within(cut)


@pytest.mark.usefixtures("theirs")
def test_ctrl_c_stays_what_it_is_beside_somebody_elses_handler() -> None:
    with pytest.raises(KeyboardInterrupt):
        cut_within(lambda: signal.raise_signal(signal.SIGINT))
