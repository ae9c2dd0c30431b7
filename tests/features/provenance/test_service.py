"""Provenance of values: their origins and uses, on each kind of store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.exchange.feature import EXCHANGE, RELEASES
from qdash_builtin.provenance.feature import PROVENANCE
from qdash_builtin.provenance.service import select_directions
from qdash_builtin.provenance.views.impacts import ImpactDocument
from qdash_builtin.provenance.views.provenance import ProvenanceDocument
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.values.feature import VALUES
from qdash_core import InvalidInputError, NotFoundError, Parameter, RawData, TaskOutput
from qdash_core.models.provenance import name_event, name_release, name_result
from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_core.tasks.parameters import InputParameter
from qdash_sqlite.store import SQLiteStore

from ...access import ADMIN
from ...core.bench import CHIP, Bench, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.provenance_graph import ProvenanceGraph
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Document, Store

    from ...core.conftest import MakeBench

FREQUENCY = make_task("Frequency", {"frequency": Parameter(5.0, 1e-5, "GHz"), "offset": Parameter(0.1, 0.01)})
T1 = make_task("T1", {"t1": Parameter(40.0, 0.5, "us")}, needs=["frequency"])
OFFSET = make_task("Offset", {"phase": Parameter(0.3, 0.1)}, needs=["offset"])
GATE = make_task(
    "Gate",
    {"fidelity": Parameter(0.99, 0.001)},
    needs={"control_t1": InputParameter(source="t1", role="control")},
    task_type="coupling",
)
NIGHT = FREQUENCY, T1, OFFSET, GATE


def get_names(graph: ProvenanceGraph, *, later: bool) -> list[str]:
    """Return the tasks before or after the root."""
    found = [node for node in graph.nodes.values() if node.depth != 0 and (node.depth > 0) is later]
    return sorted(node.result.name for node in found if node.result is not None)


def measure_all(bench: Bench) -> list[TaskResultModel]:
    targets = {"Frequency": "0", "T1": "0", "Offset": "0", "Gate": "0-1"}
    return [bench.run(name, target) for name, target in targets.items()]


@pytest.mark.every_store
def test_a_value_names_the_results_that_it_came_from_and_those_that_used_it(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    frequency, t1, _, gate = measure_all(bench)
    found = bench.qdash.get(PROVENANCE).trace_value(ADMIN, CHIP, "0", "t1")
    assert found.root == name_result(t1.task_id)
    assert {node.name: node.depth for node in found.nodes.values()} == {
        name_result(t1.task_id): 0,
        name_result(frequency.task_id): -1,
        name_result(gate.task_id): 1,
    }
    assert found.complete
    inputs = {name: one for link in found.links for name, one in link.inputs.items()}
    assert {name: (one.target, one.parameter, one.value) for name, one in inputs.items()} == {
        "frequency": ("0", "frequency", 5.0),
        "control_t1": ("0", "t1", 40.0),
    }
    assert found.nodes[name_result(t1.task_id)].in_use == ("t1",)


@pytest.mark.every_store
def test_an_impact_contains_results_values_in_use_and_releases(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    frequency, t1, _, gate = measure_all(bench)
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "evening")
    second = bench.run("Gate", "0-1")
    found = ImpactDocument.from_graph(bench.qdash.get(PROVENANCE).find_impact(ADMIN, frequency.task_id))
    assert [(one.name, one.steps) for one in found.results] == [
        ("Offset", 1),
        ("T1", 1),
        ("Gate", 2),
        ("Gate", 2),
    ]
    assert found.results[-2].task_id == second.task_id
    assert found.results[-1].task_id == gate.task_id
    assert {(one.target, one.parameter, one.task_id) for one in found.values if one.parameter != "phase"} == {
        ("0", "t1", t1.task_id),
        ("0-1", "fidelity", second.task_id),
    }
    assert sorted(found.in_use) == ["frequency", "offset"]
    assert [one.name for one in found.releases] == ["evening"]


def test_only_results_that_used_the_parameter_are_its_uses(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    measure_all(bench)
    trace = bench.qdash.get(PROVENANCE).trace_value
    assert get_names(trace(ADMIN, CHIP, "0", "offset"), later=True) == ["Offset"]
    assert get_names(trace(ADMIN, CHIP, "0", "frequency"), later=True) == ["Gate", "T1"]


def test_a_graph_ends_at_its_depth_and_counts_what_it_leaves_out(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    frequency, t1, _, _ = measure_all(bench)
    found = bench.qdash.get(PROVENANCE).trace_result(ADMIN, frequency.task_id, depth=1)
    assert get_names(found, later=True) == ["Offset", "T1"]
    assert found.nodes[name_result(t1.task_id)].more_later == 1
    back = bench.qdash.get(PROVENANCE).trace_value(
        ADMIN, CHIP, "0-1", "fidelity", directions=select_directions("back"), depth=1
    )
    assert get_names(back, later=False) == ["T1"]
    assert back.nodes[name_result(t1.task_id)].more_earlier == 1
    assert get_names(back, later=True) == []


def test_a_graph_with_too_many_results_says_so(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    frequency = bench.run("Frequency")
    for _ in range(4):
        bench.run("T1")
    found = bench.qdash.get(PROVENANCE).trace_result(ADMIN, frequency.task_id, limit=3)
    assert len(found.nodes) == 4
    assert not found.complete
    assert found.nodes[found.root].more_later == 1


@pytest.mark.every_store
def test_changes_by_users_are_nodes_with_author_and_reason(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    values, provenance = bench.qdash.get(VALUES), bench.qdash.get(PROVENANCE)
    measured = bench.run("Frequency")
    entered = values.set(ADMIN, CHIP, "0", {"frequency": Parameter(5.1, 1e-4)}, reason="spectroscopy by hand")
    t1 = bench.run("T1")
    found = provenance.trace_result(ADMIN, t1.task_id)
    event = found.nodes[name_event(entered.number)].event
    assert event is not None
    assert (event.username, event.reason, event.kind) == ("admin", "spectroscopy by hand", "set")
    assert [node.depth for node in found.nodes.values()] == [0, -1, -2]

    used = values.use(ADMIN, measured.task_id, names=["frequency"], reason="the old one was right").event
    value = provenance.trace_value(ADMIN, CHIP, "0", "frequency").value
    assert value is not None
    assert value.event is not None
    assert value.event.number == used.number
    undone = values.undo(ADMIN)
    after = provenance.trace_result(ADMIN, measured.task_id)
    assert {*after.nodes} >= {name_event(used.number), name_event(undone.number)}
    assert after.nodes[name_event(undone.number)].depth in (1, 2)


def test_a_reversion_comes_from_its_release(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    first = bench.run("Frequency")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "evening")
    bench.run("Frequency")
    reverted = bench.qdash.get(VALUES).revert(ADMIN, CHIP, "release:evening", reason="bad night").event
    assert reverted is not None
    found = bench.qdash.get(PROVENANCE).trace_value(ADMIN, CHIP, "0", "frequency")
    assert found.root == name_result(first.task_id)
    assert found.value is not None
    assert found.value.event is not None
    assert found.value.event.number == reverted.number
    release = found.nodes[name_release(CHIP, "evening")]
    assert release.released_at is not None
    document = ProvenanceDocument.from_graph(found)
    assert {(one.activity, one.entity) for one in document.used} >= {
        (name_event(reverted.number), name_release(CHIP, "evening"))
    }


@pytest.mark.every_store
def test_a_deleted_release_leaves_no_edges(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    first = bench.run("Frequency")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "evening")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "morning")
    bench.qdash.get(RELEASES).delete(ADMIN, CHIP, "evening")
    nodes = bench.qdash.get(PROVENANCE).trace_result(ADMIN, first.task_id).nodes
    assert [*nodes] == [name_result(first.task_id), name_release(CHIP, "morning")]
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    assert [*bench.qdash.get(PROVENANCE).trace_result(ADMIN, first.task_id).nodes] == [
        name_result(first.task_id)
    ]


def test_a_rejection_names_the_results_that_used_the_values(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    frequency, t1, offset, _ = measure_all(bench)
    decided = bench.qdash.get(VALUES).reject(ADMIN, frequency.task_id, reason="wrong line")
    assert [one.task_id for one in decided.used_by] == [offset.task_id, t1.task_id]
    document = ProvenanceDocument.from_graph(bench.qdash.get(PROVENANCE).trace_result(ADMIN, t1.task_id))
    assert document.activity[name_result(frequency.task_id)].rejected == ["frequency", "offset"]


def test_a_refit_is_derived_from_its_original(make_bench: MakeBench) -> None:
    raw = RawData(arrays={"signal": ([1.0, 2.0], "a.u.")})
    task = make_task(
        "T1",
        needs=["frequency"],
        measure=lambda _task, _backend: raw,
        analyse=lambda _task, _result: TaskOutput({"t1": Parameter(10.0, 0.5, "us")}),
    )
    bench = make_bench(FREQUENCY, task)
    frequency, original = bench.run("Frequency"), bench.run("T1")
    refitted = bench.qdash.get(RESULTS).refit(ADMIN, original.task_id)
    document = ProvenanceDocument.from_graph(
        bench.qdash.get(PROVENANCE).trace_result(ADMIN, refitted.task_id)
    )
    assert (f"value:{refitted.task_id}/t1", f"value:{original.task_id}/t1") in {
        (one.generatedEntity, one.usedEntity) for one in document.wasDerivedFrom
    }
    assert {one.entity for one in document.used if one.activity == name_result(refitted.task_id)} == {
        f"value:{frequency.task_id}/frequency"
    }


def test_the_document_uses_the_terms_of_prov(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    frequency, t1, _, _ = measure_all(bench)
    found = ProvenanceDocument.from_graph(
        bench.qdash.get(PROVENANCE).trace_value(ADMIN, CHIP, "0", "t1")
    ).as_json()
    value, root = f"value:{t1.task_id}/t1", name_result(t1.task_id)
    used = f"value:{frequency.task_id}/frequency"
    assert found["entity"][value] == {
        "kind": "value",
        "target": "0",
        "parameter": "t1",
        "value": 40.0,
        "error": 0.5,
        "unit": "us",
        "in_use": True,
        "task_id": t1.task_id,
    }
    assert {"entity": value, "activity": root} in found["wasGeneratedBy"]
    assert {"activity": root, "entity": used, "input": "frequency", "value": 5.0} in found["used"]
    assert {"activity": root, "agent": "user:admin"} in found["wasAssociatedWith"]
    assert found["activity"][root]["outcome"] == "accepted"


def test_values_that_came_with_a_chip_come_from_its_import(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(*NIGHT)
    bench.run("Frequency")
    exported = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "json")
    ((name, contents),) = exported.files.items()
    (tmp_path / name).write_bytes(contents)
    compared = bench.qdash.get(EXCHANGE).compare(ADMIN, tmp_path / name, chip_id="copy")
    bench.qdash.get(EXCHANGE).perform_import(ADMIN, compared)
    found = bench.qdash.get(PROVENANCE).trace_value(ADMIN, "copy", "0", "frequency")
    assert found.value is not None
    assert found.value.event is not None
    assert found.value.event.kind == "imported"


def test_inputs_of_no_result_are_in_the_document(make_bench: MakeBench) -> None:
    task = make_task("T1", needs={"frequency": InputParameter(default=4.9, unit="GHz")})
    bench = make_bench(task)
    result = bench.run("T1")
    found = ProvenanceDocument.from_graph(bench.qdash.get(PROVENANCE).trace_result(ADMIN, result.task_id))
    (used,) = found.used
    assert (used.input, used.value) == ("frequency", 4.9)
    assert found.entity[used.entity].parameter == "frequency"
    assert used.entity not in {one.entity for one in found.wasGeneratedBy}


def test_a_decision_on_another_parameter_is_no_use_of_a_value(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    first = bench.run("Frequency")
    bench.run("Frequency")
    event = bench.qdash.get(VALUES).use(ADMIN, first.task_id, names=["offset"], reason="steadier").event
    trace = bench.qdash.get(PROVENANCE).trace_value
    assert name_event(event.number) in trace(ADMIN, CHIP, "0", "offset").nodes
    assert name_event(event.number) not in trace(ADMIN, CHIP, "0", "frequency").nodes


def test_a_refit_uses_only_the_parameters_of_its_original(make_bench: MakeBench) -> None:
    raw = RawData(arrays={"signal": ([1.0, 2.0], "a.u.")})
    task = make_task("Offset", {"phase": Parameter(0.3, 0.1)}, needs=["offset"], measure=lambda *_: raw)
    bench = make_bench(FREQUENCY, task)
    frequency = bench.run("Frequency")
    bench.qdash.get(RESULTS).refit(ADMIN, bench.run("Offset").task_id)
    find_impact = bench.qdash.get(PROVENANCE).find_impact
    assert get_names(find_impact(ADMIN, frequency.task_id, ["offset"]), later=True) == ["Offset", "Offset"]
    assert get_names(find_impact(ADMIN, frequency.task_id, ["frequency"]), later=True) == []


def test_a_result_is_in_use_on_its_own_chip_only(make_bench: MakeBench, tmp_path: Path) -> None:
    bench = make_bench(*NIGHT)
    first = bench.run("Frequency")
    exported = bench.qdash.get(EXCHANGE).export(ADMIN, CHIP, "json")
    ((name, contents),) = exported.files.items()
    (tmp_path / name).write_bytes(contents)
    compared = bench.qdash.get(EXCHANGE).compare(ADMIN, tmp_path / name, chip_id="copy")
    bench.qdash.get(EXCHANGE).perform_import(ADMIN, compared)
    bench.run("Frequency")
    node = bench.qdash.get(PROVENANCE).trace_result(ADMIN, first.task_id).nodes[name_result(first.task_id)]
    assert node.in_use == ()


def test_an_unknown_value_or_result_is_refused(make_bench: MakeBench) -> None:
    bench = make_bench(*NIGHT)
    bench.run("Frequency")
    trace = bench.qdash.get(PROVENANCE).trace_value
    with pytest.raises(NotFoundError, match="did you mean 'frequency'"):
        trace(ADMIN, CHIP, "0", "frequenzy")
    with pytest.raises(NotFoundError, match="no qubit 7"):
        trace(ADMIN, CHIP, "7", "frequency")
    with pytest.raises(InvalidInputError):
        trace(ADMIN, CHIP, "zero", "frequency")
    with pytest.raises(NotFoundError, match="no result"):
        bench.qdash.get(PROVENANCE).find_impact(ADMIN, "unknown")


def read_edges(store: Store) -> list[Document]:
    with store.read() as snapshot:
        return snapshot.find("provenance", {}, order=("project_id",))


def test_an_older_file_gets_the_provenance_of_its_records(tmp_path: Path, no_settings: None) -> None:
    file = tmp_path / "old.db"
    bench = Bench.open(tmp_path, f"sqlite:///{file}", *NIGHT)
    frequency, *_ = measure_all(bench)
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "1", {"t1": Parameter(45.0, 1.0)}, reason="by hand")
    bench.qdash.get(RELEASES).create(ADMIN, CHIP, "evening")
    bench.qdash.get(VALUES).reject(ADMIN, frequency.task_id, reason="wrong line")
    bench.qdash.get(VALUES).undo(ADMIN)
    wanted = read_edges(bench.qdash.store)
    assert len({one["relation"] for one in wanted}) == 4
    bench.qdash.close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TABLE provenance")
        connection.execute("PRAGMA user_version = 7")
    with closing(SQLiteStore.open(f"sqlite:///{file}")) as store:
        assert read_edges(store) == wanted
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
