"""State of a chip: accepted values, withheld values, and the view for other programs."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.topology_files import load_topology
from qdash_builtin.exchange.views.chip_export import export
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_core import NotFoundError, Parameter, TaskOutput
from qdash_core.models.task import Verdict
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.validation.verdicts import Finding

from ...access import ADMIN
from ...core.bench import CHIP, LINE, PROJECT, make_task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_core import BaseTask
    from qdash_core.models.chip_values import ChipValues
    from qdash_core.validation.verdicts import Candidate

    from ...core.bench import Bench
    from ...core.conftest import MakeBench


class UnusualTask:
    """Flags odd numbers and rejects those above 100."""

    name = "odd"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        value = candidate.output.parameters["t1"].value
        if value > 100:
            return [Finding(Verdict.REJECTED, "too large")]
        return [Finding(Verdict.FLAGGED, "odd")] if value % 2 else []


def make_sequence_task(*values: float, **changes: Any) -> type[BaseTask]:
    coming = iter(values)
    return make_task(analyse=lambda *_: TaskOutput({"t1": Parameter(next(coming), 0.5, "us")}), **changes)


def get_values(bench: Bench, *, flagged: bool = False) -> ChipValues:
    return bench.qdash.get(METRICS).values(ADMIN, CHIP, flagged=flagged)


@pytest.mark.every_store
def test_targets_without_values_are_left_out(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_task(), make_task("Pair", {"zz": Parameter(0.1, None, "MHz")}, task_type="coupling")
    )
    assert get_values(bench).qubits == {}
    assert get_values(bench).couplings == {}
    bench.run(qid="3")
    bench.run("Pair", "1-2")
    found = get_values(bench)
    assert {qid: set(known) for qid, known in found.qubits.items()} == {"3": {"t1"}}
    assert {qid: set(known) for qid, known in found.couplings.items()} == {"1-2": {"zz"}}
    assert found.qubits["3"]["t1"].verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("measured", "accepted", "shown", "verdict"),
    [
        ([2.0, 3.0], 2.0, 3.0, Verdict.FLAGGED),
        ([3.0], None, 3.0, Verdict.FLAGGED),
        ([3.0, 4.0], 4.0, 4.0, Verdict.ACCEPTED),
        ([2.0, 103.0], 2.0, 2.0, Verdict.ACCEPTED),
        ([2.0, 3.0, 103.0], 2.0, 3.0, Verdict.FLAGGED),
        ([2.0, 3.0, 103.0, 4.0], 4.0, 4.0, Verdict.ACCEPTED),
    ],
)
def test_a_newer_flagged_value_is_shown_only_on_request(
    make_bench: MakeBench,
    measured: list[float],
    accepted: float | None,
    shown: float,
    verdict: Verdict,
) -> None:
    bench = make_bench(make_sequence_task(*measured), validators=[UnusualTask()])
    for _ in measured:
        bench.run()
    known = get_values(bench).qubits.get("0", {}).get("t1")
    assert (None if known is None else known.parameter.value) == accepted
    held = get_values(bench, flagged=True).qubits["0"]["t1"]
    assert (held.parameter.value, held.verdict) == (shown, verdict)
    assert held.reasons == (("odd",) if verdict is Verdict.FLAGGED else ())


def test_an_unknown_chip_is_told_from_an_empty_one(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    with pytest.raises(NotFoundError, match=r"no chip 'x' in project default \(known: chip\)"):
        bench.qdash.get(METRICS).values(ADMIN, "x")


@pytest.fixture
def measured(make_bench: MakeBench) -> Bench:
    pair = make_task("Pair", {"zz": Parameter(-0.1, None, "MHz")}, task_type="coupling")
    bench = make_bench(make_sequence_task(2.0), pair)
    bench.run()
    bench.run("Pair", "0-1")
    return bench


def test_values_are_given_with_error_unit_and_origin(measured: Bench) -> None:
    document = ChipValuesDocument.from_values(get_values(measured)).as_json()
    assert json.loads(json.dumps(document)) == document
    found = document["qubits"]["0"]["t1"]
    assert (found["value"], found["error"], found["unit"]) == (2.0, 0.5, "us")
    assert measured.repositories.of(TaskResultHistoryRepository).find(PROJECT, found["task_id"]) is not None
    assert "error" not in document["couplings"]["0-1"]["zz"], "unknown is absent, not nought"


def test_json_and_yaml_hold_the_same(measured: Bench) -> None:
    chip = measured.qdash.get(CHIPS).show(ADMIN, CHIP)
    as_json = json.loads(export(chip, get_values(measured), "json"))
    assert yaml.safe_load(export(chip, get_values(measured), "yaml")) == as_json
    assert (as_json["chip_id"], as_json["backend"], as_json["size"]) == (CHIP, "bench", 5)
    assert as_json["qubits"]["0"]["t1"]["value"] == 2.0


def test_csv_has_one_row_for_each_value(measured: Bench) -> None:
    chip = measured.qdash.get(CHIPS).show(ADMIN, CHIP)
    rows = list(csv.DictReader(io.StringIO(export(chip, get_values(measured), "csv"))))
    assert [(row["kind"], row["target"], row["parameter"], row["value"], row["error"]) for row in rows] == [
        ("qubit", "0", "t1", "2.0", "0.5"),
        ("coupling", "0-1", "zz", "-0.1", ""),
    ]


def test_the_exported_topology_makes_the_same_chip(measured: Bench, tmp_path: Path) -> None:
    file = tmp_path / "topology.json"
    file.write_text(export(measured.qdash.get(CHIPS).show(ADMIN, CHIP), get_values(measured), "topology"))
    assert load_topology(file) == LINE
