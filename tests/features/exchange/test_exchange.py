"""Files imported into the record: compared first, with an author, accepted at once, all or nothing; and
exported.
"""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.exchange.feature import EXCHANGE
from qdash_builtin.exchange.formats.comparison import ComparisonState
from qdash_builtin.exchange.import_filter import ImportFilter
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import Period
from qdash_builtin.values.feature import VALUES
from qdash_core import AccessDeniedError, InvalidInputError, NotFoundError, Parameter
from qdash_core.errors import ConflictError, PluginError, StaleError
from qdash_core.hooks.formats import Format
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.project import ProjectRole
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, Bench, make_task
from .lives import WIRING, Lives

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = "2026-04-01T07:25:00+00:00"
MEASURE = make_task(gives={"t1": Parameter(10.0, 0.5, "us"), "qubit_frequency": Parameter(5.0, 1e-5, "GHz")})
ALICE = access_of("alice", role=ProjectRole.EDITOR)


def make_later_time() -> str:
    """Return a time after all runs of a test, within the tolerance of the laboratory's clocks."""
    return (utc_now() + timedelta(minutes=4)).isoformat()


class SloppyFormat(Lives):
    """Format that names a file outside of its folder."""

    name = "sloppy"
    reads = Format.reads
    read = Format.read

    def write(self, chip: Any, folder: Path) -> list[Path]:
        return [folder.parent]


@pytest.fixture
def bench(store_url: str, tmp_path: Path, no_settings: None) -> Iterator[Bench]:
    found = Bench.open(tmp_path, store_url, MEASURE, formats=[Lives(), SloppyFormat()])
    yield found
    found.qdash.close()


@pytest.fixture
def alone(tmp_path: Path, no_settings: None) -> Iterator[Bench]:
    """A bench for tests that write nothing, on one store."""
    found = Bench.open(tmp_path, f"memory://{tmp_path}", MEASURE, formats=[Lives(), SloppyFormat()])
    yield found
    found.qdash.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "april.lives"


def make_file(file: Path, **targets: Any) -> Path:
    file.write_text(json.dumps(targets))
    return file


def make_import_file(bench: Bench, path: Path, **wanted: Any) -> Any:
    exchange = bench.qdash.get(EXCHANGE)
    return exchange.perform_import(ALICE, exchange.compare(ALICE, path, **{"chip_id": CHIP, **wanted}))


def get_values(bench: Bench, qid: str = "0") -> dict[str, float]:
    found = bench.repositories.of(QubitCalibrationRepository).find(PROJECT, CHIP, qid)
    assert found is not None
    return {name: one.value for name, one in found.data.items()}


def count_records(bench: Bench) -> list[int]:
    with bench.qdash.store.read() as snapshot:
        collections = ("execution_history", "task_result_history", "event", "qubit_history", "chip")
        return [len(snapshot.find(name, {})) for name in collections]


def test_to_compare_writes_nothing(alone: Bench, file: Path) -> None:
    before = count_records(alone)
    found = alone.qdash.get(EXCHANGE).compare(
        ALICE, make_file(file, **{"0": {"t1": [81.5, 1.3, "us", AT]}}), chip_id=CHIP
    )
    assert [one.standing for one in found.comparison.numbers] == [ComparisonState.NEW]
    assert count_records(alone) == before


@pytest.mark.every_store
def test_a_time_in_the_future_is_refused_beyond_the_difference_of_clocks(bench: Bench, file: Path) -> None:
    for ahead, is_possible in ((timedelta(minutes=4), True), (timedelta(minutes=6), False)):
        at = (utc_now() + ahead).isoformat()
        known = make_file(file, **{"0": {"t1": [81.5, 1.3, "us", at]}})
        if is_possible:
            make_import_file(bench, known)
        else:
            with pytest.raises(InvalidInputError, match=r"0\.t1: 0: t1 was measured at .*, in the future"):
                make_import_file(bench, known)
    bench.run()
    assert bench.get_value("t1") == 10.0


