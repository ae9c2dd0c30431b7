"""`python -m benchmarks`: the whole table by one command, each row beside its previous figure."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import __main__ as command
from benchmarks.comparison import Side
from benchmarks.table import Figure, Row, format_row, name_machine, read_figures, write_figures

from ..ratchets.sources import count_code_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FOLDER = Path(__file__).parents[2] / "benchmarks"
MOST_LINES = 3_500


def figure(median: float, *, unit: str = "ms", ratio: float | None = None, machine: str = "") -> Figure:
    return Figure(unit, median, median, median, ratio, "2026-11-20", "584a31729", machine or name_machine())


class Bench:
    """The command with recorded figures and tables of its own, whose rows are given."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.figures, self.results = folder, folder / "figures.yaml", folder / "results.md"
        self.measured: dict[str, Sequence[Row] | Exception] = {}
        tables = {"fits": command.Table("fits"), "tabs": command.Table("tabs", needs=("Chromium",))}
        monkeypatch.setattr(command, "TABLES", tables)
        monkeypatch.setattr(command, "RESULTS", self.results)
        monkeypatch.setattr(command, "read_figures", lambda: read_figures(self.figures))
        monkeypatch.setattr(command, "write_figures", lambda figures: write_figures(figures, self.figures))
        monkeypatch.setattr(command, "measure", self._measure)
        monkeypatch.setattr(command.comparison, "prepare_revision", lambda name, _: Side(name, Path("other")))
        monkeypatch.setitem(command.NEEDED, "Chromium", lambda: False)

    def _measure(self, name: str, folder: Path, python: str, *, quick: bool) -> Iterator[Row]:
        rows = self.measured[name if python != "other" else "fits of the other"]
        if isinstance(rows, Exception):
            raise rows
        yield from rows

    def run(self, *options: str) -> int:
        return command.main([*options, "--folder", str(self.folder / "stores")])


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    made = Bench(tmp_path, monkeypatch)
    figures: Mapping[str, dict[str, Figure]] = {
        "fits": {"fit": figure(2.0, ratio=4.0)},
        "tabs": {"click": figure(300.0)},
    }
    write_figures(dict(figures), made.figures)
    return made


def test_a_row_stands_beside_its_previous_figure_and_an_absent_program_keeps_it(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.measured["fits"] = [Row.of("fit", "ms", [3.0, 3.0, 6.0], against=[1.0]), Row.of("new", "s", [1.0])]
    before = bench.figures.read_text("utf-8")

    assert bench.run() == 0

    origin = f"2026-11-20, 584a31729, {name_machine()}"
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| **fits** |  |  |  |  |  |  |",
        f"| fit | 3 ms |  | 3.00 | 2 ms, ratio 4.00 | {origin} | ratio -25 % |",
        "| new | 1 s |  |  |  |  |  |",
        "| **tabs** |  |  |  |  |  |  |",
        f"| click | not measured: Chromium not found |  |  | 300 ms | {origin} |  |",
    ]
    assert bench.figures.read_text("utf-8") == before
    assert not bench.results.exists()


def test_record_replaces_what_was_measured_and_keeps_the_rest(bench: Bench) -> None:
    bench.measured["fits"] = [Row.of("fit", "ms", [3.0], against=[1.0])]

    assert bench.run("--record") == 0

    figures = read_figures(bench.figures)
    assert (figures["fits"]["fit"].median, figures["fits"]["fit"].ratio) == (3.0, 3.0)
    assert figures["tabs"] == {"click": figure(300.0)}
    assert "| fit | 3 ms |" in bench.results.read_text("utf-8")
    with pytest.raises(SystemExit):
        bench.run("--record", "--quick")


def test_a_failed_table_keeps_its_figures_and_ends_with_status_1(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.measured["fits"] = subprocess.CalledProcessError(1, "fits")

    assert bench.run("--record", "--only", "fits") == 1

    assert "| fit | failed: exit status 1 |  |  | 2 ms, ratio 4.00 |" in capsys.readouterr().out
    assert read_figures(bench.figures)["fits"] == {"fit": figure(2.0, ratio=4.0)}


def test_another_revision_takes_the_place_of_the_records(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.measured |= {
        "fits": [Row.of("fit", "ms", [3.0])],
        "fits of the other": [Row.of("fit", "ms", [1.5])],
    }

    assert bench.run("--against", "v1.0", "--only", "fits") == 0

    shown = capsys.readouterr().out
    assert "| 1.5 ms | " in shown
    assert ", v1.0, " in shown


def test_a_change_says_whether_it_is_of_another_machine() -> None:
    row = Row.of("task", "ms", [1.1])
    assert format_row(row, figure(1.0)).endswith("| +10 % |")
    assert format_row(row, figure(1.0, machine="a laptop")).endswith("| +10 %, another machine |")
    assert format_row(row, figure(1.0, unit="s")).endswith("|  |")


def test_every_table_has_its_rows_and_every_figure_its_table() -> None:
    modules = {table.module for table in command.TABLES.values()}
    with_rows = {
        path.stem
        for path in FOLDER.glob("*.py")
        if any(
            isinstance(one, ast.FunctionDef) and one.name == "rows"
            for one in ast.parse(path.read_text("utf-8")).body
        )
    }
    assert modules == with_rows
    assert read_figures().keys() <= command.TABLES.keys()


def test_the_benchmarks_are_short() -> None:
    lines = {path.name: count_code_lines(path.read_text("utf-8")) for path in FOLDER.glob("*.py")}
    assert sum(lines.values()) <= MOST_LINES, lines
