"""Units of the slow tests: tests that share a server stay together, and every named test exists."""

from __future__ import annotations

from pathlib import Path

from ..slow_units import ALONE, LONG_SLOW, TOGETHER, find_unit, rank

ROOT = Path(__file__).parents[2]


def test_every_name_is_that_of_a_file_or_folder() -> None:
    assert [name for name in {*TOGETHER, *ALONE, *LONG_SLOW} if not (ROOT / name).exists()] == []


def test_tests_of_a_shared_server_are_one_unit_and_others_that_of_their_file() -> None:
    assert find_unit("tests/prefect/test_a.py::test_x[1]") == find_unit("tests/prefect/test_b.py::test_y")
    assert find_unit("tests/core/test_a.py::test_x") == find_unit("tests/core/test_a.py::TestA::test_y")
    assert find_unit("tests/core/test_a.py::test_x") != find_unit("tests/core/test_b.py::test_x")
    page = f"{ALONE[0]}::test_page"
    assert find_unit(f"{page}[a.md]") != find_unit(f"{page}[b.md]")


def test_a_long_unit_starts_before_the_others() -> None:
    assert rank("tests/ui/browser/test_login.py::test_x") < rank("tests/journeys/test_up.py::test_x")
    assert rank("tests/journeys/test_up.py::test_x") < rank("tests/core/test_a.py::test_x")
