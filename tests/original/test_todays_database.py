"""Import of the collections and fields that the original's later revisions have."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.metrics.selection import Mode, Selection
from qdash_builtin.metrics.service import MetricsService
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.repository import NoteEventRepository
from qdash_builtin.people.logins import LoginService
from qdash_builtin.record_lookup.provenance_edges import list_earlier
from qdash_core.errors import InvalidInputError
from qdash_core.models.access import Access
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.identity import ProjectRepository, UserRepository
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_original.collections import DESTINATIONS
from qdash_original.omission_kinds import generalize_path, group_omissions, write_details
from qdash_original.original_document import Omission
from qdash_original.original_import import PASSES, OriginalImport

from .original_sample import INFO, sample, value

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store
    from qdash_original.original_import import ImportReport

    from .original_sample import Documents

NINE = datetime(2024, 6, 3, 9, tzinfo=UTC)
UNITS = {
    "t1": "us",
    "dispersive_shift": "MHz",
    "rabi_angle": "rad",
    "rabi_phase": "rad",
    "cr_phase": "rad",
    "drag_hpi_beta": "ns",
    "cr_amplitude": "a.u.",
    "zx_rotation_rate": "MHz",
}
CHIP = {"project_id": "lab", "chip_id": "64Q", "system_info": INFO}
COMMON = {
    "project_id": "lab",
    "username": "alice",
    "user_id": "u-alice",
    "chip_id": "64Q",
    "system_info": INFO,
}


def run_import(store: Store, documents: Documents, **given: Any) -> ImportReport:
    for name, several in documents.items():
        for place, document in enumerate(several):
            document.setdefault("_id", f"{name}-{place}")
    return OriginalImport(lambda name: documents.get(name, []), store, **{"units": UNITS, **given}).run()


def reasons(report: ImportReport, collection: str) -> dict[str, str]:
    return {one.field: one.why for one in report.left_out if one.collection == collection}


def result(task_id: str, *, minute: int = 0, **fields: Any) -> dict[str, Any]:
    """Return a completed result of CheckT1 on qubit 0, some minutes after nine."""
    start = NINE + timedelta(minutes=minute)
    return {
        **COMMON, "task_id": task_id, "name": "CheckT1", "execution_id": "20240603-001", "upstream_id": "", "status": "completed",
        "message": "", "task_type": "qubit", "qid": "0", "input_parameters": {}, "output_parameters": {"t1": value(40.0, "μs")},
        "output_parameter_names": ["t1"], "note": {}, "figure_path": [], "start_at": start, "end_at": start + timedelta(seconds=30),
        "elapsed_time": 30.0, "tags": [], "cooldown_id": "", "excluded": False, "excluded_reason": "", "excluded_by": None,
    } | fields  # fmt: skip


def find(store: Store, task_id: str) -> TaskResultModel:
    found = Repositories(store).of(TaskResultHistoryRepository).find("lab", task_id)
    assert found is not None
    return found


class TestResults:
    def test_an_excluded_result_is_withdrawn_and_its_value_replaced(self, store: Store) -> None:
        documents = sample()
        documents["task_result_history"] = [
            result("old", output_parameters={"t1": value(41.5, "μs", error=1.0, task_id="old")}),
            result(
                "out",
                minute=5,
                output_parameters={"t1": value(12.5, "μs", error=6.0, task_id="out")},
                excluded=True,
                excluded_reason="door open",
                excluded_by="bob",
                excluded_at=NINE,
            ),
        ]
        documents["qubit"][0]["data"] = {"t1": value(12.5, "μs", task_id="out")}

        report = run_import(store, documents)

        out, qubit = (
            find(store, "out"),
            Repositories(store).of(QubitCalibrationRepository).find("lab", "64Q", "0"),
        )
        assert not out.accepted
        assert (out.decisions["t1"].username, out.decisions["t1"].reason) == ("bob", "door open")
        assert qubit is not None
        assert (qubit.data["t1"].value, qubit.data["t1"].task_id) == (41.5, "old")
        assert (
            reasons(report, "qubit")["data.t1"] == "bob excluded its result: the newest accepted one is used"
        )

    def test_a_value_whose_only_result_is_excluded_is_left_out(self, store: Store) -> None:
        documents = sample()
        documents["task_result_history"] = [result("out", excluded=True)]
        documents["qubit"][0]["data"] = {"t1": value(40.0, "μs", task_id="out")}

        report = run_import(store, documents)

        qubit = Repositories(store).of(QubitCalibrationRepository).find("lab", "64Q", "0")
        assert qubit is not None
        assert qubit.data == {}
        assert "there is no other accepted one" in reasons(report, "qubit")["data.t1"]
        assert find(store, "out").decisions["t1"].username == "alice"

    def test_a_value_is_marked_if_a_later_measurement_was_excluded_but_not_if_an_earlier_one(
        self, store: Store
    ) -> None:
        documents = sample()
        excluded: dict[str, Any] = {"excluded": True, "excluded_by": "bob", "excluded_reason": "door open"}
        documents["task_result_history"] = [
            result("early", **excluded),
            result("good", minute=5),
            result("late", minute=10, **excluded),
            result("other", minute=15, qid="1", **excluded),
            result("again", minute=20, qid="1"),
        ]

        run_import(store, documents)

        failures = [
            Repositories(store).of(QubitCalibrationRepository).require("lab", "64Q", qid).failures
            for qid in ("0", "1")
        ]
        assert [
            {name: (one.task_id, one.text) for name, one in of_qubit.items()} for of_qubit in failures
        ] == [{"t1": ("late", "CheckT1 was rejected by bob: door open")}, {}]

    def test_a_withdrawn_value_of_a_coupling_is_not_replaced_by_one_of_the_other_direction(
        self, store: Store
    ) -> None:
        documents = sample()
        fidelity = {"output_parameter_names": ["bell_state_fidelity"], "task_type": "coupling"}
        documents["task_result_history"] = [
            result("same", qid="1-0", output_parameters={"bell_state_fidelity": value(0.8, "")}, **fidelity),
            result("turned", minute=5, qid="0-1", output_parameters={"bell_state_fidelity": value(0.9, "")}, **fidelity),
            result("out", minute=9, qid="1-0", output_parameters={"bell_state_fidelity": value(0.1, "")}, excluded=True, **fidelity),
        ]  # fmt: skip
        documents["coupling"][0]["data"] = {"bell_state_fidelity": value(0.1, "", task_id="out")}

        run_import(store, documents)

        coupling = Repositories(store).of(CouplingCalibrationRepository).require("lab", "64Q", "0-1")
        assert coupling.control == "1"
        assert coupling.data["bell_state_fidelity"].value == 0.8
        assert coupling.failures["bell_state_fidelity"].task_id == "out"

    def test_results_before_the_installation_count_in_averages(self, store: Store) -> None:
        documents = sample()
        documents["task_result_history"] = [
            result("a", output_parameters={"t1": value(30.0, "μs")}),
            result("b", minute=5, output_parameters={"t1": value(50.0, "μs")}),
        ]
        documents["chip"][0] |= {"installed_at": "2024-06-03T09:03:00Z", "current_cooldown_id": None}

        report = run_import(store, documents)

        assert Repositories(store).of(ChipRepository).require("lab", "64Q").installed_at == NINE
        assert "averages would be without the results before" in reasons(report, "chip")["installed_at"]
        admin = Access("admin", "lab", ProjectRole.OWNER)
        averages = MetricsService(store).select(admin, "64Q", Selection(mode=Mode.AVERAGE))
        assert averages.values.qubits["0"]["t1"].parameter.value == 40.0

    def test_quality_trace_and_source_have_a_place(self, store: Store) -> None:
        documents = sample()
        documents["task_result_history"] = [
            result(
                "again",
                status="failed",
                stack_trace="Traceback",
                source_task_id="first",
                quality_metrics={"r2": 0.5},
            )
        ]

        run_import(store, documents)

        again = find(store, "again")
        assert (again.quality, again.rerun_of) == ({"r2": 0.5}, "first")
        assert again.note == {"original_stack_trace": "Traceback"}
        assert again.cooldown_id is None

    def test_a_result_of_a_coupling_keeps_its_direction_and_the_roles_of_its_inputs(
        self, store: Store
    ) -> None:
        documents = sample()
        role = {"parameter_name": "qubit_frequency", "qid_role": "target"}
        documents["task_result_history"] = [
            result(
                "pair",
                qid="1-0",
                task_type="coupling",
                input_parameters={"target_qubit_frequency": value(5.0, "GHz", **role)},
                output_parameters={"bell_state_fidelity": value(0.9, "", qid_role="coupling")},
            )
        ]

        report = run_import(store, documents)

        pair = find(store, "pair")
        used = pair.input_parameters["target_qubit_frequency"]
        assert (pair.qid, pair.control, pair.note) == ("0-1", "1", {"original_qid": "1-0"})
        assert (used.target, used.parameter) == ("0", "qubit_frequency")
        assert reasons(report, "task_result_history") == {}


class TestUnits:
    @pytest.mark.parametrize(
        ("name", "written", "unit", "expected"),
        [
            ("rabi_angle", 1.2, "degree", 1.2),  # qubex computes it in rad, up to 3/2 pi
            ("rabi_angle", 90.0, "degree", math.pi / 2),
            ("rabi_phase", 0.3, "a.u.", 0.3),
            ("cr_phase", -1.0, "a.u.", -1.0),
            ("drag_hpi_beta", 0.2, "", 0.2),
            ("dispersive_shift", -0.6, "MHz", -1.2),  # qubex has half of the distance
        ],
    )
    def test_values_have_the_units_that_their_tasks_computed(
        self, store: Store, name: str, written: float, unit: str, expected: float
    ) -> None:
        documents = sample()
        documents["task_result_history"] = [
            result("one", output_parameters={name: value(written, unit, error=0.1)})
        ]

        run_import(store, documents)

        found = find(store, "one").output_parameters[name]
        assert found.unit == UNITS[name]
        assert found.value == pytest.approx(expected)
        assert found.error == pytest.approx(0.1 * expected / written)

    def test_a_rotation_rate_is_that_at_the_amplitude_of_its_result(self, store: Store) -> None:
        documents = sample()
        tone = {"zx_rotation_rate": value(0.003, "a.u.", error=0.001), "cr_amplitude": value(0.4, "a.u.")}
        documents["task_result_history"] = [result("tone", output_parameters=tone)]

        run_import(store, documents)

        rate = find(store, "tone").output_parameters["zx_rotation_rate"]
        assert rate.unit == "MHz"
        assert [rate.value, rate.error] == pytest.approx([1.2, 0.4])

    @pytest.mark.parametrize("amplitude", [{}, {"cr_amplitude": value(0.4, "a.u.", task_id="other")}])
    def test_a_rotation_rate_without_its_amplitude_is_left_out_with_the_reason(
        self, store: Store, amplitude: dict[str, Any]
    ) -> None:
        documents = sample()
        tone = {"zx_rotation_rate": value(0.003, "a.u.")} | amplitude
        documents["task_result_history"] = [result("tone", output_parameters=tone)]

        report = run_import(store, documents)

        why = reasons(report, "task_result_history")["output_parameters.zx_rotation_rate"]
        assert why.startswith("zx_rotation_rate is GHz at an amplitude of 1")


def lineage(documents: Documents) -> Documents:
    """Add results with a lineage that their inputs do not have."""
    version = {**CHIP, "qid": "0", "value_type": "float", "error": 1.0, "version": 1, "valid_until": None}
    documents["task_result_history"] = [result("a"), result("b", minute=5)]
    documents["parameter_versions"] = [
        {**version, "entity_id": "t1:0:e:a", "parameter_name": "t1", "value": 40.0, "unit": "μs", "valid_from": NINE,
         "execution_id": "e", "task_id": "a", "task_name": "CheckT1"},
        {**version, "entity_id": "t1:0:e:gone", "parameter_name": "t1", "value": 33.0, "unit": "μs", "valid_from": NINE,
         "execution_id": "e", "task_id": "gone", "task_name": "CheckT1"},
    ]  # fmt: skip
    activity = {
        "project_id": "lab",
        "execution_id": "e",
        "task_name": "CheckT1",
        "qid": "0",
        "created_at": NINE,
    }
    documents["provenance_activities"] = [
        {**activity, "activity_id": "e:a", "task_id": "a"},
        {**activity, "activity_id": "e:gone", "task_id": "gone", "started_at": NINE + timedelta(hours=1)},
        {**activity, "activity_id": "e:lost", "task_id": "lost"},
    ]
    relation = {"project_id": "lab", "execution_id": "e", "created_at": NINE}
    documents["provenance_relations"] = [
        {**relation, "relation_id": str(place), "relation_type": kind, "source_type": source[0], "source_id": source[1],
         "target_type": to[0], "target_id": to[1]}
        for place, (kind, source, to) in enumerate([
            ("used", ("activity", "e:b"), ("entity", "t1:0:e:a")),
            ("wasGeneratedBy", ("entity", "t1:0:e:b"), ("activity", "e:b")),
            ("wasDerivedFrom", ("entity", "t1:0:e:b"), ("entity", "t1:0:e:gone")),
            ("used", ("activity", "e:b"), ("entity", "t1:0:e:nowhere")),
            ("wasAttributedTo", ("entity", "t1:0:e:b"), ("entity", "alice")),
        ])
    ]  # fmt: skip
    return documents


class TestLineage:
    def test_relations_become_edges_from_result_to_result(self, store: Store) -> None:
        report = run_import(store, lineage(sample()))

        edges = list_earlier(Repositories(store).of(ProvenanceRepository), "lab", ["result:b"])
        assert {(edge.object, edge.relation, edge.object_qid) for edge in edges} == {
            ("result:a", "used", "0"),
            ("result:gone", "used", "0"),
        }
        left = [one.why for one in report.left_out if one.collection == "provenance_relations"]
        assert len(left) == 2
        assert "there is no result 'nowhere'" in left[0]
        assert "'wasAttributedTo' has no counterpart" in left[1]

    def test_a_version_without_its_result_becomes_one(self, store: Store) -> None:
        report = run_import(store, lineage(sample()))

        gone = find(store, "gone")
        assert (gone.output_parameters["t1"].value, gone.start_at) == (33.0, NINE + timedelta(hours=1))
        assert gone.accepted
        assert "parameter_versions" in gone.message
        assert reasons(report, "provenance_activities") == {"": "task_id: there is no result 'lost'"}
        assert reasons(report, "parameter_versions") == {}

    @pytest.mark.parametrize("with_activity", [True, False])
    def test_versions_without_the_result_of_a_coupling_become_one_with_its_direction(
        self, store: Store, with_activity: bool
    ) -> None:
        documents = sample()
        common = {**CHIP, "execution_id": "e", "task_id": "gone", "task_name": "CheckCrossResonance"}
        version = {
            **common,
            "value_type": "float",
            "error": 0,
            "version": 1,
            "unit": "a.u.",
            "value": 0.5,
            "valid_from": NINE,
        }
        documents["parameter_versions"] = [
            {**version, "entity_id": f"{name}:{qid}:e:gone", "parameter_name": name, "qid": qid}
            for name, qid in (("cr_amplitude", "1"), ("cancel_amplitude", "0"), ("depolarizing_rate", "1-0"))
        ]  # fmt: skip
        documents["provenance_activities"] = [
            {**common, "activity_id": "e:gone", "qid": "1-0"}
        ] * with_activity

        report = run_import(store, documents)

        gone = find(store, "gone")
        assert (gone.qid, gone.control, gone.task_type) == ("0-1", "1", "coupling")
        assert gone.output_parameters.keys() == {"cr_amplitude", "cancel_amplitude", "depolarizing_rate"}
        assert reasons(report, "parameter_versions") == {}


class TestNotes:
    def test_notes_for_cool_downs_follow_the_note_with_their_comments(self, store: Store) -> None:
        documents = sample()
        note = {"content": "TLS nearby", "updated_by": "alice", "updated_at": NINE}
        comment = {"comment_id": "c", "content": "seen again", "created_by": "bob", "created_at": NINE}
        scope = {
            **CHIP,
            "scope_type": "cooldown",
            "scope_key": "cooldown:2024-001",
            "cooldown_id": "2024-001",
        }
        documents["target_note"] = [
            {**scope, "target_type": "qubit", "target_id": "0", "note": note, "comments": [comment, {"content": "?"}]},
            {**scope, "target_type": "coupling", "target_id": "1-0", "note": note, "scope_type": "time_range",
             "scope_started_at": NINE, "scope_ended_at": NINE + timedelta(days=1)},
            {**scope, "target_type": "qubit", "target_id": "99", "note": note},
        ]  # fmt: skip
        cleared = {**scope, "note": {"content": "", "updated_by": "bob", "updated_at": NINE}}
        documents["chip_note"] = [
            {**scope, "note": note, "scope_type": "global", "scope_key": "global"},
            cleared,
        ]

        report = run_import(store, documents)

        repositories = Repositories(store)
        qubit = repositories.of(QubitCalibrationRepository).require("lab", "64Q", "0")
        assert qubit.note.content == (
            "used in paper X\n\nCool-down 2024-001:\nTLS nearby\nbob, 2024-06-03 09:00 UTC: seen again"
        )
        coupling = repositories.of(CouplingCalibrationRepository).require("lab", "64Q", "0-1")
        assert coupling.note.content == "2024-06-03 09:00 UTC to 2024-06-04 09:00 UTC:\nTLS nearby"
        assert repositories.of(ChipRepository).require("lab", "64Q").note.content == "serial 7\n\nTLS nearby"
        told = repositories.of(NoteEventRepository).list_by_target("lab", NoteScope.QUBIT, "0")
        assert [one.content for one in told if one.actor == "bob"] == ["seen again"]
        assert reasons(report, "target_note") == {
            "comments.1": "created_at: it is missing",
            "": "there is no qubit '99' of chip '64Q'",
        }

    def test_the_wiring_of_a_cool_down_is_in_its_note_and_the_changes_in_the_log(self, store: Store) -> None:
        documents = sample()
        documents["cooldown"][0] |= {
            "wiring_info": "- 20 dB\n![photo](data:image/png;base64,AAAA)",
            "wiring_blocks": [{"type": "image"}],
        }
        documents["cooldown_wiring_event"] = [
            {"project_id": "lab", "cooldown_id": "2024-001", "actor": "alice", "actor_user_id": "u-alice",
             "action": "checkpoint", "comment": "swapped MUX 2", "wiring_info_snapshot": "- 10 dB", "block_count": 1,
             "image_count": 0, "extra": {}, "created_at": NINE},
        ]  # fmt: skip

        report = run_import(store, documents)

        [cooldown] = Repositories(store).of(CooldownRepository).list_by_project("lab")
        assert cooldown.note.content == "warm\n\nWiring:\n- 20 dB\n[picture photo]"
        [event] = (
            Repositories(store).of(NoteEventRepository).list_by_target("lab", NoteScope.COOLDOWN, "2024-001")
        )
        assert (event.content, event.actor, event.created_at) == ("swapped MUX 2\n\n- 10 dB", "alice", NINE)
        assert event.extra == {"wiring": "checkpoint", "block_count": "1"}
        assert "format of an editor" in reasons(report, "cooldown")["wiring_blocks"]


class TestPeople:
    def test_a_display_name_is_the_full_name_and_other_fields_have_a_reason(self, store: Store) -> None:
        documents = sample()
        documents["user"][1] |= {
            "display_name": "Alice L.", "organization": "Lab", "avatar_key": None, "must_change_password": True,
            "system_role": "user",
        }  # fmt: skip

        report = run_import(store, documents)

        alice = Repositories(store).of(UserRepository).find("alice")
        assert alice is not None
        assert alice.full_name == "Alice L."
        assert reasons(report, "user") == {
            "organization": "users of QDash have no organization",
            "": "username: it is missing",
        }

    def test_every_user_can_get_a_link_to_set_a_password(self, store: Store) -> None:
        run_import(store, sample())
        logins = LoginService(store)

        first = logins.make_first_link()
        assert first is not None
        logins.set_up(first.code, "a password of admin")
        link = logins.make_link("alice", by="admin")

        assert logins.set_up(link.code, "a password of alice").token.username == "alice"

    def test_a_project_can_be_named(self, store: Store) -> None:
        run_import(store, sample(), projects=["The laboratory"])

        assert Repositories(store).of(ProjectRepository).find("lab") is not None
        assert Repositories(store).of(ProjectRepository).find("other") is None

    def test_a_name_of_several_projects_is_refused(self, store: Store) -> None:
        documents = sample()
        documents["project"][1]["name"] = "The laboratory"

        with pytest.raises(
            InvalidInputError, match=r"several projects named 'The laboratory': .* lab or other"
        ):
            run_import(store, documents, projects=["The laboratory"])


class TestReport:
    def test_each_of_the_39_collections_has_a_destination(self) -> None:
        assert len(DESTINATIONS) == 39
        assert {one.collection for one in PASSES} == {
            name for name, one in DESTINATIONS.items() if one.is_read
        }

    def test_collections_that_are_not_read_are_listed_with_the_reason(self, store: Store) -> None:
        sizes = {"user": 4, "forum_counter": 1, "agent_sessions": 2, "notification": 1, "zoo": 5}
        report = run_import(store, sample(), sizes=sizes)

        told = {
            name: (one.outcome, one.left_out) for name, one in report.collections.items() if name in sizes
        }
        assert told == {
            "user": ("imported", 1),
            "forum_counter": ("left out", 1),
            "agent_sessions": ("left out", 2),
            "notification": ("left out", 1),
            "zoo": ("left out", 5),
        }
        assert "original's own assistant" in report.collections["agent_sessions"].where
        assert report.collections["zoo"].where == "the original has no such collection"

    def test_only_documents_of_selected_projects_count(self, store: Store) -> None:
        documents = sample() | {"notification": [{"project_id": "lab"}, {"project_id": "other"}, {}]}

        report = run_import(store, documents, sizes={"notification": 3}, projects=["lab"])

        assert report.collections["notification"].left_out == 2

    def test_defaults_and_ids_are_not_listed(self, store: Store) -> None:
        documents = sample()
        review = {"status": "", "requested_at": None, "trigger_type": "manual_chip_bulk", "error": ""}
        empty = {"content": "", "updated_by": "", "updated_at": None}
        documents["task_result_history"] = [
            result(
                "one",
                ai_review=review,
                ai_review_note=empty,
                excluded_by_user_id="u-alice",
                quality_metrics={},
            )
        ]
        documents["chip"][0] |= {"activity_status": "active", "user_id": "u-alice"}

        report = run_import(store, documents)

        assert reasons(report, "task_result_history") == {}
        assert "activity_status" not in reasons(report, "chip")

    def test_omissions_that_differ_in_names_and_numbers_are_one_kind(self) -> None:
        omissions = [
            Omission("qubit", f"q{number}", f"data.p{number}", f"'x{number}' is not a number")
            for number in range(300)
        ]
        omissions.append(Omission("qubit", "q1", "", "qid: it is missing"))

        kinds = group_omissions(omissions)

        assert [(one.field, one.count, one.example.id) for one in kinds] == [
            ("data.*", 300, "q0"),
            ("", 1, "q1"),
        ]

    @pytest.mark.parametrize(
        ("path", "general"),
        [
            ("data.t1.error", "data.*.error"),
            ("qubits.Q01.data.t1", "qubits.*.data.*"),
            ("fridge", "fridge"),
            ("", ""),
        ],
    )
    def test_names_in_paths_are_left_open(self, path: str, general: str) -> None:
        assert generalize_path(path) == general

    def test_all_omissions_are_written_to_a_file(self, tmp_path: Path) -> None:
        write_details([Omission("qubit", "q1", "data.t1", "'a, b' is not a number")], tmp_path / "all.csv")

        assert (tmp_path / "all.csv").read_text().splitlines() == [
            "collection,id,field,reason",
            "qubit,q1,data.t1,\"'a, b' is not a number\"",
        ]
        with pytest.raises(InvalidInputError, match="cannot be written"):
            write_details([], tmp_path / "none" / "all.csv")

    def test_a_second_import_of_everything_adds_nothing(self, store: Store) -> None:
        documents = lineage(sample())
        first = run_import(store, documents)

        second = run_import(store, documents)

        assert {tally.imported for tally in second.collections.values()} == {0}
        assert second.left_out == first.left_out
