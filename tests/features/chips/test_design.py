"""Design values of a chip: reading, storage with its targets, changes, and use by tasks."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from qdash_builtin.chips.design_files import make_design_document, read_design
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.service import ChipService
from qdash_builtin.record_lookup.newest_executions import list_newest
from qdash_builtin.results.feature import RESULTS
from qdash_core.errors import AccessDeniedError, BackendError, InvalidInputError, NotFoundError
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN, access_of
from ...core.bench import CHIP, make_backend, make_raising, make_task
from ...core.chips.samples import PAIR, make_chip

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core import BaseTask, RunContext
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock
    from ...core.conftest import MakeBench

P = "default"
DOCUMENT: dict[str, Any] = {
    "qubits": {"0": {"qubit_frequency": 5.1, "anharmonicity": -0.3}, "1": {"pi_length": 40}},
    "couplings": {"0-1": {"zx90_gate_time": 400.0}},
}
DESIGN = {**DOCUMENT["qubits"], **DOCUMENT["couplings"]}


def write(folder: Path, document: object, name: str = "design.yaml") -> Path:
    path = folder / name
    path.write_text(json.dumps(document) if name.endswith(".json") else yaml.safe_dump(document))
    return path


@pytest.mark.parametrize("name", ["design.yaml", "design.json"])
def test_a_file_says_what_qubits_and_couplings_were_meant_to_be(tmp_path: Path, name: str) -> None:
    assert read_design(write(tmp_path, DOCUMENT, name), PAIR) == DESIGN


@pytest.mark.parametrize("number", ["5e-05", "5E-5", "0.5e-4", "5e-5 "])
@pytest.mark.parametrize("begin", ["", "\ufeff", "\n"])
def test_a_number_in_json_is_read_as_json(tmp_path: Path, number: str, begin: str) -> None:
    file = tmp_path / "design.json"
    file.write_text(f'{begin}{{"couplings": {{"0-1": {{"static_zz_interaction": {number}}}}}}}', "utf-8")
    assert read_design(file, PAIR)["0-1"] == {"static_zz_interaction": 5e-05}


def test_labels_and_either_order_of_a_coupling_are_read(tmp_path: Path) -> None:
    document = {
        "qubits": {"Q01": {"pi_length": 40}, 0: {}},
        "couplings": {"Q01-Q00": {"zx90_gate_time": None}},
    }
    assert read_design(write(tmp_path, document), PAIR) == {
        "1": {"pi_length": 40.0},
        "0": {},
        "0-1": {"zx90_gate_time": None},
    }


def test_what_cannot_be_is_refused_with_its_place(tmp_path: Path, subtests: pytest.Subtests) -> None:
    for document, message in [
        ([], "it is a list, not a mapping of qubits, couplings"),
        ({}, "it has neither qubits nor couplings"),
        ({"qubit": {}}, "it has an unknown key 'qubit'"),
        ({"qubits": []}, "qubits is a list, not a mapping of ids"),
        ({"qubits": [1]}, "qubits is a list, not a mapping of ids to values"),
        ({"qubits": {"0": 5.1}}, "qubits.0 is a float, not a mapping of names to values"),
        ({"qubits": {"x": {}}}, "'x'"),
        ({"qubits": {"0": {}, "Q0": {}}}, "qubits.Q0 is there twice, under two names of 0"),
        ({"qubits": {"7": {}}}, "has no qubit 7"),
        ({"couplings": {"0": {}}}, "'0'"),
        ({"couplings": {"1-2": {}}}, "has no coupling 1-2"),
        ({"qubits": {"0": {"t1": 30}}}, "0: 't1' is no design value of qubits; there are qubit_frequency, "),
        ({"qubits": {"0": {"zx90_gate_time": 300}}}, "'zx90_gate_time' is no design value of qubits"),
        ({"couplings": {"0-1": {"qubit_frequency": 5}}}, "'qubit_frequency' is no design value of couplings"),
        ({"qubits": {"0": {"qubit_frequency": 5.1e9}}}, "0.qubit_frequency is 5.1e.09: it is wanted in GHz"),
        (
            {"qubits": {"0": {"anharmonicity": -310}}},
            "0.anharmonicity is -310: it is wanted in GHz, from -10 to 10",
        ),
        ({"qubits": {"0": {"pi_length": 0}}}, "0.pi_length is 0: it is wanted in ns"),
        ({"qubits": {"0": {"qubit_frequency": "5.1"}}}, "0.qubit_frequency is '5.1', not a finite number"),
        ({"qubits": {"0": {"qubit_frequency": True}}}, "not a finite number"),
        ({"qubits": {"0": {"qubit_frequency": float("nan")}}}, "not a finite number"),
    ]:
        with subtests.test(str(document)):
            path = write(tmp_path, document)
            with pytest.raises(InvalidInputError, match=rf"design file .*design\.yaml: .*({message})"):
                read_design(path, PAIR)


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no design file"):
        read_design(tmp_path / "nothing.yaml", PAIR)


@pytest.fixture
def chips(prepared_store: Store, clock: Clock) -> ChipService:
    return ChipService(prepared_store, ZoneInfo("UTC"), is_live=lambda lock: False, clock=clock)


@pytest.mark.every_store
def test_design_values_are_kept_with_qubits_and_couplings_and_written_as_they_are_read(
    chips: ChipService, tmp_path: Path
) -> None:
    chips.create(ADMIN, "A", PAIR, backend="bench", design=DESIGN)
    chip = chips.show(ADMIN, "A")
    assert chip.qubits["0"].design == DESIGN["0"]
    assert chip.couplings["0-1"].design == DESIGN["0-1"]
    assert make_design_document(chip) == DOCUMENT
    assert read_design(write(tmp_path, make_design_document(chip)), PAIR) == DESIGN
    assert chips.design(ADMIN, "A") == DESIGN


def test_a_design_that_does_not_fit_makes_no_chip(chips: ChipService) -> None:
    with pytest.raises(NotFoundError, match="chip A has no qubit 2"):
        chips.create(ADMIN, "A", PAIR, backend="bench", design={"2": {}})
    with pytest.raises(InvalidInputError, match="'t1' is no design value"):
        chips.create(ADMIN, "A", PAIR, backend="bench", design={"0": {"t1": 30.0}})
    assert chips.list_by_project(ADMIN) == []


def test_a_change_leaves_the_other_values_and_the_days_before(
    prepared_store: Store, chips: ChipService, clock: Clock
) -> None:
    chips.create(ADMIN, "A", PAIR, backend="bench")
    chips.set_design(ADMIN, "A", DESIGN)
    clock.forward(days=1)
    chips.set_design(ADMIN, "A", {"Q0": {"qubit_frequency": 5.2}, "0-1": {"zx90_gate_time": None}})
    assert chips.design(ADMIN, "A") == {
        **DOCUMENT["qubits"],
        "0": {"qubit_frequency": 5.2, "anharmonicity": -0.3},
    }
    before, after = Repositories(prepared_store).of(QubitCalibrationRepository).list_days(P, "A", "0")
    assert (before.recorded_date, before.design["qubit_frequency"]) == ("20260401", 5.1)
    assert (after.recorded_date, after.design["qubit_frequency"]) == ("20260402", 5.2)
    assert [
        day.design
        for day in Repositories(prepared_store).of(CouplingCalibrationRepository).list_days(P, "A", "0-1")
    ] == [
        {"zx90_gate_time": 400.0},
        {"zx90_gate_time": None},
    ]


def test_of_a_change_that_cannot_be_nothing_is_kept(chips: ChipService) -> None:
    chips.create(ADMIN, "A", PAIR, backend="bench", design=DESIGN)
    for wrong, error in (({"7": {}}, NotFoundError), ({"1": {"pi_length": -1.0}}, InvalidInputError)):
        with pytest.raises(error):
            chips.set_design(ADMIN, "A", {"0": {"qubit_frequency": 5.2}, **wrong})
    with pytest.raises(NotFoundError, match="no chip 'B'"):
        chips.set_design(ADMIN, "B", DESIGN)
    with pytest.raises(AccessDeniedError):
        chips.set_design(access_of("bob", role=ProjectRole.VIEWER), "A", DESIGN)
    assert chips.design(ADMIN, "A") == DESIGN


def test_what_the_chip_does_not_say_its_backend_may_know(prepared_store: Store) -> None:
    known = {"0": {"qubit_frequency": 4.0, "pi_length": 20.0}, "1": {"anharmonicity": -0.2}}
    chips = ChipService(prepared_store, UTC, is_live=lambda lock: False, known_to_backend=lambda chip: known)  # type: ignore[arg-type]
    make_chip(prepared_store, "A")
    chips.set_design(ADMIN, "A", {"0": {"qubit_frequency": 5.1}, "1": {"anharmonicity": None}})
    assert chips.design(ADMIN, "A") == {"0": {"qubit_frequency": 5.1, "pi_length": 20.0}}


def test_a_document_from_before_has_no_design(prepared_store: Store, chips: ChipService) -> None:
    make_chip(prepared_store, "A")
    with prepared_store.transaction() as transaction:
        document = dict(transaction.get("qubit", (P, "A", "0")) or {})
        del document["design"]
        transaction.put("qubit", document)
    assert chips.show(ADMIN, "A").qubits["0"].design == {}


# ---------------------------------------------------------------------------------------------------- what tasks see


def record_design(seen: list[RunContext], name: str = "Measure", **attributes: Any) -> type[BaseTask]:
    def measure(self: BaseTask, _backend: object) -> None:
        seen.append(self.context)

    return make_task(name, measure=measure, **attributes)


KNOWN = {"0": {"qubit_frequency": 5.0}, "1": {"qubit_frequency": 5.2}, "2": {"qubit_frequency": 5.4}}


def test_a_task_sees_the_design_of_its_target(make_bench: MakeBench) -> None:
    seen: list[RunContext] = []
    bench = make_bench(
        record_design(seen),
        record_design(seen, "OnPair", task_type="coupling"),
        record_design(seen, "OnChip", task_type="global"),
        backends=[make_backend(design=classmethod(lambda cls, context: KNOWN))],
    )
    bench.qdash.get(CHIPS).set_design(
        ADMIN, CHIP, {"0": {"qubit_frequency": 5.1}, "0-1": {"zx90_gate_time": 300.0}}
    )
    for name, target in (("Measure", "0"), ("Measure", "3"), ("OnPair", "0-1"), ("OnChip", "")):
        bench.run(name, target)
    pair = {"0": {"qubit_frequency": 5.1}, "1": {"qubit_frequency": 5.2}, "0-1": {"zx90_gate_time": 300.0}}
    assert [context.design for context in seen] == [
        {"0": {"qubit_frequency": 5.1}},
        {},
        pair,
        {**pair, "2": {"qubit_frequency": 5.4}},
    ]


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (
            make_raising(ValueError("no table")),
            "cannot say what the design of chip chip of project default is: no table",
        ),
        (lambda *_: None, "cannot say what the design"),
        (
            lambda *_: {"0": {"t1": 30.0}},
            "provides invalid design values for chip chip: 0: 't1' is no design value",
        ),
        (lambda *_: {"Q0": {}}, "provides invalid design values for chip chip"),
    ],
)
def test_a_backend_that_tells_nonsense_is_refused_before_anything_begins(
    make_bench: MakeBench, known: Any, message: str
) -> None:
    bench = make_bench(make_task(), backends=[make_backend(design=classmethod(known))])
    with pytest.raises(BackendError, match=message):
        bench.run()
    assert not list_newest(bench.repositories, "default")


def test_a_refit_sees_what_the_chip_says_now_also_without_its_backend(make_bench: MakeBench) -> None:
    seen: list[RunContext] = []

    def analyse(self: BaseTask, _measured: object) -> Any:
        seen.append(self.context)
        return None

    bench = make_bench(make_task(analyse=analyse))
    result = bench.run()
    bench.qdash.get(CHIPS).set_design(ADMIN, CHIP, {"0": {"qubit_frequency": 5.1}})
    again = bench.reinstall(make_task(analyse=analyse), backends=[make_backend(name="another")])
    again.qdash.get(RESULTS).refit(ADMIN, result.task_id)
    assert [context.design for context in seen] == [{}, {"0": {"qubit_frequency": 5.1}}]
