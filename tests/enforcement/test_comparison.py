"""`python -m benchmarks compare REVISION`: both revisions in alternation, each in its own environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import comparison
from benchmarks.comparison import ROWS, Row, Side, compare, prepare_revision
from benchmarks.measurements import MEASUREMENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

THIS = Side("this tree", Path(sys.executable))


def row(other: Sequence[float], this: Sequence[float]) -> Row:
    return Row("null task", "ms", other, this)


def test_there_are_fifteen_rows_and_each_is_measured() -> None:
    assert sum(map(len, ROWS.values())) == 15
    assert ROWS.keys() == MEASUREMENTS.keys()


def test_the_ratio_is_the_median_of_pairs_and_bold_if_all_are_on_one_side_of_1() -> None:
    # A machine twice as slow during the second pair changes both numbers, and no ratio.
    slower, same = row([1.0, 2.0, 1.0], [1.5, 3.0, 1.2]), row([1.0, 2.0, 1.0], [1.1, 1.9, 1.0])

    assert slower.as_markdown() == "| null task | 1 ms | 1.5 ms | **1.50** (1.20 to 1.50) |"
    assert same.as_markdown() == "| null task | 1 ms | 1.1 ms | 1.00 (0.95 to 1.10) |"


def side(folder: Path, name: str, script: str) -> Side:
    """Return a revision whose Python is a shell script."""
    python = folder / name
    python.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    python.chmod(0o700)
    return Side(name, python)


def test_revisions_alternate_after_a_first_sample_that_does_not_count(tmp_path: Path) -> None:
    order = tmp_path / "order"
    both = [
        side(tmp_path, name, f"n=0\nwhile read line; do n=$((n + 1)); echo {name} >>{order}; echo [$n]; done")
        for name in ("other", "this")
    ]

    (found,) = compare("help", *both, tmp_path, pairs=4)

    assert order.read_text("utf-8").split() == 2 * ["this", "other", "other", "this"] + ["this", "other"]
    assert (found.other, found.this) == ([2.0, 3.0, 4.0, 5.0], [2.0, 3.0, 4.0, 5.0])
    assert not list(tmp_path.glob(".homes-*"))


def test_what_a_revision_lacks_is_missing_with_the_reason(tmp_path: Path) -> None:
    lacking = side(tmp_path, "other", "echo 'AttributeError: no fit_t1' >&2\nexit 1")
    this = side(tmp_path, "this", "while read line; do echo [2]; done")

    (found,) = compare("decay-fits", lacking, this, tmp_path, pairs=3)

    assert found.as_markdown() == "| fits of T1 and Ramsey, over `curve_fit` | missing | 2 |  |"
    assert found.missing == ("decay-fits, other: AttributeError: no fit_t1",)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name == "memory-task" else pytest.mark.release)
        for name in MEASUREMENTS
    ],
)
def test_every_measurement_of_a_revision_gives_its_numbers(name: str, tmp_path: Path) -> None:
    other = side(tmp_path, "other", "while read line; do echo [1, 1]; done")

    found = compare(name, other, THIS, tmp_path, pairs=1)

    assert [one.missing for one in found] == [()] * len(ROWS[name])
    assert all(number > 0 for one in found for number in one.this)


def test_a_revision_has_the_environment_of_its_own_lock_file_and_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, folder = tmp_path / "project", tmp_path / "revisions"
    folder.mkdir()
    (project / "packages").mkdir(parents=True)

    def execute(*command: str) -> str:
        return subprocess.run(
            command, cwd=project, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()

    pyproject = '[project]\nname = "small"\nversion = "1"\nrequires-python = ">=3.11"\n[dependency-groups]\ndev = []\n'
    (project / "pyproject.toml").write_text(pyproject, "utf-8")
    execute("uv", "lock", "--quiet", "--offline", "--python", sys.executable)
    execute("git", "init", "--quiet")
    execute("git", "add", ".")
    execute("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "small")
    monkeypatch.setattr(comparison, "ROOT", project)
    monkeypatch.setenv("UV_OFFLINE", "1")

    made = prepare_revision("HEAD", folder)
    (made.python.parent / "kept").touch()

    assert prepare_revision("HEAD", folder) == made
    assert (made.python.parent / "kept").exists()
    assert execute("git", "rev-parse", "HEAD").startswith(made.name)
    assert made.python.is_relative_to(folder)
    with pytest.raises(SystemExit, match="there is no revision 'nowhere'"):
        prepare_revision("nowhere", folder)