@pytest.mark.every_store
def test_what_is_brought_has_an_author_a_reason_and_a_place_and_is_accepted(bench: Bench, file: Path) -> None:
    seeds = {"0": {"t1": [81.5, 1.3, "us", AT], "qubit_frequency": [5.1, None, "GHz", None]}}
    arrived = make_import_file(bench, make_file(file, **seeds))
    known = arrived.chip.qubits["0"].data
    assert (known["t1"].value, known["t1"].error, known["t1"].unit) == (81.5, 1.3, "us")
    assert known["t1"].calibrated_at == datetime(2026, 4, 1, 7, 25, tzinfo=UTC)
    assert (known["qubit_frequency"].error, known["qubit_frequency"].calibrated_at) == (None, None)

    execution = bench.repositories.of(ExecutionRepository).find(PROJECT, arrived.execution_id)
    assert execution is not None
    assert (execution.name, execution.username, execution.status) == (
        "import",
        "alice",
        ExecutionStatus.COMPLETED,
    )
    assert execution.message == f"brought from {file} (lives)"
    assert execution.tasks == {"completed": 1}

    (result,) = bench.repositories.of(TaskResultHistoryRepository).list_by_execution(
        PROJECT, arrived.execution_id
    )
    assert (result.username, result.status, result.verdict) == (
        "alice",
        TaskStatus.COMPLETED,
        Verdict.ACCEPTED,
    )
    assert result.message == f"brought from {file} (lives) by alice"
    assert result.note["places"]["t1"] == "april.lives, 0.t1"
    assert known["t1"].task_id == result.task_id
    assert [
        day.data["t1"].value
        for day in bench.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "0")
    ] == [81.5]


@pytest.mark.every_store
def test_what_is_brought_is_in_the_history_of_its_value(bench: Bench, file: Path) -> None:
    bench.run()
    make_import_file(
        bench,
        make_file(file, **{"0": {"t1": [81.5, 1.3, "us", AT]}}),
        choice=ImportFilter.parse([], older=True),
    )
    page = bench.qdash.get(METRICS).get_history_page(
        ADMIN, CHIP, "0", "t1", period=Period(), request=_make_first()
    )
    assert [point.parameter["value"] for point in page.items] == [81.5, 10.0]


def test_only_what_is_new_or_differs_is_recorded(bench: Bench, file: Path) -> None:
    bench.run()
    before = bench.get_qubit()
    seeds = {"0": {"t1": [10.0, None, "us", None], "qubit_frequency": [5.1, None, "GHz", None]}}
    arrived = make_import_file(bench, make_file(file, **seeds, **{"9": {"t1": [1.0, None, "us", None]}}))
    (result,) = bench.repositories.of(TaskResultHistoryRepository).list_by_execution(
        PROJECT, arrived.execution_id
    )
    assert [*result.output_parameters] == ["qubit_frequency"]
    assert arrived.chip.qubits["0"].data["t1"].error == 0.5
    after = arrived.chip.qubits["0"]
    assert (after.status, after.status_at) == (before.status, before.status_at), "nothing was calibrated"


def test_a_value_of_a_coupling_keeps_its_direction(bench: Bench, file: Path) -> None:
    arrived = make_import_file(
        bench, make_file(file, **{"2-3": {"static_zz_interaction": [0.05, None, "MHz", None]}})
    )
    (result,) = bench.repositories.of(TaskResultHistoryRepository).list_by_execution(
        PROJECT, arrived.execution_id
    )
    assert (result.task_type, result.control) == ("coupling", "3")
    assert arrived.chip.couplings["2-3"].data["static_zz_interaction"].value == 0.05


def test_a_file_without_changes_brings_nothing(bench: Bench, file: Path) -> None:
    before = count_records(bench)
    assert make_import_file(bench, make_file(file, note="none")).execution_id is None
    assert count_records(bench) == before


