"""One task at a time: tried, kept, analysed again; and what a run is asked to do differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .command_line import CommandLine

T1_OF_0 = ("task", "run", "CheckT1", "--chip", "bench", "--qid", "0")


def t1(bench: CommandLine) -> Any:
    return bench.json("metrics", "bench")["qubits"]["0"]["t1"]


def shots(result: dict[str, Any]) -> int:
    return int(result["run_parameters"]["shots"]["value"])


def test_tasks_are_listed_with_what_they_need_and_make(qdash: CommandLine) -> None:
    tasks = {task["name"]: task for task in qdash.json("task", "list", "--backend", "fake")}

    check = tasks["CheckT1"]
    assert (check["backend"], check["task_type"]) == ("fake", "qubit")
    assert check["input_parameters"]["qubit_frequency"]["unit"] == "GHz"
    assert check["output_parameters"]["t1"]["unit"] == "us"
    assert check["run_parameters"]["shots"]["value_type"] == "int"


def test_a_task_that_is_tried_changes_no_value_of_the_chip(bench: CommandLine) -> None:
    before = t1(bench)

    result = bench.json(*T1_OF_0)

    assert (result["status"], result["verdict"]) == ("completed", "accepted")
    assert result["output_parameters"]["t1"]["value"] != before["value"]
    assert t1(bench) == before
    assert bench.json("executions", "show", result["execution_id"])["tasks"] == {"completed": 1}


def test_a_task_that_is_saved_gives_the_chip_its_value(bench: CommandLine) -> None:
    result = bench.json(*T1_OF_0, "--save")

    assert t1(bench)["value"] == result["output_parameters"]["t1"]["value"]
    assert t1(bench)["task_id"] == result["task_id"]


def test_a_task_reports_the_values_that_it_used(bench: CommandLine) -> None:
    result = bench.json(*T1_OF_0)

    known = bench.json("metrics", "bench")["qubits"]["0"]
    for name, given in result["input_parameters"].items():
        assert given["value"] == pytest.approx(known[name]["value"], rel=1e-12)
        assert given["task_id"] == known[name]["task_id"]


def test_a_missing_input_is_named_with_the_task_that_makes_it(bench: CommandLine) -> None:
    before = bench.everything()

    line = bench.refuses("task", "run", "CheckT1", "--chip", "bench", "--qid", "5")

    assert "resonator_frequency" in line
    assert "CheckResonatorSpectroscopy" in line
    assert bench.everything() == before


def test_a_failed_task_is_status_1_and_keeps_its_raw_data(bench: CommandLine) -> None:
    outcome = bench(*T1_OF_0, "--set", "time_range=[0, 1]", "--json")

    assert outcome.status == 1
    assert (outcome.document["status"], outcome.document["output_parameters"]) == ("failed", {})
    assert outcome.document["message"]
    assert bench.home is not None
    (raw,) = outcome.document["raw_data_path"]
    assert (bench.home / "artifacts" / raw).is_file()


def test_a_refit_of_the_same_data_gives_the_same_value_and_remembers_the_original(bench: CommandLine) -> None:
    original = bench.json(*T1_OF_0, "--save")

    again = bench.json("task", "refit", original["task_id"])

    assert again["refit_of"] == original["task_id"] != again["task_id"]
    assert again["raw_data_path"] == original["raw_data_path"]
    measured, fitted = (result["output_parameters"]["t1"] for result in (original, again))
    assert (fitted["value"], fitted["error"]) == (measured["value"], measured["error"])
    assert t1(bench)["task_id"] == again["task_id"]


def test_a_refit_of_a_trial_stays_a_trial(bench: CommandLine) -> None:
    before = t1(bench)

    bench.json("task", "refit", bench.json(*T1_OF_0)["task_id"])

    assert t1(bench) == before


@pytest.mark.parametrize("setting", ["shots=2048", "CheckT1.shots=2048"])
def test_a_refit_takes_settings_as_a_run_does(bench: CommandLine, setting: str) -> None:
    task_id = t1(bench)["task_id"]

    assert shots(bench.json("task", "refit", task_id, "--set", setting)) == 2048


def test_a_setting_for_one_task_wins_over_one_for_all(bench: CommandLine) -> None:
    run = bench.json(
        "calibrate",
        "bench",
        "--flow",
        "check",
        "--qids",
        "0",
        "--set",
        "shots=512",
        "--set",
        "CheckT1.shots=768",
    )

    stored = bench.rows(
        "SELECT doc ->> '$.name', doc ->> '$.run_parameters.shots.value' FROM task_result_history"
        f" WHERE execution_id = '{run['execution_id']}'"
    )
    assert {name: int(count) for name, count in stored} == {
        "CheckRabi": 512,
        "CheckRamsey": 512,
        "ReadoutClassification": 512,
        "CheckT1": 768,
        "CheckT2Echo": 512,
    }


def test_a_sweep_is_given_as_a_list(bench: CommandLine) -> None:
    sweep = [float(delay) for delay in range(0, 500_000, 10_000)]

    result = bench.json(*T1_OF_0, "--set", f"time_range={sweep}", "--set", "reset=passive")

    assert result["run_parameters"]["time_range"]["value"] == sweep
    assert result["run_parameters"]["reset"]["value"] == "passive"


def test_a_dry_run_shows_what_would_be_run_and_changes_nothing(bench: CommandLine) -> None:
    before = bench.everything()
    dry = ("calibrate", "bench", "--flow", "bring-up", "--exclude", "0,2,4", "--dry-run")

    plan = bench.json(*dry)

    assert plan["dry_run"] is True
    assert plan["targets"] == ["1", "3", "5", "6"]
    assert plan["tasks"][0] == "CheckResonatorSpectroscopy"
    assert "4 targets: 1, 3, 5, 6" in bench.does(*dry)
    assert bench.everything() == before


def test_a_dry_run_refuses_what_the_run_would_refuse(bench: CommandLine) -> None:
    run = ("calibrate", "bench", "--flow", "CheckT1", "--qids", "5")

    assert bench.refuses(*run, "--dry-run") == bench.refuses(*run)
