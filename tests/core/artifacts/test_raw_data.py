"""The file format of raw data: what goes in comes out, and what cannot is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import InvalidInputError, RawData, StoreError
from qdash_core.artifacts.raw_data import decode, encode
from qdash_core.artifacts.storage import FilesystemCalibDataSaver

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (RawData({"names": (["a", "b"], "")}), "not numeric"),
        (RawData({"ragged": (np.array([[1], [2, 3]], dtype=object), "")}), "not numeric"),
        (RawData({"when": (np.array(["2026-01-01"], dtype="M8[D]"), "")}), "not numeric"),
        (RawData({"__qdash__": ([1.0], "")}), "another name"),
        (RawData({"a/b": ([1.0], "")}), "another name"),
        (RawData({}, {"model": object()}), "not JSON"),
        (RawData({}, {"chi2": float("nan")}), "not JSON"),
    ],
)
def test_what_the_format_does_not_hold_is_refused(raw: RawData, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        encode(raw)


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_a_file_that_was_cut_is_refused(file: Path, length: int) -> None:
    contents = encode(RawData({"x": (np.arange(50.0), "")}))
    file.write_bytes(contents[:length])
    with pytest.raises(StoreError, match=r"raw\.npz"):
        decode(file)


def test_a_file_of_a_later_format_is_refused(file: Path) -> None:
    with file.open("wb") as opened:
        np.savez(opened, allow_pickle=False, __qdash__=np.array(json.dumps({"format": 2})))
    with pytest.raises(StoreError, match="format 2, this version reads 1"):
        decode(file)


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
    with pytest.raises(StoreError, match="not readable"):
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
