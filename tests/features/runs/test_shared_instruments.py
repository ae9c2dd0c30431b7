"""Two runs on one instrument: side by side on disjoint parts, otherwise one after the other."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.runs.feature import LOCK_RELEASE, RUNS
from qdash_core import FlowTemplate, InvalidInputError, LockedError
from qdash_core.errors import ConflictError, NotFoundError
from qdash_core.flows.steps import ConfigureAll, CustomOneQubit, CustomTwoQubit
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.execution import CalibrationNoteModel, EndReason, ExecutionStatus
from qdash_core.models.project import ProjectMembershipModel, ProjectRole, UserModel
from qdash_core.models.request import TargetSelection
from qdash_core.repositories.executions import CalibrationNoteRepository, ExecutionLockRepository
from qdash_core.repositories.identity import ProjectMembershipRepository, UserRepository
from qdash_core.repositories.queue import QueueRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, SIGNAL, make_backend, make_raising, make_task
from ...core.runs.crew import PATIENCE_S, Crew, make_request

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from qdash_core import BaseBackend
    from qdash_core.hooks.flows import StepRun

    from ...core.bench import Bench
    from ...core.runs.conftest import MakeCrew

FIRST, LAST, MIDDLE = ("0",), ("4",), ("3",)
"""Qubits on multiplexer 0; on multiplexer 1; on multiplexer 1 and coupled to multiplexer 0."""


def merge(stored: dict[str, Any], new: dict[str, Any], targets: Collection[str]) -> dict[str, Any]:
    kept = {name: value for name, value in stored.items() if name not in targets}
    return kept | {name: value for name, value in new.items() if name in targets}


def make_sharing_backend(unit: str = "mux", **attributes: Any) -> type[BaseBackend]:
    """Return a backend whose instrument is shared by multiplexers."""
    shared = {
        "claim_unit": classmethod(lambda _cls, _context: unit),
        "merge_note": staticmethod(merge),
        "max_parallel": None,
    }
    return make_backend(**{**shared, **attributes})


def submit(crew: Crew, qubits: Sequence[str], flow: str = "Measure", **given: Any) -> str:
    return crew.submit(flow=flow, targets=TargetSelection(qubits=tuple(qubits)), **given)


def get_reason(bench: Bench, execution_id: str) -> str | None:
    return bench.qdash.get(RUNS).queue.view.get_position(PROJECT, execution_id).waits_for


def list_locked(bench: Bench) -> list[list[str]]:
    return sorted(lock.resources for lock in bench.repositories.of(ExecutionLockRepository).list_all())


@pytest.mark.every_store
def test_two_runs_on_two_multiplexers_measure_at_once(make_crew: MakeCrew) -> None:
    held: list[list[list[str]]] = []
    both = threading.Barrier(2, action=lambda: held.append(list_locked(bench)))

    def measure(_task: object, _backend: object) -> Any:
        both.wait(PATIENCE_S)
        return SIGNAL

    bench, crew = make_crew(
        make_task(measure=measure), make_task("Begin", {}), backends=[make_sharing_backend()]
    )
    services = {qubits: bench.make_service(shares_instrument=True) for qubits in (("2",), LAST)}
    for qubits, service in services.items():
        service.run(QubitTargets(qubits), [CustomOneQubit(["Begin"])])
    measured = [
        crew.call_in_thread(service.run, QubitTargets(qubits), [CustomOneQubit(["Measure"])])
        for qubits, service in services.items()
    ]
    for one in measured:
        one.result(PATIENCE_S)
    ours = ["multiplexer 0 of chip chip", "coupling 2-3 of chip chip"]
    assert held == [[ours, ["multiplexer 1 of chip chip"]]]
    assert {service.finish_calibration().tasks["completed"] for service in services.values()} == {2}
    assert list_locked(bench) == []


@pytest.mark.parametrize(
    "backend",
    [
        pytest.param({"claim_unit": classmethod(lambda _cls, _context: "instrument")}, id="one unit"),
        pytest.param({"merge_note": make_backend().merge_note}, id="no merged notes"),
    ],
)
@pytest.mark.every_store
def test_a_backend_that_cannot_share_performs_one_run_after_the_other(
    make_crew: MakeCrew, backend: dict[str, Any]
) -> None:
    bench, crew = make_crew(make_task(), backends=[make_sharing_backend(**backend)])
    first, second = submit(crew, FIRST), submit(crew, LAST)
    crew.register()
    assert get_reason(bench, second) == f"execution {first} of admin, which is before it"
    with pytest.raises(LockedError, match="a run would wait for execution"):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(), wait=False)


@pytest.mark.every_store
def test_the_reason_for_a_wait_names_what_is_shared(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task(), backends=[make_sharing_backend()])
    worker = crew.register()
    first, same, coupled, apart = (submit(crew, qubits) for qubits in (("1", "2"), FIRST, MIDDLE, LAST))
    before = f"execution {first} of admin, which is before it and needs"
    assert get_reason(bench, same) == f"{before} multiplexer 0 of chip chip, too"
    assert get_reason(bench, coupled) == f"{before} coupling 2-3 of chip chip, too"
    assert get_reason(bench, apart) == (
        f"execution {coupled} of admin, which is before it and needs multiplexer 1 of chip chip, too"
    )
    assert crew.claim(worker, first)
    assert get_reason(bench, same) == f"multiplexer 0 of chip chip, used by execution {first} of admin"
    with pytest.raises(LockedError, match="a run would wait for multiplexer 0 of chip chip, used by"):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request(), wait=False)


def test_who_holds_a_part_is_named_to_a_run_that_needs_it(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task(), backends=[make_sharing_backend()])
    service = bench.make_service(shares_instrument=True)
    service.run(QubitTargets(FIRST), [CustomOneQubit(["Measure"])])
    held = "multiplexer 0 of chip chip (project default, instrument bench)"
    waiting = submit(crew, ("1",))
    assert (get_reason(bench, waiting) or "").startswith(f"{held}, in use by execution")
    with pytest.raises(LockedError, match=r"^multiplexer 0 of chip chip \(project default, instrument bench"):
        bench.make_service().run(QubitTargets(FIRST), [CustomOneQubit(["Measure"])])
    other = bench.make_service(shares_instrument=True)
    other.run(QubitTargets(LAST), [CustomOneQubit(["Measure"])])
    assert other.finish_calibration().status is ExecutionStatus.COMPLETED
    assert service.finish_calibration().status is ExecutionStatus.COMPLETED


@pytest.mark.every_store
def test_runs_that_reconfigure_the_instrument_exclude_all_others(make_crew: MakeCrew) -> None:
    flow = FlowTemplate("configure", "Configures.", [ConfigureAll(), CustomOneQubit(["Measure"])])
    configure = make_task("ConfigureAll", {}, task_type="system")
    bench, crew = make_crew(make_task(), configure, backends=[make_sharing_backend()], flows=[flow])
    crew.register()
    first, second, third = submit(crew, FIRST), submit(crew, LAST, "configure"), submit(crew, MIDDLE)
    assert get_reason(bench, first) is None
    assert get_reason(bench, second) == f"execution {first} of admin, which is before it"
    assert get_reason(bench, third) == f"execution {second} of admin, which is before it", (
        "small runs do not overtake a run that needs everything"
    )
    assert crew.get_entry(second).resources == []


@dataclass
class OddStep:
    """A user's own step."""

    does: Callable[[StepRun], object]
    tasks: Sequence[str] = field(default_factory=lambda: ["Measure"])

    def apply(self, run: StepRun) -> None:
        self.does(run)


