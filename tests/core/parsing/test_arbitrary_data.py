"""Arbitrary input of parsers: the result is a value, or an error of QDash in one line."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qdash_builtin.chips.exported_chip import parse_export, validate_parts
from qdash_builtin.exchange.csv_parser import parse_csv
from qdash_builtin.exchange.formats.value_table import read_table
from qdash_builtin.exchange.zip_archives import unzip
from qdash_core.artifacts.raw_data import read
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.models.pages import PageRequest
from qdash_core.parsing.json_parser import parse_json
from qdash_core.parsing.numpy_archives import NumpyArchive, make_array
from qdash_core.parsing.wildcards import match_names
from qdash_core.parsing.yaml_parser import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Callable

ODD = st.text() | st.text(alphabet="[]{}&*!|>%@`?:-,#\"'<~ \n\t\\0123456789._eExaA:\ud800\x00\ufeff")
"""Arbitrary text, and text with the syntax of YAML, JSON and CSV."""

many = settings(max_examples=3 * settings().max_examples)


def is_refused(parse: Callable[[Any], object], given: object) -> None:
    """Call a parser; errors other than these two fail the test."""
    with suppress(InvalidInputError, StoreError):
        parse(given)


@pytest.mark.parametrize(
    "parse",
    [
        parse_yaml,
        parse_json,
        parse_csv,
        parse_export,
        lambda text: read_table(f"target,parameter,value,error,calibrated_at\n{text}", "v.csv"),
        lambda text: match_names(text, ["task.started", "run.failed"]),
        lambda text: PageRequest(after=text).place(2),
    ],
    ids=["yaml", "json", "csv", "export", "table", "wildcard", "cursor"],
)
@many
@given(ODD)
@example("{" * 100_000)
@example("[" * 100_000)
@example("*" * 100)
def test_any_text_is_a_value_or_refused(parse: Callable[[str], object], text: str) -> None:
    is_refused(parse, text)


ARRAYS = io.BytesIO()
np.savez(ARRAYS, __qdash__=np.array(json.dumps({"format": 1, "units": {"x": "us"}, "attributes": {}})), x=1.0)
FOLDER = io.BytesIO()
with zipfile.ZipFile(FOLDER, "w", zipfile.ZIP_DEFLATED) as _archive:
    _archive.writestr("params/t1.yaml", "data: {Q00: 1.0}\n")


def make_damaged_copies(contents: bytes) -> st.SearchStrategy[bytes]:
    """Return copies of a file with up to eight changed bytes, or truncated."""

    def damage(changes: dict[int, int], length: int) -> bytes:
        copy = bytearray(contents)
        for at, byte in changes.items():
            copy[at] = byte
        return bytes(copy[:length])

    places = st.dictionaries(st.integers(0, len(contents) - 1), st.integers(0, 255), max_size=8)
    return st.builds(damage, places, st.integers(0, len(contents)) | st.just(len(contents)))


@many
@given(st.binary() | make_damaged_copies(ARRAYS.getvalue()))
def test_any_bytes_are_arrays_or_refused(contents: bytes) -> None:
    is_refused(lambda data: read(io.BytesIO(data), "a file"), contents)
    is_refused(
        lambda data: [one.read(name) for one in [NumpyArchive(io.BytesIO(data))] for name in one.names],
        contents,
    )


@many
@given(st.binary() | make_damaged_copies(FOLDER.getvalue()))
def test_any_bytes_are_a_folder_or_refused(contents: bytes) -> None:
    is_refused(unzip, contents)


@many
@given(st.binary(), st.text(), st.lists(st.integers(-3, 10**20), max_size=4))
def test_any_bytes_are_an_array_or_refused(data: bytes, dtype: str, shape: list[int]) -> None:
    is_refused(lambda given: make_array(given, dtype, tuple(shape)), data)


@many
@given(st.binary())
def test_any_bytes_are_an_exported_chip_or_refused(data: bytes) -> None:
    is_refused(lambda given: validate_parts(parse_export(given)), data)
    is_refused(parse_json, data)


YAML_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("ab1:.-e_~ "),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=20,
)


@many
@given(YAML_VALUES)
def test_what_was_written_as_json_is_read_by_both(value: Any) -> None:
    """YAML's flow style includes JSON, except for floats with an exponent and no point."""
    text = json.dumps(value)

    assert parse_json(text) == value
    if "e" not in text.replace("true", "").replace("false", ""):
        assert parse_yaml(text) == value
