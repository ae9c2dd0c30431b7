"""`qdash provenance`: trees of origin and use, JSON and the impact of a result."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_core import InputParameter, Parameter, open_qdash
from qdash_core.models.task import InputModel
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN
from ...core.bench import CHIP, Bench, make_task
from .test_service import NIGHT, measure_all

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.task import TaskResultModel

    from ...cli.conftest import InProcess

WHEN = r"\d\d-\d\d \d\d:\d\d"


@pytest.fixture
def night(command: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[TaskResultModel]:
    """Results of four tasks: the first has values that the others use."""
    url = f"sqlite:///{tmp_path}/night.db"
    monkeypatch.setenv("QDASH_STORE_URL", url)
    bench = Bench.open(tmp_path / "home", url, *NIGHT)
    results = measure_all(bench)
    bench.qdash.close()
    return results


def test_the_trees_show_origin_and_use(command: InProcess, night: list[TaskResultModel]) -> None:
    frequency, t1, _, gate = (result.task_id[:8] for result in night)
    lines = command.does("provenance", CHIP, "0", "t1").splitlines()
    assert lines[0] == "t1 of 0: 40.0(5) µs"
    assert lines[1].startswith("T1 on 0, accepted, ")
    assert lines[1].endswith(f", in use [{t1}]")
    assert lines[3] == "it came from (JST):"
    assert lines[4].startswith("└─ frequency 5 GHz: Frequency on 0, accepted, ")
    assert lines[4].endswith(f", in use [{frequency}]")
    assert lines[6] == "it was used by (JST):"
    assert lines[7].startswith("└─ control_t1 40 µs: Gate on 0-1, accepted, ")
    assert lines[7].endswith(f", in use [{gate}]")


def test_values_in_use_have_their_marks(
    command: InProcess, night: list[TaskResultModel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("qubit_metrics: {t1: {age_limit: 1s}}")
    monkeypatch.setenv("QDASH_METRICS_FILE", str(own))
    measured_at = night[1].start_at
    assert measured_at is not None
    with open_qdash() as qdash:
        stored = qdash.repositories.of(QubitCalibrationRepository).require(ADMIN.project_id, CHIP, "0")
        value = stored.data["t1"].model_copy(update={"calibrated_at": measured_at - timedelta(days=1)})
        aged = stored.with_changes(data={**stored.data, "t1": value}, now=measured_at)
        qdash.repositories.of(QubitCalibrationRepository).write_values(
            aged, former=aged, recorded_date="20260401", cooldown_id=None
        )
    lines = command.does("provenance", CHIP, "0", "t1").splitlines()
    assert lines[1].startswith("~ too-old: measured 1 d ago; the limit is 1 s")
    assert lines[2].endswith(f", in use (too-old) [{night[1].task_id[:8]}]")
    assert any(
        "in use (too-old) [" in line
        for line in command.does("provenance", CHIP, "0-1", "fidelity").splitlines()
    )
    entities = command.read_json("provenance", CHIP, "0", "t1")["entity"]
    marks = {one["parameter"]: one.get("marks") for one in entities.values() if one.get("in_use")}
    assert (marks["t1"], marks["frequency"]) == (["too-old"], None)
    figure = tmp_path / "graph.json"
    command.does("provenance", CHIP, "0", "t1", "--picture", str(figure))
    texts = [one["text"] for one in json.loads(figure.read_text())["layout"]["annotations"]]
    assert sum("~ too-old" in text for text in texts) == 1


def test_one_direction_and_a_depth_can_be_chosen(command: InProcess, night: list[TaskResultModel]) -> None:
    back = command.does("provenance", CHIP, "0-1", "fidelity", "--back", "--depth", "1")
    assert "1 more: use a larger --depth" in back
    assert "Frequency" not in back
    assert "it was used by" not in back
    everything = command.does("provenance", CHIP, "0-1", "fidelity", "--back", "--depth", "all")
    assert "Frequency on 0" in everything
    forward = command.does("provenance", CHIP, "0", "offset", "--forward")
    assert "it came from" not in forward
    assert "Offset on 0" in forward


def test_the_impact_of_a_result_is_listed(command: InProcess, night: list[TaskResultModel]) -> None:
    said = command.does("provenance", "impact", night[0].task_id[:8])
    assert (
        "3 results used its values, 2 of them directly; 3 values in use on 2 targets depend on them" in said
    )
    found = command.read_json("provenance", "impact", night[0].task_id)
    assert [(one["name"], one["steps"]) for one in found["results"]] == [
        ("Offset", 1),
        ("T1", 1),
        ("Gate", 2),
    ]
    offset = command.read_json("provenance", "impact", night[0].task_id, "--metrics", "offset")
    assert [one["name"] for one in offset["results"]] == ["Offset"]
    nothing = command.does("provenance", "impact", night[3].task_id)
    assert "no result used its values, and no release contains them" in nothing


def test_a_rejected_origin_is_marked(command: InProcess, night: list[TaskResultModel]) -> None:
    said = command.does("values", "reject", night[0].task_id, "--reason", "wrong line")
    assert f"`qdash provenance impact {night[0].task_id}` lists everything that depends on them" in said
    said = command.does("provenance", CHIP, "0-1", "fidelity", "--depth", "1")
    assert "rejected since, among its origins: Frequency on 0, REJECTED BY A USER (frequency, offset)" in said
    impact = command.does("provenance", "impact", night[0].task_id)
    assert "frequency rejected by admin: wrong line" in impact


def test_a_result_that_is_not_in_use_has_its_trees_too(
    command: InProcess, night: list[TaskResultModel]
) -> None:
    said = command.does("provenance", night[1].task_id[:8], "--back")
    assert said.startswith("T1 on 0, accepted")
    assert "frequency 5 GHz: Frequency on 0" in said
    both = command.does("provenance", night[1].task_id, "--back", "--forward")
    assert "it came from" in both
    assert "it was used by" in both
    assert "name the parameter, too" in command.run_refused("provenance", CHIP, "0")


def test_json_has_the_terms_of_prov(command: InProcess, night: list[TaskResultModel]) -> None:
    found = command.read_json("provenance", CHIP, "0", "t1")
    assert {"entity", "activity", "agent", "used", "wasGeneratedBy", "wasDerivedFrom"} <= found.keys()
    assert found["root"] == f"result:{night[1].task_id}"


@pytest.mark.parametrize("length", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_long_chain_of_results_is_printed_without_moving_to_the_right(
    command: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    url = f"sqlite:///{tmp_path}/chain.db"
    monkeypatch.setenv("QDASH_STORE_URL", url)
    task = make_task("Fit", {"t1": Parameter(40.0, 0.5, "us")}, needs={"t1": InputParameter(required=False)})
    bench = Bench.open(tmp_path / "home", url, task)
    first = bench.run("Fit")
    results = [first]
    for number in range(length + 200):
        used = InputModel(value=40.0, task_id=results[-1].task_id, target="0", parameter="t1")
        start_at = results[-1].start_at + timedelta(seconds=1)
        fields = {"task_id": f"{number:08d}-chain", "input_parameters": {"t1": used}, "start_at": start_at}
        results.append(first.model_copy(update=fields))
    bench.repositories.of(TaskResultHistoryRepository).add(*results[1:])
    bench.qdash.close()
    lines = command.does("provenance", results[length].task_id, "--back", "--depth", "all").splitlines()
    chain = [line for line in lines if "Fit on 0" in line][1:]
    assert len(chain) == length
    assert {line.index("t1 40") for line in chain} == {3}


def test_a_depth_that_is_no_number_is_refused(
    command: InProcess, night: list[TaskResultModel], subtests: pytest.Subtests
) -> None:
    for depth in ["0", "-1", "many", "1001", ""]:
        with subtests.test(depth):
            assert "neither a number from 1 to 1000 nor `all`" in command.run_refused(
                "provenance", CHIP, "0", "t1", "--depth", depth
            )


def test_unknown_names_are_refused(command: InProcess, night: list[TaskResultModel]) -> None:
    assert "there is no chip 'b'" in command.run_refused("provenance", "b", "0", "t1")
    assert "no value of t2" in command.run_refused("provenance", CHIP, "0", "t2")
    assert "there is no result" in command.run_refused("provenance", "impact", "fff")


def test_a_picture_is_drawn_of_the_same_graph(
    command: InProcess, night: list[TaskResultModel], tmp_path: Path
) -> None:
    figure = tmp_path / "origin.json"
    command.does("release", "create", CHIP, "--name", "friday")
    said = command.does("provenance", CHIP, "0", "t1", "--picture", str(figure))
    shown = "4 results, changes and releases"
    assert f"{shown} in {figure}" in said
    drawn = json.loads(figure.read_text())
    assert "Provenance of t1 of 0" in drawn["layout"]["title"]["text"]
    assert shown in drawn["layout"]["title"]["text"]
    texts = [one["text"] for one in drawn["layout"]["annotations"]]
    assert {"1 step earlier", "traced", "1 step later"} <= set(texts)
