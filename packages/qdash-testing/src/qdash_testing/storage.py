"""Conformance tests of storages of raw data. A plugin author subclasses `StorageContract` in a test module.

class TestMyStorage(StorageContract):
    storage_class = MyStorage

    def url(self, tmp_path):
        return f"my://{tmp_path}"
"""

from __future__ import annotations

import hashlib
import io
import multiprocessing
from abc import abstractmethod
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytest

from qdash_core.artifacts.storage_features import require_prunable
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.models.raw_data import RawData
from qdash_testing.contract import Contract
from qdash_testing.storage_processes import PATH, save, save_and_be_killed, write_and_be_killed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.hooks.protocols import StorageProvider

_PATIENCE_S = 30.0
_SIGNAL = RawData({"delay": ([1.0, 2.0], "us"), "signal": (np.array([1 + 2j, np.nan]), "a.u.")}, {"shots": 5})


class StorageContract(Contract):
    """Conformance tests of a storage. Do not override tests; to except one, use a strict xfail with a reason.

    Attributes
    ----------
    storage_class : StorageProvider
        The tested class.
    shared : bool
        Whether other processes see stored data: False for a storage in memory.
    """

    storage_class: ClassVar[StorageProvider]
    shared: ClassVar[bool] = True

    @abstractmethod
    def url(self, tmp_path: Path) -> str:
        """Return the URL of an empty storage; opened twice, it is the same storage."""

    def unwritable_url(self, tmp_path: Path) -> str | None:
        """Return the URL of an unwritable storage, or None if every place can be written."""

    @pytest.fixture
    def storage_url(self, tmp_path: Path) -> str:
        return self.url(tmp_path)

    @pytest.fixture
    def storage(self, storage_url: str) -> CalibDataSaver:
        return self.storage_class.open(storage_url)

    # ------------------------------------------------------------------------------------------------- what is kept

    @pytest.mark.parametrize(
        "dtype", ["?", "i1", "u2", "i4", "u8", "i8", "f2", "f4", "f8", "c8", "c16", ">f8", "<i2"]
    )
    @pytest.mark.parametrize("shape", [(), (0,), (5,), (2, 3, 4)])
    def test_arrays_of_every_kind_and_shape_come_out_as_they_went_in(
        self, storage: CalibDataSaver, dtype: str, shape: tuple[int, ...]
    ) -> None:
        array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
        storage.save_raw_data(PATH, RawData({"x": (array, "a.u.")}, {"axes": ["a", None, 1.5]}))
        found = storage.load_raw_data(PATH)
        assert (found["x"].dtype, found["x"].shape) == (array.dtype, array.shape)
        assert found["x"].tobytes() == array.tobytes()
        assert found.arrays["x"][1] == "a.u."
        assert found.attributes == {"axes": ["a", None, 1.5]}

    def test_numbers_that_are_not_finite_are_kept(self, storage: CalibDataSaver) -> None:
        array = np.array([np.nan, np.inf, -np.inf, -0.0])
        storage.save_raw_data(PATH, RawData({"x": (array, "")}))
        assert storage.load_raw_data(PATH)["x"].tobytes() == array.tobytes()

    def test_saving_again_replaces_the_old_file(self, storage: CalibDataSaver) -> None:
        first = storage.save_raw_data(PATH, RawData({"x": ([1.0], "us")}))
        second = storage.save_raw_data(PATH, RawData({"x": ([2.0], "us")}))
        assert storage.load_raw_data(PATH)["x"].tolist() == [2.0]
        assert storage.checksum(PATH) == second != first
        assert list(storage.paths()) == [PATH]

    def test_saved_data_are_there_when_the_storage_is_opened_again(self, storage_url: str) -> None:
        checksum = self.storage_class.open(storage_url).save_raw_data(PATH, _SIGNAL)
        again = self.storage_class.open(storage_url)
        assert again.exists(PATH)
        assert again.checksum(PATH) == checksum
        assert again.load_raw_data(PATH).attributes == {"shots": 5}

    # -------------------------------------------------------------------------------------------- bytes and checksums

    def test_the_checksum_is_that_of_the_bytes(self, storage: CalibDataSaver) -> None:
        saved = storage.save_raw_data(PATH, _SIGNAL)
        assert saved == storage.checksum(PATH) == hashlib.sha256(_read_bytes(storage, PATH)).hexdigest()

    def test_bytes_come_out_as_they_went_in(self, storage: CalibDataSaver) -> None:
        saved = storage.save_raw_data(PATH, _SIGNAL)
        copied = storage.write("copy/of.npz", io.BytesIO(_read_bytes(storage, PATH)))
        assert copied == saved
        assert storage.load_raw_data("copy/of.npz").arrays["delay"][1] == "us"
        large = bytes(range(256)) * 20_000
        assert storage.write("large", io.BytesIO(large)) == hashlib.sha256(large).hexdigest()
        assert _read_bytes(storage, "large") == large

    def test_saved_data_are_listed(self, storage: CalibDataSaver) -> None:
        assert list(storage.paths()) == []
        paths = ["a", "p/c/e/1.npz", "p/c/e/2.npz", "p/d/f/3 of 4 µ%#?.npz"]
        for path in paths:
            storage.save_raw_data(path, _SIGNAL)
        assert sorted(storage.paths()) == sorted(paths)
        assert all(storage.exists(path) for path in paths)
        assert storage.load_raw_data(paths[-1]).attributes == {"shots": 5}

    def test_a_file_has_a_size_and_can_be_removed(self, storage: CalibDataSaver) -> None:
        prunable = require_prunable(storage)
        for path in ("p/c/e/1.npz", "p/c/e/2.npz", "p/c/f/3.npz"):
            storage.save_raw_data(path, _SIGNAL)
        assert prunable.size("p/c/e/1.npz") == len(_read_bytes(storage, "p/c/e/1.npz"))
        for path in ("p/c/e/1.npz", "p/c/f/3.npz", "p/c/e/1.npz"):  # what is gone stays gone
            prunable.remove(path)
        assert list(storage.paths()) == ["p/c/e/2.npz"]
        storage.save_raw_data("p/c/f/3.npz", _SIGNAL)
        assert storage.exists("p/c/f/3.npz")
        with pytest.raises(StoreError, match=r"1\.npz"):
            prunable.size("p/c/e/1.npz")

    # ----------------------------------------------------------------------------------------- errors are reported

    def test_missing_data_are_reported(self, storage: CalibDataSaver) -> None:
        storage.save_raw_data(PATH, _SIGNAL)
        for path in ("p/c/e/other.npz", "p/c/e", "nothing"):
            assert not storage.exists(path)
            for use in (
                storage.load_raw_data,
                storage.checksum,
                lambda missing: _read_bytes(storage, missing),
            ):
                with pytest.raises(StoreError, match=path):
                    use(path)

    @pytest.mark.parametrize("length", [0, 1, 100, -1])
    def test_a_file_that_was_cut_is_told(self, storage: CalibDataSaver, length: int) -> None:
        checksum = storage.save_raw_data(PATH, _SIGNAL)
        storage.write(PATH, io.BytesIO(_read_bytes(storage, PATH)[:length]))
        with pytest.raises(StoreError, match=r"t\.npz"):
            storage.load_raw_data(PATH)
        assert storage.exists(PATH)
        assert storage.checksum(PATH) != checksum

    def test_an_array_that_was_altered_is_told(self, storage: CalibDataSaver) -> None:
        checksum = storage.save_raw_data(PATH, RawData({"x": (np.arange(1000.0), "")}))
        altered = bytearray(_read_bytes(storage, PATH))
        altered[len(altered) // 2] ^= 1
        storage.write(PATH, io.BytesIO(altered))
        assert storage.checksum(PATH) != checksum
        with pytest.raises(StoreError, match=r"t\.npz"):
            storage.load_raw_data(PATH)

    @pytest.mark.parametrize("path", ["/etc/raw.npz", "../raw.npz", "p/../../raw.npz", ""])
    def test_a_path_never_leaves_the_storage(self, storage: CalibDataSaver, path: str) -> None:
        uses: list[Callable[[], object]] = [
            lambda: storage.save_raw_data(path, _SIGNAL),
            lambda: storage.load_raw_data(path),
            lambda: storage.exists(path),
            lambda: storage.checksum(path),
            lambda: storage.write(path, io.BytesIO(b"x")),
            lambda: _read_bytes(storage, path),
            lambda: require_prunable(storage).size(path),
            lambda: require_prunable(storage).remove(path),
        ]
        for use in uses:
            with pytest.raises(InvalidInputError, match="leaves its storage"):
                use()

    def test_a_folder_is_no_file_and_may_exist(self, storage: CalibDataSaver) -> None:
        if (make := getattr(storage, "make_folder", None)) is None:
            pytest.skip("this storage has no folders")
        folder = PATH.rpartition("/")[0]
        for _ in range(2):
            make(folder)
            assert not storage.exists(folder)
            assert not [*storage.paths()]
        storage.save_raw_data(PATH, _SIGNAL)
        make(folder)
        assert [*storage.paths()] == [PATH]
        with pytest.raises(StoreError):
            make(PATH)
        with pytest.raises(InvalidInputError, match="leaves its storage"):
            make("../other")

    def test_a_check_says_whether_something_can_be_kept_and_leaves_nothing(
        self, storage: CalibDataSaver, tmp_path: Path
    ) -> None:
        before = sorted(tmp_path.rglob("*"))
        storage.check()
        assert list(storage.paths()) == []
        assert sorted(tmp_path.rglob("*")) == before

    def test_a_place_that_cannot_be_written_is_told(self, tmp_path: Path) -> None:
        url = self.unwritable_url(tmp_path)
        if url is None:
            pytest.skip("every place can be written")
        storage = self.storage_class.open(url)
        for use in (storage.check, lambda: storage.save_raw_data(PATH, _SIGNAL)):
            with pytest.raises(StoreError, match="cannot be written"):
                use()

    # --------------------------------------------------------------------------------------------- several, and kills

    def test_threads_save_at_the_same_time(self, storage: CalibDataSaver) -> None:
        paths = [f"p/c/e/{number}.npz" for number in range(24)]

        def keep(number: int) -> str:
            return storage.save_raw_data(paths[number], RawData({"x": (np.full(5_000, number), "")}))

        with ThreadPoolExecutor(8) as pool:
            saved = list(pool.map(keep, range(24)))
        assert [storage.checksum(path) for path in paths] == saved
        assert [storage.load_raw_data(path)["x"][-1] for path in paths] == [*range(24)]
        assert sorted(storage.paths()) == sorted(paths)

    def test_a_reader_during_a_second_save_sees_the_old_or_the_new_data(
        self, storage: CalibDataSaver
    ) -> None:
        values = range(30)

        def keep(value: int) -> object:
            return storage.save_raw_data(PATH, RawData({"x": (np.full(20_000, value), "")}))

        keep(-1)
        with ThreadPoolExecutor(1) as pool:
            saving = [pool.submit(keep, value) for value in values]
            while not saving[-1].done():
                found = storage.load_raw_data(PATH)["x"]
                assert found.shape == (20_000,)
                assert (found == found[0]).all()
            for future in saving:
                future.result(timeout=_PATIENCE_S)
        assert storage.load_raw_data(PATH)["x"][0] == values[-1]

    def test_another_process_sees_saved_data(self, storage: CalibDataSaver, storage_url: str) -> None:
        if not self.shared:
            pytest.skip("one process")
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            saved = pool.submit(save, self.storage_class, storage_url, PATH, 2.5).result(timeout=_PATIENCE_S)
        assert storage.checksum(PATH) == saved
        assert storage.load_raw_data(PATH)["x"].tolist() == [2.5]

    @pytest.mark.parametrize("work", [write_and_be_killed, save_and_be_killed])
    def test_a_process_killed_while_writing_leaves_the_old_data(
        self, storage: CalibDataSaver, storage_url: str, work: Callable[..., Any]
    ) -> None:
        """Kill the process while it writes; a storage with its own format may complete the new file first."""
        if not self.shared:
            pytest.skip("the data of this storage end with the process")
        for before in (None, _SIGNAL):
            checksum = None if before is None else storage.save_raw_data(PATH, before)
            process = multiprocessing.get_context("spawn").Process(
                target=work, args=(self.storage_class, storage_url)
            )
            process.start()
            process.join(_PATIENCE_S)
            assert process.exitcode is not None
            storage = self.storage_class.open(storage_url)
            if process.exitcode != 0:
                assert storage.exists(PATH) is (before is not None)
                assert list(storage.paths()) == ([] if before is None else [PATH])
                assert before is None or storage.checksum(PATH) == checksum
            else:
                assert storage.load_raw_data(PATH)["x"].shape == (300_000,)


def _read_bytes(storage: CalibDataSaver, path: str) -> bytes:
    with storage.reading(path) as file:
        return file.read()
