"""A chip of a home in a notebook: tables, raw data, figures, refits, analyses and export."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

import qdash
from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.notebooks.chip import NotebookChip
from qdash_builtin.notebooks.home import HomeChip
from qdash_builtin.people.feature import MEMBERS, USERS
from qdash_builtin.values.feature import VALUES
from qdash_core import (
    AccessDeniedError,
    ArrayDeclaration,
    InvalidInputError,
    NotFoundError,
    Parameter,
    ProjectRole,
    RawData,
    Settings,
    open_qdash,
)
from qdash_core.models.chip import TargetStatus
from qdash_core.models.task import Verdict

from ...access import ADMIN
from ...core.bench import CHIP, LINE, PROJECT, Bench, make_raising, make_task
from ...lazy_modules import LazyModule

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...core.conftest import MakeBench

pd = LazyModule("pandas")

DELAY, SIGNAL = [0.0, 10.0, 20.0], [1.0, 0.5, 0.25]
RAW = RawData({"delay": (DELAY, "us"), "line_0": (SIGNAL, ""), "extra": ([1 + 2j], "a.u.")}, {"shots": 100})
ARRAYS = {
    "delay": ArrayDeclaration("us", "time between pulse and readout"),
    "line_*": ArrayDeclaration("", "population, along delay"),
}
T1, FIDELITY = Parameter(5.0, 0.5, "us"), Parameter(0.9)
TASKS = (
    make_task(
        gives={"t1": T1, "fidelity": FIDELITY}, measure=lambda *_: RAW, arrays=MappingProxyType(ARRAYS)
    ),
    make_task("Broken", run=make_raising(OSError("cable"))),
)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """A chip with a result of two estimates on qubit 0, and a failed one on qubit 1."""
    return make_results(make_bench(*TASKS))


def make_results(bench: Bench) -> Bench:
    bench.run()
    bench.run("Broken", "1")
    return bench


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Folder of a home with such a chip."""
    with closing(Bench.open(tmp_path, f"sqlite:///{tmp_path / 'qdash.db'}", *TASKS).qdash) as opened:
        make_results(Bench(opened))
    return tmp_path


@pytest.fixture
def chip(bench: Bench) -> NotebookChip:
    return open_chip(bench)


def open_chip(bench: Bench, chip_id: str = CHIP, username: str | None = None) -> NotebookChip:
    return NotebookChip(HomeChip(bench.qdash, chip_id, username=username, project=None))


def get_task_id(chip: NotebookChip) -> str:
    found: str = chip.results(task="Measure").task_id.iloc[-1]
    return found


def test_values_have_a_row_each_with_unit_time_and_origin(chip: NotebookChip) -> None:
    values = chip.values()
    assert values[["target", "kind", "metric", "value", "unit"]].values.tolist() == [
        ["0", "qubit", "t1", 5.0, "us"],
        ["0", "qubit", "fidelity", 0.9, pd.NA],
    ]
    t1, fidelity = values.itertuples()
    assert (t1.error, t1.task_id) == (0.5, get_task_id(chip))
    assert t1.calibrated_at.tzinfo is not None
    assert abs(t1.calibrated_at - datetime.now(UTC)) < timedelta(hours=1)
    assert np.isnan(fidelity.error)
    assert pd.isna(t1.marks)
    assert chip.values(metrics="t1", targets="0..3").metric.tolist() == ["t1"]
    assert chip.values(metrics=["t1", "fidelity"], targets=["1"]).empty
    assert chip.values(until="24h").empty


def test_values_are_of_targets_that_may_be_used_unless_others_are_named(
    bench: Bench, chip: NotebookChip
) -> None:
    assert chip.values().trust.tolist() == ["trusted", "trusted"]
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", TargetStatus.DEAD, "open line")
    assert chip.values().empty
    for every in (chip.values(unfit=True), chip.values(targets="0"), chip.values(mode="average")):
        assert every.target.tolist() == ["0", "0"]


def test_values_are_selected_by_their_marks(bench: Bench, chip: NotebookChip) -> None:
    assert chip.values(marks="any").empty
    again = bench.reinstall(
        make_task(gives={"t1": T1, "fidelity": FIDELITY}, postprocess=make_raising(ValueError("no decay")))
    )
    again.run()
    marked = chip.values(marks=["last-failed"], metrics="t1")
    assert marked.marks.tolist() == ["last-failed"]
    assert "no decay" in marked.mark_reasons[0]
    assert chip.values(marks="disputed").empty


