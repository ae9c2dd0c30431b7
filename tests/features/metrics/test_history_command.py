"""`qdash values history`: rows of the table and of CSV, JSON and the figure."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.values.feature import VALUES
from qdash_core import AnalysisOption, OutputParameter, Parameter, RawData, RunParameter, TaskOutput
from qdash_core.process.clock import utc_now

from ...access import ADMIN
from ...core.bench import CHIP, Bench, make_backend, make_task
from ...core.session.test_simulated_runs import make_twin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import BaseTask
    from qdash_core.models.task import TaskResultModel

    from ...cli.conftest import InProcess

FLAGGED, REJECTED, NO_VALUE = 20.0, -10.0, 0.0
"""Values that are flagged for a poor fit, rejected for being out of range, and not found by the analysis."""


def analyse(task: BaseTask, raw: RawData) -> TaskOutput:
    value = raw.options.get("analysed", task.context.parameters["value"])
    if value == NO_VALUE:
        raise ValueError("the signal does not decay")
    chi2 = 100.0 if value == FLAGGED else 1.0
    return TaskOutput(parameters={"t1": Parameter(value, 0.5, "us")}, quality={"reduced_chi2": chi2})


T1 = make_task(
    "T1",
    analyse=analyse,
    parameters={"value": RunParameter(80.0, "float")},
    analysis_options={"analysed": AnalysisOption(80.0, "float", description="value")},
    output_parameters={"t1": OutputParameter(unit="us", minimum=0.0, maximum=1e4)},
)
GATE = make_task("Gate", {"gate_fidelity": Parameter(0.99, 0.001)}, task_type="coupling")


@dataclass(frozen=True)
class Laboratory:
    """Chip of a bench whose store the commands open."""

    bench: Bench
    command: InProcess

    def measure(self, value: float, **config: Any) -> TaskResultModel:
        """Measure T1 of qubit 0."""
        session = self.bench.start_session(**config)
        result = session.run_task("T1", "0", parameters={"value": value})
        session.complete()
        return self.bench.get_stored(result)

    def read_table(self, *options: str, target: str = "0", metric: str = "t1") -> list[dict[str, str]]:
        """Return the rows of the table by their headings; that of the marks of values in use is empty."""
        head, _, *lines = self.command.does("values", "history", CHIP, target, metric, *options).splitlines()
        columns = [*re.finditer(r"\S+( \S+)*", head)]
        starts = [one.start() for one in columns]
        cuts = [*zip(["", *(one[0] for one in columns)], [0, *starts], [*starts, None], strict=True)]
        rows = lines[: lines.index("")]
        return [{name: row[start:end].strip() for name, start, end in cuts} for row in rows]

    def read_csv(self, *options: str, target: str = "0", metric: str = "t1") -> list[dict[str, str]]:
        """Return the rows of the CSV."""
        told = self.command.does("values", "history", CHIP, target, metric, "--csv", *options)
        return [*csv.DictReader(io.StringIO(told))]

    def read_points(self, *options: str) -> list[dict[str, Any]]:
        """Return the values of the JSON document."""
        points: list[dict[str, Any]] = self.command.read_json("values", "history", CHIP, "0", "t1", *options)[
            "points"
        ]
        return points


@pytest.fixture
def lab(command: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Laboratory]:
    monkeypatch.setenv("COLUMNS", "400")  # no cell is wrapped
    home = tmp_path / "home"
    bench = Bench.open(
        home,
        f"sqlite:///{home / 'qdash.db'}",
        *(T1, GATE),
        backends=[make_backend(), make_twin()],
        timezone="Asia/Tokyo",
    )
    yield Laboratory(bench, command)
    bench.qdash.close()


def test_rows_tell_verdict_reasons_and_the_value_in_use(lab: Laboratory) -> None:
    results = [lab.measure(value) for value in (80.0, FLAGGED, REJECTED)]
    rejected, flagged, accepted = lab.read_table()
    assert [one["t1"] for one in (rejected, flagged, accepted)] == [
        "\N{MINUS SIGN}10.0(5) µs",
        "20.0(5) µs",
        "80.0(5) µs",
    ]
    assert [one["verdict"] for one in (rejected, flagged, accepted)] == ["rejected", "flagged", "accepted"]
    assert [one[""] for one in (rejected, flagged, accepted)] == ["", "", "*x#"]
    assert "below its minimum of 0 µs" in rejected["remark"]
    assert "reduced chi² 100" in flagged["remark"]
    assert accepted["remark"] == ""
    assert [one["task id"] for one in (accepted, flagged, rejected)] == [one.task_id for one in results]
    assert "by" not in accepted
    assert "\n\n* in use\n" in lab.command.does("values", "history", CHIP, "0", "t1")


def test_rows_name_the_users_who_decided_or_entered_a_value(lab: Laboratory) -> None:
    first, flagged = lab.measure(80.0), lab.measure(FLAGGED)
    values = lab.bench.qdash.get(VALUES)
    values.accept(ADMIN, flagged.task_id, reason="two-level system")
    values.reject(ADMIN, first.task_id, reason="wrong fit")
    values.set(ADMIN, CHIP, "0", {"t1": Parameter(45.2, 0.8)}, reason="from the other cryostat")
    manual, accepted, rejected = lab.read_table()
    assert (manual["verdict"], manual["by"], manual["task"], manual[""]) == (
        "accepted",
        "admin",
        "SetValues",
        "*",
    )
    assert manual["remark"] == "from the other cryostat"
    assert (accepted["verdict"], accepted["by"], accepted[""]) == ("accepted", "admin", "")
    assert accepted["remark"].startswith("two-level system; validation: flagged; reduced chi²")
    assert (rejected["verdict"], rejected["by"]) == ("rejected", "admin")
    assert rejected["remark"] == "wrong fit; validation: accepted"


def test_rows_of_csv_have_verdict_decision_author_and_remark(lab: Laboratory) -> None:
    first, flagged = lab.measure(80.0), lab.measure(FLAGGED)
    values = lab.bench.qdash.get(VALUES)
    values.accept(ADMIN, flagged.task_id, reason="two-level system, seen before")
    values.reject(ADMIN, first.task_id, reason="wrong fit")
    event = values.set(ADMIN, CHIP, "0", {"t1": Parameter(45.2)}, reason="from the other cryostat")
    manual, accepted, rejected = lab.read_csv()
    assert (manual["task"], manual["author"], manual["in_use"]) == ("SetValues", "admin", "yes")
    assert (manual["value"], manual["error"], manual["unit"]) == ("45.2", "", "us")
    assert (manual["task_id"], manual["execution_id"]) == (event.head.task_id, "")
    assert (accepted["verdict"], accepted["decision"], accepted["decided_by"]) == (
        "flagged",
        "accepted",
        "admin",
    )
    assert accepted["decision_reason"] == "two-level system, seen before"
    assert accepted["decided_at"].endswith("Z")
    assert "reduced chi²" in accepted["reasons"]
    assert (rejected["verdict"], rejected["decision"], rejected["decision_reason"]) == (
        "accepted",
        "rejected",
        "wrong fit",
    )
    assert (rejected["value"], rejected["error"], rejected["in_use"]) == ("80.0", "0.5", "")
    assert (rejected["execution_id"], rejected["task_id"]) == (first.execution_id, first.task_id)


def test_values_that_are_not_the_chips_are_marked(lab: Laboratory) -> None:
    lab.measure(80.0)
    lab.measure(81.0, scope="evening")
    lab.measure(82.0, saved=False)
    lab.measure(83.0, backend_name="twin")
    marks = ["simulated", "trial", "scope evening", ""]
    assert [one["remark"] for one in lab.read_table()] == marks
    assert [one[""] for one in lab.read_table()] == ["", "", "", "*"]
    assert [one["remark"] for one in lab.read_csv()] == marks
    assert [one["in_use"] for one in lab.read_csv()] == ["", "", "", "yes"]
    points = lab.read_points()
    assert [one["simulated"] for one in points] == [True, False, False, False]
    assert [one["saved"] for one in points] == [False, False, False, True]
    assert [one.get("scope") for one in points] == [None, None, "evening", None]


def test_rows_name_the_cooldown_and_the_control_qubit(lab: Laboratory) -> None:
    qdash = lab.bench.qdash
    lab.measure(80.0)
    qdash.get(CRYOSTATS).create(ADMIN, "K")
    qdash.get(COOLDOWNS).create(ADMIN, "cd-7", "K", chip_ids=[CHIP])
    lab.measure(81.0)
    lab.bench.run("Gate", "2-3")
    assert [one["cool-down"] for one in lab.read_table()] == ["cd-7", ""]
    assert [one["cooldown_id"] for one in lab.read_csv()] == ["cd-7", ""]
    assert [one["t1"] for one in lab.read_table("--cooldown", "cd-7")] == ["81.0(5) µs"]
    (gate,) = lab.read_table(target="2-3", metric="gate_fidelity")
    assert (gate["gate_fidelity"], gate["remark"]) == ("0.9900(10)", "control 3")
    assert [one["control"] for one in lab.read_csv(target="2-3", metric="gate_fidelity")] == ["3"]
    told = lab.command.read_json("values", "history", CHIP, "0", "t1")
    assert [one["cooldown_id"] for one in told["cooldowns"]] == ["cd-7"]


def test_a_refit_is_marked(lab: Laboratory) -> None:
    first = lab.measure(80.0)
    lab.bench.qdash.get(RESULTS).refit(ADMIN, first.task_id, options={"analysed": 81.0})
    refit, measured = lab.read_table()
    assert (refit["t1"], measured["remark"]) == ("81.0(5) µs", "")
    assert re.fullmatch(r"refit \d\d-\d\d \d\d:\d\d by admin", refit["remark"])
    assert [one.get("refit_of") for one in lab.read_points()] == [first.task_id, None]


def test_the_newest_values_and_those_of_a_period_are_selected(lab: Laboratory) -> None:
    for value in (80.0, 81.0):
        lab.measure(value)
    moment = utc_now().isoformat()
    lab.measure(82.0)
    assert [one["t1"] for one in lab.read_table("--limit", "2")] == ["82.0(5) µs", "81.0(5) µs"]
    assert [one["value"] for one in lab.read_csv("--limit", "1")] == ["82.0"]
    assert [one["value"] for one in lab.read_csv("--since", moment)] == ["82.0"]
    assert [one["value"] for one in lab.read_csv("--until", moment)] == ["81.0", "80.0"]
    assert [one["value"] for one in lab.read_points("--until", moment, "--limit", "1")] == [81.0]
    told = lab.command.does("values", "history", CHIP, "0", "t1", "--until", "2026-01-01")
    assert told == f"chip {CHIP} has no values of t1 for 0 in this period\n"


def test_the_table_shows_fifty_values_unless_told_otherwise(lab: Laboratory) -> None:
    for value in range(52):
        lab.bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(float(value))}, reason="test")
    assert len(lab.read_table()) == 50
    told = lab.command.does("values", "history", CHIP, "0", "t1")
    assert told.endswith("and 2 older: --limit shows more; --json and --csv show all\n")
    assert len(lab.read_table("--limit", "51")) == 51
    assert len(lab.read_csv()) == len(lab.read_points()) == 52


def test_a_history_without_values_says_so(lab: Laboratory, tmp_path: Path) -> None:
    told = lab.command.does("values", "history", CHIP, "0", "t1")
    assert told == f"chip {CHIP} has no values of t1 for 0 yet\n"
    assert lab.read_csv() == lab.read_points() == []
    figure = tmp_path / "t1.json"
    assert "no value of t1" in lab.command.run_refused(
        "values", "history", CHIP, "0", "t1", "--picture", str(figure)
    )
    assert not figure.exists()


def test_the_figure_is_written_beside_the_other_output(lab: Laboratory, tmp_path: Path) -> None:
    lab.measure(80.0)
    lab.measure(FLAGGED)
    figure = tmp_path / "t1.json"
    told = lab.command.does("values", "history", CHIP, "0", "t1", "--picture", str(figure))
    assert told == f"2 values in {figure}\n"
    drawn = {trace["name"]: trace for trace in json.loads(figure.read_text())["data"]}
    assert [*drawn["flagged"]["y"]] == [FLAGGED]
    assert drawn["accepted"]["error_y"]["array"] == [0.5]
    figure.unlink()
    assert len(lab.read_csv("--picture", str(figure))) == 2
    assert figure.exists()
    assert "a figure is written as" in lab.command.run_refused(
        "values", "history", CHIP, "0", "t1", "--picture", str(tmp_path / "t1.txt")
    )


def test_failed_and_flagged_attempts_and_the_marks_of_the_value_in_use_are_shown(
    lab: Laboratory, tmp_path: Path
) -> None:
    lab.measure(80.0)
    lab.measure(FLAGGED)
    failed = lab.measure(NO_VALUE)
    figure = tmp_path / "t1.json"
    told = lab.command.does("values", "history", CHIP, "0", "t1")
    assert [row[""] for row in lab.read_table()] == ["", "*x#"]
    assert "x last-failed: T1 failed: " in told
    assert "# disputed: T1 was flagged: " in told
    command = f"`qdash task results --execution {failed.execution_id} --task T1 --status failed`"
    assert "1 failed attempt without a value; the newest, T1 " in told
    assert command in told
    assert failed.task_id in lab.command.does(*command.strip("`").split()[1:])
    assert [row["marks"] for row in lab.read_csv()] == ["", "last-failed disputed"]
    document = lab.command.read_json("values", "history", CHIP, "0", "t1")
    assert [point.get("marks") for point in document["points"]] == [None, ["last-failed", "disputed"]]
    assert [one["task_id"] for one in document["failures"]] == [failed.task_id]
    lab.command.does("values", "history", CHIP, "0", "t1", "--picture", str(figure))
    drawn = {trace["name"]: trace for trace in json.loads(figure.read_text())["data"]}
    assert [*drawn] == ["accepted", "flagged", "in use, x last-failed, # disputed", "failed, no value"]
    assert drawn["flagged"]["marker"]["symbol"] != drawn["accepted"]["marker"]["symbol"]
    assert drawn["in use, x last-failed, # disputed"]["text"] == ["x#"]
    assert len(drawn["failed, no value"]["x"]) == 1


def test_bad_input_is_refused_in_one_line(lab: Laboratory, subtests: pytest.Subtests) -> None:
    for words, message in [
        (("other", "0", "t1"), "no chip 'other'"),
        ((CHIP, "7", "t1"), f"chip {CHIP} has no qubit 7"),
        ((CHIP, "0-2", "t1"), f"chip {CHIP} has no coupling 0-2"),
        ((CHIP, "0", "t11"), "there is no metric 't11'"),
        ((CHIP, "0-1", "t1"), "there is no metric 't1' of couplings"),
        ((CHIP, "x", "t1"), "'x'"),
        ((CHIP, "0", "t1", "--cooldown", "cd-9"), "no cool-down 'cd-9'"),
        ((CHIP, "0", "t1", "--since", "soon"), "--since"),
        ((CHIP, "0", "t1", "--since", "2026-11-21", "--until", "2026-11-20"), "2026-11-2"),
        ((CHIP, "0", "t1", "--csv", "--json"), "use --json or --csv, not both"),
    ]:
        with subtests.test(str(words)):
            assert message in lab.command.run_refused("values", "history", *words)
