"""Creation and calibration of a twin; its values, truth and record, and their export."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from qdash_tasks.flows import BRING_UP, ONE_QUBIT_CHECK, ONE_QUBIT_FINE_TUNE

if TYPE_CHECKING:
    from .command_line import CommandLine

BROUGHT_UP = {"qubit_frequency": "GHz", "rabi_frequency": "MHz", "t1": "us", "t2_echo": "us", "t2_star": "us"}


def test_a_twin_registers_its_chip(bench: CommandLine) -> None:
    listed = bench.read_json("twin", "list")
    (twin,) = listed["twins"]
    (chip,) = bench.read_json("chip", "list")

    assert (twin["chip_id"], twin["device"], twin["seed"], twin["n_qubits"]) == ("bench", "jakarta", 3, 7)
    assert {"jakarta", "sherbrooke"} <= set(listed["devices"])
    assert (chip["chip_id"], chip["backend"], chip["size"]) == ("bench", "fake", 7)


def test_a_twin_whose_file_is_broken_does_not_hide_the_others(bench: CommandLine) -> None:
    bench.does("twin", "create", "sick", "--device", "jakarta")
    assert bench.home is not None
    (bench.home / "twins" / "default" / "sick" / "twin.json").write_text("{", "utf-8")

    outcome = bench("twin", "list", "--json")

    assert [twin["chip_id"] for twin in outcome.document["twins"]] == ["bench"]
    assert "sick/twin.json is broken" in outcome.err
    assert "sick/twin.json is broken" in bench.run_refused("twin", "truth", "sick")


def test_a_calibration_tells_its_id_at_once_and_its_outcome_at_the_end(bench: CommandLine) -> None:
    outcome = bench("calibrate", "bench", "--flow", "check", "--qids", "Q00,1", "--exclude", "1", "--json")

    assert outcome.status == 0
    assert set(outcome.document) == {"execution_id", "status", "tasks", "wall_s", "lab_s"}
    assert (outcome.document["status"], outcome.document["tasks"]) == (
        "completed",
        {"completed": len(ONE_QUBIT_CHECK)},
    )
    first, plan, *lines = outcome.err.splitlines()
    assert first == f"execution {outcome.document['execution_id']}"
    assert plan == f"{len(ONE_QUBIT_CHECK)} tasks on 1 target in 1 group"
    assert [line.partition(",")[0] for line in lines if "/" in line] == [
        f"{number}/{len(ONE_QUBIT_CHECK)} {name}" for number, name in enumerate(ONE_QUBIT_CHECK, 1)
    ]
    assert [line.partition(":")[0] for line in lines if "/" not in line] == ["qubit 0"]


def test_a_calibrated_qubit_is_fine_tuned(bench: CommandLine) -> None:
    before = bench.read_json("metrics", "bench")["qubits"]["0"]

    outcome = bench.read_json("calibrate", "bench", "--flow", "fine-tune", "--qids", "0")

    assert outcome["tasks"] == {"completed": len(ONE_QUBIT_FINE_TUNE)}
    after = bench.read_json("metrics", "bench")["qubits"]["0"]
    assert "readout_amplitude" in set(after) - set(before)
    for name in ("readout_frequency", "qubit_frequency", "drag_hpi_beta", "drag_pi_amplitude"):
        assert after[name]["execution_id"] == outcome["execution_id"]


def test_of_a_run_some_results_are_shown(bench: CommandLine) -> None:
    (execution,) = bench.read_json("executions", "list")
    show = "executions", "show", execution["execution_id"]

    shown = bench.read_json(*show, "--qids", "1", "--task", "CheckRabi", "--task", "CheckT1")

    assert [(one["name"], one["qid"]) for one in shown["results"]] == [("CheckRabi", "1"), ("CheckT1", "1")]
    assert shown["tasks"] == execution["tasks"], "the run is still the whole run"
    last = bench.does(*show, "--qids", "Q00", "--task", "CheckT2Echo").splitlines()[-1]
    assert last.split()[:3] == ["CheckT2Echo", "0", "accepted"]
    assert "has no result of 0-1 (there are: 0, 1)" in bench.run_refused(*show, "--couplings", "1-0")
    assert "has no result of CheckZX90 (there are: Check" in bench.run_refused(*show, "--task", "CheckZX90")


TWO_QUBIT = ("calibrate", "bench", "--flow", "two-qubit", "--couplings", "0-1,1-2")
LEFT_OUT = {"1-2": "qubit 2: status is pending, not calibrated"}
NOT_MEASURED = "not measured: 1-2 (qubit 2: status is pending, not calibrated)"


def test_what_will_not_be_measured_is_said_with_the_reason(bench: CommandLine) -> None:
    foreseen = bench.read_json(*TWO_QUBIT, "--dry-run")
    assert (foreseen["left_out"], foreseen["stages"][-1]["targets"]) == (LEFT_OUT, ["0-1"])
    assert NOT_MEASURED in bench.does(*TWO_QUBIT, "--dry-run")


@pytest.mark.slow
def test_what_was_not_measured_is_said_with_the_reason(bench: CommandLine) -> None:
    outcome = bench(*TWO_QUBIT, "--set", "shots=256", "--json")
    assert outcome.document["left_out"] == LEFT_OUT
    assert NOT_MEASURED in outcome.err
    assert bench.read_json("executions", "show", outcome.document["execution_id"])["left_out"] == LEFT_OUT
    assert NOT_MEASURED in bench.does("executions", "show", outcome.document["execution_id"])


@pytest.mark.slow
def test_a_run_of_which_nothing_is_left_fails_with_the_reason_and_its_dry_run_does(
    bench: CommandLine,
) -> None:
    named = "calibrate", "bench", "--flow", "two-qubit", "--couplings", "0-1"
    bench.does("values", "set", "bench", "1", "qubit_frequency=4.2", "--reason", "typo", "--yes")
    bench("calibrate", "bench", "--flow", "CheckRabi", "--qids", "1")
    assert bench.read_json("chip", "show", "bench")["qubits"]["1"]["status"] == "failed"

    dry = bench(*named, "--dry-run")
    assert dry.status == 1
    assert "not measured: 0-1 (qubit 1: status is failed, not calibrated)" in dry.out.splitlines()
    assert dry.out.splitlines()[-1] == "nothing would be measured: no target is left"
    outcome = bench(*named, "--json")
    assert (outcome.status, outcome.document["status"], outcome.document["tasks"]) == (1, "failed", {})
    assert outcome.document["message"] == (
        "nothing was measured, no target was left: 0-1 (qubit 1: status is failed, not calibrated)"
    )


def test_a_dry_run_on_a_new_chip_knows_about_how_long_it_takes(bench: CommandLine) -> None:
    """The tolerance is a factor of two: the times of relaxation and of fringes depend on the qubits."""
    (execution,) = bench.read_json("executions", "list")
    (took,) = bench.read_json("executions", "show", execution["execution_id"])["schedule"]
    bench.does("twin", "create", "new", "--device", "jakarta", "--seed", "3")

    (stage,) = bench.read_json("calibrate", "new", "--flow", "bring-up", "--qids", "0,1", "--dry-run")[
        "stages"
    ]

    assert took["makespan_s"] / 2 < stage["makespan_s"] < took["makespan_s"] * 2


def test_metrics_are_the_accepted_values_with_where_they_come_from(bench: CommandLine) -> None:
    metrics = bench.read_json("metrics", "bench")
    executions = {execution["execution_id"] for execution in bench.read_json("executions", "list")}

    assert set(metrics["qubits"]) == {"0", "1"}
    for values in metrics["qubits"].values():
        for name, unit in BROUGHT_UP.items():
            assert values[name]["unit"] == unit
            assert 0 < values[name]["error"] < values[name]["value"]
            assert values[name]["execution_id"] in executions
            assert values[name]["task_id"]
            assert datetime.fromisoformat(values[name]["calibrated_at"]).tzinfo is not None


@pytest.mark.slow
def test_the_truth_has_the_same_names_and_lies_near(qdash: CommandLine) -> None:
    """Couplings are left out: their truth includes the best gate, which takes long to find."""
    row = {"qid": "0", "frequency_ghz": 5.1, "anharmonicity_ghz": -0.33, "t1_us": 100.0, "t2_us": 80.0}
    row |= {"p_meas0_prep1": 0.02, "p_meas1_prep0": 0.01, "sx_error": 1e-4, "sx_length_ns": 36.0}
    table = {"device": "one", "n_qubits": 1, "qubits": [row | {"readout_length_ns": 1500.0}], "couplings": []}
    (qdash.folder / "one.json").write_text(json.dumps(table), encoding="utf-8")
    qdash.does("twin", "create", "few", "--device", "one.json", "--seed", "3")
    qdash.does("calibrate", "few", "--flow", "bring-up")
    metrics, truth = qdash.read_json("metrics", "few"), qdash.read_json("twin", "truth", "few")

    assert set(metrics["qubits"]) == set(truth["qubits"]) == {"0"}
    for qid, values in metrics["qubits"].items():
        for name, unit in BROUGHT_UP.items():
            true = truth["qubits"][qid][name]
            assert set(true) == {"value", "unit"}
            assert true["unit"] == unit
            # Six standard deviations, and one per cent for the limits of the model.
            margin = 6 * values[name]["error"] + 0.01 * true["value"]
            assert abs(values[name]["value"] - true["value"]) < margin, (qid, name)


def test_a_qubit_that_was_brought_up_says_so(bench: CommandLine) -> None:
    qubits = bench.read_json("chip", "show", "bench")["qubits"]

    assert {qid: qubit["status"] for qid, qubit in qubits.items()} == {
        qid: "calibrated" if qid in ("0", "1") else "pending" for qid in map(str, range(7))
    }


def test_executions_are_listed_newest_first_and_shown_with_their_results(bench: CommandLine) -> None:
    newer = bench.read_json("calibrate", "bench", "--flow", "CheckT1", "--qids", "0")["execution_id"]

    listed = bench.read_json("executions", "list")
    assert [execution["name"] for execution in listed] == ["CheckT1", "bring-up"]
    assert listed[0]["execution_id"] == newer
    assert listed[1]["tags"] == ["first"]
    assert bench.read_json("executions", "list", "--limit", "1") == listed[:1]

    shown = bench.read_json("executions", "show", newer)
    (result,) = shown.pop("results")
    (stage,) = shown.pop("schedule")
    assert stage["tasks"] == ["CheckT1"]
    assert shown == listed[0]
    assert (result["name"], result["qid"], result["status"]) == ("CheckT1", "0", "completed")
    assert listed[0]["start_at"] <= result["start_at"] <= result["end_at"] <= listed[0]["end_at"]
    assert "CheckT1" in bench.does("executions", "show", newer)


def test_an_execution_id_is_the_date_and_a_counter(bench: CommandLine) -> None:
    (first,) = bench.read_json("executions", "list")

    date, _, counter = first["execution_id"].partition("-")
    assert datetime.strptime(date, "%Y%m%d").replace(tzinfo=None)  # noqa: DTZ007  a date in the configured zone
    assert counter == "000"


@pytest.mark.parametrize("format_", ["json", "yaml"])
def test_an_export_holds_the_values_and_the_topology(bench: CommandLine, format_: str) -> None:
    text = bench.does("export", "bench", "--format", format_)

    document = json.loads(text) if format_ == "json" else yaml.safe_load(text)
    metrics = bench.read_json("metrics", "bench")
    assert document["chip_id"] == "bench"
    assert {kind: document[kind] for kind in metrics} == metrics
    assert len(document["topology"]["qubits"]) == 7


def test_an_export_as_csv_has_a_row_for_every_value(bench: CommandLine) -> None:
    rows = list(csv.DictReader(io.StringIO(bench.does("export", "bench", "--format", "csv"))))
    metrics = bench.read_json("metrics", "bench")

    assert {(row["kind"], row["target"], row["parameter"]) for row in rows} == {
        ("qubit", qid, name) for qid, values in metrics["qubits"].items() for name in values
    }
    (t1,) = [row for row in rows if (row["target"], row["parameter"]) == ("0", "t1")]
    assert float(t1["value"]) == metrics["qubits"]["0"]["t1"]["value"]


def test_an_exported_topology_makes_the_same_chip_again(bench: CommandLine) -> None:
    file = bench.folder / "topology.json"
    bench.does("export", "bench", "--format", "topology", "--output", file)
    bench.does("chip", "create", "copy", "--topology", file)

    def shape(chip: str) -> Any:
        shown = bench.read_json("chip", "show", chip)
        return shown["size"], set(shown["qubits"]), set(shown["couplings"])

    assert shape("copy") == shape("bench")
    assert bench.does("export", "copy", "--format", "topology") == file.read_text(encoding="utf-8")


def test_a_chip_with_values_is_deleted_only_by_force_and_its_runs_stay_on_record(bench: CommandLine) -> None:
    refusal = bench.run_refused("chip", "delete", "bench")
    assert "--force" in refusal
    assert "2 daily copies of qubits" in refusal

    deleted = bench.read_json("chip", "delete", "bench", "--force")
    assert (deleted["chip_id"], deleted["deleted"], deleted["removed"]["qubit"]) == ("bench", True, 7)
    assert deleted["kept"]["task_result_history"] == 2 * len(BRING_UP)
    assert bench.read_json("chip", "list") == []
    (execution,) = bench.read_json("executions", "list")
    assert len(bench.read_json("executions", "show", execution["execution_id"])["results"]) == 2 * len(
        BRING_UP
    )

    bench.does("twin", "create", "bench", "--device", "jakarta")
    assert bench.read_json("metrics", "bench") == {"qubits": {}, "couplings": {}}


def test_people_get_tables_and_a_hint_where_there_is_nothing_yet(qdash: CommandLine) -> None:
    assert "no chips yet" in qdash.does("chip", "list")
    assert "no executions yet" in qdash.does("executions", "list")
    qdash.does("twin", "create", "bench", "--device", "jakarta")
    assert "`qdash calibrate bench --flow bring-up`" in qdash.does("metrics", "bench")


def test_a_flow_in_which_nothing_completes_has_failed(bench: CommandLine) -> None:
    outcome = bench(
        "calibrate", "bench", "--flow", "CheckT1", "--qids", "0", "--set", "time_range=[0, 1]", "--json"
    )

    assert outcome.status == 1
    assert (outcome.document["status"], outcome.document["tasks"]) == ("failed", {"failed": 1})
    assert "qubit 0: CheckT1 failed: " in outcome.err
    shown = bench.read_json("executions", "show", outcome.document["execution_id"])
    assert shown["message"] == "no task completed"
    assert shown["results"][0]["message"]