def test_a_history_has_every_recorded_value_newest_first(bench: Bench, chip: NotebookChip) -> None:
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(7.0)}, reason="by hand")
    history = chip.history("0", "t1")
    assert history[["value", "in_use", "manual", "task"]].values.tolist() == [
        [7.0, True, True, "SetValues"],
        [5.0, False, False, "Measure"],
    ]
    assert history.error.isna().tolist() == [True, False]
    assert history.execution_id.isna().tolist() == [True, False]
    assert chip.history("0", "t1", limit=1).value.tolist() == [7.0]
    assert chip.history("0", "t1", until="1h").empty


def test_results_have_a_row_each_and_columns_of_their_estimates(chip: NotebookChip) -> None:
    results = chip.results()
    assert results[["task", "target", "outcome", "status"]].values.tolist() == [
        ["Broken", "1", "failed", "failed"],
        ["Measure", "0", "accepted", "completed"],
    ]
    assert results.message[0].startswith("run: OSError: cable")
    assert results["t1 [us]"].isna().tolist() == [True, False]
    assert results.iloc[1][["t1 [us]", "t1 error [us]", "fidelity [1]"]].tolist() == [5.0, 0.5, 0.9]
    assert np.isnan(results["fidelity error [1]"][1])
    assert results.has_raw_data.tolist() == [False, True]
    assert chip.results(outcome="failed").task.tolist() == ["Broken"]
    assert chip.results(target="0", since="1h").task.tolist() == ["Measure"]
    assert chip.results(user="nobody").empty
    assert chip.results(limit=1).task.tolist() == ["Broken"]


def test_types_of_columns_do_not_depend_on_the_rows(bench: Bench, chip: NotebookChip) -> None:
    bench.qdash.get(CHIPS).create(ADMIN, "empty", LINE, backend="bench")
    empty = open_chip(bench, "empty")
    assert (len(empty.values()), len(empty.results())) == (0, 0)
    assert empty.values().dtypes.to_dict() == chip.values().dtypes.to_dict()
    assert empty.history("0", "t1").dtypes.to_dict() == chip.history("0", "t1").dtypes.to_dict()
    fixed = empty.results().dtypes.to_dict()
    assert fixed == chip.results().dtypes.loc[[*fixed]].to_dict()
    assert {str(one) for one in fixed.values()} == {
        "datetime64[us, UTC]",
        "string",
        "Int64",
        "float64",
        "boolean",
    }


def test_raw_data_are_arrays_with_unit_and_meaning(chip: NotebookChip) -> None:
    data = chip.raw_data(get_task_id(chip))
    assert list(data) == ["delay", "line_0", "extra"]
    assert (data["delay"].unit, data["delay"].description) == ("us", "time between pulse and readout")
    assert data["line_0"].description == "population, along delay"
    assert (data["extra"].values.tolist(), data["extra"].description) == ([1 + 2j], None)
    assert np.mean(data["delay"]) == 10.0
    assert data["delay"][:2].tolist() == [*data["delay"]][:2] == DELAY[:2]
    assert np.exp(data["line_0"]).shape == (len(data["line_0"]),)
    assert data.attributes == {"shots": 100}
    assert "delay: 3 in µs: time between pulse and readout" in repr(data)
    with pytest.raises(KeyError, match=r"no array 'signal' .* delay, line_0, extra"):
        data["signal"]


def test_raw_data_of_a_task_that_is_gone_are_still_read(bench: Bench) -> None:
    task_id = get_task_id(open_chip(bench))
    gone = open_chip(bench.reinstall(make_task("Other")))
    assert gone.raw_data(task_id)["delay"].description is None
    assert gone.raw_data(task_id)["delay"].values.tolist() == DELAY


def test_figures_are_those_of_plotly(chip: NotebookChip) -> None:
    figure = chip.figure(get_task_id(chip))
    assert figure.data[0].y is not None


def test_a_refit_is_previewed_then_recorded(bench: Bench, chip: NotebookChip) -> None:
    task_id = get_task_id(chip)
    again = open_chip(
        bench.reinstall(make_task(gives={"t1": Parameter(6.0, 0.5, "us"), "fidelity": FIDELITY}))
    )
    assert again.preview_refit(task_id).changes[0].after.value == 6.0
    assert again.values(metrics="t1").value.tolist() == [5.0]
    assert again.refit(task_id).refit_of == task_id
    assert again.values(metrics="t1").value.tolist() == [6.0]


