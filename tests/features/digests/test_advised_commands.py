"""Each advised command measures exactly the targets that its advice names."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.digests.advice import list_advice
from qdash_builtin.digests.digest import (
    AdviceKind,
    CauseKind,
    Digest,
    FailureGroup,
    StaleValue,
    UnfitGroup,
    UnfitTarget,
)
from qdash_builtin.digests.run_choice import MeasuringRun, RunChoice
from qdash_core.models.judgement import FailureKind

from ...core.bench import make_backend, make_registry, make_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.digests.digest import Advice

    from ...cli.conftest import InProcess

NIGHT = datetime(2026, 11, 24, 9, tzinfo=UTC)
MEASURING = (AdviceKind.MEASURE, AdviceKind.INSPECT)


def make_group(kind: CauseKind, tasks: Sequence[str], targets: Sequence[str]) -> FailureGroup:
    return FailureGroup(kind, "cause", tasks, targets, len(targets), "no peak", "x", len(targets))


def fail(targets: Sequence[str], task: str = "Measure") -> list[UnfitGroup]:
    return [
        UnfitGroup([UnfitTarget(one, ["no signal"], NIGHT, "x", task, FailureKind.NO_SIGNAL, NIGHT)])
        for one in targets
    ]


def make_digest(
    *,
    failures: Sequence[FailureGroup] = (),
    newly_unfit: Sequence[str] = (),
    still_unfit: Sequence[str] = (),
    stale: Sequence[str] = (),
) -> Digest:
    return Digest(
        "a", "18:00", NIGHT, NIGHT + timedelta(hours=15), runs=(), metrics=(), moved=(), unstable=(),
        newly_unfit=fail(newly_unfit), still_unfit=fail(still_unfit), newly_fit=(), set_aside=(),
        left_specification=(), met_specification=(), failures=failures, manual=(), statuses={}, flagged=(),
        too_old=len(stale), moved_inputs=0, stale=[StaleValue(one, "t1", is_old=True) for one in stale],
        laboratory=(), laboratory_s=0.0,
    )  # fmt: skip


DIGESTS = {
    "a shared line": make_digest(
        failures=[make_group(CauseKind.RESOURCE, ["Measure", "Again"], ["0", "2", "4"])]
    ),
    "one task": make_digest(failures=[make_group(CauseKind.ERROR, ["Again"], ["1", "3"])]),
    "couplings": make_digest(failures=[make_group(CauseKind.ERROR, ["Couple", "Measure"], ["0-1", "2-3"])]),
    "both kinds": make_digest(
        failures=[make_group(CauseKind.ERROR, ["Measure"], ["4"])], newly_unfit=["1", "4"]
    ),
    "many": make_digest(newly_unfit=["0", "2", "4"], still_unfit=["1"], stale=["1", "2", "3"]),
}


@pytest.fixture
def lab_with_couplings(lab: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    tasks = [make_task(), make_task("Again"), make_task("Couple", task_type="coupling")]
    registry = make_registry(tasks, [make_backend()])
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    return lab


RUNS = RunChoice([MeasuringRun("Measure", "qubit", frozenset({"t1"}), frozenset(), 1.0, is_usual=True)])


def list_measurements(digest: Digest) -> list[Advice]:
    return [one for one in list_advice(digest, runs=RUNS) if one.kind in MEASURING]


@pytest.mark.parametrize("digest", DIGESTS.values(), ids=DIGESTS.keys())
def test_a_dry_run_of_an_advised_command_lists_the_advised_targets(
    lab_with_couplings: InProcess, digest: Digest
) -> None:
    advised = list_measurements(digest)
    assert advised
    for one in advised:
        program, *arguments = shlex.split(one.command)
        assert program == "qdash"
        assert lab_with_couplings.read_json(*arguments, "--dry-run")["targets"] == [*one.targets], one.command


@pytest.mark.parametrize("digest", DIGESTS.values(), ids=DIGESTS.keys())
def test_no_target_is_measured_twice(digest: Digest) -> None:
    targets = [target for one in list_measurements(digest) for target in one.targets]
    assert len(targets) == len({*targets})
    groups = (*digest.unfit, *digest.failures)
    named = {target for group in groups for target in group.targets} | {one.target for one in digest.stale}
    assert named == {*targets}
