"""A chip is compared between two points in time, or with another chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.comparisons.feature import COMPARISONS
from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.values.feature import VALUES
from qdash_builtin.values.selection import TargetChoice
from qdash_core import OutputParameter, Parameter, TaskOutput
from qdash_core.chips.record import write_directions
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.chip import TargetStatus
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from qdash_builtin.comparisons.comparison import PointComparison
    from qdash_core.models.task import TaskResultModel

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

NEXT = {"t1": Parameter(80.0, 1.0, "us")}
"""Estimate of the next measurement."""

T1 = make_task(
    "T1",
    analyse=lambda task, _raw: TaskOutput(dict.fromkeys(task.output_parameters, NEXT["t1"])),
    output_parameters={"t1": OutputParameter(unit="us")},
)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(T1)


def measure(bench: Bench, value: float, qid: str = "0", *, error: float | None = 1.0) -> TaskResultModel:
    NEXT["t1"] = Parameter(value, error, "us")
    return bench.run("T1", qid)


def list_values(found: PointComparison) -> list[tuple[str, str, float | None, bool]]:
    return [
        (one.change.target, one.change.parameter, one.change.difference, one.moved) for one in found.values
    ]


@pytest.mark.every_store
def test_values_are_compared_between_the_end_of_an_execution_and_now(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    measure(bench, 70.0, "1")
    measure(bench, 70.0, "2")
    evening = measure(bench, 80.0)
    measure(bench, 78.0)
    measure(bench, 40.0, "1")
    measure(bench, 60.0, "3")
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, evening.execution_id)
    assert list_values(found) == [
        ("1", "t1", -30.0, True),
        ("0", "t1", -2.0, False),
        ("3", "t1", None, False),
    ]
    assert (found.before.label, found.after.label, found.unchanged) == (evening.execution_id, "now", 1)
    assert [str(one.change.change) for one in found.values] == ["changed", "changed", "appeared"]


@pytest.mark.every_store
def test_statuses_are_compared_with_those_at_the_time(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    evening = measure(bench, 80.0)
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "1", TargetStatus.EXCLUDED, "drifts")
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "2", TargetStatus.EXCLUDED, "drifts")
    bench.qdash.get(TARGETS).take_back(ADMIN, CHIP, "2", "mended")
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, evening.execution_id)
    assert [(one.target, one.before, one.after) for one in found.statuses] == [("1", "pending", "excluded")]


def test_a_status_is_unknown_if_it_changed_before_changes_were_kept(bench: Bench) -> None:
    evening = measure(bench, 80.0)
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "1", TargetStatus.EXCLUDED, "drifts")
    with bench.qdash.store.transaction() as transaction:
        transaction.delete("evidence_change", {"project_id": PROJECT, "chip_id": CHIP})
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, evening.execution_id)
    assert found.before.targets["1"].status is None
    assert found.statuses == ()


def test_fitness_and_trust_are_compared_as_they_were_known(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    first = measure(bench, 80.0)
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    bench.qdash.get(VALUES).reject(ADMIN, first.task_id, reason="a jump")
    for before in (first.execution_id, "release:friday"):
        found = bench.qdash.get(COMPARISONS).compare(ADMIN, before)
        trust = [one for one in found.judgements if one.parameter]
        assert [(one.target, one.parameter, one.before, one.after) for one in trust] == [
            ("0", "t1", "trusted", "withdrawn")
        ]
    back = bench.qdash.get(COMPARISONS).compare(ADMIN, "now", "release:friday")
    assert [one.after for one in back.judgements if one.parameter] == ["trusted"]
    assert bench.qdash.get(COMPARISONS).compare(ADMIN, "now").judgements == ()


def test_a_release_and_the_present_chip_are_compared(bench: Bench) -> None:
    measure(bench, 80.0)
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    measure(bench, 90.0)
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, "release:friday")
    assert list_values(found) == [("0", "t1", 10.0, True)]
    assert list_values(bench.qdash.get(COMPARISONS).compare(ADMIN, "now", "release:friday")) == [
        ("0", "t1", -10.0, True)
    ]


def test_cooldowns_are_compared_by_the_values_measured_in_them(bench: Bench) -> None:
    cryostats, cooldowns = bench.qdash.get(CRYOSTATS), bench.qdash.get(COOLDOWNS)
    cryostats.create(ADMIN, "fridge", name="Fridge")
    measure(bench, 99.0)
    for name, value in (("first", 80.0), ("second", 60.0)):
        cooldowns.create(ADMIN, name, "fridge")
        cooldowns.assign(ADMIN, name, CHIP)
        measure(bench, value)
        cooldowns.end(ADMIN, name)
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, "cooldown:first", "cooldown:second")
    assert list_values(found) == [("0", "t1", -20.0, True)]
    assert [one.improved for one in found.values] == [False]
    assert found.statuses == ()


@pytest.mark.every_store
def test_the_first_values_of_a_cooldown_are_compared_with_its_last(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    bench.qdash.get(CRYOSTATS).create(ADMIN, "fridge")
    measure(bench, 99.0)
    bench.qdash.get(COOLDOWNS).create(ADMIN, "first", "fridge", chip_ids=[CHIP])
    rejected = measure(bench, 10.0)
    bench.qdash.get(VALUES).reject(ADMIN, rejected.task_id, reason="still warm")
    for value in (50.0, 51.0, 52.0, 70.0):
        measure(bench, value)
    measure(bench, 60.0, "1")
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, "cooldown-start:first", "cooldown:first")
    assert list_values(found) == [("0", "t1", 20.0, True)]
    assert [one.improved for one in found.values] == [True]
    assert (found.unchanged, found.after.at) == (1, None)
    assert found.before.at == bench.qdash.get(COOLDOWNS).show(ADMIN, "first").started_at


@pytest.mark.every_store
def test_the_value_of_a_cooldown_is_its_newest_accepted_one_of_any_task(make_bench: MakeBench) -> None:
    other = make_task("Other", {"t1": Parameter(30.0, 1.0, "us")})
    bench = make_bench(T1, other)
    bench.qdash.get(CRYOSTATS).create(ADMIN, "fridge", name="Fridge")
    bench.qdash.get(COOLDOWNS).create(ADMIN, "first", "fridge")
    bench.qdash.get(COOLDOWNS).assign(ADMIN, "first", CHIP)
    bench.run("Other", "0")
    measure(bench, 80.0)
    for result in [
        measure(bench, value) for value in (50.0, 51.0, 52.0, 53.0)
    ]:  # more than are read at first
        bench.qdash.get(VALUES).reject(ADMIN, result.task_id, reason="a jump")
    measure(bench, 70.0, "1")
    bench.run("Other", "1")
    bench.qdash.get(COOLDOWNS).end(ADMIN, "first")
    measure(bench, 99.0)
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, "cooldown:first").before.targets
    assert {qid: one.data["t1"].value for qid, one in found.items() if one.data} == {"0": 80.0, "1": 30.0}


def test_two_chips_are_compared(bench: Bench) -> None:
    measure(bench, 80.0)
    bench.add_chip("other")
    NEXT["t1"] = Parameter(50.0, 1.0, "us")
    bench.run("T1", "0", chip_id="other")
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, f"chip:{CHIP}", "chip:other")
    assert list_values(found) == [("0", "t1", -30.0, True)]
    assert (found.before.chip_id, found.after.chip_id) == (CHIP, "other")


def test_a_point_without_a_chip_needs_one(bench: Bench) -> None:
    evening = measure(bench, 80.0)
    compare = bench.qdash.get(COMPARISONS).compare
    assert compare(ADMIN, "now").before.chip_id == CHIP
    bench.add_chip("other")
    with pytest.raises(InvalidInputError, match="name the chip with --chip: it can be chip, other"):
        compare(ADMIN, "now")
    assert compare(ADMIN, "now", chip_id="other").before.chip_id == "other"
    assert compare(ADMIN, evening.execution_id).before.chip_id == CHIP


@pytest.mark.parametrize("text", ["friday", "chip", "yesterday", ""])
def test_a_bare_name_is_refused(bench: Bench, text: str) -> None:
    with pytest.raises(
        InvalidInputError,
        match="'release:NAME', 'cooldown:ID', 'cooldown-start:ID', 'chip:ID', 'day:DATE' or 'now'",
    ):
        bench.qdash.get(COMPARISONS).compare(ADMIN, text)


def test_unknown_points_are_refused(bench: Bench) -> None:
    compare = bench.qdash.get(COMPARISONS).compare
    for text in ("20260101-000", "release:friday", "cooldown:cd-7", "chip:other"):
        with pytest.raises(NotFoundError):
            compare(ADMIN, text)
    with pytest.raises(InvalidInputError, match="in the future"):
        compare(ADMIN, "2199-01-01")
    with pytest.raises(InvalidInputError, match="before 1970"):
        compare(ADMIN, "0001-01-01T00:00+00:00")

    running = bench.start_session()
    with pytest.raises(ConflictError, match="only after it has ended"):
        compare(ADMIN, running.execution.execution_id)
    running.complete()


def test_a_chip_has_no_values_before_its_creation(bench: Bench) -> None:
    measure(bench, 80.0)
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, "1999-01-01")
    assert [str(one.change.change) for one in found.values] == ["appeared"]
    assert found.statuses == ()


def test_only_chosen_targets_and_parameters_are_compared(bench: Bench) -> None:
    for qid in ("0", "1"):
        measure(bench, 80.0, qid)
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    for qid in ("0", "1"):
        measure(bench, 50.0, qid)
    compare = bench.qdash.get(COMPARISONS).compare
    found = compare(ADMIN, "release:friday", targets=TargetChoice(("1",)))
    assert [one[0] for one in list_values(found)] == ["1"]
    assert [one[0] for one in list_values(compare(ADMIN, "release:friday", names=["t1"]))] == ["0", "1"]
    with pytest.raises(NotFoundError, match="'t9'"):
        compare(ADMIN, "release:friday", names=["t9"])


def test_a_change_without_known_errors_comes_last_and_has_not_moved(bench: Bench) -> None:
    measure(bench, 80.0, error=None)
    measure(bench, 80.0, "1")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    measure(bench, 20.0, error=None)
    measure(bench, 79.0, "1")
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, "release:friday")
    assert list_values(found) == [("1", "t1", -1.0, False), ("0", "t1", -60.0, False)]


def test_values_of_a_turned_coupling_are_not_compared(make_bench: MakeBench) -> None:
    given = {
        "zx_rotation_rate": Parameter(1.0, 0.1, "MHz"),
        "static_zz_interaction": Parameter(0.1, 0.01, "MHz"),
    }
    bench = make_bench(make_task("Rate", given, task_type="coupling"))
    bench.run("Rate", "0-1")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    with bench.qdash.store.transaction() as transaction:
        write_directions(Repositories(transaction), PROJECT, CHIP, {"0-1": "1"}, today="20260401")
    found = bench.qdash.get(COMPARISONS).compare(ADMIN, "release:friday")
    assert (found.directions, found.values, found.unchanged) == (("0-1",), (), 1)


def test_a_few_changes_in_one_direction_share_nothing(make_bench: MakeBench) -> None:
    bench = make_bench(T1)
    for qid in "01234":
        measure(bench, 80.0, qid)
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "friday")
    for qid in "01234":
        measure(bench, 60.0, qid)
    assert bench.qdash.get(COMPARISONS).compare(ADMIN, "release:friday").shared == ()