def read_first(run: StepRun) -> None:
    (result,) = run.run_tasks(["Measure"], kind="qubit")
    assert result.qid == "0"


@pytest.mark.parametrize(
    ("steps", "resources"),
    [
        pytest.param([CustomOneQubit(["Measure"])], ["multiplexer 0 of chip chip"], id="known"),
        pytest.param([OddStep(read_first)], [], id="a step that depends on results"),
        pytest.param([OddStep(lambda run: run.run_on_chip(["Check"]), [])], [], id="a task of the chip"),
    ],
)
def test_what_cannot_be_known_beforehand_claims_everything(
    make_crew: MakeCrew, steps: Sequence[Any], resources: list[str]
) -> None:
    bench, _crew = make_crew(
        make_task(), make_task("Check", {}, task_type="global"), backends=[make_sharing_backend()]
    )
    service = bench.make_service(shares_instrument=True)
    service.run(QubitTargets(FIRST), steps)
    assert list_locked(bench) == [resources]
    service.finish_calibration()


def test_a_program_of_a_user_claims_everything(make_crew: MakeCrew) -> None:
    bench, _crew = make_crew(make_task(), backends=[make_sharing_backend()])
    session = bench.start_session()
    assert list_locked(bench) == [[]]
    session.complete()
    service = bench.make_service()
    service.run(QubitTargets(FIRST), [CustomOneQubit(["Measure"])])
    assert list_locked(bench) == [[]]
    service.finish_calibration()


