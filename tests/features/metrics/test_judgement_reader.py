"""Reader of judgements: one judgement for the reads of an unchanged chip, and tasks imported only if they matter."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.metrics.definition_file import load_builtin
from qdash_builtin.metrics.judgement.reader import JudgementReader
from qdash_core import Parameter
from qdash_core.models.chip import ParameterModel, TargetStatus
from qdash_core.models.judgement import Fitness
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.tasks.value_declarations import ValueDeclarations

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, make_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.chip_judgement import Judgement, TargetJudgement

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

PULSE = make_task("Pulse", {"amplitude": Parameter(0.5), "beta": Parameter(0.2)})
OTHER = make_task("Other", {"contrast": Parameter(0.9)})


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(PULSE, OTHER)


class Hours:
    """A clock that is set by hand, and a reader that uses it."""

    def __init__(self, bench: Bench) -> None:
        self.now = utc_now()
        self._bench = bench
        self.imports = 0
        self.reader = JudgementReader(load_builtin, lambda: self.now, read_declared=self._import)

    def _import(self) -> ValueDeclarations:
        self.imports += 1
        return ValueDeclarations()

    def read(self, targets: Sequence[str] | None = None) -> Judgement:
        """Return the judgement from a snapshot."""
        with self._bench.qdash.store.read() as snapshot:
            return self.reader.read(Repositories(snapshot), PROJECT, CHIP, targets)

    def read_target(self) -> TargetJudgement:
        """Return the judgement of qubit 0."""
        return self.read(["0"]).targets["0"]


def test_reads_of_an_unchanged_chip_share_one_judgement_for_a_second(bench: Bench) -> None:
    bench.run("Pulse")
    hours = Hours(bench)
    first = hours.read().targets["0"]
    assert hours.read().targets["0"] is first
    assert hours.read_target() is first
    hours.now += timedelta(seconds=1)
    assert hours.read_target() is not first


def test_the_next_read_after_a_change_shows_it(bench: Bench) -> None:
    hours = Hours(bench)
    hours.read()
    bench.run("Pulse")
    assert {*hours.read_target().values} == {"amplitude", "beta"}
    hours.read()
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", TargetStatus.EXCLUDED, "test")
    assert hours.read_target().fitness is Fitness.EXCLUDED


def test_a_transaction_that_is_given_up_leaves_no_judgement(bench: Bench) -> None:
    bench.run("Pulse")
    hours = Hours(bench)
    with suppress(ZeroDivisionError), bench.qdash.store.transaction() as transaction:
        repositories = Repositories(transaction)
        repositories.of(QubitCalibrationRepository).update_calib_data(
            PROJECT, CHIP, "0", {"contrast": ParameterModel(value=0.9)}
        )
        assert "contrast" in hours.reader.read(repositories, PROJECT, CHIP).targets["0"].values
        raise ZeroDivisionError
    assert {*hours.read_target().values} == {"amplitude", "beta"}


def test_tasks_are_imported_only_for_values_that_their_declarations_concern(bench: Bench) -> None:
    hours = Hours(bench)
    hours.read()
    bench.run("Pulse")
    hours.read()
    assert hours.imports == 0  # all values are of one result: no set is broken
    bench.run("Other")
    hours.read()
    assert hours.imports == 1
