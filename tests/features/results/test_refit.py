"""Refit of measured data: they survive a failed analysis, and can be analysed again without hardware."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.results.feature import RESULTS
from qdash_core import (
    ArrayDeclaration,
    InvalidInputError,
    NotFoundError,
    Parameter,
    RawData,
    RunParameter,
    TaskOutput,
)
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.results import LatestResultRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, make_raising, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

RAW = RawData({"signal": ([4.0, 5.0, 6.0], "a.u.")}, {"window": [1, 2]})


def make_measuring_task(**changes: Any) -> type[BaseTask]:
    return make_task(**{"measure": lambda *_: RAW, **changes})


def make_finding_task(value: float) -> type[BaseTask]:
    return make_measuring_task(analyse=lambda *_: TaskOutput({"t1": Parameter(value, 0.5, "us")}))


def get_latest_result(bench: Bench) -> str:
    found = bench.repositories.of(LatestResultRepository).find(PROJECT, CHIP, "Measure", "0")
    assert found is not None
    return found.task_id


@pytest.mark.every_store
def test_measured_data_are_on_disk_before_the_analysis_begins(make_bench: MakeBench) -> None:
    seen = []

    def analyse(self: BaseTask, result: RawData) -> TaskOutput:
        path = f"{PROJECT}/{CHIP}/{self.context.execution_id}/{self.context.task_id}.npz"
        seen.append(bench.qdash.artifacts.load_raw_data(path)["signal"].tolist())
        return TaskOutput({"t1": Parameter(1.0)})

    bench = make_bench(make_measuring_task(analyse=analyse))
    bench.run()
    assert seen == [[4.0, 5.0, 6.0]]


def test_the_checksum_of_raw_data_is_kept_with_every_result_that_names_them(make_bench: MakeBench) -> None:
    bench = make_bench(make_measuring_task())
    execution = bench.run()
    (measured,) = bench.list_results(execution.execution_id)
    refit = bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id)
    checksum = bench.qdash.artifacts.checksum(measured.raw_data_file)
    assert measured.raw_data_sha256 == refit.raw_data_sha256 == [checksum]


def test_after_a_failed_analysis_a_mended_task_finds_the_value_in_the_stored_data(
    make_bench: MakeBench,
) -> None:
    broken = make_bench(make_measuring_task(postprocess=make_raising(ZeroDivisionError("division by zero"))))
    failed = broken.run()
    assert failed.status is TaskStatus.FAILED
    assert failed.raw_data_path

    mended = broken.reinstall(
        make_measuring_task(
            analyse=lambda self, raw: TaskOutput({"t1": Parameter(float(raw["signal"].mean()), 0.1, "us")})
        )
    )
    result = mended.get_stored(mended.qdash.get(RESULTS).refit(ADMIN, failed.task_id))
    assert (result.status, result.refit_of, result.attempt) == (TaskStatus.COMPLETED, failed.task_id, 1)
    assert result.raw_data_path == failed.raw_data_path
    assert result.execution_id == failed.execution_id
    assert mended.get_value() == 5.0
    assert get_latest_result(mended) == result.task_id
    assert mended.get_stored(failed).status is TaskStatus.FAILED


def test_values_are_as_old_as_the_measurement(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(1.0))
    measured = bench.run()
    first = bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id)
    second = bench.qdash.get(RESULTS).refit(ADMIN, first.task_id)
    for result in (first, second):
        assert result.output_parameters["t1"].calibrated_at == measured.end_at
        assert result.refit_of == measured.task_id
        assert result.end_at is not None
        assert measured.end_at is not None
        assert result.end_at > measured.end_at


def test_a_refit_may_be_mended_by_another(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(1.0))
    measured = bench.run()
    for value in (2.0, 3.0):
        again = bench.reinstall(make_finding_task(value))
        result = again.qdash.get(RESULTS).refit(ADMIN, measured.task_id)
        assert (bench.get_value(), get_latest_result(bench)) == (value, result.task_id)


def test_a_value_measured_later_is_not_overwritten(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(1.0))
    old = bench.run()
    new = bench.reinstall(make_finding_task(2.0)).run()
    refitted = bench.reinstall(make_finding_task(3.0)).qdash.get(RESULTS).refit(ADMIN, old.task_id)
    assert refitted.status is TaskStatus.COMPLETED
    assert (bench.get_value(), get_latest_result(bench)) == (2.0, new.task_id)


def test_a_value_measured_later_stays_also_when_the_newest_measurement_failed(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(1.0))
    old = bench.run()
    bench.reinstall(make_finding_task(2.0)).run()
    failed = bench.reinstall(make_measuring_task(run=make_raising(OSError("cable")))).run()
    bench.reinstall(make_finding_task(3.0)).qdash.get(RESULTS).refit(ADMIN, old.task_id)
    assert (bench.get_value(), get_latest_result(bench)) == (2.0, failed.task_id)


def test_a_value_measured_later_by_another_task_is_not_overwritten(make_bench: MakeBench) -> None:
    """Spectroscopy gives the qubit frequency, Ramsey a better one; a refit of the former comes too late."""
    coarse = make_measuring_task(
        name="Spectroscopy", gives={"frequency": Parameter(5.0), "linewidth": Parameter(1.0)}
    )
    bench = make_bench(coarse, make_task("Ramsey", {"frequency": Parameter(5.001)}))
    old = bench.run("Spectroscopy")
    bench.run("Ramsey")
    again = bench.reinstall(
        make_measuring_task(
            name="Spectroscopy", gives={"frequency": Parameter(4.9), "linewidth": Parameter(2.0)}
        )
    )
    again.qdash.get(RESULTS).refit(ADMIN, old.task_id)
    assert (bench.get_value("frequency"), bench.get_value("linewidth")) == (5.001, 2.0)


def test_a_refit_of_a_trial_changes_nothing(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(1.0))
    trial = bench.run(saved=False)
    assert bench.qdash.get(RESULTS).refit(ADMIN, trial.task_id).saved is False
    assert bench.get_value() is None


def test_a_refit_that_fails_leaves_the_value(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(1.0))
    measured = bench.run()
    broken = bench.reinstall(make_measuring_task(postprocess=make_raising(SystemExit("enough"))))
    result = bench.get_stored(broken.qdash.get(RESULTS).refit(ADMIN, measured.task_id))
    assert result.status is TaskStatus.FAILED
    assert result.message.startswith("postprocess: SystemExit: enough (bench.py:")
    assert bench.get_value() == 1.0
    assert bench.list_events()[-1].kind == "task.failed"


def test_the_analysis_sees_inputs_parameters_and_no_backend(make_bench: MakeBench) -> None:
    seen: list[tuple[Any, ...]] = []

    def postprocess(self: BaseTask, backend: object, result: RawData) -> TaskOutput:
        context = self.context
        seen.append((backend, {**context.inputs}, {**context.parameters}, result.attributes, context.qid))
        return TaskOutput({"t1": Parameter(1.0, 0.1, "us")})

    shots = {"shots": RunParameter(16, "int", minimum=1), "delays": RunParameter((0, 4, 3), "np.linspace")}
    bench = make_bench(
        make_task("Frequency", {"frequency": Parameter(5.0, 0.1, "GHz")}),
        make_measuring_task(postprocess=postprocess, needs=["frequency"], parameters=shots),
    )
    session = bench.start_session()
    session.run_task("Frequency", "2")
    measured = session.run_task("Measure", "2", parameters={"shots": 64})
    session.complete()
    result = bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id)
    first, again = seen
    assert first[0] is not None
    assert again[0] is None
    assert again[1] == first[1] == {"frequency": Parameter(5.0, 0.1, "GHz")}
    assert again[2]["shots"] == 64
    assert again[2]["delays"].tolist() == [0.0, 2.0, 4.0]
    assert again[3:] == first[3:] == ({"window": [1, 2]}, "2")
    assert result.input_parameters == measured.input_parameters
    assert result.run_parameters["shots"].value == 64


def test_what_was_kept_of_a_cut_measurement_can_be_analysed(make_bench: MakeBench) -> None:
    def measure(self: BaseTask, backend: object) -> RawData:
        self.context.partial(RawData({"signal": ([1.0], "a.u.")}))
        self.context.partial(RawData({"signal": ([1.0, 2.0], "a.u.")}))
        raise TimeoutError("no answer")

    bench = make_bench(
        make_task(
            measure=measure,
            analyse=lambda self, raw: TaskOutput({"t1": Parameter(float(raw["signal"].size))}),
        )
    )
    cut = bench.run()
    assert cut.status is TaskStatus.FAILED
    assert cut.message.startswith("run: TimeoutError: no answer (test_refit.py:")
    bench.qdash.get(RESULTS).refit(ADMIN, cut.task_id)
    assert bench.get_value() == 2.0


def test_raw_data_that_cannot_be_kept_fail_the_task(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(measure=lambda *_: RawData({"names": (["a"], "")})))
    result = bench.run()
    assert (result.status, result.raw_data_path) == (TaskStatus.FAILED, [])
    assert result.message == "raw data hold nothing numeric: array names: left out, <U1 is not numeric"


@pytest.mark.parametrize(("unit", "said"), [("ns", "ns"), ("", "no unit")])
def test_an_array_in_another_unit_than_the_declared_one_fails_the_task_and_is_kept(
    make_bench: MakeBench, unit: str, said: str
) -> None:
    arrays = {"signal": ArrayDeclaration("V", "of the readout"), "del*": ArrayDeclaration("us", "waited")}
    raw = RawData({"signal": ([1.0], "V"), "delay": ([1000.0], unit), "else": ([1.0], "K")})
    bench = make_bench(make_task(measure=lambda *_: raw, arrays=arrays))
    result = bench.run()
    assert result.status is TaskStatus.FAILED
    assert f"Measure measured delay in {said}, and declares it in us" in result.message
    assert bench.qdash.artifacts.load_raw_data(result.raw_data_path[0])["delay"].tolist() == [1000.0]


def test_one_thing_that_cannot_be_kept_does_not_cost_the_measurement(make_bench: MakeBench) -> None:
    seen: list[RawData] = []

    def analyse(self: BaseTask, raw: RawData) -> TaskOutput:
        seen.append(raw)
        return TaskOutput({"t1": Parameter(float(raw["signal"].mean()), 0.5, "us")})

    measured_at = datetime(2026, 1, 2, tzinfo=UTC)
    raw = RawData(
        {"signal": ([4.0, 6.0], "a.u."), "labels": (["a", "b"], "")}, {"at": measured_at, "points": 2}
    )
    bench = make_bench(make_measuring_task(measure=lambda *_: raw, analyse=analyse))
    measured = bench.run()
    assert bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id).status is TaskStatus.COMPLETED
    first, again = seen
    assert first is raw
    assert bench.get_value() == 5.0
    assert set(again.arrays) == {"signal"}
    assert again.attributes == {
        "at": "2026-01-02 00:00:00+00:00",
        "points": 2,
        "not_stored": [
            "array labels: left out, <U1 is not numeric",
            "attributes.at: datetime, kept as text",
        ],
    }


def test_what_cannot_be_analysed_again_is_refused(make_bench: MakeBench) -> None:
    bench = make_bench(make_finding_task(1.0), make_task("Untidy", measure=lambda *_: 42))
    with pytest.raises(NotFoundError, match="no result 'nothing'"):
        bench.qdash.get(RESULTS).refit(ADMIN, "nothing")
    with pytest.raises(InvalidInputError, match="no raw data"):
        bench.qdash.get(RESULTS).refit(ADMIN, bench.run("Untidy").task_id)
    measured = bench.run()
    with pytest.raises(
        InvalidInputError,
        match="Measure has no analysis option 'shots': the analysis of Measure has no options",
    ):
        bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id, options={"shots": 1})
    with pytest.raises(NotFoundError, match="Measure"):
        bench.reinstall(make_task("Another")).qdash.get(RESULTS).refit(ADMIN, measured.task_id)
    for file in bench.qdash.settings.home.glob("artifacts/**/*.npz"):
        file.unlink()
    with pytest.raises(NotFoundError, match="no longer there"):
        bench.qdash.get(RESULTS).refit(ADMIN, measured.task_id)
    assert len(bench.list_results(measured.execution_id)) == 1