@pytest.mark.parametrize(
    ("targets", "steps"),
    [
        pytest.param(QubitTargets(LAST), [CustomOneQubit(["Measure"])], id="another multiplexer"),
        pytest.param(
            QubitTargets(["1"]), [CustomOneQubit(["Measure"])], id="another qubit of the multiplexer"
        ),
        pytest.param(QubitTargets(["0", "1"]), [CustomTwoQubit(["Gate"])], id="a coupling"),
        pytest.param(QubitTargets(FIRST), [ConfigureAll()], id="the whole chip"),
    ],
)
def test_a_task_outside_the_claim_is_refused_before_it_measures(
    make_crew: MakeCrew, targets: QubitTargets, steps: Sequence[Any]
) -> None:
    bench, _crew = make_crew(
        make_task(),
        make_task("Gate", {}, task_type="coupling"),
        make_task("ConfigureAll", {}, task_type="system"),
        backends=[make_sharing_backend()],
    )
    service = bench.make_service(shares_instrument=True)
    service.run(QubitTargets(FIRST), [CustomOneQubit(["Measure"])])
    with pytest.raises(InvalidInputError, match="this run has locked only multiplexer 0 of chip chip, for"):
        service.run(targets, steps)
    assert len(bench.list_results(service.finish_calibration().execution_id)) == 1


@pytest.mark.every_store
def test_a_claim_is_computed_again_when_the_run_starts(make_crew: MakeCrew) -> None:
    """The chip has changed since."""
    held: list[list[list[str]]] = []

    def measure(_task: object, _backend: object) -> Any:
        held.append(list_locked(bench))
        return SIGNAL

    bench, crew = make_crew(make_task(measure=measure), backends=[make_sharing_backend()])
    run = submit(crew, FIRST)
    bench.repositories.of(QueueRepository).put(
        crew.get_entry(run).model_copy(update={"resources": ["multiplexer 9"]})
    )
    crew.perform(run)
    assert held == [[["multiplexer 0 of chip chip"]]]
    assert crew.get_entry(run).resources == ["multiplexer 0 of chip chip"]


def test_a_run_whose_instrument_has_changed_waits_for_the_new_one(make_crew: MakeCrew) -> None:
    """It is not started again and again."""
    instruments = {CHIP: "one", "second": "two"}
    changing = classmethod(lambda _cls, context: instruments[context.chip_id])
    bench, crew = make_crew(make_task(), backends=[make_sharing_backend(instrument=changing)])
    bench.add_chip("second")
    run = submit(crew, FIRST)
    instruments[CHIP] = "two"
    holder = bench.start_session(chip_id="second")
    assert get_reason(bench, run) is None
    with pytest.raises(LockedError):
        crew.perform(run)
    assert f"in use by execution {holder.execution.execution_id}" in (get_reason(bench, run) or "")
    holder.complete()
    assert get_reason(bench, run) is None