@pytest.mark.parametrize(
    ("targets", "error", "said"),
    [
        (
            {"0": {"t1": [81.5, None, "MHz", None]}},
            InvalidInputError,
            "april.lives, 0.t1: 0: t1 is in µs, not in MHz",
        ),
        ({"wrong": "no table"}, InvalidInputError, "april.lives: no table"),
        ({"fault": "half of it"}, PluginError, "format lives cannot read .*ZeroDivisionError: half of it"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    bench: Bench, file: Path, targets: Any, error: type[Exception], said: str
) -> None:
    before = count_records(bench)
    with pytest.raises(error, match=said):
        make_import_file(bench, make_file(file, **{"1": {"t1": [70.0, None, "us", None]}}, **targets))
    assert count_records(bench) == before


def test_what_was_changed_since_is_compared_once_more(bench: Bench, file: Path) -> None:
    exchange = bench.qdash.get(EXCHANGE)
    seen = exchange.compare(ALICE, make_file(file, **{"0": {"t1": [81.5, None, "us", None]}}), chip_id=CHIP)
    bench.run()
    before = count_records(bench)
    with pytest.raises(StaleError, match="was changed since it was compared"):
        exchange.perform_import(ALICE, seen)
    assert count_records(bench) == before
    assert get_values(bench)["t1"] == 10.0


def test_a_failure_within_leaves_nothing_behind(
    bench: Bench, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("no more room")

    monkeypatch.setattr("qdash_builtin.exchange.import_record.end_execution", fails)
    before = count_records(bench)
    with pytest.raises(RuntimeError):
        make_import_file(
            bench,
            make_file(file, pair="new", **{"0": {"t1": [81.5, None, "us", None]}}),
            chip_id="new",
            backend="bench",
        )
    assert count_records(bench) == before


def test_a_file_that_describes_a_chip_makes_it_with_design_wiring_and_values(
    bench: Bench, file: Path
) -> None:
    make_file(file, pair="new", **{"0": {"t1": [81.5, None, "us", None]}})
    with pytest.raises(InvalidInputError, match="name it with --backend"):
        make_import_file(bench, file, chip_id=None)
    made = make_import_file(bench, file, chip_id=None, backend="bench").chip
    assert (made.header.chip_id, made.header.backend, made.header.wiring) == ("new", "bench", WIRING)
    assert made.qubits["0"].design == {"qubit_frequency": 5.0}
    assert made.qubits["0"].data["t1"].value == 81.5
    with pytest.raises(ConflictError, match="`--chip new` imports the differences"):
        make_import_file(bench, file, chip_id=None, backend="bench")
    with pytest.raises(ConflictError):
        make_import_file(bench, file, chip_id=None, new_id=CHIP, backend="bench")


def test_design_and_wiring_of_a_chip_that_is_there_are_changed(bench: Bench, file: Path) -> None:
    make_import_file(
        bench, make_file(file, pair="new"), chip_id="new", backend="bench", choice=ImportFilter.parse(["0"])
    )
    bench.qdash.get(CHIPS).set_design(ADMIN, "new", {"0": {"qubit_frequency": 4.0, "pi_length": 40.0}})
    arrived = make_import_file(bench, file, chip_id="new")
    assert arrived.chip.header.wiring == WIRING
    assert arrived.chip.qubits["0"].design == {"qubit_frequency": 5.0, "pi_length": 40.0}
    assert not bench.qdash.get(EXCHANGE).compare(ALICE, file, chip_id="new").comparison.changes_something


@pytest.mark.parametrize(
    ("only", "left"),
    [
        (["t1"], {("0", "t1"), ("1", "t1")}),
        (["Q01"], {("1", "t1")}),
        (["0..1,t1"], {("0", "t1"), ("1", "t1")}),
        (["0,t1"], {("0", "t1")}),
        (["design"], set()),
    ],
)
def test_only_what_is_wanted_is_brought(alone: Bench, file: Path, only: list[str], left: set[Any]) -> None:
    t1 = [81.5, None, "us", None]
    make_file(file, **{"0": {"t1": t1, "qubit_frequency": [5.1, None, "GHz", None]}, "1": {"t1": t1}})
    found = alone.qdash.get(EXCHANGE).compare(ALICE, file, chip_id=CHIP, choice=ImportFilter.parse(only))
    assert {(one.target, one.parameter) for one in found.comparison.numbers} == left


def test_what_was_exported_comes_back_with_its_origins_and_is_compared_with_itself(
    bench: Bench, tmp_path: Path
) -> None:
    bench.run()
    (contents,) = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "json").files.values()
    exported = tmp_path / "chip.json"
    exported.write_bytes(contents)
    again = make_import_file(bench, exported, chip_id=None, new_id="again")
    assert again.execution_id is None
    assert again.chip.qubits["0"].data == bench.qdash.get(CHIPS).show(ADMIN, CHIP).qubits["0"].data
    found = bench.qdash.get(EXCHANGE).compare(ALICE, exported, chip_id=CHIP)
    assert {one.standing for one in found.comparison.numbers} == {ComparisonState.SAME}


def test_who_may_only_look_compares_and_exports(alone: Bench, file: Path) -> None:
    viewer = access_of("vera", role=ProjectRole.VIEWER)
    seen = alone.qdash.get(EXCHANGE).compare(
        viewer, make_file(file, **{"0": {"t1": [1.0, None, "us", None]}}), chip_id=CHIP
    )
    with pytest.raises(AccessDeniedError):
        alone.qdash.get(EXCHANGE).perform_import(viewer, seen)
    assert alone.qdash.get(EXCHANGE).export(viewer, CHIP, "csv").one_file


def test_which_format_reads_a_file_is_seen_or_said(alone: Bench, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "april.txt"
    other.write_text(make_file(file, note="x").read_text())
    compare = alone.qdash.get(EXCHANGE).compare
    with pytest.raises(
        InvalidInputError,
        match=r"looks like no known format: .* \(csv, device-topology, .*lives, .*yaml, zip\)",
    ):
        compare(ALICE, other, chip_id=CHIP)
    assert compare(ALICE, other, chip_id=CHIP, format_name="lives").source.format == "lives"
    with pytest.raises(InvalidInputError, match="format topology cannot be imported: QDash only writes it"):
        compare(ALICE, file, chip_id=CHIP, format_name="topology")
    with pytest.raises(InvalidInputError, match="there is no format 'livse'; did you mean 'lives'"):
        compare(ALICE, file, chip_id=CHIP, format_name="livse")
    with pytest.raises(NotFoundError, match="there is no file or folder"):
        compare(ALICE, tmp_path / "may.lives", chip_id=CHIP)
    with pytest.raises(NotFoundError, match="there is no chip 'chipp'"):
        compare(ALICE, file, chip_id="chipp")
    with pytest.raises(
        InvalidInputError, match="describes no chip: name the chip of these values with --chip"
    ):
        compare(ALICE, file)


def test_a_chip_is_written_as_the_files_of_a_format(alone: Bench) -> None:
    alone.run()
    exported = alone.qdash.get(EXCHANGE).export(ADMIN, CHIP, "lives")
    assert [*exported.files] == ["qubits/0.lives"]
    assert json.loads(exported.files["qubits/0.lives"])["0"]["t1"] == [10.0, 0.5]
    assert not exported.one_file
    with pytest.raises(PluginError, match="not in the folder that it was given"):
        alone.qdash.get(EXCHANGE).export(ADMIN, CHIP, "sloppy")


def _make_first() -> Any:
    from qdash_core.models.pages import PageRequest

    return PageRequest(10)


def test_a_wiring_that_does_not_fit_is_refused_and_can_be_left_out(alone: Bench, file: Path) -> None:
    compare = alone.qdash.get(EXCHANGE).compare
    with pytest.raises(
        InvalidInputError, match=f"does not fit chip {CHIP}: .*; leave it out with --only values,design"
    ):
        compare(ALICE, make_file(file, pair="pair"), chip_id=CHIP)
    found = compare(ALICE, file, chip_id=CHIP, choice=ImportFilter.parse(["values,design"]))
    assert (found.comparison.wiring, found.comparison.layout) == (
        None,
        "only the chip has qubits 2, 3, 4; only the chip has couplings 1-2, 2-3, 3-4",
    )


def test_a_file_that_was_sent_is_compared_under_its_own_name(alone: Bench) -> None:
    contents = json.dumps({"0": {"t1": [81.5, None, "us", None]}}).encode()
    compare = alone.qdash.get(EXCHANGE).compare_contents
    found = compare(ALICE, "april.lives", contents, chip_id=CHIP)
    assert (found.source.path, found.comparison.numbers[0].place) == ("april.lives", "april.lives, 0.t1")
    with pytest.raises(InvalidInputError, match=r"^april.txt looks like no known format"):
        compare(ALICE, "april.txt", contents, chip_id=CHIP)
    with pytest.raises(InvalidInputError, match="is no name of a file"):
        compare(ALICE, "../april.lives", contents, chip_id=CHIP)
    with pytest.raises(NotFoundError):
        compare(ALICE, "april.lives", contents, chip_id="nothing")


def test_what_is_older_than_the_chips_is_left_unless_it_is_wanted(bench: Bench, file: Path) -> None:
    bench.run()
    seeds = {"0": {"t1": [81.5, 1.3, "us", AT], "qubit_frequency": [5.1, None, "GHz", None]}}
    left = make_import_file(bench, make_file(file, **seeds))
    assert {name: one.value for name, one in left.chip.qubits["0"].data.items()} == {
        "t1": 10.0,
        "qubit_frequency": 5.1,
    }
    brought = make_import_file(bench, file, choice=ImportFilter.parse([], older=True))
    assert brought.chip.qubits["0"].data["t1"].value == 81.5
    (result,) = bench.repositories.of(TaskResultHistoryRepository).list_by_execution(
        PROJECT, brought.execution_id
    )
    assert [*result.output_parameters] == ["t1"]


def test_a_chip_that_was_exported_before_an_import_takes_it_back(bench: Bench, file: Path) -> None:
    bench.run()
    exchange, before = bench.qdash.get(EXCHANGE), file.with_name("before.json")
    (contents,) = exchange.export(ALICE, CHIP, "json").files.values()
    before.write_bytes(contents)
    later = {"0": {"t1": [81.5, 1.3, "us", make_later_time()]}}
    make_import_file(bench, make_file(file, **later))
    back = make_import_file(bench, before, choice=ImportFilter.parse([], older=True))
    assert (back.chip.qubits["0"].data["t1"].value, back.chip.qubits["0"].data["t1"].error) == (10.0, 0.5)


def test_an_import_is_one_event_that_can_be_undone(bench: Bench, file: Path) -> None:
    bench.run()
    later = make_later_time()
    make_import_file(bench, make_file(file, **{qid: {"t1": [81.5, 1.3, "us", later]} for qid in ("0", "1")}))
    (event,) = bench.qdash.get(VALUES).list_events(ALICE, CHIP, _make_first(), by_hand=True).items
    assert (event.head.kind, event.head.username, event.head.source) == ("imported", "alice", str(file))
    assert [(part.qid, part.values["t1"].after.value) for part in event.parts if part.values["t1"].after] == [
        ("0", 81.5),
        ("1", 81.5),
    ]
    assert "value.imported" in [one.kind for one in bench.list_events()]
    bench.qdash.get(VALUES).undo(ALICE)
    assert (get_values(bench)["t1"], get_values(bench, "1")) == (10.0, {})
    for part in event.parts:
        result = bench.repositories.of(TaskResultHistoryRepository).find(PROJECT, part.task_id)
        assert result is not None
        assert (result.qid, result.decisions["t1"].verdict) == (part.qid, "rejected")


def test_the_values_of_an_imported_chip_are_one_event(bench: Bench, file: Path) -> None:
    bench.run()
    (contents,) = bench.qdash.get(EXCHANGE).export(ALICE, CHIP, "json").files.values()
    exported = file.with_name("chip.json")
    exported.write_bytes(contents)
    make_import_file(bench, exported, chip_id=None, new_id="copy")
    (event,) = bench.qdash.get(VALUES).list_events(ALICE, "copy", _make_first()).items
    assert (event.head.kind, event.head.username, event.head.source) == ("imported", "alice", str(exported))
    assert {name: change.before for name, change in event.head.values.items()} == {
        "t1": None,
        "qubit_frequency": None,
    }
    assert bench.qdash.get(VALUES).revert(ALICE, "copy", f"{event.head.created_at.isoformat()}").values == []


def test_a_format_that_copies_files_of_the_machine_is_not_for_everybody(
    alone: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.run()
    exchange = alone.qdash.get(EXCHANGE)
    assert exchange.export(ALICE, CHIP, "lives", gives_files=False).files
    monkeypatch.setattr(Lives, "copies_files", True)
    with pytest.raises(AccessDeniedError, match="lives copies what stands in the laboratory's files"):
        exchange.export(ALICE, CHIP, "lives", gives_files=False)
    assert exchange.export(ALICE, CHIP, "lives").files


def test_an_exported_archive_is_imported_as_the_same_chip(alone: Bench, tmp_path: Path) -> None:
    exchange = alone.qdash.get(EXCHANGE)
    alone.run()
    exported = exchange.export(ADMIN, CHIP, "zip").files
    archive = tmp_path / "a.zip"
    archive.write_bytes(next(iter(exported.values())))
    exchange.perform_import(ALICE, exchange.compare(ALICE, archive, new_id="copy"))
    again = exchange.export(ADMIN, "copy", "csv").files, exchange.export(ADMIN, CHIP, "csv").files
    assert [*again[0].values()] == [*again[1].values()]


def test_an_archive_that_cannot_be_read_is_named(alone: Bench, tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("lab/notes.txt", "nothing")
    with pytest.raises(InvalidInputError, match=rf"^{archive} looks like no known format"):
        alone.qdash.get(EXCHANGE).compare(ALICE, archive, chip_id=CHIP)
