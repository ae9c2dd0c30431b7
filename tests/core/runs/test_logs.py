"""Logs of runs: stored with the run, and complete after any end."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import RUNS
from qdash_core import OutputParameter, Parameter, StoreUnavailableError, TaskOutput
from qdash_core.models.progress import SilentProgress
from qdash_core.models.request import TargetSelection
from qdash_core.repositories.queue import LogRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.logs import RunLog, capture_output

from ...access import ADMIN
from ..bench import PROJECT, SIGNAL, Bench, make_raising, make_task
from .crew import make_request

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.repositories.store import Store

    from .conftest import MakeCrew


def log_of(bench: Bench, execution_id: str) -> str:
    return "".join(
        one.text for one in bench.repositories.of(LogRepository).list_by_execution(PROJECT, execution_id)
    )


def print_lines(_task: object, _backend: object) -> object:
    logging.getLogger("laboratory").warning("the fridge is %s", "warm")
    logging.getLogger("laboratory").info("nobody wants to know")
    logging.getLogger("qdash_core.something").info("a detail")
    logging.getLogger("qdash_core.something").debug("too much of it")
    return SIGNAL


@pytest.mark.every_store
def test_the_log_holds_the_plan_warnings_and_failures(make_crew: MakeCrew) -> None:
    bench, _ = make_crew(make_task(measure=print_lines))
    targets = TargetSelection(qubits=("0", "1"))
    ended = bench.qdash.get(RUNS).run(ADMIN, make_request(targets=targets))
    lines = log_of(bench, ended.execution_id).splitlines()
    said = [line.split(" ", 1)[1] for line in lines]
    records = ("WARNING ", "INFO ")  # from any logger, possibly left over by an earlier test
    own = [line for line in said if not line.startswith(records)]
    assert own[:2] == [f"execution {ended.execution_id} begins", "Measure on 2 targets: 0, 1"]
    assert said.count("WARNING laboratory: the fridge is warm") == 2
    assert said.count("INFO qdash_core.something: a detail") == 2
    assert not any("nobody wants" in line or "too much" in line for line in said)


def test_the_log_of_a_run_that_fails_is_complete(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task(measure=make_raising(OSError("cable"))))
    ended = bench.qdash.get(RUNS).run(ADMIN, make_request())
    assert "Measure on 0 failed: " in log_of(bench, ended.execution_id)
    assert "cable" in log_of(bench, ended.execution_id)
    del crew


def test_the_log_says_after_every_task_how_many_have_ended(make_crew: MakeCrew) -> None:
    bench, _ = make_crew(make_task(), make_task("Broken", {}, measure=make_raising(OSError("cable"))))
    targets = TargetSelection(qubits=("0", "1"))
    ended = bench.qdash.get(RUNS).run(ADMIN, make_request("Broken", targets=targets))
    lines = [line.split(" ", 1)[1] for line in log_of(bench, ended.execution_id).splitlines()]
    counted = [line for line in lines if line.split()[0] in ("1/2", "2/2")]
    assert [line.split(":")[0] for line in counted] == ["1/2 Broken on 0 failed", "2/2 Broken on 1 failed"]


def test_the_log_says_that_a_result_is_measured_once_more_and_why(make_crew: MakeCrew) -> None:
    values = iter([88.0, 20.0, 88.0])
    declared = {"t1": OutputParameter(unit="us", jump=0.5)}

    def analyse(_task: object, _raw: object) -> TaskOutput:
        return TaskOutput({"t1": Parameter(next(values), 1.0, "us")})

    bench, _ = make_crew(make_task(analyse=analyse, output_parameters=declared))
    for _ in range(2):
        ended = bench.qdash.get(RUNS).run(ADMIN, make_request())
    lines = [line.split(" ", 1)[1] for line in log_of(bench, ended.execution_id).splitlines()]
    assert [line for line in lines if "Measure on 0" in line] == [
        "Measure on 0: t1 jumped from 88 to 20 us: measured once more",
        "1/1 Measure on 0 completed",
    ]


@pytest.mark.parametrize("alone", [True, False])
def test_what_a_flow_prints_is_kept_in_a_process_of_its_own(
    make_crew: MakeCrew, tmp_path: Path, capsys: pytest.CaptureFixture[str], alone: bool
) -> None:
    bench, crew = make_crew(make_task())
    file = tmp_path / "own.py"
    file.write_text(
        "import sys\n"
        "def own(username):\n"
        "    print('half \\u00b5', end='')\n"
        "    print(' a line')\n"
        "    print('to the other stream', file=sys.stderr)\n"
        "    raise ValueError('a bug')\n"
    )
    run = (
        bench.qdash.get(RUNS)
        .submissions.submit(ADMIN, make_request(str(file), chip_id=None, targets=TargetSelection()))
        .execution_id
    )
    before = sys.stdout, sys.stderr
    with pytest.raises(Exception, match="a bug"):
        bench.qdash.get(RUNS).perform(PROJECT, run, SilentProgress(), alone=alone)
    assert (sys.stdout, sys.stderr) == before
    assert ("half µ a line\nto the other stream\n" in log_of(bench, run)) is alone
    shown = capsys.readouterr()
    assert ("half µ a line\n" in shown.out, "to the other stream\n" in shown.err) == (True, True)
    assert "a bug" in bench.get_execution(run).message
    del crew


@pytest.fixture
def logs(store: Store) -> Any:
    """Function that returns the text of a log in the store."""

    def text(execution_id: str = "20260101-000") -> str:
        found = Repositories(store).of(LogRepository).list_by_execution(PROJECT, execution_id)
        assert [one.seq for one in found] == sorted({one.seq for one in found})
        return "".join(one.text for one in found)

    return text


def test_lines_come_in_the_order_in_which_they_were_said(store: Store, logs: Any) -> None:
    with RunLog(lambda: Repositories(store), PROJECT, "20260101-000") as log:
        for number in range(100):
            log.write(f"{number}\n")
    with RunLog(lambda: Repositories(store), PROJECT, "20260101-000") as log:
        log.write("again\n")
    assert logs() == "".join(f"{number}\n" for number in range(100)) + "again\n"
    assert logs("20260101-001") == ""


def test_many_threads_may_write(store: Store, logs: Any) -> None:
    with RunLog(lambda: Repositories(store), PROJECT, "20260101-000") as log:

        def write(name: str) -> None:
            for number in range(200):
                log.write(f"{name}{number}\n")

        threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = logs().splitlines()
    for name in "abcd":
        assert [line for line in lines if line.startswith(name)] == [f"{name}{n}" for n in range(200)]


@pytest.mark.every_store
def test_what_is_said_while_the_store_is_away_is_written_later(store: Store, logs: Any) -> None:
    away = [True]

    def repositories() -> Repositories:
        if away:
            away.pop()
            raise StoreUnavailableError("away")
        return Repositories(store)

    with RunLog(repositories, PROJECT, "20260101-000") as log:
        log.write("early\n")
        log._keep()
        log.write("late\n")
    assert logs() == "early\nlate\n"


def test_a_store_that_stays_away_does_not_stop_the_run() -> None:
    with RunLog(make_raising(StoreUnavailableError("away")), PROJECT, "20260101-000") as log:
        log.write("x" * 1_000_000)


def test_half_a_character_does_not_stop_the_run(store: Store, logs: Any) -> None:
    with RunLog(lambda: Repositories(store), PROJECT, "20260101-000") as log:
        log.write("a\ud800b\n")
    assert logs() == "a?b\n"


def test_loggers_are_afterwards_as_they_were(store: Store, logs: Any) -> None:
    root, own = logging.getLogger(), logging.getLogger("qdash_core")
    before = root.level, [*root.handlers], own.level, [one.level for one in root.handlers]
    with RunLog(lambda: Repositories(store), PROJECT, "20260101-000") as log:
        with capture_output(log, streams=False):
            logging.getLogger("laboratory").error("heard")
        with pytest.raises(ValueError, match="x"), capture_output(log, streams=False):
            raise ValueError("x")
    assert before == (root.level, [*root.handlers], own.level, [one.level for one in root.handlers])
    assert "ERROR laboratory: heard\n" in logs()
