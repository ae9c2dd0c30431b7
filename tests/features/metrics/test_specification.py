"""Specification of a chip: asked and proposed limits, and values that hover about one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.metrics.definition_file import load_builtin, parse_metrics_file
from qdash_builtin.metrics.feature import METRICS, SPECIFICATIONS
from qdash_builtin.metrics.service import MetricsService
from qdash_builtin.metrics.specification import counts_as_within, propose_specification
from qdash_builtin.metrics.specification_service import SpecificationService
from qdash_core import InvalidInputError, NotFoundError, OutputParameter, Parameter, TaskOutput
from qdash_core.errors import AccessDeniedError, StaleError
from qdash_core.models.chip import ParameterModel, TargetStatus
from qdash_core.models.project import ProjectRole
from qdash_core.models.specification import AskedLimits

from ...access import ADMIN, access_of
from ...core.bench import CHIP, make_task
from .test_usual_scatter import QUBITS, READOUT, make_history, make_scatter

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.metrics.definitions import Metric
    from qdash_builtin.metrics.judgement.samples import Sample
    from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

NIGHTS = 12
NOW = datetime(2026, 4, 1, tzinfo=UTC)


def ask(name: str, limit: float) -> Metric:
    asked = AskedLimits(limit=limit, username="alice", asked_at=NOW)
    return load_builtin().specify({name: asked}).qubit_metrics[name]


def make_value(sample: Sample) -> ParameterModel:
    at = datetime.fromtimestamp(sample.at_s, UTC)
    return ParameterModel(value=sample.value, error=sample.error, calibrated_at=at, task_id=sample.task_id)


def list_sides(
    metric: Metric, qid: str, name: str, history: list[Sample], scatter: UsualScatter
) -> list[bool]:
    return [counts_as_within(metric, qid, name, make_value(one), scatter) for one in history]


def count_changes(sides: list[bool]) -> int:
    return sum(before != after for before, after in pairwise(sides))


def test_a_value_that_hovers_about_its_limit_is_seldom_news() -> None:
    history = make_history(nights=NIGHTS)
    scatter = make_scatter(history)
    told = crossed = 0
    for qid in QUBITS[:24]:
        samples = history[qid, "t1"]
        metric = ask("t1", sum(one.value for one in samples) / NIGHTS)
        told += count_changes(list_sides(metric, qid, "t1", samples, scatter))
        crossed += count_changes([metric.is_within(one.value) for one in samples])
    assert told < crossed / 3


def test_a_value_that_falls_far_below_its_limit_leaves_at_once_and_returns_once() -> None:
    history = make_history(nights=NIGHTS)
    samples = history["3", "t1"]
    usual = sum(one.value for one in samples) / NIGHTS
    for night in (5, 6, 7):
        samples[night] = samples[night]._replace(value=usual / 6)
    sides = list_sides(ask("t1", usual / 2), "3", "t1", samples, make_scatter(history))
    assert sides == [True] * 5 + [False] * 3 + [True] * 4


def test_limits_of_a_range_have_two_sides() -> None:
    metric = parse_metrics_file(
        "qubit_metrics: {f: {title: f, threshold: {range: {min: 4.5, max: 5.5}}}}", name="file"
    ).qubit_metrics["f"]
    assert [metric.compute_margin(one) for one in (4.0, 5.0, 6.0)] == [-0.5, 0.5, -0.5]


def test_a_healthy_chip_stays_within_what_its_first_values_propose() -> None:
    history = make_history(nights=NIGHTS)
    history = {
        (qid, name.replace("readout", "average_readout_fidelity")): samples
        for (qid, name), samples in history.items()
    }
    first = make_scatter({place: samples[:1] for place, samples in history.items()}, t1=0.75)
    proposed = propose_specification(load_builtin(), QUBITS, first)
    assert proposed.keys() == {"t1", "average_readout_fidelity"}
    scatter = make_scatter(history)
    for name, one in proposed.items():
        metric = ask(name, one.limit)
        assert metric.compute_lead(one.limit, one.minimum) >= 0
        left = [
            qid for qid in QUBITS if count_changes(list_sides(metric, qid, name, history[qid, name], scatter))
        ]
        assert len(left) <= 1
    readout = proposed["average_readout_fidelity"]
    assert 0.95 < readout.limit < READOUT
    assert 0.61 < readout.minimum < 0.9


def test_a_bad_first_value_lowers_no_proposed_limit() -> None:
    history = make_history(nights=1)
    usual = propose_specification(load_builtin(), QUBITS, make_scatter(history))["t1"]
    history["5", "t1"][0] = history["5", "t1"][0]._replace(value=0.5)
    assert propose_specification(load_builtin(), QUBITS, make_scatter(history))["t1"] == usual


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    good = TaskOutput({"t1": Parameter(80.0, 1.0, "us")})
    bounds = {"t1": OutputParameter(unit="us", minimum=0.0, maximum=1e4)}
    task = make_task(
        "T1", {"t1": Parameter(80.0, 1.0, "us")}, analyse=lambda *_: good, output_parameters=bounds
    )
    bench = make_bench(task)
    for qid in "0123":
        bench.run("T1", qid)
    return bench


@pytest.mark.every_store
def test_a_chip_begins_without_a_specification_and_keeps_what_is_asked(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("T1", {"t1": Parameter(80.0, 1.0, "us")}))
    service, chips = bench.qdash.get(SPECIFICATIONS), bench.qdash.get(CHIPS)
    assert chips.get_header(ADMIN, CHIP).specification == {}
    service.ask(ADMIN, CHIP, {"t1": 60.0}, {})
    changed = service.ask(ADMIN, CHIP, {"average_readout_fidelity": 0.98}, {"t1": 12.0})
    t1 = changed.specification["t1"]
    assert (t1.limit, t1.minimum, t1.username) == (60.0, 12.0, "admin")
    asked = bench.qdash.get(METRICS).get_file(ADMIN, CHIP).qubit_metrics["t1"]
    assert (asked.specification, asked.minimum) == ("at least 60 us", 12.0)
    assert bench.qdash.get(METRICS).file.qubit_metrics["t1"].specification == ""
    service.ask(ADMIN, CHIP, {}, {}, withdrawn=["t1"])
    assert chips.get_header(ADMIN, CHIP).specification.keys() == {"average_readout_fidelity"}


def test_what_cannot_be_asked_is_refused(bench: Bench) -> None:
    service = bench.qdash.get(SPECIFICATIONS)
    for limits, minima, withdrawn, error, message in (
        ({"t11": 1.0}, {}, (), NotFoundError, "no metric 't11'.*t1"),
        ({"qubit_frequency": 5.0}, {}, (), InvalidInputError, "no value of qubit_frequency is better"),
        (
            {"t1": 60.0},
            {"t1": 70.0},
            (),
            InvalidInputError,
            "the minimum 70 us is better than the limit 60 us",
        ),
        ({}, {}, ("t1",), InvalidInputError, "has no limits of t1 to remove"),
        ({}, {}, (), InvalidInputError, "name a limit"),
        (
            {"average_readout_fidelity": 98.0},
            {},
            (),
            InvalidInputError,
            "9800 % is above all possible values.*100 %",
        ),
        ({}, {"average_readout_fidelity": -0.1}, (), InvalidInputError, "-10 % is below all possible values"),
        (
            {"t1": -60.0},
            {},
            (),
            InvalidInputError,
            "-60 us is below all possible values, which begin at 0 us",
        ),
        ({"t1": 1e9}, {}, (), InvalidInputError, "above all possible values, which end at 10000 us"),
        ({"t1": float("nan")}, {}, (), InvalidInputError, "not a finite number"),
    ):
        with pytest.raises(error, match=message):
            service.ask(ADMIN, CHIP, limits, minima, withdrawn=withdrawn)
    with pytest.raises(AccessDeniedError):
        service.ask(access_of("bob", role=ProjectRole.VIEWER), CHIP, {"t1": 60.0}, {})
    assert bench.qdash.get(CHIPS).get_header(ADMIN, CHIP).specification == {}
    header = service.ask(ADMIN, CHIP, {"t1": 60.0}, {})
    service.ask(ADMIN, CHIP, {"t1": 50.0}, {})
    with pytest.raises(StaleError):
        service.ask(ADMIN, CHIP, {"t1": 40.0}, {}, as_of=header.changed_at)


def test_a_limit_may_be_far_worse_than_any_value(make_bench: MakeBench) -> None:
    bounds = {"zx90_gate_time": OutputParameter(unit="ns", minimum=16.0, maximum=1000.0)}
    time = {"zx90_gate_time": Parameter(200.0, 1.0, "ns")}
    bench = make_bench(make_task("Gate", time, task_type="coupling", output_parameters=bounds))
    asked = bench.qdash.get(SPECIFICATIONS).ask(ADMIN, CHIP, {}, {"zx90_gate_time": 2000.0}).specification
    assert asked["zx90_gate_time"].minimum == 2000.0
    with pytest.raises(InvalidInputError, match="8 ns is below all possible values, which begin at 16 ns"):
        bench.qdash.get(SPECIFICATIONS).ask(ADMIN, CHIP, {"zx90_gate_time": 8.0}, {})


def test_limits_that_are_asked_again_stay_those_of_their_time(bench: Bench) -> None:
    service = bench.qdash.get(SPECIFICATIONS)
    first = service.ask(ADMIN, CHIP, {"t1": 60.0}, {"t1": 12.0}).specification["t1"]
    assert service.ask(ADMIN, CHIP, {"t1": 60.0}, {}).specification["t1"] == first
    assert service.ask(ADMIN, CHIP, {"t1": 50.0}, {}).specification["t1"].asked_at > first.asked_at


def test_a_limit_has_to_fit_the_minimum_of_the_metrics_file(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(make_task("T1", {"t1": Parameter(80.0, 1.0, "us")}))
    file = tmp_path / "metrics.yaml"
    file.write_text("qubit_metrics: {t1: {title: T1, unit: us, minimum: 40, evaluation: {mode: maximize}}}")
    metrics = MetricsService(bench.qdash.store, file)
    service = SpecificationService(bench.qdash.store, metrics)
    with pytest.raises(InvalidInputError, match="40 us in the metrics file is better than the limit 30 us"):
        service.ask(ADMIN, CHIP, {"t1": 30.0}, {})
    assert service.ask(ADMIN, CHIP, {"t1": 30.0}, {"t1": 10.0}).specification["t1"].minimum == 10.0


def test_no_fidelity_is_worse_than_zero() -> None:
    readout = load_builtin().qubit_metrics["average_readout_fidelity"]
    assert readout.worsen(0.98, 10.0) == pytest.approx(0.8)
    assert readout.worsen(0.85, 10.0) == 0.0


def test_a_proposal_is_accepted_as_a_whole(bench: Bench) -> None:
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "3", TargetStatus.DEAD, "open line")
    proposed = bench.qdash.get(SPECIFICATIONS).propose(ADMIN, CHIP)
    assert proposed.keys() == {"t1"}
    accepted = bench.qdash.get(SPECIFICATIONS).accept(ADMIN, CHIP).specification["t1"]
    assert (accepted.limit, accepted.minimum) == (proposed["t1"].limit, proposed["t1"].minimum)
    assert (8.0, 40.0) < (accepted.minimum, accepted.limit) < (8.1, 80.0)


def test_a_chip_without_values_proposes_nothing(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("T1", {"t1": Parameter(80.0, 1.0, "us")}))
    assert bench.qdash.get(SPECIFICATIONS).propose(ADMIN, CHIP) == {}
    with pytest.raises(InvalidInputError, match="calibrate it first"):
        bench.qdash.get(SPECIFICATIONS).accept(ADMIN, CHIP)


def test_limits_are_written_in_the_unit_of_tables_or_of_stored_values(make_bench: MakeBench) -> None:
    service = make_bench(make_task("T1", {"t1": Parameter(80.0, 1.0, "us")})).qdash.get(SPECIFICATIONS)
    readout = "average_readout_fidelity"
    for written in ("98%", "0.98", 0.98):
        asked = service.ask(ADMIN, CHIP, {readout: written}, {}).specification[readout]
        assert asked.limit == pytest.approx(0.98)
    with pytest.raises(InvalidInputError, match="the unit is us, not ns"):
        service.ask(ADMIN, CHIP, {"t1": "98ns"}, {})
    with pytest.raises(InvalidInputError, match="a limit has no error"):
        service.ask(ADMIN, CHIP, {"t1": "98±1"}, {})
