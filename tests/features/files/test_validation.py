"""Validation of files: syntax by suffix, and the formats of QDash by their contents, with the line of the problem."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.files.validation import CheckedFile, FileProblem, check_file
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.hooks.formats import Format
from qdash_core.parsing.text_error import TextError

if TYPE_CHECKING:
    from pathlib import PurePosixPath

TOPOLOGY = """{
  "name": "pair",
  "qubits": [
    {"id": "0", "row": 0, "col": 0, "mux": 0},
    {"id": "1", "row": 0, "col": %s, "mux": 0}
  ],
  "couplings": [["0", "1"]]
}
"""
WIRING = "64Q:\n- {mux: 0, ctrl: [U10B-5], read_out: S159A-8, read_in: S159A-7}\n- {mux: %s, ctrl: [U10B-6], read_out: S1A-8, read_in: S1A-7}\n"
DESIGN = "qubits:\n  '0':\n    qubit_frequency: 5.0\n  '1':\n    %s: 5.1\n"
METRICS = "qubit_metrics:\n  t1:\n    title: T1\n    %s: us\n"


@pytest.mark.parametrize(
    ("name", "text", "format_"),
    [
        ("a.json", '{"a": [1, NaN]}', "json"),
        ("a.ipynb", '{"cells": []}', "json"),
        ("a.yaml", "base: &base {a: 1}\nmore:\n  <<: *base\n  b: !mine 2\n---\nc: 3\n", "yaml"),
        ("a.toml", "[a]\nb = 1\n", "toml"),
        ("a.csv", 'a,b\n1,"2\n3"\n', "csv"),
        ("a.py", "raise SystemExit('this does not run')\n", "python"),
        ("topology.json", TOPOLOGY % 1, "topology"),
        ("wiring.yaml", WIRING % 1, "wiring"),
        ("design.yaml", DESIGN % "qubit_frequency", "design"),
        ("metrics.yaml", METRICS % "unit", "metrics"),
        ("a.txt", "anything", "text"),
        ("a.svg", "<svg", "text"),
        ("README", "anything", "text"),
    ],
)
def test_valid_contents_have_their_format(name: str, text: str, format_: str) -> None:
    checked = check_file(name, text.encode())
    assert (checked.format, checked.problem) == (format_, None)


@pytest.mark.parametrize(
    ("name", "contents", "line", "column", "said"),
    [
        ("a.json", b'{"a": 1,\n "b": }', 2, 7, "not JSON"),
        ("a.json", b'{"a": {"b": 1,\n  "b": 2}}', 2, 3, "'b' is there 2 times"),
        ("a.json", b'["a",\n"\xff"]', 2, 2, "not UTF-8"),
        ("a.yaml", b"a: 1\nb: [1\nc: 2\n", 3, 2, "not YAML"),
        ("a.yaml", b"a: 1\nb:\n  c: 1\n  c: 2\n", 4, 3, "'c' is there 2 times"),
        ("a.toml", b"a = 1\nb = = 2\n", 2, 5, "not TOML"),
        ("a.csv", b"a,b\n1,2\n3\n", 3, None, "another number of cells"),
        ("a.py", b"x = 1\ndef f(:\n", 2, 7, "invalid syntax"),
        ("topology.json", (TOPOLOGY % -1).encode(), 5, None, "qubits[1].col is -1"),
        ("wiring.yaml", (WIRING % "x").encode(), 3, None, "64Q[1].mux is 'x'"),
        ("design.yaml", (DESIGN % "qubit_frequenzy").encode(), 5, None, "qubit_frequenzy"),
        ("metrics.yaml", (METRICS % "unitt").encode(), 4, None, "qubit_metrics.t1.unitt"),
    ],
)
def test_a_problem_has_its_line(name: str, contents: bytes, line: int, column: int | None, said: str) -> None:
    problem = check_file(name, contents).problem
    assert problem is not None
    assert (problem.line, problem.column) == (line, column)
    assert said in problem.message


class Levels(Format):
    """A format of YAML files in a folder `levels`, and of files `.levels`, which are all invalid."""

    name = "levels"
    title = "levels of the pumps"

    def check_file(self, path: PurePosixPath, text: str) -> bool:
        if path.suffix == ".levels":
            raise TextError("not a level", line=2, column=3)
        if path.parent.name != "levels":
            return False
        if "P1: 2" in text:
            raise InvalidInputError("pumps.P1 is 2, above 1")
        return True


class Broken(Format):
    """A format whose check raises."""

    name = "broken"
    title = "broken"

    def __init__(self, error: Exception) -> None:
        self._error = error

    def check_file(self, path: PurePosixPath, text: str) -> bool:
        raise self._error


@pytest.mark.parametrize(
    ("path", "text", "format_", "problem"),
    [
        ("levels/a.yaml", "pumps:\n  P0: 1\n  P1: 1\n", "levels", None),
        (
            "levels/a.yaml",
            "pumps:\n  P0: 1\n  P1: 2\n",
            "levels",
            FileProblem("pumps.P1 is 2, above 1", 3),
        ),
        ("a.levels", "1\n1 x\n", "levels", FileProblem("not a level", 2, 3)),
        ("other/a.yaml", "pumps:\n  P1: 2\n", "yaml", None),
        ("levels/wiring.yaml", WIRING % 1, "wiring", None),
    ],
)
def test_a_format_of_a_plugin_validates_the_files_that_it_knows(
    path: str, text: str, format_: str, problem: FileProblem | None
) -> None:
    assert check_file(path, text.encode(), formats=[Levels()]) == CheckedFile(format_, problem)


def test_a_format_of_a_plugin_does_not_see_a_file_of_invalid_syntax() -> None:
    checked = check_file("levels/a.yaml", b"pumps: [1\n", formats=[Broken(AssertionError()), Levels()])
    assert checked.format == "yaml"
    assert checked.problem is not None


@pytest.mark.parametrize("error", [ZeroDivisionError("no pump"), ConflictError("no pump"), RecursionError()])
def test_a_check_that_fails_is_logged_and_refuses_nothing(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    contents = b"pumps:\n  P1: 2\n"
    assert check_file("a.yaml", contents, formats=[Broken(error)]) == CheckedFile("yaml")
    assert "a.yaml is not checked by format broken" in caplog.text
    assert check_file("levels/a.yaml", contents, formats=[Broken(error), Levels()]).problem is not None


def test_json_that_is_not_yaml_has_its_problem_without_a_line() -> None:
    text = (TOPOLOGY % -1).replace('"pair"', '"\\ud83d\\ude00"').replace("  ", "\t")
    problem = check_file("topology.json", text.encode()).problem
    assert problem is not None
    assert (problem.line, "qubits[1].col is -1" in problem.message) == (None, True)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "[" * 100_000),
        ("a.yaml", "a: &a [x]\n" + "".join(f"b{i}: [{', '.join(['*a'] * 50)}]\n" for i in range(100))),
        ("a.toml", "a = " + "[" * 10_000),
        ("a.toml", "a." * 100_000 + "b = 1\n"),
        ("a.toml", "[ " + '"a" . ' * 40_000 + "b ]\n"),
        ("a.csv", "a," * 10_000),
        ("a.py", "(" * 100_000),
        ("a.py", "-" * 200_000 + "1"),
    ],
)
def test_contents_beyond_the_limits_are_refused(name: str, text: str) -> None:
    assert check_file(name, text.encode()).problem is not None


def test_a_dotted_text_or_a_list_of_numbers_is_no_deep_key() -> None:
    text = "a.b.c = 1\nb = [" + "1.5, " * 1000 + "]\n# " + "... " * 100 + "\nc = '" + "x. " * 20 + "'\n"
    assert check_file("a.toml", text.encode()).problem is None


def test_the_line_of_a_problem_is_found_within_limits() -> None:
    """The paths of all entries would take gigabytes, and a key may have the form of a thousand places."""
    deep = "[" * 90 + ",".join(["1"] * 20_000) + "]" * 90
    for key in ("other", "a." * 1000 + "b"):
        text = f'{{"name": "x",\n"couplings": [],\n"qubits": [],\n"{key}":\n {deep}}}'
        tracemalloc.start()
        problem = check_file("topology.json", text.encode()).problem
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert problem is not None
        assert problem.line in (None, 4)
        assert peak < 20 * len(text)