@pytest.mark.parametrize(
    "given",
    [
        (4.0, 0.2),
        Parameter(4.0, 0.2, "us"),
        SimpleNamespace(value=np.float64(4.0), error=np.float32(0.2)),
        (np.array(4.0), np.array([0.2])),
    ],
)
def test_an_analysis_is_recorded_as_a_result_of_the_user(bench: Bench, given: object) -> None:
    chip = open_chip(bench, username="alice")
    task_id = get_task_id(chip)
    result = chip.record_analysis(task_id, {"t1": given}, "stretched exponential", "exponent 0.83(2)")
    assert (result.username, result.refit_of, result.verdict) == ("alice", task_id, Verdict.ACCEPTED)
    assert result.output_parameters["t1"].error == pytest.approx(0.2)
    assert chip.history("0", "t1").analysis_model[0] == "stretched exponential"
    assert chip.values(metrics="t1").value.tolist() == [4.0]


def test_an_unknown_error_stays_unknown(chip: NotebookChip) -> None:
    for given in (4.0, (4.0, None), 4):
        chip.record_analysis(get_task_id(chip), {"t1": given}, "line", save=False)
    assert chip.results(task="Measure", limit=3)["t1 error [us]"].isna().all()


def test_what_is_no_estimate_is_refused(chip: NotebookChip, subtests: pytest.Subtests) -> None:
    for given in (
        *("4", None, True, np.True_, 4 + 1j, (4.0,), (4.0, 0.2, 1.0), [], np.array([4.0, 0.2, 0.1])),
        *(float("nan"), (4.0, 0.0), (4.0, -1.0), (4.0, float("nan")), (4.0, float("inf")), (4.0, pd.NA)),
        SimpleNamespace(value=4.0, stderr=0.2),  # a parameter of lmfit: its error would be lost
    ):
        with subtests.test(repr(given)), pytest.raises(InvalidInputError, match="t1"):
            chip.record_analysis(get_task_id(chip), {"t1": given}, "line")
    assert len(chip.results(task="Measure")) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"parameters": [("t1", 4.0)]}, "parameters cannot be"),
        ({"model": 3}, "the model is text, not 3"),
        ({"note": None}, "the note is text, not None"),
        ({"quality": 1.1}, "quality cannot be 1.1"),
        ({"curve": [1.0, 2.0]}, "a curve is a pair of one-dimensional arrays"),
        ({"curve": ([0.0, 1.0], ["a", "b"])}, "a curve is a pair of one-dimensional arrays"),
        ({"quality": {"reduced_chi2": "good"}}, "reduced_chi2 cannot be 'good'"),
        ({"quality": {"# heading": 1.1}}, "cannot be named '# heading'"),
    ],
)
def test_arguments_of_an_analysis_are_checked(chip: NotebookChip, changes: dict[str, Any], said: str) -> None:
    arguments: dict[str, Any] = {"parameters": {"t1": 4.0}, "model": "line", **changes}
    with pytest.raises(InvalidInputError, match=said):
        chip.record_analysis(get_task_id(chip), **arguments)
    assert len(chip.results(task="Measure")) == 1


def test_a_qubit_may_be_a_number(chip: NotebookChip) -> None:
    assert chip.values(targets=0).equals(chip.values(targets="0"))
    assert chip.values(targets=[0]).equals(chip.values(targets=["0"]))
    assert chip.history(0, "t1").equals(chip.history("0", "t1"))
    assert chip.results(target=0).equals(chip.results(target="0"))


def test_a_viewer_reads_and_changes_nothing(bench: Bench) -> None:
    bench.qdash.get(USERS).create("bob", by="admin")
    bench.qdash.get(MEMBERS).invite(ADMIN, "bob", ProjectRole.VIEWER)
    bench.qdash.get(MEMBERS).accept("bob", PROJECT)
    chip = open_chip(bench, username="bob")
    task_id = get_task_id(chip)
    assert chip.raw_data(task_id)["delay"].values.tolist() == DELAY
    for call in (lambda: chip.refit(task_id), lambda: chip.record_analysis(task_id, {"t1": 4.0}, "line")):
        with pytest.raises(AccessDeniedError):
            call()
    assert len(chip.results(task="Measure")) == 1


def test_results_of_other_chips_are_refused(bench: Bench, chip: NotebookChip) -> None:
    task_id = get_task_id(chip)
    bench.add_chip("other")
    other = open_chip(bench, "other")
    calls: list[Callable[[], object]] = [
        lambda: other.show_result(task_id),
        lambda: other.raw_data(task_id),
        lambda: other.figure(task_id),
        lambda: other.refit(task_id),
        lambda: other.preview_refit(task_id),
        lambda: other.record_analysis(task_id, {"t1": 4.0}, "line"),
    ]
    for call in calls:
        with pytest.raises(NotFoundError, match=f"result {task_id} belongs to chip {CHIP}, not to other"):
            call()


