"""Units of the slow tests: tests that share a server stay together, and every named test exists."""

from __future__ import annotations

from pathlib import Path

from ..slow_units import ALONE, APART, BROWSER, LONG_SLOW, TOGETHER, find_unit, rank

ROOT = Path(__file__).parents[2]


def test_every_name_is_that_of_a_file_or_folder() -> None:
    assert [name for name in {*TOGETHER, *APART, *ALONE, *LONG_SLOW} if not (ROOT / name).exists()] == []


def test_tests_of_a_shared_server_are_one_unit_and_others_that_of_their_file() -> None:
    assert find_unit("tests/prefect/test_a.py::test_x[1]") == find_unit("tests/prefect/test_b.py::test_y")
    assert find_unit("tests/core/test_a.py::test_x") == find_unit("tests/core/test_a.py::TestA::test_y")
    assert find_unit("tests/core/test_a.py::test_x") != find_unit("tests/core/test_b.py::test_x")
    page = f"{ALONE[0]}::test_page"
    assert find_unit(f"{page}[a.md]") != find_unit(f"{page}[b.md]")


def test_pages_in_the_browser_are_two_units_and_files_with_servers_of_their_own() -> None:
    names = ("assistant", "journeys", "live", "workbench", "night", "every_page")
    units = [find_unit(f"{BROWSER}test_{name}.py::test_x") for name in names]
    assert units[0] == units[1] != units[2] == units[3]
    assert len({*units}) == 4


def test_a_long_unit_starts_before_the_others() -> None:
    assert rank("tests/ui/browser/test_login.py::test_x") < rank("tests/journeys/test_up.py::test_x")
    assert rank("tests/journeys/test_up.py::test_x") < rank("tests/core/test_a.py::test_x")
