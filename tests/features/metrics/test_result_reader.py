"""History of values that is kept between reads, on every store: it is the stored one after each change."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.metrics.judgement import result_reader, value_history
from qdash_builtin.metrics.judgement.result_reader import ResultReader
from qdash_builtin.metrics.judgement.value_history import read_usual_scatter
from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter, QDashError, TaskOutput
from qdash_core.repositories import kept_reads
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN
from ...core.bench import CHIP, Bench, OutputParameter, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.store import Snapshot

    from ...core.conftest import MakeBench

GIVEN: dict[str, float] = {}
POOR = 50.0
"""Value from which on a fit is poor."""
T1 = make_task(
    "T1",
    analyse=lambda _task, _result: TaskOutput(
        parameters={"t1": Parameter(GIVEN["t1"], 0.5, "us"), "t1_amplitude": Parameter(0.5, 0.1)},
        quality={"reduced_chi2": 100.0 if GIVEN["t1"] >= POOR else 1.0},
    ),
    output_parameters={
        "t1": OutputParameter(unit="us", minimum=0.0, maximum=1e4),
        "t1_amplitude": OutputParameter(unit="1", minimum=0.0, maximum=1.0),
    },
)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Chips whose whole history was read, for a kept one or for a comparison."""
    found: list[str] = []
    read = value_history.read_value_history

    def counted(repositories: Repositories, header: object, **options: object) -> object:
        found.append(str(getattr(header, "chip_id", "")))
        return read(repositories, header, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(value_history, "read_value_history", counted)
    return found


def measure(bench: Bench, value: float, qid: str = "0") -> str:
    GIVEN["t1"] = value
    return bench.run("T1", qid).task_id


def read(reader: ResultReader, snapshot: Snapshot) -> UsualScatter:
    return reader.read_scatter(Repositories(snapshot), "default", CHIP)


def list_history(scatter: UsualScatter) -> dict[tuple[str, str], list[float]]:
    places = [(qid, name) for qid in ("0", "1") for name in ("t1", "t1_amplitude")]
    return {place: [one.value for one in scatter.get_history(*place)] for place in places}


def is_stored(reader: ResultReader, snapshot: Snapshot) -> bool:
    """Return whether a reader has the history that is stored."""
    stored = read_usual_scatter(Repositories(snapshot), "default", CHIP)
    return list_history(read(reader, snapshot)) == list_history(stored)


def change(bench: Bench, chance: random.Random, measured: list[str]) -> None:
    """Make one of the changes that users and runs make."""
    values, value = bench.qdash.get(VALUES), round(chance.uniform(40.0, 60.0), 2)
    act = chance.choice(["measure"] * 3 + ["accept", "reject", "set", "undo"] * bool(measured))
    try:
        if act == "measure":
            measured.append(measure(bench, value, chance.choice("01")))
        elif act == "accept":
            values.accept(ADMIN, chance.choice(measured), reason="looks right")
        elif act == "reject":
            values.reject(ADMIN, chance.choice(measured), reason="looks wrong")
        elif act == "set":
            values.set(ADMIN, CHIP, "0", {"t1": Parameter(value, 0.8, "us")}, reason="by hand")
        else:
            values.undo(ADMIN, chance.randrange(1, 1 + len(measured)), reason="a mistake")
    except QDashError:
        pass  # such as a second undo


@pytest.mark.every_store
def test_the_kept_history_is_the_stored_one_after_each_change(make_bench: MakeBench) -> None:
    bench, reader, measured = make_bench(T1), ResultReader(), list[str]()
    chance = random.Random(68)
    for _ in range(25):
        change(bench, chance, measured)
        with bench.qdash.store.read() as snapshot:
            assert is_stored(reader, snapshot)
    assert len(measured) > 5


def test_an_older_snapshot_has_its_own_history(tmp_path: Path, no_settings: None) -> None:
    bench = Bench.open(tmp_path, f"sqlite:///{tmp_path}/qdash.db", T1)
    reader, chance, measured = ResultReader(), random.Random(69), list[str]()

    def change_and_read() -> bool:
        change(bench, chance, measured)
        with bench.qdash.store.read() as snapshot:
            return is_stored(reader, snapshot)

    with closing(bench.qdash), ThreadPoolExecutor(1) as other:
        for _ in range(12):
            with bench.qdash.store.read() as former:
                read(reader, former)
                assert other.submit(change_and_read).result()
                assert is_stored(reader, former)


def test_the_oldest_results_leave_the_kept_history(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(value_history, "_MOST_RESULTS", 3)
    bench, reader = make_bench(T1), ResultReader()
    for value in (41.0, 42.0, 43.0, 44.0, 45.0):
        measure(bench, value)
        with bench.qdash.store.read() as snapshot:
            assert is_stored(reader, snapshot)
    with bench.qdash.store.read() as snapshot:
        assert read(reader, snapshot).get_history("0", "t1")[0].value == 43.0


def test_results_of_runs_and_decisions_on_one_are_added_without_reading_the_history_again(
    make_bench: MakeBench, reads: list[str]
) -> None:
    bench, reader = make_bench(T1), ResultReader()
    measure(bench, 41.0)
    with bench.qdash.store.read() as snapshot:
        read(reader, snapshot)
    for value in (42.0, POOR):
        task_id = measure(bench, value)
    bench.qdash.get(VALUES).accept(ADMIN, task_id, reason="looks right")
    with bench.qdash.store.read() as snapshot:
        found = read(reader, snapshot)
    assert [one.value for one in found.get_history("0", "t1")] == [41.0, 42.0, POOR]
    assert reads == [CHIP]


def test_after_many_events_or_a_long_time_the_history_is_read_again(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, reads: list[str]
) -> None:
    bench, reader = make_bench(T1), ResultReader()
    for number, (name, value) in enumerate([("KEPT_S", 3600.0), ("KEPT_S", 0.0), ("_MOST_EVENTS", 0)]):
        monkeypatch.setattr(kept_reads, name, value)
        measure(bench, 41.0)
        with bench.qdash.store.read() as snapshot:
            read(reader, snapshot)
        assert len(reads) == number + 1


def test_inputs_that_were_pruned_are_kept_for_a_limited_time(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, reader = make_bench(T1), ResultReader()
    measured = measure(bench, 41.0)

    def read_inputs() -> list[str]:
        with bench.qdash.store.read() as snapshot:
            return [one.task_id for one in reader.list_inputs(Repositories(snapshot), "default", [measured])]

    assert read_inputs() == [measured]
    monkeypatch.setattr(result_reader, "list_measured_inputs", lambda *_: [])  # as after a removal
    assert read_inputs() == [measured]
    monkeypatch.setattr(result_reader, "KEPT_S", 0.0)
    assert read_inputs() == []


def test_a_reader_that_waits_for_the_history_of_another_extends_it(
    tmp_path: Path, no_settings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, reader = Bench.open(tmp_path, f"sqlite:///{tmp_path}/qdash.db", T1), ResultReader()
    whole, begun, may_end = value_history.read_value_history, Event(), Event()

    def slow(repositories: Repositories, header: ChipModel) -> value_history.ValueHistory:
        begun.set()
        assert may_end.wait(30)
        return whole(repositories, header)

    def read_now() -> list[float]:
        with bench.qdash.store.read() as snapshot:
            return [one.value for one in read(reader, snapshot).get_history("0", "t1")]

    with closing(bench.qdash), ThreadPoolExecutor(2) as pool:
        measure(bench, 41.0)
        monkeypatch.setattr(value_history, "read_value_history", slow)
        first = pool.submit(read_now)
        assert begun.wait(30)
        measure(bench, 42.0)
        second = pool.submit(read_now)
        time.sleep(0.2)  # the second reader waits for the first
        may_end.set()
        assert first.result(timeout=30) == [41.0]
        assert second.result(timeout=30) == [41.0, 42.0]
