"""Import of each collection of the original system."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.home.repositories.iteration import iterate_entries
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.repository import MetricNoteRepository, NoteEventRepository
from qdash_core.access.enrolment import ensure_default_project
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.chip import TargetStatus
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.repositories.chips import (
    ChipHistoryRepository,
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.executions import ExecutionCounterRepository, ExecutionRepository
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository, UserRepository
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository
from qdash_core.repositories.schema import COLLECTIONS
from qdash_original.original_import import OriginalImport

from .original_sample import INFO, sample, value

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store
    from qdash_original.original_import import ImportReport

    from .original_sample import Documents

NINE = datetime(2024, 6, 3, 9, tzinfo=UTC)
NEWER = "2024-06-04T18:00:00+09:00"
HERE = datetime(2030, 1, 1, tzinfo=UTC)
UNITS = {
    "qubit_frequency": "GHz",
    "anharmonicity": "GHz",
    "t1": "us",
    "t2_echo": "us",
    "hpi_length": "ns",
    "average_readout_fidelity": "",
}
"""Units of the outputs of installed tasks."""


@pytest.fixture
def imported(store: Store) -> Repositories:
    """Repositories after the import of everything."""
    run_import(store)
    return Repositories(store)


def run_import(store: Store, documents: Documents | None = None, **given: Any) -> ImportReport:
    there = sample() if documents is None else documents
    return OriginalImport(lambda name: there.get(name, []), store, **{"units": UNITS, **given}).run()


def contents(store: Store) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [one.document for one in iterate_entries(store, collection)]
        for name, collection in COLLECTIONS.items()
    }


def left_out(report: ImportReport, collection: str) -> set[tuple[str, str]]:
    return {(left.field, left.why) for left in report.left_out if left.collection == collection}


class TestPeople:
    def test_a_user_keeps_the_id_and_has_no_password(self, imported: Repositories) -> None:
        alice = imported.of(UserRepository).find("alice")

        assert alice is not None
        assert (alice.user_id, alice.hashed_password, alice.default_project_id) == (
            "u-alice",
            None,
            "lab",
        )
        assert alice.created_at == NINE

    def test_the_new_user_admin_is_merged_with_the_one_of_the_original(self, store: Store) -> None:
        before = Repositories(store).of(UserRepository).find("admin")
        run_import(store)
        after, project = (
            Repositories(store).of(UserRepository).find("admin"),
            Repositories(store).of(ProjectRepository).find("lab"),
        )

        assert before is not None
        assert after is not None
        assert project is not None
        assert after.user_id == before.user_id == project.owner_user_id
        assert (after.hashed_password, after.full_name) == (None, "The Admin")

    def test_the_import_names_the_users_who_need_a_password(self, store: Store) -> None:
        report = run_import(store)  # bob is disabled

        assert report.without_password == ["admin", "alice"]

    def test_what_a_merged_user_changed_stays(self, store: Store) -> None:
        run_import(store)
        with store.transaction() as transaction:
            admin = transaction.get("user", ("admin",))
            assert admin is not None
            transaction.put("user", {**admin, "full_name": "Ann"})

        run_import(store)

        changed = Repositories(store).of(UserRepository).find("admin")
        assert changed is not None
        assert changed.full_name == "Ann"

    def test_an_existing_user_with_a_password_stays_and_gets_no_token(self, store: Store) -> None:
        with store.transaction() as transaction:
            admin = transaction.get("user", ("admin",))
            assert admin is not None
            transaction.put("user", {**admin, "hashed_password": "mine"})

        report = run_import(store)

        assert contents(store)["user"][0]["hashed_password"] == "mine"
        assert {token["username"] for token in contents(store)["access_token"]} == {"alice", "bob"}
        assert ("", "the store has another user with this key, which is kept") in left_out(report, "user")

    def test_of_a_token_only_the_hash_is_kept(self, store: Store) -> None:
        run_import(store)

        token = next(token for token in contents(store)["access_token"] if token["username"] == "alice")
        assert token["token_hash"] == hashlib.sha256(b"secret-alice").hexdigest()
        assert (token["user_id"], token["name"], token["scope"]) == ("u-alice", "original", "write")
        assert "secret-alice" not in str(contents(store))

    def test_members_keep_their_roles(self, imported: Repositories) -> None:
        alice = imported.of(ProjectMembershipRepository).find("lab", "alice")

        assert alice is not None
        assert (alice.role, alice.status, alice.last_accessed_at) == ("editor", "active", NINE)

    def test_records_without_a_name_or_with_an_unknown_role_are_omitted(self, store: Store) -> None:
        report = run_import(store)

        assert left_out(report, "user") == {("", "username: it is missing")}
        [(_, why)] = left_out(report, "project_membership")
        assert why.startswith("role: it has to be 'owner'")


class TestChips:
    def test_the_header_has_topology_and_backend(self, imported: Repositories) -> None:
        chip = imported.of(ChipRepository).require("lab", "64Q")

        assert (chip.size, chip.topology_id, chip.backend) == (64, "64Q", "qubex")
        assert (chip.installed_at, chip.note.content, chip.current_cooldown_id) == (
            NINE,
            "serial 7",
            "2024-001",
        )

    def test_a_chip_has_the_name_of_a_topology_only_if_it_fits(self, store: Store) -> None:
        documents, lattice = sample(), get_builtin_topology("square-lattice-mux-16")
        [old] = [chip for chip in documents["chip"] if chip["chip_id"] == "OLD"]
        old |= {"topology_id": lattice.name, "qubits": {f"Q{qid}": {} for qid in lattice.qids[:-1]}}
        old["couplings"] = {"-".join(reversed(pair.split("-"))): {} for pair in lattice.couplings}
        documents["qubit"].append({"project_id": "lab", "chip_id": "OLD", "username": "alice", "qid": "15"})
        report = run_import(store, documents)

        assert Repositories(store).of(ChipRepository).require("lab", "OLD").topology_id == lattice.name
        [(field, why)] = [row for row in left_out(report, "chip") if "not a 'square" in row[1]]
        assert field == "topology_id"
        assert why.startswith("the chip is not a 'square-lattice-mux-64': it lacks qubits 4, 5, 6, 7 and")
        assert why.endswith("its topology is named '64Q' instead")
        assert Repositories(store).of(QubitCalibrationRepository).require("lab", "64Q", "2").mux == 0

    def test_missing_fields_of_a_chip_are_listed(self, store: Store) -> None:
        report = run_import(store)

        assert Repositories(store).of(ChipRepository).require("other", "B").backend == ""
        assert {("backend", "the backend of the chip is unknown: set it with --backend")} <= left_out(
            report, "chip"
        )

    def test_the_backend_can_be_given(self, store: Store) -> None:
        run_import(store, backend="fake")

        assert {chip["backend"] for chip in contents(store)["chip"]} == {"fake"}

    def test_qubits_of_maps_and_of_separate_documents_are_imported_once(self, imported: Repositories) -> None:
        assert [
            qubit.qid for qubit in imported.of(QubitCalibrationRepository).list_by_chip("lab", "64Q")
        ] == ["0", "1", "2", "3"]
        assert [
            qubit.qid for qubit in imported.of(QubitCalibrationRepository).list_by_chip("lab", "OLD")
        ] == ["0", "1"]

    def test_a_qubit_has_its_position(self, imported: Repositories) -> None:
        qubit = imported.of(QubitCalibrationRepository).find("lab", "64Q", "2")

        assert qubit is not None
        assert (qubit.row, qubit.col, qubit.mux) == (1, 0, 0)

    def test_values_are_in_the_units_of_the_tasks_and_errors_of_zero_are_absent(
        self, imported: Repositories
    ) -> None:
        qubit, old = (
            imported.of(QubitCalibrationRepository).find("lab", "64Q", "0"),
            imported.of(QubitCalibrationRepository).find("lab", "OLD", "0"),
        )

        assert qubit is not None
        assert old is not None
        assert {name: (known.value, known.error, known.unit) for name, known in qubit.data.items()} == {
            "qubit_frequency": (5.0, 0.001, "GHz"),
            "t1": (40.5, None, "us"),
            "t2_echo": (33.25, 1.5, "us"),
            "anharmonicity": (-0.32, 0.002, "GHz"),
            "average_readout_fidelity": (0.975, None, ""),
            "fancy": (1.0, None, "furlong"),
        }
        assert (old.data["t1"].value, old.data["t1"].error, old.data["t1"].unit) == (41.0, 0.5, "us")
        assert qubit.data["t1"].calibrated_at == NINE

    def test_a_value_of_no_installed_task_keeps_its_unit(self, store: Store) -> None:
        run_import(store, units={})

        old = Repositories(store).of(QubitCalibrationRepository).find("lab", "OLD", "0")
        assert old is not None
        assert (old.data["t1"].value, old.data["t1"].error, old.data["t1"].unit) == (41_000.0, 500.0, "ns")

    def test_invalid_values_are_omitted_and_listed(self, store: Store) -> None:
        report = run_import(store)

        assert left_out(report, "qubit") == {
            ("data.drag_hpi_beta", "nan is not a finite number"),
            ("data.hpi_length", "hpi_length in GHz cannot be converted to ns"),
            ("data.fancy.error", "-1.0 is not a standard deviation"),
            ("data.fancy.colour", "QDash has no such field"),
            ("metric_notes.t2_echo", "'no note' is not a note"),
            ("fridge", "QDash has no such field"),
            ("", "qid: '07' is not a qubit: write a number without leading zeros ('7') or a label ('Q07')"),
            ("", "chip_id: there is no chip 'LOST' in project 'lab'"),
        }
        assert ("qubits.Q01.data.t1", "'long' is not a number") in left_out(report, "chip")

    def test_values_of_other_pulse_shapes_stay_only_in_the_record(self, store: Store) -> None:
        documents = sample()
        pulse = {"hpi_amplitude": value(0.1, "a.u."), "drag_pi_beta": value(0.3, "")}
        drive = {"rabi_frequency": value(11.0, "MHz"), "control_amplitude": value(0.05, "a.u.")}
        documents["qubit"][1]["data"] = pulse | drive | {"t1": value(50.0, "us")}
        documents["coupling"][0]["data"]["cr_amplitude"] = value(0.4, "a.u.")
        documents["qubit_history"][0]["data"] |= pulse
        report = run_import(store, documents)
        imported = Repositories(store)
        qubit, coupling = (
            imported.of(QubitCalibrationRepository).find("lab", "64Q", "1"),
            imported.of(CouplingCalibrationRepository).find("lab", "64Q", "0-1"),
        )
        assert qubit is not None
        assert coupling is not None
        assert {*qubit.data} == {"t1", "control_amplitude"}
        assert {*coupling.data} == {"zx_rotation_rate"}
        told = left_out(report, "qubit")
        for name in pulse:
            assert any(field == f"data.{name}" and "QDash plays another" in why for field, why in told)
        assert any(field == "data.rabi_frequency" for field, _ in told)
        assert (
            "data.cr_amplitude",
            "it is calibrated for a pulse shape of qubex, and QDash plays another one: calibrate it again",
        ) in (left_out(report, "coupling"))
        assert {*pulse} < {*imported.of(QubitCalibrationRepository).list_days("lab", "64Q", "0")[0].data}

    def test_a_rabi_frequency_without_control_amplitude_is_imported(self, store: Store) -> None:
        documents = sample()
        documents["qubit"][1]["data"] = {"rabi_frequency": value(11.0, "MHz")}
        run_import(store, documents)
        qubit = Repositories(store).of(QubitCalibrationRepository).find("lab", "64Q", "1")
        assert qubit is not None
        assert qubit.data["rabi_frequency"].value == 11.0

    def test_an_unknown_status_becomes_pending(self, imported: Repositories) -> None:
        states = [
            qubit.status for qubit in imported.of(QubitCalibrationRepository).list_by_chip("lab", "OLD")
        ]

        assert states == [TargetStatus.CALIBRATED, TargetStatus.PENDING]

    def test_two_directions_are_one_coupling_with_the_values_and_its_control(
        self, imported: Repositories
    ) -> None:
        coupling = imported.of(CouplingCalibrationRepository).find("lab", "64Q", "0-1")

        assert coupling is not None
        assert (coupling.control, coupling.status) == ("1", TargetStatus.CALIBRATED)
        assert coupling.data["zx_rotation_rate"].value == 1.5
        assert [
            coupling.qid for coupling in imported.of(CouplingCalibrationRepository).list_by_chip("lab", "64Q")
        ] == ["0-1", "2-3"]

    @pytest.mark.parametrize("turned", [False, True])
    def test_two_directions_become_one_with_the_newest_value_and_values_of_the_other_are_listed(
        self, store: Store, turned: bool
    ) -> None:
        documents = sample()
        pair = documents["coupling"][:2]
        pair[0]["data"] |= {
            "bell_state_fidelity": value(0.9, ""),
            "static_zz_interaction": value(40.0, "kHz"),  # has no direction
        }
        pair[1]["data"] = {"zx_rotation_rate": value(2.5, "MHz", calibrated_at=NEWER)}
        documents["coupling"][:2] = reversed(pair) if turned else pair

        report = run_import(store, documents)

        coupling = Repositories(store).of(CouplingCalibrationRepository).find("lab", "64Q", "0-1")
        assert coupling is not None
        assert coupling.control is None
        assert {name: one.value for name, one in coupling.data.items()} == {
            "zx_rotation_rate": 2.5,
            "static_zz_interaction": 40.0,
        }
        why = "it is of 1-0; the newest value is of 0-1, and a coupling has one direction"
        told = left_out(report, "coupling")
        assert {("data.zx_rotation_rate", why), ("data.bell_state_fidelity", why)} <= told
        assert report.collections["coupling"].read == 4

    def test_daily_copies_of_both_directions_are_one(self, store: Store) -> None:
        documents = sample()
        [reverse] = documents["coupling_history"]
        other = {**reverse, "_id": "other", "qid": "0-1", "data": {"zx_rotation_rate": value(2.5, "MHz")}}
        documents["coupling_history"] = [reverse, other]

        run_import(store, documents)

        [day] = Repositories(store).of(CouplingCalibrationRepository).list_days("lab", "64Q", "0-1")
        assert (day.control, day.data["zx_rotation_rate"].value) == (None, 2.5)

    def test_a_coupling_of_a_missing_qubit_is_omitted(self, store: Store) -> None:
        assert ("", "qid: chip 64Q has no qubit 9") in left_out(run_import(store), "coupling")

    def test_a_separate_daily_copy_takes_precedence_over_that_within_the_chip(
        self, imported: Repositories
    ) -> None:
        own, [embedded] = (
            imported.of(QubitCalibrationRepository).list_days("lab", "64Q", "0"),
            imported.of(QubitCalibrationRepository).list_days("lab", "64Q", "1"),
        )

        assert [(day.recorded_date, day.data["t1"].value, day.cooldown_id) for day in own] == [
            ("20240603", 40.0, "2024-001")
        ]
        assert embedded.data["t1"].value == 39.0
        assert len(imported.of(CouplingCalibrationRepository).list_days("lab", "64Q", "2-3")) == 1

    def test_the_copy_of_a_chip_is_its_header_with_counts(self, imported: Repositories) -> None:
        days = imported.of(ChipHistoryRepository).list_days("lab", "64Q")

        assert [(day.recorded_date, day.size, day.n_couplings, day.n_calibrated) for day in days] == [
            ("20240603", 64, 2, 3),
            ("20240604", 64, 2, 3),  # without maps, by the last copies of qubits and couplings
        ]

    def test_a_copy_of_a_chip_before_those_of_its_qubits_is_omitted(self, store: Store) -> None:
        documents = sample()
        documents["chip_history"][1]["recorded_date"] = "20240602"

        [(_, why)] = left_out(run_import(store, documents), "chip_history")

        assert why.startswith("qubits: no qubit has a copy of that day or before")


class TestRuns:
    def test_an_execution_has_times_counts_and_its_flow_run(self, imported: Repositories) -> None:
        execution = imported.of(ExecutionRepository).find("lab", "20240603-001")

        assert execution is not None
        assert (execution.start_at, execution.elapsed_time) == (NINE, 1800.5)
        assert (execution.flow_run_id, execution.note) == (
            "0b1d",
            {"flow_run_id": "0b1d", "stage": {"first": [1, 2.5]}},
        )
        assert execution.tasks == {"completed": 3, "failed": 1, "skipped": 1}

    @pytest.mark.parametrize(
        ("key", "seconds"),
        [
            (("lab", "20240603-007"), 93784.0),
            (("lab", "20240604-000"), None),
            (("other", "20240603-000"), 90.5),
        ],
    )
    def test_durations_are_seconds(
        self, imported: Repositories, key: tuple[str, str], seconds: float | None
    ) -> None:
        execution = imported.of(ExecutionRepository).find(*key)

        assert execution is not None
        assert execution.elapsed_time == seconds

    def test_a_result_has_inputs_run_parameters_and_outputs_apart(self, imported: Repositories) -> None:
        result = imported.of(TaskResultHistoryRepository).find("lab", "task-1")

        assert result is not None
        assert (result.status, result.verdict, result.elapsed_time) == (
            TaskStatus.COMPLETED,
            Verdict.ACCEPTED,
            12.5,
        )
        assert {
            name: (used.value, used.unit, used.error) for name, used in result.input_parameters.items()
        } == {"qubit_frequency": (5.0, "GHz", None)}
        assert {name: used.value for name, used in result.run_parameters.items()} == {
            "time_range": [2, 5, 51],
            "shots": 1024,
        }
        assert result.output_parameters["t1"].unit == "us"
        assert (result.user_note.content, result.cooldown_id) == ("nice", "2024-001")

    def test_raw_data_that_only_the_original_reads_are_named_in_the_note(
        self, imported: Repositories
    ) -> None:
        result = imported.of(TaskResultHistoryRepository).find("lab", "task-1")

        assert result is not None
        assert (result.figure_path, result.raw_data_path) == (["/app/t1.png"], [])
        assert result.note == {"original_raw_data_path": ["/app/t1.csv"]}

    def test_a_result_on_a_reversed_coupling_keeps_the_original_id(self, imported: Repositories) -> None:
        result = imported.of(TaskResultHistoryRepository).find("lab", "task-3")

        assert result is not None
        assert (result.qid, result.note) == ("0-1", {"original_qid": "1-0"})

    def test_a_failed_result_has_no_verdict(self, imported: Repositories) -> None:
        result = imported.of(TaskResultHistoryRepository).find("lab", "task-2")

        assert result is not None
        assert (result.verdict, result.message, result.figure_path) == (None, "no decay", ["/app/one.png"])

    def test_a_task_that_did_not_run_has_no_times(self, imported: Repositories) -> None:
        result = imported.of(TaskResultHistoryRepository).find("lab", "task-4")

        assert result is not None
        assert (result.start_at, result.end_at, result.elapsed_time) == (None, None, None)

    def test_the_newest_result_of_a_task_is_found(self, imported: Repositories) -> None:
        latest = imported.of(LatestResultRepository).find("lab", "64Q", "CheckT1", "0")

        assert latest is not None
        assert (latest.task_id, latest.status) == ("task-2", TaskStatus.FAILED)

    def test_the_next_execution_gets_a_number_that_no_chip_has_used(self, imported: Repositories) -> None:
        assert imported.of(ExecutionCounterRepository).get_next_index("lab", "20240603") == 8
        assert imported.of(ExecutionCounterRepository).get_next_index("lab", "20240604") == 1
        assert imported.of(ExecutionCounterRepository).get_next_index("other", "20240603") == 1

    def test_no_execution_is_imported_without_its_counter(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("qdash_original.original_import.BATCH", 1)
        documents = sample() | {"execution_counter": []}
        arrived: list[str] = []

        def cut(stage: str, _done: int) -> None:
            arrived.append(stage)
            if arrived.count("reading execution_history") == 3:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_import(store, documents, progress=cut)

        assert [execution["execution_id"] for execution in contents(store)["execution_history"]] == [
            "20240603-001",
            "20240603-007",
        ]
        assert Repositories(store).of(ExecutionCounterRepository).get_next_index("lab", "20240603") == 8

    def test_a_higher_counter_of_the_store_stays(self, store: Store) -> None:
        counter = {
            "project_id": "lab",
            "date": "20240603",
            "index": 40,
            "created_at": HERE,
            "updated_at": HERE,
        }
        with store.transaction() as transaction:
            transaction.put("execution_counter", counter)

        run_import(store)

        assert Repositories(store).of(ExecutionCounterRepository).get_next_index("lab", "20240603") == 41

    def test_locks_are_not_imported(self, store: Store) -> None:
        run_import(store)

        assert contents(store)["execution_lock"] == []

    def test_task_definitions_without_a_backend_are_for_any_backend(self, store: Store) -> None:
        report = run_import(store)

        tasks = {(task["backend"], task["name"]) for task in contents(store)["task"]}
        assert tasks == {("qubex", "CheckT1"), (None, "CheckStatus")}
        assert left_out(report, "task") == {("", "project_id: it is missing, and there are several projects")}

    def test_in_a_database_with_one_project_everything_belongs_to_it(self, store: Store) -> None:
        documents = sample()
        del documents["project"][1]

        run_import(store, documents)

        assert (None, "CheckT2Echo") in {(task["backend"], task["name"]) for task in contents(store)["task"]}

    def test_invalid_runs_are_omitted(self, store: Store) -> None:
        report = run_import(store)

        assert ("note.yield", "inf is not a finite number") in left_out(report, "execution_history")
        assert ("elapsed_time", "'a while' is not a duration") in left_out(report, "execution_history")
        assert {field for field, _ in left_out(report, "task_result_history")} == {""}
        assert len(contents(store)["task_result_history"]) == 5


class TestNotes:
    def test_older_notes_on_metrics_have_no_time_range(self, imported: Repositories) -> None:
        note = imported.of(MetricNoteRepository).find("lab", "64Q", "qubit", "0", "t1", "global")

        assert note is not None
        assert (note.note.content, note.scope_type, note.scope_source) == (
            "jumps at night",
            "global",
            "legacy_global",
        )

    def test_scopes_are_converted(self, imported: Repositories) -> None:
        cooldown = imported.of(MetricNoteRepository).find(
            "lab", "64Q", "qubit", "0", "t1", "cooldown:2024-001"
        )
        ranged = imported.of(MetricNoteRepository).find(
            "lab",
            "64Q",
            "qubit",
            "1",
            "t1",
            "time_range:2024-06-03T09:00:00.000000Z:2024-06-03T12:00:00.000000Z",
        )

        assert cooldown is not None
        assert ranged is not None
        assert ranged.scope_started_at == NINE

    def test_the_log_of_edits_is_complete_and_in_order(self, imported: Repositories) -> None:
        [first] = imported.of(NoteEventRepository).list_by_target("lab", NoteScope.QUBIT, "0")
        [second] = imported.of(NoteEventRepository).list_by_target("lab", NoteScope.COUPLING_METRIC, "2-3")
        [third] = imported.of(NoteEventRepository).list_by_target("lab", NoteScope.TASK_RESULT, "task-1")

        assert first.seq < second.seq < third.seq
        assert (first.content, first.created_at) == ("used in paper X", NINE)
        assert third.extra == {"qid": "0", "task_name": "CheckT1"}

    def test_cryostats_cooldowns_tags_and_flows_are_imported(self, store: Store) -> None:
        run_import(store)
        held = contents(store)

        assert [cooldown["chip_ids"] for cooldown in held["cooldown"]] == [["64Q"]]
        assert [cryostat["manufacturer"] for cryostat in held["cryostat"]] == ["Fine Fridges"]
        assert [tag["name"] for tag in held["tag"]] == ["daily"]
        assert held["flows"] == held["flow_version"]
        assert held["flows"][0]["deployment_id"] == "d-1"


class TestAgain:
    def test_a_second_import_adds_nothing(self, store: Store) -> None:
        first = run_import(store)
        before = contents(store)

        second = run_import(store)

        assert contents(store) == before
        assert second.left_out == first.left_out
        for name, tally in second.collections.items():
            assert (tally.imported, tally.already_there) == (0, first.collections[name].imported)

    def test_new_documents_are_added(self, store: Store) -> None:
        documents = sample()
        later = documents["task_result_history"].pop(1)
        run_import(store, documents)
        documents["task_result_history"].append(later)

        report = run_import(store, documents)

        assert report.collections["task_result_history"].imported == 1
        latest = Repositories(store).of(LatestResultRepository).find("lab", "64Q", "CheckT1", "0")
        assert latest is not None
        assert latest.task_id == "task-2"

    def test_records_changed_in_the_store_stay_and_are_listed(self, store: Store) -> None:
        run_import(store)
        Repositories(store).of(QubitCalibrationRepository).update_status(
            "lab", "64Q", "0", TargetStatus.FAILED
        )

        report = run_import(store)

        qubit = Repositories(store).of(QubitCalibrationRepository).find("lab", "64Q", "0")
        assert qubit is not None
        assert qubit.status is TargetStatus.FAILED
        assert ("", "the store has another qubit with this key, which is kept") in left_out(report, "qubit")

    def test_an_interrupted_import_can_be_continued(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("qdash_original.original_import.BATCH", 2)

        def cut(stage: str, done: int) -> None:
            if stage == "reading execution_history":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_import(store, progress=cut)
        report = run_import(store)

        reference = MemoryStore.open("memory://")
        ensure_default_project(reference)
        run_import(reference)
        assert report.collections["chip"].already_there == 3
        assert {name: len(held) for name, held in contents(store).items()} == {
            name: len(held) for name, held in contents(reference).items()
        }


class TestChoice:
    def test_a_dry_run_reports_the_same_and_writes_nothing(self, store: Store) -> None:
        before = contents(store)

        dry = run_import(store, dry_run=True)

        assert contents(store) == before
        assert dry == run_import(store)

    def test_only_chosen_projects_are_imported(self, store: Store) -> None:
        run_import(store, projects=["other"])
        held = contents(store)

        assert {project["project_id"] for project in held["project"]} == {"default", "other"}
        assert {user["username"] for user in held["user"]} == {"admin", "bob"}
        assert {chip["chip_id"] for chip in held["chip"]} == {"B"}

    def test_an_unknown_project_is_refused(self, store: Store) -> None:
        with pytest.raises(NotFoundError, match=r"no project 'labor' \(known: lab \(The laboratory\), other"):
            run_import(store, projects=["labor"])

    def test_an_empty_database_is_refused(self, store: Store) -> None:
        with pytest.raises(InvalidInputError, match="no documents of the original system"):
            run_import(store, {})

    def test_a_project_with_a_duplicate_name_is_omitted_with_its_records(self, store: Store) -> None:
        documents = sample()
        documents["project"][0] |= {"name": "default", "owner_username": "admin"}

        report = run_import(store, documents)

        assert {chip["project_id"] for chip in contents(store)["chip"]} == {"other"}
        assert ("", "project_id: there is no project 'lab'") in left_out(report, "chip")

    def test_a_document_without_a_creation_time_is_omitted(self, store: Store) -> None:
        documents = sample()
        documents["tag"] = [
            {"_id": "one", "project_id": "lab", "name": "a"},
            {"_id": "two", "project_id": "lab", "name": "b", "system_info": INFO},
        ]

        report = run_import(store, documents)

        assert left_out(report, "tag") == {("", "system_info: the time of creation is unknown")}
        assert [tag["name"] for tag in contents(store)["tag"]] == ["b"]
