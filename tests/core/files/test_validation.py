"""Validation of files: syntax by suffix, and the formats of QDash by their contents, with the line of the problem."""

from __future__ import annotations

import tracemalloc

import pytest

from qdash_core.files.validation import check_file

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
    deep = "[" * 90 + ",".join(["1"] * 300_000) + "]" * 90
    for key in ("other", "a." * 1000 + "b"):
        text = f'{{"name": "x",\n"couplings": [],\n"qubits": [],\n"{key}":\n {deep}}}'
        tracemalloc.start()
        problem = check_file("topology.json", text.encode()).problem
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert problem is not None
        assert problem.line in (None, 4)
        assert peak < 20 * len(text)
