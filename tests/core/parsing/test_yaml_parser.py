"""YAML, parsed within limits that are checked before any costly step."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import pytest

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import YAML
from qdash_core.parsing.yaml_parser import find_entry_lines, parse_yaml

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing", None),
        ("a:", {"a": None}),
        ("[~, null, Null, NULL]", [None] * 4),
        ("[true, Yes, ON]", [True] * 3),
        ("[false, No, OFF]", [False] * 3),
        ("[0, -7, +3, 9223372036854775807]", [0, -7, 3, 2**63 - 1]),
        ("[1.5, -0.25, .5, 1., 1.0e-05, 2.5E+3]", [1.5, -0.25, 0.5, 1.0, 1e-5, 2500.0]),
        ("[.inf, -.INF]", [math.inf, -math.inf]),
        ("['1', \"true\", '']", ["1", "true", ""]),
        ("a: |\n  1\n  2\n", {"a": "1\n2\n"}),
        ("- &a {x: 1}\n- *a", [{"x": 1}, {"x": 1}]),
        ("{1: a, two: b, null: c}", {1: "a", "two": "b", None: "c"}),
        ("--- 1\n...\n", 1),
    ],
)
def test_a_document_is_the_value_that_it_says(text: str, value: object) -> None:
    assert parse_yaml(text) == value


def test_not_a_number_is_read() -> None:
    value = parse_yaml(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    "text", ["1:30", "12:30:45.5", "010", "0x1f", "0b11", "1_000", "1_0.5", "1e5", "2026-01-31", "=", "y"]
)
def test_types_that_no_format_needs_are_text(text: str) -> None:
    assert parse_yaml(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not YAML: .* line"),
        ("\x00", "not YAML"),
        ("\ud800", "not YAML"),
        ('"\\ud800"', "not YAML"),
        ("a: 1\nb: !!python/object:os.system x", "line 2: tags such as 'tag:yaml.org,2002:python/object"),
        ("!!int 5", "line 1: tags"),
        ("! 5", "line 1: tags"),
        ("!x [1]", "line 1: tags"),
        ("a: &b {c: 1}\nd:\n  <<: *b", "line 3: merge keys"),
        ("--- 1\n--- 2", "line 2: a second document"),
        ("%YAML 1.1\n--- 1", "line 1: directives"),
        ("%TAG ! x:\n--- 1", "line 1: directives"),
        ("- *a", "line 1: the alias \\*a is used before the end of its anchor"),
        ("&a [*a]", "line 1: the alias \\*a is used before the end of its anchor"),
        ("a: 1\n[b]: 2", "line 2: a key is a list or a mapping"),
        ("a: 1\nb: 2\na: 3", "line 3: 'a' is there 2 times in the mapping that begins in line 1"),
        ("{1: a, '1': b}", "'1' is there 2 times"),
        ("a: 9223372036854775808", "line 1: 9223372036854775808 exceeds 64 bits"),
    ],
)
def test_what_no_format_needs_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        parse_yaml(text)


SMALL = replace(YAML, size=200, depth=3, nodes=20, aliases=3, scalar=10, number=5, directives=2)


@pytest.mark.parametrize(
    ("inside", "beyond", "said"),
    [
        ("# " + "x" * 198, "# " + "x" * 199, "YAML of 201 bytes: the limit is 200 bytes"),
        ("[[[1]]]", "[[[[1]]]]", "line 1: nested more than 3 levels deep"),
        ("- [&a [1]]\n- [*a]", "- &a [[1]]\n- [*a]", "line 2: nested more than 3 levels deep"),
        ("[" + "1," * 19 + "]", "[" + "1," * 20 + "]", "line 1: more than 20 nodes"),
        (
            "- &a [1, 1, 1, 1]\n- *a\n- *a",
            "- &a [1, 1, 1, 1]\n- *a\n- *a\n- *a",
            "line 4: more than 20 nodes, aliases resolved",
        ),
        ("[&a 1, *a, *a, *a]", "[&a 1, *a, *a, *a, *a]", "line 1: more than 3 aliases"),
        ("a: " + "x" * 10, "a: " + "x" * 11, "line 1: a scalar of 11 characters: the limit is 10"),
        ("a: 12345", "a: 123456", "line 1: a number of 6 characters: the limit is 5"),
        ("a: 1.345", "a: 1.3456", "line 1: a number of 6 characters: the limit is 5"),
    ],
)
def test_a_limit_is_named_with_its_number_and_line(inside: str, beyond: str, said: str) -> None:
    parse_yaml(inside, limits=SMALL)

    with pytest.raises(InvalidInputError, match=said):
        parse_yaml(beyond, limits=SMALL)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 40_000 + "]" * 40_000, id="nested lists"),
        pytest.param("- " * 30_000, id="nested block lists"),
        pytest.param("{a: " * 40_000 + "}" * 40_000, id="nested mappings"),
        pytest.param("? " * 30_000, id="nested keys"),
        pytest.param("".join(" " * i + "a:\n" for i in range(1_400)), id="nested block mappings"),
        pytest.param("[" * 1_000_000, id="a megabyte of brackets"),
        pytest.param("1:" * 500_000 + "1", id="base 60"),
        pytest.param(f"[{','.join(['1:' * 40_000 + '1'] * 12)}]", id="base 60 below the limit of a scalar"),
        pytest.param("9" * 1_000_000, id="a megabyte of digits"),
        pytest.param("1." + "9" * 1_000_000, id="a megabyte of decimals"),
        pytest.param("1_" * 500_000, id="a megabyte of underscores"),
        pytest.param("[" + "1," * 500_000 + "]", id="many nodes", marks=pytest.mark.slow),
        pytest.param(
            "{" + ",".join(f"{k * (2**61 - 1)}: 1" for k in range(1, 30_000)) + "}", id="equal hashes"
        ),
        pytest.param("".join(f"%TAG !{i}! tag:x\n" for i in range(60_000)) + "--- a\n", id="many directives"),
        pytest.param(BOMB, id="billion laughs"),
        pytest.param("\n".join(f"- &a{i} 1" for i in range(60_000)), id="many anchors"),
        pytest.param("|\n" + "\n" * 1_000_000 + " a", id="empty lines"),
        pytest.param(">\n" + " a\n" * 400_000, id="a folded text"),
        pytest.param("a\n" * 500_000, id="a text of many lines"),
        pytest.param('"' + "\\n" * 500_000 + '"', id="escapes"),
        pytest.param("'" + "''" * 500_000 + "'", id="quotes"),
        pytest.param("&" + "a" * 1_000_000 + " 1", id="a long anchor"),
        pytest.param("!" + "a" * 1_000_000 + " 1", id="a long tag"),
        pytest.param("a" * 1_000_000 + ": 1", id="a long key"),
        pytest.param("a: " + "\t" * 1_000_000 + "1", id="tabs"),
        pytest.param("--- a\n" * 160_000, id="many documents"),
    ],
)
def test_a_megabyte_of_anything_takes_less_than_three_seconds(text: str) -> None:
    """The slowest of these, 400,000 nodes, takes one third of it on a free processor."""
    began = time.process_time()
    said = ""
    try:
        parse_yaml(text)
    except InvalidInputError as error:
        said = str(error)
    assert "\n" not in said
    assert len(said) < 1_000
    assert time.process_time() - began < 3.0


def test_deeply_nested_entries_have_no_line_and_cost_nothing() -> None:
    found = [*find_entry_lines("a: " + "[" * 5_000)]
    assert found == [(), ("a",), *(("a", *["0"] * n) for n in range(1, 8))]