def test_what_is_no_selection_is_refused(chip: NotebookChip) -> None:
    for call, said in (
        (lambda: chip.values(mode="last"), "mode cannot be 'last'"),  # type: ignore[arg-type]
        (lambda: chip.values(marks="old"), "old"),
        (lambda: chip.values(since="yesterday"), "'yesterday' is not a moment"),
        (lambda: chip.values(since=pd.NaT), "NaT is not a time"),
        (lambda: chip.values(until=date(2026, 11, 20)), "is not a time: give a datetime"),  # type: ignore[arg-type]
        (lambda: chip.show_result(chip.results().iloc[0]), "a task id is text, not Series"),
        (lambda: chip.results(limit=0), "limit cannot be 0"),
        (lambda: chip.results(status="lost"), "status cannot be 'lost'"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            call()
    with pytest.raises(NotFoundError):
        chip.values(targets="9")


def test_times_without_a_zone_are_in_that_of_the_home(bench: Bench, chip: NotebookChip) -> None:
    local = datetime.now(bench.qdash.zone).replace(tzinfo=None)
    assert len(chip.results(since=local - timedelta(minutes=30))) == 2
    assert chip.results(until=local - timedelta(minutes=30)).empty


def test_a_chip_is_exported_once_unless_overwriting_is_requested(chip: NotebookChip, tmp_path: Any) -> None:
    path = chip.export(tmp_path / "chip.json")
    assert json.loads(path.read_text())["chip_id"] == CHIP
    with pytest.raises(InvalidInputError, match="is there already"):
        chip.export(path)
    chip.export(path, overwrite=True)
    assert chip.export(tmp_path / "values", "csv").read_text().startswith("kind,target,")
    with pytest.raises(InvalidInputError):
        chip.export(tmp_path / "chip.nonsense")
    assert not (tmp_path / "chip.nonsense").exists()


def test_a_home_is_opened_by_its_folder_and_closed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with qdash.open_chip(CHIP, home=home) as chip:
        assert repr(chip) == f"chip {CHIP} of home {home}"
        assert chip.values(metrics="t1").value.tolist() == [5.0]
    monkeypatch.setenv("QDASH_HOME", str(home))
    with qdash.open_chip(CHIP) as chip:
        assert len(chip.results()) == 2
    with pytest.raises(NotFoundError, match="there is no chip 'none'"):
        qdash.open_chip("none", home=home)
    with pytest.raises(InvalidInputError, match="name a home, perhaps with a user, or a host"):
        qdash.open_chip(CHIP, home=home, host="http://127.0.0.1:8000")
    with pytest.raises(AttributeError, match="no attribute 'open_chips'"):
        qdash.open_chips  # noqa: B018


def test_values_of_a_store_that_is_older_than_models_of_analyses_have_none(home: Path) -> None:
    with closing(sqlite3.connect(home / "qdash.db")) as connection, connection:
        connection.execute("UPDATE task_result_history SET brief = json_remove(brief, '$[#-1]')")
    with closing(open_qdash(Settings(home=home))) as opened:
        opened.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(4.0)}, reason="by hand")
    with qdash.open_chip(CHIP, home=home) as chip:
        history = chip.history("0", "t1")
    assert history.value.tolist() == [4.0, 5.0]
    assert history.analysis_model.isna().all()


WITH_PANDAS = """
import sys
import qdash
with qdash.open_chip(sys.argv[2], home=sys.argv[1]) as chip:
    assert "pandas" not in sys.modules
    chip.values()
    assert "pandas" in sys.modules
print("imported on use")
"""


def run_python(program: str, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_pandas_tables_are_plain_records(chip: NotebookChip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    values, results, history = (
        cast("list[dict[str, Any]]", table)
        for table in (chip.values(), chip.results(task="Measure"), chip.history("0", "t1"))
    )
    assert [(one["metric"], one["value"], one["error"]) for one in values] == [
        ("t1", 5.0, 0.5),
        ("fidelity", 0.9, None),
    ]
    assert values[0]["calibrated_at"].utcoffset() is not None
    assert values[0]["marks"] is None
    assert (results[0]["t1 [us]"], results[0]["fidelity error [1]"], results[0]["tags"]) == (5.0, None, None)
    assert history[0]["in_use"] is True


def test_pandas_is_imported_when_a_table_is_made(home: Path) -> None:
    assert run_python(WITH_PANDAS, home, CHIP) == "imported on use\n"
