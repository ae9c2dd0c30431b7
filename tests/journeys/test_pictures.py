"""Pictures of a chip as files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .command_line import CommandLine


def test_a_metric_is_drawn_on_the_map_of_the_chip(bench: CommandLine) -> None:
    file = bench.folder / "t1.json"

    told = bench.read_json("chip", "picture", "bench", "--metric", "t1", "-o", file)

    assert told == {"chip_id": "bench", "metric": "t1", "targets": ["0", "1"], "file": str(file)}
    names = [trace.get("name") for trace in json.loads(file.read_text("utf-8"))["data"]]
    assert "no accepted value: 5" in names


def test_the_suffix_says_what_is_drawn(bench: CommandLine) -> None:
    file = bench.folder / "t1.png"

    said = bench.does("chip", "picture", "bench", "--metric", "t1", "-o", file)

    assert said == f"t1 of 2 targets of bench: {file}\n"
    assert file.read_bytes().startswith(b"\x89PNG")


def test_a_metric_that_the_chip_does_not_have_is_answered_with_those_that_it_has(bench: CommandLine) -> None:
    line = bench.run_refused("chip", "picture", "bench", "--metric", "t3", "-o", "t3.json")

    assert "chip bench has no value of 't3'; it has " in line
    assert "qubit_frequency" in line
    assert not (bench.folder / "t3.json").exists()


def test_a_chip_that_is_not_calibrated_says_so(bench: CommandLine) -> None:
    bench.does("chip", "create", "new", "--topology", "linear-16")

    line = bench.run_refused("chip", "picture", "new", "--metric", "t1", "-o", "t1.json")

    assert "nothing is calibrated yet on chip new: `qdash calibrate new --flow bring-up`" in line


def test_another_kind_of_file_is_refused_before_anything_else(bench: CommandLine) -> None:
    line = bench.run_refused("chip", "picture", "nowhere", "--metric", "t1", "-o", "t1.gif")

    assert ".gif: a figure is written as .json, .html, .png, .svg" in line


def test_a_schedule_is_drawn_with_its_bound(qdash: CommandLine) -> None:
    qdash.does("chip", "create", "square", "--topology", "square-lattice-mux-16")

    planned = qdash.read_json("schedule", "square", "--kind", "coupling", "--picture", "plan.json")

    drawn = json.loads((qdash.folder / "plan.json").read_text("utf-8"))
    assert [trace["name"] for trace in drawn["data"]] == [
        f"group {number}" for number in range(1, len(planned["groups"]) + 1)
    ]
    assert drawn["layout"]["yaxis"]["ticktext"] == ["mux 0", "mux 1", "mux 2", "mux 3"]
    assert "lower bound" in drawn["layout"]["title"]["text"]


def test_what_a_run_measured_is_drawn_in_laboratory_time(bench: CommandLine) -> None:
    (execution,) = bench.read_json("executions", "list")

    spans = bench.read_json("executions", "timeline", execution["execution_id"], "--picture", "run.json")

    drawn = json.loads((bench.folder / "run.json").read_text("utf-8"))
    assert {trace["name"] for trace in drawn["data"]} <= {span["task"] for span in spans}
    assert drawn["layout"]["yaxis"]["ticktext"] == ["0", "1"]
    assert drawn["layout"]["xaxis"]["title"]["text"] == "Laboratory time (s)"


def test_what_is_drawn_of_a_run_is_not_listed_as_well(bench: CommandLine) -> None:
    (execution,) = bench.read_json("executions", "list")
    timeline = "executions", "timeline", execution["execution_id"], "--qids", "1"

    listed = bench.read_json(*timeline)

    assert {span["target"] for span in listed} == {"1"}
    assert bench.does(*timeline, "--picture", "part.json") == f"{len(listed)} measurements in part.json\n"
    drawn = json.loads((bench.folder / "part.json").read_text("utf-8"))
    assert drawn["layout"]["yaxis"]["ticktext"] == ["1"]
    assert "lower bound" not in drawn["layout"]["title"]["text"]
