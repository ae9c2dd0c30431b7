"""Inputs that are only starting values: they widen a search, and never block the measurement that could replace them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.values.feature import VALUES
from qdash_core import Parameter
from qdash_core.models.chip import MeasuredAttempt, TargetStatus
from qdash_core.models.judgement import FailureKind
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.tasks.parameters import InputParameter

from ...access import ADMIN
from ..bench import CHIP, PROJECT, SIGNAL, make_task

if TYPE_CHECKING:
    from ..bench import Bench
    from ..conftest import MakeBench

SEEN: list[bool] = []


def search(task: Any, _backend: Any) -> Any:
    SEEN.append(task.context.is_starting_value("qubit_frequency"))
    return SIGNAL


FREQUENCY = make_task("Frequency", {"qubit_frequency": Parameter(5.0, 1e-5, "GHz")})
SEARCH = make_task("Search", needs={"qubit_frequency": InputParameter(required=False)}, measure=search)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    SEEN.clear()
    bench = make_bench(FREQUENCY, SEARCH)
    bench.run("Frequency")
    return bench


def is_starting(bench: Bench) -> bool:
    """Measure with the value, and return whether it was only a starting value."""
    assert bench.run("Search").status is TaskStatus.COMPLETED
    return SEEN[-1]


def store(bench: Bench, **changes: Any) -> None:
    known = bench.get_qubit()
    changed = known.model_copy(update=changes)
    bench.repositories.of(QubitCalibrationRepository).write_values(
        changed, former=known, recorded_date="20261128", cooldown_id=None
    )


def test_a_trusted_measured_value_is_none(bench: Bench) -> None:
    assert is_starting(bench) is False


def test_an_input_without_a_value_is_none(bench: Bench) -> None:
    bench.run("Search", "1")
    assert SEEN == [False]


def test_a_value_of_an_earlier_cooldown_is_one_until_it_is_measured_again(bench: Bench) -> None:
    bench.qdash.get(CRYOSTATS).create(ADMIN, "K")
    bench.qdash.get(COOLDOWNS).create(ADMIN, "second", "K", chip_ids=[CHIP])
    session = bench.start_session()
    for name in ("Search", "Frequency", "Search"):
        session.run_task(name, "0")
    session.complete()
    assert SEEN == [True, False]


def test_a_value_of_a_user_is_one(bench: Bench) -> None:
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"qubit_frequency": Parameter(5.0)}, reason="by hand")
    assert is_starting(bench) is True


def test_a_doubtful_value_is_one_unless_a_user_trusts_it(bench: Bench) -> None:
    now = utc_now()
    failed = MeasuredAttempt(
        task="Frequency",
        task_id="t",
        execution_id="e",
        measured_at=now,
        ended_at=now,
        text="no line",
        times=2,
    )
    store(bench, failures={"qubit_frequency": failed})
    assert is_starting(bench) is True
    bench.qdash.get(VALUES).trust(
        ADMIN, CHIP, "0", ["qubit_frequency"], until=utc_now() + timedelta(hours=1), reason="it is right"
    )
    assert is_starting(bench) is False


def test_a_value_that_was_not_looked_at_since_a_loss_of_signal_is_one(bench: Bench) -> None:
    now = utc_now()
    silent = MeasuredAttempt(
        task="Frequency",
        task_id="t",
        execution_id="e",
        measured_at=now,
        ended_at=now,
        text="no signal",
        kind=FailureKind.NO_SIGNAL,
        times=2,
        absent_since=now,
    )
    store(bench, status=TargetStatus.FAILED, failures={"qubit_frequency": silent})
    judged = bench.qdash.judge.read(bench.repositories, PROJECT, CHIP).targets["0"]
    assert judged.values["qubit_frequency"].trust == "not-looked-at"
    assert is_starting(bench) is True
