"""JSON, parsed within limits of size and depth."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import RepeatedKeyError, exceeds_depth, has_more_values, parse_json
from qdash_core.parsing.limits import JsonLimits

SMALL = JsonLimits(size=20, depth=3)
FEW = JsonLimits(size=100, depth=3, values=4)


def test_text_and_bytes_are_read() -> None:
    assert parse_json('{"a": [1, NaN]}', parse_constant=str) == {"a": [1, "NaN"]}
    assert parse_json('"µ"'.encode()) == "µ"


@pytest.mark.parametrize(
    ("inside", "beyond", "said"),
    [
        ('"' + "x" * 18 + '"', '"' + "x" * 19 + '"', "JSON of 21 bytes: the limit is 20 bytes"),
        ('[{"a":[1]}]', '[{"a":[[1]]}]', "JSON nested more than 3 levels deep"),
        ('["[[[[", "]"]', '["\\"", [[[1]]]]', "nested more than 3 levels"),
    ],
)
def test_a_limit_is_named_with_its_number(inside: str, beyond: str, said: str) -> None:
    parse_json(inside, limits=SMALL)

    with pytest.raises(InvalidInputError, match=said):
        parse_json(beyond, limits=SMALL)


@pytest.mark.parametrize(
    ("inside", "beyond"),
    [("[1,2,3]", "[1,2,3,4]"), ('{"a": [1,2]}', '{"a": [1,2], "b": 3}'), ('["a,[{,,,,", 2]', '["a", [], 2]')],
)
def test_a_document_of_too_many_values_is_refused(inside: str, beyond: str) -> None:
    parse_json(inside, limits=FEW)

    with pytest.raises(InvalidInputError, match="JSON with more than 4 values"):
        parse_json(beyond, limits=FEW)


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", "\ud800", '"\\ud800"', b"\xff", b"\xff\xfe1\x00", "9" * 5_000]
)
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidInputError, match="not JSON"):
        parse_json(text)


def test_a_key_that_an_object_has_twice_is_refused_with_its_line() -> None:
    assert parse_json('{"a": {"b": 1}, "b": [{"a": 1}, {"a": 2}]}')
    with pytest.raises(
        RepeatedKeyError, match="'b' is there 2 times in one object, again in line 3"
    ) as raised:
        parse_json('{"a": {"b": 1,\n "c": "\\"b\\": 2",\n "b": 2}}')
    assert (raised.value.line, raised.value.column) == (3, 2)


@pytest.mark.parametrize("text", ["[" * 1_000_000, '{"a":' * 200_000, "[]," * 300_000, '"\\' * 500_000])
def test_a_megabyte_of_anything_takes_less_than_two_seconds(text: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidInputError):
        parse_json(text)
    assert time.process_time() - began < 2.0


@given(
    st.recursive(
        st.text(alphabet='[]{}"\\,:a') | st.none(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text('[{"\\', max_size=3), inner),
    )
)
def test_the_depth_is_that_of_the_value(value: object) -> None:
    depth = _compute_depth(value)
    text = json.dumps(value)

    assert not exceeds_depth(text, depth)
    assert depth == 0 or exceeds_depth(text, depth - 1)


@given(
    st.recursive(
        st.text(alphabet='[]{}"\\,:a') | st.none(),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(st.text('[{",\\', max_size=3), inner, min_size=1)
        ),
    )
)
def test_the_values_are_those_of_the_document(value: object) -> None:
    values = _count_values(value)
    text = json.dumps(value)

    assert not has_more_values(text, values)
    assert has_more_values(text, values - 1)


def _count_values(value: object) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_count_values, inside))


def _compute_depth(value: object) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(_compute_depth, inside), default=0)
