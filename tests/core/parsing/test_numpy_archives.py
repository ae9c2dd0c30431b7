"""Arrays, read within limits, without allocation beyond the data."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import NPZ, NpzLimits
from qdash_core.parsing.numpy_archives import NumpyArchive, make_array

if TYPE_CHECKING:
    import numpy.typing as npt

SMALL = NpzLimits(unpacked=1_000, ratio=2, freely=400, members=2, header=200)


def save_archive(**arrays: npt.ArrayLike) -> io.BytesIO:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=True, **{name: np.asarray(one) for name, one in arrays.items()})
    buffer.seek(0)
    return buffer


def make_entry(contents: bytes) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.npy", contents)
    return buffer


def make_header(claim: str, data: bytes = b"") -> io.BytesIO:
    text = claim.encode() + b"\n"
    return make_entry(b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data)


def test_arrays_of_numbers_and_text_are_read() -> None:
    archive = NumpyArchive(
        save_archive(x=np.arange(6.0).reshape(2, 3), iq=1j, none=np.zeros((0, 3)), said="text")
    )

    assert archive.names == ("x", "iq", "none", "said")
    np.testing.assert_array_equal(archive.read("x"), np.arange(6.0).reshape(2, 3))
    assert archive.read("iq") == 1j
    assert archive.read("none").shape == (0, 3)
    assert str(archive.read("said")) == "text"


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        (dict.fromkeys("abc", 1), "3 arrays: the limit is 2"),
        ({"a": np.zeros(200)}, "1728 bytes of arrays: the limit is 1000"),
        ({"a": np.zeros(60)}, "608 bytes of arrays in .*: the limit is 2 for each"),
    ],
)
def test_what_is_beyond_a_limit_is_refused_before_it_is_read(arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        NumpyArchive(save_archive(**arrays), limits=SMALL)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (
            make_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,)}"),
            "claims 8000000000000 bytes, but 0 are there",
        ),
        (make_header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1)}", bytes(8)), "claims"),
        (make_header("{'descr': '|O', 'fortran_order': False, 'shape': ()}"), "no type of numbers"),
        (make_header("{'descr': '|V0', 'fortran_order': False, 'shape': (9,)}"), "no type of numbers"),
        (make_header("(" * 9_000), "cannot be read"),
        (make_header(" " * 20_000 + "{}"), "Header info length"),
        (make_entry(b""), "cannot be read"),
        (make_entry(b"\x93NUMPY\x09\x00"), "version"),
        (save_archive(a=np.array([{}], dtype=object)), "no type of numbers"),
    ],
)
def test_an_array_that_is_not_what_its_header_says_is_refused(file: io.BytesIO, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        NumpyArchive(file).read("a")


def test_an_array_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="'b' cannot be read"):
        NumpyArchive(save_archive(a=1)).read("b")


@pytest.mark.parametrize(
    "data", [b"", b"PK\x05\x06", json.dumps({}).encode(), save_archive(a=1).getvalue()[:-9]]
)
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match="no archive of arrays"):
        NumpyArchive(io.BytesIO(data), limits=NPZ)


def test_bytes_are_an_array_of_their_type_and_shape() -> None:
    values = np.arange(6, dtype="<i2").reshape(2, 3)

    np.testing.assert_array_equal(make_array(values.tobytes(), "<i2", (2, 3)), values)


@pytest.mark.parametrize(
    ("dtype", "shape"), [("O", (-1,)), ("V0", (-1,)), ("<f8", (3,)), ("nonsense", (1,)), ("<i4", (-1, -1))]
)
def test_bytes_that_are_no_such_array_are_refused(dtype: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInputError, match="no array of"):
        make_array(bytes(8), dtype, shape)
