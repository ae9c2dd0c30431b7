"""Previews of files by their contents."""

from __future__ import annotations

import io

import numpy as np
import pytest

from qdash_builtin.files.preview import Preview, make_preview
from qdash_core import RawData
from qdash_core.artifacts.raw_data import encode


def preview(name: str, contents: bytes) -> Preview:
    return make_preview(name, io.BytesIO(contents), len(contents))


def save(array: object, **options: bool) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(array), **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def test_a_long_text_ends_at_a_whole_character() -> None:
    found = preview("a.txt", ("x" + "µ" * 2**20).encode())
    assert found.text is not None
    assert (found.kind, found.is_truncated, set(found.text)) == ("text", True, {"x", "µ"})


@pytest.mark.parametrize(
    ("name", "contents", "kind"),
    [
        ("a.txt", b"", "text"),
        ("a.txt", b"\xff\xfe", "binary"),
        ("a.txt", b"a\0b", "binary"),
        ("a.png", b"no picture", "text"),
        ("a.txt", b"\x89PNG\r\n\x1a\n", "image"),
        ("a.html", b"<script>alert(1)</script>", "text"),
        ("a.csv", b"a,b\n1\n", "text"),
        ("a.csv", b"a,b,a\n1,2,3\n", "text"),
        ("a.zip", b"PK\x03\x04 and no archive", "binary"),
        ("a.npy", b"\x93NUMPY and no array", "binary"),
    ],
)
def test_contents_decide_and_not_the_name(name: str, contents: bytes, kind: str) -> None:
    assert preview(name, contents).kind == kind


def test_only_the_first_values_of_an_array_are_read() -> None:
    [found] = preview("a.npy", save(np.arange(10.0).reshape(2, 5))).arrays
    assert (found.shape, found.dtype, found.values[:2], found.unit) == (
        (2, 5),
        "float64",
        ("0.0", "1.0"),
        None,
    )
    [empty] = preview("a.npy", save(np.zeros((0, 3)))).arrays
    assert (empty.shape, empty.values) == ((0, 3), ())


def test_pickles_are_not_read() -> None:
    assert preview("a.npy", save(np.array([{}], dtype=object), allow_pickle=True)).kind == "binary"


def test_an_array_that_claims_more_than_is_there_is_refused() -> None:
    honest = save(np.zeros(2))
    assert preview("a.npy", honest.replace(b"(2,)", b"(9,)")).kind == "binary"


def test_of_an_array_that_unpacks_to_much_only_the_beginning_is_unpacked() -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, a=np.zeros(2_500_000))
    whole = buffer.getvalue()
    # The end of the compressed data is damaged: whoever unpacks it all fails.
    place = whole.index(b"PK\x01\x02") - 100
    found = preview("a.npz", whole[:place] + bytes(100) + whole[place + 100 :])
    assert [(one.shape, len(one.values)) for one in found.arrays] == [((2_500_000,), 20)]


def test_packed_arrays_of_raw_data_are_shown_one_by_one() -> None:
    many = RawData({f"t{place}": (np.full((2, 20), place), "us") for place in range(201)})
    found = preview("a.npz", encode(many))
    assert (found.kind, found.is_truncated) == ("arrays", True)
    second = found.arrays[1]
    assert (second.name, second.shape, second.dtype, second.unit) == ("t1", (2, 20), "int64", "us")
    assert second.values == ("1",) * 20
    buffer = io.BytesIO()
    np.savez(buffer, __packed__=np.zeros(3))
    assert preview("a.npz", buffer.getvalue()).kind == "binary"


@pytest.mark.parametrize(("rows", "truncated"), [(200, False), (201, True)])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_table_says_whether_it_has_more_rows(rows: int, truncated: bool, end: str) -> None:
    text = "a,b" + '\n1,"2\n\u2028 3"' * rows + end
    found = preview("a.csv", text.encode())
    assert found.table is not None
    assert (found.is_truncated, found.text) == (truncated, text)
    assert (len(found.table.rows), {*found.table.rows}) == (200, {("1", "2\n\u2028 3")})
