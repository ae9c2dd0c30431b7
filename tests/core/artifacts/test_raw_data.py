"""File format of raw data: lossless, and tolerant of values that cannot be stored."""

from __future__ import annotations

import json
import zipfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.results.lazy_raw_data import read_lazily
from qdash_core import InvalidInputError, RawData, StoreError
from qdash_core.artifacts.raw_data import decode, encode
from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_core.parsing.limits import NPZ

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text("aμ\n"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@pytest.fixture
def storage(tmp_path: Path) -> FilesystemCalibDataSaver:
    return FilesystemCalibDataSaver.open((tmp_path / "some where").as_uri())


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("raw") / "raw.npz"


@given(
    shape=st.lists(st.integers(0, 4), max_size=3),
    dtype=st.sampled_from(["?", "i1", "u4", "i8", "f4", "f8", "c8", "c16", ">f8"]),
    attributes=st.dictionaries(st.text("ab", max_size=2), JSON, max_size=3),
)
def test_arrays_of_every_shape_and_kind_survive(
    file: Path, shape: list[int], dtype: str, attributes: dict[str, Any]
) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    file.write_bytes(encode(RawData({"signal": (array, "a.u.")}, attributes)))
    found = decode(file)
    assert found["signal"].dtype == array.dtype
    assert found["signal"].shape == array.shape
    assert found["signal"].tobytes() == array.tobytes()
    assert found.arrays["signal"][1] == "a.u."
    assert found.attributes == attributes


def test_what_is_not_finite_survives_in_arrays(file: Path) -> None:
    array = np.array([np.nan, np.inf, -np.inf, -0.0])
    file.write_bytes(encode(RawData({"x": (array, "")})))
    assert decode(file)["x"].tobytes() == array.tobytes()


def test_numpy_reads_the_file_without_qdash(file: Path) -> None:
    file.write_bytes(encode(RawData({"delay": ([1.0, 2.0], "us")}, {"shots": np.int64(5)})))
    with np.load(file, allow_pickle=False) as archive:
        assert archive["delay"].tolist() == [1.0, 2.0]
        assert json.loads(str(archive["__qdash__"])) == {
            "format": 1,
            "units": {"delay": "us"},
            "attributes": {"shots": 5},
        }


def test_an_uncompressed_file_of_an_earlier_version_is_read(file: Path) -> None:
    meta = np.array(json.dumps({"format": 1, "units": {"shots": "a.u."}, "attributes": {"reset": "active"}}))
    shots = np.array([0.1 + 0.2j, -0.3 + 0.4j])
    with file.open("wb") as opened:
        np.savez(opened, allow_pickle=False, shots=shots, __qdash__=meta)
    found = decode(file)
    assert (found["shots"].tolist(), found.attributes) == (shots.tolist(), {"reset": "active"})


def test_rounded_data_take_less_room_than_their_numbers(file: Path) -> None:
    iq = np.random.default_rng(1).normal(size=(4096, 2)).astype(np.float32)
    rounded = (np.rint(iq * 8) / 8).view(np.complex64)
    file.write_bytes(encode(RawData({"shots": (rounded, "a.u.")})))
    assert file.stat().st_size < rounded.nbytes / 2
    assert decode(file)["shots"].tobytes() == rounded.tobytes()


def test_large_data_that_hardly_vary_are_still_read(file: Path) -> None:
    """Readers limit how far an archive expands, so writers do not compress beyond that."""
    zeros = np.zeros(NPZ.freely // 8 + 1)
    file.write_bytes(encode(RawData({"zeros": (zeros, "")})))
    assert decode(file)["zeros"].shape == zeros.shape


class Colour(Enum):
    """A class without JSON, like most classes."""

    RED = 1


class Mute:
    """An object whose `str` raises."""

    def __str__(self) -> str:
        raise ValueError


@dataclass
class Window:
    """A dataclass, which is not JSON either."""

    low: float


@pytest.mark.parametrize(
    ("value", "stored", "kind"),
    [
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02 00:00:00+00:00", "datetime"),
        (Path("/data/run"), "/data/run", "PosixPath"),
        (Colour.RED, "Colour.RED", "Colour"),
        (Window(1.0), "Window(low=1.0)", "Window"),
        (1 + 2j, "(1+2j)", "complex"),
        (float("nan"), "nan", "float"),
        (float("-inf"), "-inf", "float"),
        ("file \udcff", "file ?", "str"),
        (b"ab", "b'ab'", "bytes"),
        (np.array([1 + 1j]), "[1.+1.j]", "ndarray"),
        (Mute(), "<Mute>", "Mute"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_attribute_that_is_not_json_is_kept_as_text(
    file: Path, value: object, stored: str, kind: str
) -> None:
    given = {"odd": value, "inner": {"list": [1, value]}, "sound": [1.5, None, True]}
    file.write_bytes(encode(RawData({"signal": ([1.0], "")}, given)))
    found = decode(file)
    assert found["signal"].tolist() == [1.0]
    assert found.attributes == {
        "odd": stored,
        "inner": {"list": [1, stored]},
        "sound": [1.5, None, True],
        "not_stored": [
            f"attributes.odd: {kind}, kept as text",
            f"attributes.inner.list[1]: {kind}, kept as text",
        ],
    }
    assert given["odd"] is value
    assert set(given) == {"odd", "inner", "sound"}


def test_attributes_that_hold_themselves_are_kept_as_far_as_they_can_be(file: Path) -> None:
    endless: dict[str, Any] = {"gain": 2.0}
    endless["self"] = endless
    file.write_bytes(encode(RawData({"signal": ([1.0], "")}, endless)))
    assert decode(file).attributes["gain"] == 2.0


def test_keys_that_are_no_text_become_text(file: Path) -> None:
    file.write_bytes(encode(RawData({"x": ([1.0], "")}, {("a", 1): 2.0})))
    assert decode(file).attributes["('a', 1)"] == 2.0


def test_an_attribute_of_the_author_is_not_overwritten_by_the_list_of_changes(file: Path) -> None:
    file.write_bytes(encode(RawData({"x": ([1.0], "")}, {"not_stored": 7, "at": Path("x")})))
    assert decode(file).attributes == {"not_stored": 7, "at": "x"}


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (["a", "b"], "<U1 is not numeric"),
        (np.array([[1], [2, 3]], dtype=object), "object is not numeric"),
        (np.array(["2026-01-01"], dtype="M8[D]"), "datetime64[D] is not numeric"),
        ([[1.0], [2.0, 3.0]], "it is no array ("),
    ],
)
def test_an_array_that_is_not_numeric_is_left_out(file: Path, array: object, reason: str) -> None:
    file.write_bytes(encode(RawData({"odd": (array, ""), "signal": ([1.0], "V")})))  # type: ignore[dict-item]
    found = decode(file)
    assert list(found.arrays) == ["signal"]
    (change,) = found.attributes["not_stored"]
    assert change.startswith(f"array odd: left out, {reason}")
    with pytest.raises(InvalidInputError, match="nothing numeric: array odd: left out"):
        encode(RawData({"odd": (array, "")}))  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("name", "stored"),
    [("__qdash__", "__qdash___"), ("I/Q", "I_Q"), ("../x", ".._x"), (0, "0"), ("\udcff", "?")],
)
def test_a_name_that_the_archive_cannot_hold_is_changed(file: Path, name: str, stored: str) -> None:
    file.write_bytes(encode(RawData({name: ([1.0], "V")})))
    found = decode(file)
    assert found[stored].tolist() == [1.0]
    (change,) = found.attributes["not_stored"]
    assert change.endswith(f"stored as {stored}")


@pytest.mark.parametrize("name", ["file", "allow_pickle", "args"])
def test_an_array_may_be_called_like_an_argument_of_numpy(file: Path, name: str) -> None:
    file.write_bytes(encode(RawData({name: ([1.0], "V")})))
    assert decode(file).arrays[name] == ([1.0], "V")
    assert decode(file).attributes == {}


@pytest.mark.parametrize(
    "given",
    [
        [1.0, 2.0],
        np.ones(2),
        ([1.0],),
        ([1.0], None),
        ([1.0], "us", 3),
        ("us", [1.0]),
        {"x": [1.0], "unit": "us"},
        "us",
    ],
    ids=str,
)
def test_an_array_without_its_unit_is_refused_where_it_is_made(given: object) -> None:
    message = r"array 'signal' is given without its unit: \(array, unit\) is expected, as in \(values, 'us'\), and '' for none"
    with pytest.raises(InvalidInputError, match=message):
        RawData({"delay": ([1.0], "us"), "signal": given})  # type: ignore[dict-item]


def test_a_pair_of_array_and_unit_may_be_a_list() -> None:
    """JSON gives it as a list."""
    assert RawData({"delay": [[1.0, 2.0], "us"]})["delay"].tolist() == [1.0, 2.0]  # type: ignore[dict-item]


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_a_file_that_was_cut_is_refused(file: Path, length: int) -> None:
    contents = encode(RawData({"x": (np.arange(50.0), "")}))
    file.write_bytes(contents[:length])
    with pytest.raises(StoreError, match=r"raw\.npz"):
        decode(file)


def test_a_file_of_a_later_format_is_refused(file: Path) -> None:
    with file.open("wb") as opened:
        np.savez(opened, allow_pickle=False, __qdash__=np.array(json.dumps({"format": 3})))
    with pytest.raises(StoreError, match="format 3, this version reads 2"):
        decode(file)


def make_many() -> RawData:
    kinds = ["<c16", "<f8", "i1", ">i4", "?"]
    shapes: list[tuple[int, ...]] = [(5,), (), (2, 3), (0, 4)]
    drawn = [
        np.asarray(np.random.default_rng(place).integers(0, 2, shapes[place % 4])).astype(kinds[place % 5])
        for place in range(120)
    ]
    return RawData({f"rung_{place}_iq": (one, "a.u.") for place, one in enumerate(drawn)}, {"shots": 7})


def test_many_arrays_are_packed_and_survive(file: Path) -> None:
    raw = make_many()
    file.write_bytes(encode(raw))
    whole, lazy = decode(file), read_lazily(file.read_bytes(), "a file")
    assert [*whole.arrays] == [*lazy.arrays] == [*raw.arrays]
    assert whole.attributes == lazy.attributes == {"shots": 7}
    for name in raw.arrays:
        for found in (whole[name], lazy[name]):
            assert (found.dtype, found.shape) == (raw[name].dtype, raw[name].shape)
            assert found.tobytes() == raw[name].tobytes()
            assert found.flags.writeable
    separate = sum(len(encode(RawData({name: one}))) for name, one in raw.arrays.items())
    assert file.stat().st_size < separate / 4


def test_numpy_reads_packed_arrays_without_qdash(file: Path) -> None:
    raw = make_many()
    file.write_bytes(encode(raw))
    with np.load(file, allow_pickle=False) as archive:
        meta = json.loads(str(archive["__qdash__"]))
        dtype, shape, start, end = meta["packed"]["rung_2_iq"]
        found = archive["__packed__"][start:end].view(dtype).reshape(shape)
    assert (meta["format"], meta["units"]["rung_2_iq"]) == (2, "a.u.")
    assert found.tolist() == raw["rung_2_iq"].tolist()


@pytest.mark.parametrize(
    "place", [None, [], ["<f8", [2], 0, 8], ["<f8", [-1], 0, 7], ["O", [1], 0, 8], ["<f8", [1], 0, 99], "<f8"]
)
def test_a_damaged_place_of_a_packed_array_is_refused(file: Path, place: object) -> None:
    meta = {"format": 2, "units": {"x": "us"}, "attributes": {}, "packed": {"x": place}}
    with file.open("wb") as opened:
        np.savez(opened, __packed__=np.zeros(16, np.uint8), __qdash__=np.array(json.dumps(meta)))
    with pytest.raises(StoreError, match="not readable as raw data"):
        decode(file)


def test_rounded_shots_take_three_fifths_of_the_room_that_deflate_needs(file: Path) -> None:
    iq = np.random.default_rng(1).normal(size=(4096, 2)).astype(np.float32)
    shots = (np.rint(8 * iq) / 8).view(np.complex64)[:, 0]
    file.write_bytes(encode(RawData({"shots": (shots, "a.u.")})))
    assert decode(file)["shots"].tobytes() == shots.tobytes()
    with zipfile.ZipFile(file) as archive:
        assert file.stat().st_size < 0.65 * len(zlib.compress(archive.read("shots.npy"), 1))


def test_what_was_saved_is_loaded(storage: FilesystemCalibDataSaver) -> None:
    storage.save_raw_data("p/c/e/t.npz", RawData({"x": ([1.0], "us")}))
    storage.save_raw_data("p/c/e/t.npz", RawData({"x": ([2.0], "us")}))
    assert storage.load_raw_data("p/c/e/t.npz")["x"].tolist() == [2.0]
    assert [path.name for path in (storage.root / "p/c/e").iterdir()] == ["t.npz"]


@pytest.mark.parametrize("path", ["/etc/raw.npz", "../raw.npz", "p/../../raw.npz", ""])
def test_a_path_never_leaves_the_storage(storage: FilesystemCalibDataSaver, path: str) -> None:
    with pytest.raises(InvalidInputError, match="leaves its storage"):
        storage.save_raw_data(path, RawData({}))
    with pytest.raises(InvalidInputError, match="leaves its storage"):
        storage.load_raw_data(path)


def test_missing_raw_data_are_a_store_error(storage: FilesystemCalibDataSaver) -> None:
    with pytest.raises(StoreError, match="no longer there"):
        storage.load_raw_data("nothing.npz")


def test_a_folder_that_cannot_be_made_is_a_store_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    storage = FilesystemCalibDataSaver(tmp_path / "file")
    with pytest.raises(StoreError, match="cannot be written"):
        storage.save_raw_data("t.npz", RawData({}))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("url", ["file://host/folder", "http://x/y", "file:"])
def test_a_url_that_is_no_folder_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match="artifacts URL"):
        FilesystemCalibDataSaver.open(url)


def test_arrays_may_be_read_when_they_are_asked_for() -> None:
    content = encode(RawData({"x": ([1.0, 2.0], "us"), "y": ([3j], "")}, {"shots": 7}))
    found = read_lazily(content, "a file")
    assert ([*found.arrays], "y" in found.arrays, found.attributes) == (["x", "y"], True, {"shots": 7})
    assert ((found["x"] * 2).tolist(), found.arrays["x"][1]) == ([2.0, 4.0], "us")


def test_what_is_damaged_is_said_when_it_is_asked_for() -> None:
    content = bytearray(encode(RawData({"x": ([1.0], "us"), "y": ([2.0], "us")})))
    content[content.index(b"x.npy") + len(b"x.npy") + 20] ^= 1
    found = read_lazily(bytes(content), "a file")
    assert found["y"].tolist() == [2.0]
    with pytest.raises(StoreError, match="a file: not readable as raw data"):
        found["x"]
    with pytest.raises(StoreError, match="a file: not readable as raw data"):
        read_lazily(b"no archive", "a file")