@pytest.mark.every_store
def test_a_resumed_run_claims_what_it_did(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(
        make_task(measure=make_raising(KeyboardInterrupt)), backends=[make_sharing_backend()]
    )
    run = submit(crew, FIRST)
    with pytest.raises(KeyboardInterrupt):
        crew.perform(run)
    bench.qdash.get(RUNS).queue.conclude(PROJECT, run, died=False)
    bench.qdash.get(RUNS).submissions.submit_resume(ADMIN, run)
    assert crew.get_entry(run).resources == ["multiplexer 0 of chip chip"]


def write_note(bench: Bench, note: dict[str, Any], *, ahead: timedelta = timedelta(0)) -> None:
    from qdash_core.process.clock import utc_now

    bench.repositories.of(CalibrationNoteRepository).put(
        CalibrationNoteModel(
            project_id=PROJECT, username="admin", chip_id=CHIP, execution_id="20200101-000", task_id="t",
            note=note, timestamp=utc_now() + ahead,
        )
    )  # fmt: skip


def get_note(bench: Bench) -> dict[str, Any]:
    found = bench.repositories.of(CalibrationNoteRepository).get_latest(PROJECT, CHIP)
    assert found is not None
    return found.note


@pytest.mark.every_store
def test_no_run_erases_the_note_of_another_whatever_their_clocks_show(make_crew: MakeCrew) -> None:
    """Another run stores its note while this one measures, on a host whose clock is ahead."""

    def measure(_task: object, backend: Any) -> Any:
        write_note(bench, {"0": "theirs", "4": "theirs"}, ahead=timedelta(hours=1))
        backend.note = {"0": "mine", "4": "as it was"}
        return SIGNAL

    bench, crew = make_crew(make_task(measure=measure), backends=[make_sharing_backend()])
    write_note(bench, {"0": "old", "4": "as it was"})
    crew.perform(submit(crew, FIRST))
    assert get_note(bench) == {"0": "mine", "4": "theirs"}


@pytest.mark.every_store
def test_a_run_that_has_the_whole_instrument_stores_its_whole_note_as_the_newest(make_crew: MakeCrew) -> None:
    """The former note is from a host whose clock is ahead."""
    backend = make_sharing_backend("instrument", note={"0": "mine", "4": "mine"})
    bench, crew = make_crew(make_task(), backends=[backend])
    write_note(bench, {"0": "old", "4": "old"}, ahead=timedelta(hours=1))
    crew.perform(submit(crew, FIRST))
    assert get_note(bench) == {"0": "mine", "4": "mine"}


@pytest.mark.parametrize(
    ("merged", "reason"),
    [
        pytest.param(make_raising(RuntimeError("no such thing")), "no such thing", id="an exception"),
        pytest.param(make_raising(SystemExit("over")), "over", id="an exit"),
        pytest.param(lambda *_: None, "merge_note returned None, not a note", id="nothing"),
        pytest.param(lambda *_: {"0": math.nan}, "Out of range float", id="no JSON"),
    ],
)
def test_a_note_that_cannot_be_merged_fails_no_task(
    make_crew: MakeCrew, caplog: pytest.LogCaptureFixture, merged: Callable[..., object], reason: str
) -> None:
    broken: dict[str, Any] = {
        "merge_note": classmethod(lambda _cls, stored, new, targets: merged(stored, new, targets)),
        "note": {"0": "mine"},
    }
    bench, crew = make_crew(make_task(), backends=[make_sharing_backend(**broken)])
    write_note(bench, {"0": "old"})
    assert crew.perform(submit(crew, FIRST)).status is ExecutionStatus.COMPLETED
    assert get_note(bench) == {"0": "old"}
    assert f"cannot be merged: {reason}" in caplog.text


@pytest.mark.every_store
def test_the_lock_of_a_dead_run_is_taken_over_beside_a_living_one(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task(), backends=[make_sharing_backend()])
    living = bench.make_service(shares_instrument=True)
    living.run(QubitTargets(LAST), [CustomOneQubit(["Measure"])])
    dead = bench.make_service(shares_instrument=True)
    dead.run(QubitTargets(FIRST), [CustomOneQubit(["Measure"])])
    assert dead._orchestrator is not None
    lost = bench.abandon(dead._orchestrator)
    assert crew.perform(submit(crew, FIRST)).status is ExecutionStatus.COMPLETED
    assert bench.get_execution(lost).reason is EndReason.INTERRUPTED
    assert list_locked(bench) == [["multiplexer 1 of chip chip"]]
    assert living.finish_calibration().status is ExecutionStatus.COMPLETED


@pytest.mark.every_store
def test_a_person_releases_the_lock_of_one_run_and_keeps_the_other(make_crew: MakeCrew) -> None:
    bench, _crew = make_crew(make_task(), backends=[make_sharing_backend()])
    bench.repositories.of(UserRepository).add(
        UserModel(user_id="b", username="bob", default_project_id=PROJECT)
    )
    bench.repositories.of(ProjectMembershipRepository).put(
        ProjectMembershipModel(
            project_id=PROJECT, user_id="b", username="bob", status="active", role=ProjectRole.OWNER
        )
    )
    bob, release = access_of("bob"), bench.qdash.get(LOCK_RELEASE).release
    runs = [bench.make_service(shares_instrument=True) for _ in range(2)]
    for run, qubits in zip(runs, (FIRST, LAST), strict=True):
        run.run(QubitTargets(qubits), [CustomOneQubit(["Measure"])])
    first, last = (run.execution.execution_id for run in runs)
    with pytest.raises(ConflictError, match=rf"execution {first} of admin .*{last} of admin .*--execution"):
        release(bob, CHIP, force=True)
    with pytest.raises(NotFoundError, match="execution 20200101-000 holds no lock"):
        release(bob, CHIP, execution_id="20200101-000", force=True)
    (released,) = release(bob, CHIP, execution_id=last, force=True)
    assert released.lock.resources == ["multiplexer 1 of chip chip"]
    assert list_locked(bench) == [["multiplexer 0 of chip chip"]]
    assert bench.get_execution(last).reason is EndReason.LOCK_RELEASED
    assert runs[0].finish_calibration().status is ExecutionStatus.COMPLETED
    runs[1].fail_calibration("its lock was released")


def test_a_person_whose_own_runs_share_a_chip_releases_both(make_crew: MakeCrew) -> None:
    bench, _crew = make_crew(make_task(), backends=[make_sharing_backend()])
    runs = [bench.make_service(shares_instrument=True) for _ in range(2)]
    for run, qubits in zip(runs, (FIRST, LAST), strict=True):
        run.run(QubitTargets(qubits), [CustomOneQubit(["Measure"])])
    assert len(bench.qdash.get(LOCK_RELEASE).release(ADMIN, CHIP, force=True)) == 2
    assert list_locked(bench) == []
    for run in runs:
        run.fail_calibration("its lock was released")


@pytest.mark.every_store
def test_chips_of_one_instrument_share_it_by_chip(make_crew: MakeCrew) -> None:
    bench, crew = make_crew(make_task(), backends=[make_sharing_backend("chip")])
    bench.add_chip("second")
    crew.register()
    first, other, same = submit(crew, FIRST), submit(crew, FIRST, chip_id="second"), submit(crew, LAST)
    assert [get_reason(bench, run) for run in (first, other)] == [None, None]
    assert get_reason(bench, same) == (
        f"execution {first} of admin, which is before it and needs chip chip, too"
    )
    session = bench.make_service(shares_instrument=True)
    session.run(QubitTargets(FIRST), [CustomOneQubit(["Measure"])])
    assert bench.qdash.get(LOCK_RELEASE).release(ADMIN, "second", force=True) == [], (
        "it does not block that chip"
    )
    session.finish_calibration()


def test_multiplexers_of_two_chips_of_one_instrument_are_not_used_at_once(make_crew: MakeCrew) -> None:
    """Both ids may be of one physical chip."""
    bench, crew = make_crew(make_task(), backends=[make_sharing_backend("mux")])
    bench.add_chip("second")
    crew.register()
    session = bench.make_service(shares_instrument=True)
    session.run(QubitTargets(FIRST), [CustomOneQubit(["Measure"])])
    other = submit(crew, LAST, chip_id="second")
    assert (get_reason(bench, other) or "").startswith("multiplexer 0 of chip chip (project default")
    (released,) = bench.qdash.get(LOCK_RELEASE).release(ADMIN, "second", force=True)
    assert released.lock.chip_id == CHIP, "it blocks the other chip"
    assert get_reason(bench, other) is None
    session.fail_calibration("its lock was released")
