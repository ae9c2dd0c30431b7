"""The metrics file: built-in metrics, a laboratory's overrides, and errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.metrics.definition_file import load_builtin, read_metrics_file
from qdash_builtin.metrics.definitions import Metric
from qdash_builtin.metrics.missed_limits import describe_miss
from qdash_core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.metrics.definitions import MetricsFile

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def read(folder: Path, text: str) -> MetricsFile:
    path = folder / "metrics.yaml"
    path.write_text(text)
    return read_metrics_file(path)


def test_without_a_file_the_built_in_one_counts() -> None:
    assert read_metrics_file(None) is load_builtin()


def test_a_laboratory_changes_single_keys_of_a_metric_and_adds_metrics(tmp_path: Path) -> None:
    own = read(
        tmp_path,
        """
        qubit_metrics:
          t1:
            threshold: {value: 60}
            age_limit: 12h
          gain: {title: Gain, unit: dB}
        table:
          qubit: [t1, gain]
        """,
    )
    t1 = own.qubit_metrics["t1"]
    assert (t1.title, t1.evaluation.mode) == ("T1", "maximize"), "what is not named stays"
    assert (t1.is_within(59.9), t1.is_within(60.0)) == (False, True)
    assert t1.age_limit == timedelta(hours=12)
    assert own.qubit_metrics["gain"].unit == "dB"
    assert own.table.qubit == ["t1", "gain"]
    assert own.table.coupling == load_builtin().table.coupling
    assert own.qubit_metrics["t2_echo"] == load_builtin().qubit_metrics["t2_echo"]


def test_a_threshold_can_be_taken_away(tmp_path: Path) -> None:
    own = read(tmp_path, "qubit_metrics: {t1: {threshold: null}}")
    assert not own.qubit_metrics["t1"].has_specification
    assert own.qubit_metrics["t1"].is_within(0.0)


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "# nothing yet\n") == load_builtin()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "qubit_metrics: {t1: {naem: T}}",
            "unknown key qubit_metrics.t1.naem; possible are title, unit, scale",
        ),
        ("qubit: {}", "unknown key qubit; possible are qubit_metrics, coupling_metrics, cdf_groups, table"),
        (
            "qubit_metrics: {t1: {evaluation: {mode: max}}}",
            "qubit_metrics.t1.evaluation.mode is 'max': .*'maximize'",
        ),
        ("qubit_metrics: {gain: {unit: dB}}", "qubit_metrics.gain.title is missing"),
        ("qubit_metrics: {t1: {scale: 0}}", "qubit_metrics.t1.scale is 0: .*greater than 0"),
        (
            "qubit_metrics: {t1: {threshold: {value: .nan}}}",
            "qubit_metrics.t1.threshold.value is nan: .*finite",
        ),
        (
            "qubit_metrics: {t1: {age_limit: 3}}",
            "qubit_metrics.t1.age_limit: 3 is not a length of time: .*'24h'",
        ),
        ("qubit_metrics: {t1: 5}", "qubit_metrics.t1 is 5"),
        ("qubit_metrics: {t1: {threshold: {range: {min: 2, max: 1}}}}", "range: min 2 is above max 1"),
        (
            "qubit_metrics: {qubit_frequency: {threshold: {value: 5}}}",
            "qubit_metrics.qubit_frequency: threshold.value needs evaluation.mode maximize or minimize",
        ),
        ("table: {qubit: [t3]}", "table.qubit names 't3', which qubit_metrics does not have"),
        (
            "cdf_groups: {coupling: [{id: a, title: A, metrics: [t1]}]}",
            "cdf_groups.coupling.a names 't1', which coupling_metrics does not have",
        ),
        ("[t1]", "it is a list, not a mapping of qubit_metrics"),
        ("qubit_metrics: {t1: {}, t1: {}}", "'t1' is there 2 times"),
        ("qubit_metrics: {", "not YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_the_key_and_what_is_possible(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(f"metrics file {tmp_path / 'metrics.yaml'}: ")
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no metrics file"):
        read_metrics_file(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("metric", "good", "bad"),
    [
        ({"evaluation": {"mode": "maximize"}, "threshold": {"value": 1}}, [1, 2], [0.9, -3]),
        ({"evaluation": {"mode": "minimize"}, "threshold": {"value": 1}}, [1, -3], [1.1]),
        (
            {"evaluation": {"mode": "minimize", "magnitude": True}, "threshold": {"value": 1}},
            [1, -1],
            [1.1, -3],
        ),
        ({"threshold": {"range": {"min": 1, "max": 2}}}, [1, 2], [0.9, 2.1]),
        ({"threshold": {"range": {"max": 2}}}, [-9, 2], [2.1]),
        ({"evaluation": {"mode": "maximize"}, "threshold": {"range": {"min": 1, "max": 2}}}, [0, 9], []),
        ({}, [0, 9], []),
    ],
)
def test_what_is_within_specification(metric: dict[str, object], good: list[float], bad: list[float]) -> None:
    found = Metric.model_validate({"title": "M", **metric})
    assert [found.is_within(value) for value in good] == [True] * len(good)
    assert [found.is_within(value) for value in bad] == [False] * len(bad)


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ({"evaluation": {"mode": "maximize"}, "threshold": {"value": 0.99}}, "at least 99 %"),
        (
            {"evaluation": {"mode": "minimize", "magnitude": True}, "threshold": {"value": 1}},
            "at most 100 % in size",
        ),
        ({"threshold": {"range": {"min": 0.1, "max": 0.2}}}, "10 to 20 %"),
        ({"threshold": {"range": {"max": 2}}}, "at most 200 %"),
        ({"threshold": {"range": {"min": 2}}}, "at least 200 %"),
        ({}, ""),
    ],
)
def test_a_specification_is_told_in_the_unit_that_people_see(metric: dict[str, object], said: str) -> None:
    found = Metric.model_validate({"title": "M", "unit": "%", "scale": 100, **metric})
    assert found.specification == said


def test_a_value_is_stale_when_it_is_older_than_the_limit_and_never_when_nobody_knows() -> None:
    metric = Metric.model_validate({"title": "M", "age_limit": "1d"})
    assert metric.is_stale(NOW - timedelta(hours=25), now=NOW)
    assert not metric.is_stale(NOW - timedelta(hours=23), now=NOW)
    assert not metric.is_stale(None, now=NOW)
    assert not Metric(title="M").is_stale(NOW - timedelta(days=999), now=NOW)


@pytest.mark.parametrize(
    ("metric", "value", "shown", "miss"),
    [
        (
            {"evaluation": {"mode": "maximize"}, "threshold": {"value": 0.99}},
            0.989988,
            99.0,
            "0.0012 % below the limit",
        ),
        ({"evaluation": {"mode": "maximize"}, "threshold": {"value": 0.99}}, 0.989988, 98.999, ""),
        ({"evaluation": {"mode": "maximize"}, "threshold": {"value": 0.99}}, 0.99, 99.0, ""),
        (
            {"evaluation": {"mode": "minimize"}, "threshold": {"value": 0.01}},
            0.010004,
            1.0,
            "0.0004 % above the limit",
        ),
        (
            {"evaluation": {"mode": "minimize", "magnitude": True}, "threshold": {"value": 0.01}},
            -0.010004,
            -1.0,
            "0.0004 % above the limit",
        ),
        ({"threshold": {"range": {"min": 0.01, "max": 0.02}}}, 0.00996, 1.0, "0.004 % below the limit"),
        ({"threshold": {"range": {"min": 0.01, "max": 0.02}}}, 0.02004, 2.0, "0.004 % above the limit"),
        ({"evaluation": {"mode": "maximize"}}, 0.5, 50.0, ""),
    ],
)
def test_a_miss_is_described_where_the_shown_number_does_not_tell_it(
    metric: dict[str, object], value: float, shown: float, miss: str
) -> None:
    defined = Metric.model_validate({"title": "Fidelity", "unit": "%", "scale": 100, **metric})
    assert describe_miss(defined, value, shown) == miss
