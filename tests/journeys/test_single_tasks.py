"""Runs of single tasks: tried, stored, refitted, and with overrides."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from qdash_tasks.flows import ONE_QUBIT_CHECK

if TYPE_CHECKING:
    from pathlib import Path

    from .command_line import CommandLine

T1_OF_0 = ("task", "run", "CheckT1", "--chip", "bench", "--qid", "0")
COUPLINGS = ("0-1", "1-2", "1-3", "3-5", "4-5", "5-6")  # of jakarta


def get_t1(bench: CommandLine) -> Any:
    return bench.read_json("metrics", "bench")["qubits"]["0"]["t1"]


def get_shots(result: dict[str, Any]) -> int:
    return int(result["run_parameters"]["shots"]["value"])


def test_tasks_are_listed_with_what_they_need_and_make(qdash: CommandLine) -> None:
    tasks = {task["name"]: task for task in qdash.read_json("task", "list", "--backend", "fake")}

    check = tasks["CheckT1"]
    assert (check["backend"], check["task_type"]) == (None, "qubit"), (
        "for any backend that offers what it requires"
    )
    assert check["input_parameters"]["qubit_frequency"]["unit"] == "GHz"
    assert check["output_parameters"]["t1"]["unit"] == "us"
    assert check["run_parameters"]["shots"]["value_type"] == "int"


@pytest.fixture(scope="module")
def tried(
    calibrated: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> tuple[CommandLine, dict[str, Any]]:
    """A copy of the calibrated home in which one task was tried, and its result. Read-only."""
    return run_in_copy(calibrated, tmp_path_factory.mktemp("tried"))


@pytest.fixture(scope="module")
def saved(
    calibrated: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> tuple[CommandLine, dict[str, Any]]:
    """A copy of the calibrated home in which the value of one task was saved, and its result. Read-only."""
    return run_in_copy(calibrated, tmp_path_factory.mktemp("saved"), "--save")


def run_in_copy(calibrated: CommandLine, folder: Path, *options: str) -> tuple[CommandLine, dict[str, Any]]:
    copied = copy_home(calibrated, calibrated.with_home(folder / "home", folder=folder))
    return copied, copied.read_json(*T1_OF_0, *options)


def copy_home(source: CommandLine, to: CommandLine) -> CommandLine:
    assert source.home is not None
    assert to.home is not None
    shutil.copytree(source.home, to.home)
    return to


def test_a_task_that_is_tried_changes_no_value_of_the_chip(
    calibrated: CommandLine, tried: tuple[CommandLine, dict[str, Any]]
) -> None:
    bench, result = tried
    before = get_t1(calibrated)

    assert (result["status"], result["verdict"]) == ("completed", "accepted")
    assert result["output_parameters"]["t1"]["value"] != before["value"]
    assert get_t1(bench) == before
    assert bench.read_json("executions", "show", result["execution_id"])["tasks"] == {"completed": 1}


def test_a_task_that_is_saved_gives_the_chip_its_value(saved: tuple[CommandLine, dict[str, Any]]) -> None:
    bench, result = saved

    assert get_t1(bench)["value"] == result["output_parameters"]["t1"]["value"]
    assert get_t1(bench)["task_id"] == result["task_id"]


def test_a_task_reports_the_values_that_it_used(tried: tuple[CommandLine, dict[str, Any]]) -> None:
    bench, result = tried

    known = bench.read_json("metrics", "bench")["qubits"]["0"]
    own = {name for name, one in result["input_parameters"].items() if "from_laboratory" in one}
    assert own == {"readout_amplitude"}
    for name, given in result["input_parameters"].items():
        if name in own:
            continue
        assert given["value"] == pytest.approx(known[name]["value"], rel=1e-12)
        assert given["task_id"] == known[name]["task_id"]


def test_a_missing_input_is_named_with_the_task_that_makes_it(bench: CommandLine) -> None:
    before = bench.read_everything()

    line = bench.run_refused("task", "run", "CheckT1", "--chip", "bench", "--qid", "5")

    assert "resonator_frequency" in line
    assert "CheckResonatorSpectroscopy" in line
    assert bench.read_everything() == before


def test_a_failed_task_is_status_1_and_keeps_its_raw_data(bench: CommandLine) -> None:
    outcome = bench(*T1_OF_0, "--set", "time_range=[0, 1, 2, 3, 4, 5, 6, 7]", "--json")

    assert outcome.status == 1
    assert (outcome.document["status"], outcome.document["output_parameters"]) == ("failed", {})
    assert outcome.document["message"]
    assert bench.home is not None
    (raw,) = outcome.document["raw_data_path"]
    assert (bench.home / "artifacts" / raw).is_file()


def test_a_refit_of_the_same_data_gives_the_same_value_and_remembers_the_original(
    qdash: CommandLine, saved: tuple[CommandLine, dict[str, Any]]
) -> None:
    bench, original = copy_home(saved[0], qdash), saved[1]

    again = bench.read_json("task", "refit", original["task_id"])

    assert again["refit_of"] == original["task_id"] != again["task_id"]
    assert again["raw_data_path"] == original["raw_data_path"]
    measured, fitted = (result["output_parameters"]["t1"] for result in (original, again))
    assert (fitted["value"], fitted["error"]) == (measured["value"], measured["error"])
    assert get_t1(bench)["task_id"] == again["task_id"]


def test_a_refit_of_a_trial_stays_a_trial(
    qdash: CommandLine, tried: tuple[CommandLine, dict[str, Any]]
) -> None:
    bench, trial = copy_home(tried[0], qdash), tried[1]
    before = get_t1(bench)

    bench.read_json("task", "refit", trial["task_id"])

    assert get_t1(bench) == before


@pytest.mark.parametrize(
    "setting", [pytest.param("fit_window=..200", marks=pytest.mark.slow), "CheckT1.fit_window=..200"]
)
def test_a_refit_takes_options_of_the_analysis_as_a_run_takes_settings(
    bench: CommandLine, setting: str
) -> None:
    task_id = get_t1(bench)["task_id"]

    again = bench.read_json("task", "refit", task_id, "--set", setting)

    assert {name: one["value"] for name, one in again["analysis_options"].items()} == {"fit_window": "..200"}


def test_a_refit_does_not_take_what_only_the_measurement_used(bench: CommandLine) -> None:
    before = bench.read_json("task", "results")

    said = bench.run_refused("task", "refit", get_t1(bench)["task_id"], "--set", "shots=16")

    assert "shots is a run parameter of the measurement" in said
    assert "fit_window, exclude" in said
    assert bench.read_json("task", "results") == before


def test_a_setting_for_one_task_wins_over_one_for_all(bench: CommandLine) -> None:
    run = bench.read_json(
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

    stored = bench.query_rows(
        "SELECT doc ->> '$.name', doc ->> '$.run_parameters.shots.value' FROM task_result_history"
        f" WHERE execution_id = '{run['execution_id']}'"
    )
    assert {name: int(count) for name, count in stored} == dict.fromkeys(ONE_QUBIT_CHECK, 512) | {
        "CheckT1": 768
    }


def test_a_sweep_is_given_as_a_list(bench: CommandLine) -> None:
    sweep = [float(delay) for delay in range(0, 500_000, 10_000)]

    result = bench.read_json(*T1_OF_0, "--set", f"time_range={sweep}", "--set", "reset=passive")

    assert result["run_parameters"]["time_range"]["value"] == sweep
    assert result["run_parameters"]["reset"]["value"] == "passive"


def test_a_dry_run_shows_what_would_be_run_and_changes_nothing(bench: CommandLine) -> None:
    before = bench.read_everything()
    dry = ("calibrate", "bench", "--flow", "bring-up", "--exclude", "0,2,4", "--dry-run")

    plan = bench.read_json(*dry)

    assert plan["dry_run"] is True
    assert plan["targets"] == ["1", "3", "5", "6"]
    assert plan["tasks"][0] == "CheckResonatorSpectroscopy"
    (stage,) = plan["stages"]
    assert sorted(qid for group in stage["groups"] for qid in group) == plan["targets"]
    assert 10 < stage["lower_bound_s"] <= stage["makespan_s"] <= stage["group_by_group_s"] < 1000, (
        "as it took before"
    )
    assert "4 targets: 1, 3, 5, 6" in bench.does(*dry)
    assert bench.read_everything() == before


def test_a_dry_run_refuses_what_the_run_would_refuse(bench: CommandLine) -> None:
    run = ("calibrate", "bench", "--flow", "CheckT1", "--qids", "5")

    assert bench.run_refused(*run, "--dry-run") == bench.run_refused(*run)


# ------------------------------------------------------------------------------------------------------------ figures


def get_result_id(bench: CommandLine) -> str:
    newest = bench.read_json("executions", "list")[0]["execution_id"]
    results = bench.read_json("executions", "show", newest)["results"]
    return str(next(result["task_id"] for result in results if result["name"] == "CheckT1"))


@pytest.mark.parametrize(
    ("suffix", "begin"),
    [
        (".json", b"{"),
        pytest.param(".html", b"<html>", marks=pytest.mark.slow),
        pytest.param(".png", b"\x89PNG", marks=pytest.mark.slow),
        pytest.param(".svg", b"<svg", marks=pytest.mark.slow),
    ],
)
def test_a_figure_is_written_as_its_suffix_says(bench: CommandLine, suffix: str, begin: bytes) -> None:
    task_id = get_result_id(bench)
    file = bench.folder / f"t1{suffix}"
    assert bench.does("task", "figure", task_id, "-o", file) == ""
    assert file.read_bytes().lstrip().startswith(begin)
    if suffix == ".json":
        assert json.loads(file.read_text()) == json.loads(bench.does("task", "figure", task_id))


def test_a_figure_that_cannot_be_written_leaves_what_was_there(bench: CommandLine) -> None:
    task_id = get_result_id(bench)
    kept = bench.folder / "kept"
    kept.write_text("precious")

    assert "no suffix: a figure is written as .json, .html, .png, .svg" in bench.run_refused(
        "task", "figure", task_id, "-o", kept
    )
    assert ".gif: a figure is written as" in bench.run_refused("task", "figure", task_id, "-o", "t1.gif")
    assert "kept is no folder" in bench.run_refused("task", "figure", task_id, "-o", kept / "t1.json")
    assert "no-such-result" in bench.run_refused("task", "figure", "no-such-result", "-o", "t1.png")
    assert kept.read_text() == "precious"
    assert [path.name for path in bench.folder.iterdir() if path.name.startswith((".t1", "t1"))] == []


# ---------------------------------------------------------------------------------------------------- laboratory time


def test_qubits_are_measured_side_by_side_in_the_laboratory(bench: CommandLine) -> None:
    (execution,) = bench.read_json("executions", "list")
    shown = bench.read_json("executions", "show", execution["execution_id"])
    ends = [result["lab_start_s"] + result["lab_s"] for result in shown["results"]]
    assert min(result["lab_s"] for result in shown["results"]) >= 0
    assert max(ends) == pytest.approx(shown["lab_s"], rel=1e-9)
    (stage,) = shown["schedule"]
    assert stage["makespan_s"] == pytest.approx(shown["lab_s"], rel=1e-9)
    assert stage["lower_bound_s"] <= stage["makespan_s"] * (1 + 1e-9)
    assert stage["makespan_s"] <= stage["group_by_group_s"] * (1 + 1e-9)
    human = bench.does("executions", "show", execution["execution_id"])
    assert "lab s" in human
    assert "s of laboratory time, at least" in human


def test_neighbours_are_never_measured_at_the_same_time(bench: CommandLine) -> None:
    (execution,) = bench.read_json("executions", "list")
    spans = bench.read_json("executions", "timeline", execution["execution_id"])
    assert [span["lab_start_s"] for span in spans] == sorted(span["lab_start_s"] for span in spans)
    assert set(spans[0]) == {"target", "task", "lab_start_s", "lab_s"}
    busy: dict[str, list[float]] = {}
    for span in spans:
        busy.setdefault(span["target"], []).extend((span["lab_start_s"], span["lab_start_s"] + span["lab_s"]))
    pairs = [(busy[a], busy[b]) for a, b in (c.split("-") for c in COUPLINGS) if {a, b} <= busy.keys()]
    assert pairs
    for one, other in pairs:
        assert max(one) <= min(other) + 1e-9 or max(other) <= min(one) + 1e-9
    assert "begin s" in bench.does("executions", "timeline", execution["execution_id"])


def test_a_single_task_says_what_it_takes_in_a_laboratory(
    bench: CommandLine, tried: tuple[CommandLine, dict[str, Any]]
) -> None:
    tried_home, result = tried
    shown = tried_home.read_json("executions", "show", result["execution_id"])
    assert shown["lab_s"] == result["lab_s"] > 0
    assert " s of laboratory time" in bench.does(*T1_OF_0)
    assert " s of laboratory time" in bench.does("calibrate", "bench", "--flow", "CheckT1", "--qids", "0")


# ------------------------------------------------------------------------------------------------------------ aliases


CHEVRON_OF_0 = ("calibrate", "bench", "--flow", "ChevronPattern", "--qids", "0")


@pytest.fixture(scope="module")
def aliased(
    calibrated: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> tuple[CommandLine, dict[str, Any]]:
    """A copy of the calibrated home in which a task was run under its alias, and that run."""
    folder = tmp_path_factory.mktemp("aliased")
    bench = copy_home(calibrated, calibrated.with_home(folder / "home", folder=folder))
    bench.does("task", "run", "CheckCoarseChevron", "--chip", "bench", "--qid", "0", "--save")
    return bench, bench.read_json(*CHEVRON_OF_0, "--set", "ChevronPattern.shots=512")


def test_an_alias_names_the_results_of_its_task(aliased: tuple[CommandLine, dict[str, Any]]) -> None:
    bench, run = aliased
    (one,) = bench.read_json("executions", "timeline", run["execution_id"], "--task", "ChevronPattern")
    assert one["task"] == "CheckFineChevron"


def test_a_task_is_run_under_its_other_name_and_recorded_under_its_own(
    aliased: tuple[CommandLine, dict[str, Any]],
) -> None:
    bench, flow = aliased
    listed = {task["name"]: task["aliases"] for task in bench.read_json("task", "list", "--backend", "fake")}
    assert (listed["CheckFineChevron"], listed["CheckT1"]) == (["ChevronPattern"], [])
    assert "ChevronPattern" in bench.does("task", "list")

    alone = bench.read_json("task", "run", "ChevronPattern", "--chip", "bench", "--qid", "0")
    (result,) = bench.read_json("executions", "show", flow["execution_id"])["results"]

    assert alone["name"] == result["name"] == "CheckFineChevron"
    assert bench.read_json(*CHEVRON_OF_0, "--dry-run")["tasks"] == ["CheckFineChevron"]
    assert get_shots(alone) == 1024
