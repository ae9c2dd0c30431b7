"""Raw data: read by the path in their record, and never outside of the artifacts."""

from __future__ import annotations

import io
import json
import random
import zipfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.results.archive import stream_archive
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_query import ResultQuery
from qdash_builtin.results.views.raw_data import RawDataDocument
from qdash_builtin.runs.views.results import RecordedResult
from qdash_core import InvalidInputError, NotFoundError
from qdash_core.artifacts.storage import FilesystemCalibDataSaver
from qdash_core.models.pages import Page
from qdash_core.models.raw_data import RawData
from qdash_core.models.task import TaskResultModel
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN
from ...core.bench import make_task

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...core.bench import Bench
    from ...core.conftest import MakeBench


SHARED = {"project_id": "p", "username": "u", "chip_id": "a", "execution_id": "e", "name": "Measure"}


class BreakingStorage(FilesystemCalibDataSaver):
    """A storage whose disk fails in the middle of one file."""

    def __init__(self, path: str, root: Path) -> None:
        super().__init__(root)
        self._path = path

    @contextmanager
    def reading(self, path: str) -> Iterator[Any]:
        with super().reading(path) as file:
            yield HalfFile(file.read(100)) if path == self._path else file


class HalfFile(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0 or self.tell():
            raise OSError(5, "Input/output error")
        return super().read(size)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(make_task())


def place(bench: Bench, result: TaskResultModel) -> Path:
    return bench.qdash.settings.home / "artifacts" / result.raw_data_path[0]


def record_with_path(bench: Bench, path: str) -> str:
    """Record a result with another path of its raw data, and return its id."""
    planted = bench.run().model_copy(update={"task_id": "planted", "raw_data_path": [path]})
    bench.repositories.of(TaskResultHistoryRepository).add(planted)
    return planted.task_id


@pytest.mark.every_store
def test_raw_data_are_given_as_numbers_and_as_the_file(bench: Bench) -> None:
    result = bench.run()
    assert bench.qdash.get(RESULTS).load_raw_data(ADMIN, result.task_id)["signal"].tolist() == [1.0, 2.0, 3.0]
    file = b"".join(bench.qdash.get(RESULTS).open_raw_data_file(ADMIN, result.task_id))
    assert file == place(bench, result).read_bytes()


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "a/../../secret", "", "a\0b"])
def test_a_path_out_of_the_artifacts_is_refused(bench: Bench, path: str) -> None:
    (bench.qdash.settings.home / "secret").write_text("secret")
    task_id = record_with_path(bench, path)
    for read in (bench.qdash.get(RESULTS).load_raw_data, bench.qdash.get(RESULTS).open_raw_data_file):
        with pytest.raises(InvalidInputError, match="leaves its storage"):
            read(ADMIN, task_id)


@pytest.mark.parametrize("linked", ["file", "folder"])
def test_a_link_out_of_the_artifacts_is_refused(bench: Bench, tmp_path: Path, linked: str) -> None:
    task_id = record_with_path(bench, "link/secret.npz" if linked == "folder" else "secret.npz")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.npz").write_bytes(place(bench, bench.run()).read_bytes())
    artifacts = bench.qdash.settings.home / "artifacts"
    if linked == "folder":
        (artifacts / "link").symlink_to(outside)
    else:
        (artifacts / "secret.npz").symlink_to(outside / "secret.npz")
    for read in (bench.qdash.get(RESULTS).load_raw_data, bench.qdash.get(RESULTS).open_raw_data_file):
        with pytest.raises(InvalidInputError, match="a link leads out of it"):
            read(ADMIN, task_id)
    assert bench.qdash.get(RESULTS).make_thumbnail(ADMIN, task_id).svg is None


@pytest.mark.every_store
def test_artifacts_may_lie_behind_a_link_and_hold_links_to_each_other(bench: Bench, tmp_path: Path) -> None:
    result = bench.run()
    artifacts = bench.qdash.settings.home / "artifacts"
    moved = artifacts.rename(tmp_path / "larger disk")
    artifacts.symlink_to(moved)
    (artifacts / "beside.npz").symlink_to(result.raw_data_path[0])
    task_id = record_with_path(bench, "beside.npz")
    assert bench.qdash.get(RESULTS).load_raw_data(ADMIN, task_id)["signal"].tolist() == [1.0, 2.0, 3.0]


def test_what_is_not_there_is_said_before_anything_is_sent(bench: Bench) -> None:
    result = bench.run()
    place(bench, result).unlink()
    for read in (bench.qdash.get(RESULTS).load_raw_data, bench.qdash.get(RESULTS).open_raw_data_file):
        with pytest.raises(NotFoundError, match="no longer there") as refused:
            read(ADMIN, result.task_id)
        assert str(refused.value).startswith(f"{result.raw_data_path[0]}: ")
        with pytest.raises(NotFoundError, match="no result"):
            read(ADMIN, "nothing")


def test_an_execution_is_one_file(bench: Bench) -> None:
    session = bench.start_session()
    execution_id = session.execution.execution_id
    kept, gone = (session.run_task("Measure", qid) for qid in ("0", "1"))
    session.complete()
    raw = place(bench, bench.get_stored(kept)).read_bytes()
    place(bench, bench.get_stored(gone)).unlink()
    file = io.BytesIO(b"".join(bench.qdash.get(RESULTS).make_archive(ADMIN, execution_id)))
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"results.jsonl", f"raw_data/{kept.task_id}.npz", "missing.txt"}
        assert archive.read(f"raw_data/{kept.task_id}.npz") == raw
        assert archive.read("missing.txt").decode().split() == [gone.task_id]
        lines = [json.loads(line) for line in archive.read("results.jsonl").splitlines()]
    shown = [RecordedResult.from_record(bench.get_stored(one)).as_json() for one in (gone, kept)]
    assert [{name: line[name] for name in one} for line, one in zip(lines, shown, strict=True)] == shown
    with pytest.raises(NotFoundError, match="no execution"):
        bench.qdash.get(RESULTS).make_archive(ADMIN, "20000101-000")


def test_raw_data_that_break_while_they_are_read_are_no_half_entry(bench: Bench) -> None:
    session = bench.start_session()
    whole, broken = (bench.get_stored(session.run_task("Measure", qid)) for qid in ("0", "1"))
    session.complete()
    saver = BreakingStorage(broken.raw_data_path[0], bench.qdash.settings.home / "artifacts")
    page = partial(bench.qdash.get(RESULTS).page, ADMIN, ResultQuery(execution_id=whole.execution_id))
    with zipfile.ZipFile(io.BytesIO(b"".join(stream_archive(page, saver)))) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {"results.jsonl", f"raw_data/{whole.task_id}.npz", "missing.txt"}
        assert archive.read("missing.txt").decode().split() == [broken.task_id]


def test_an_archive_comes_in_large_pieces() -> None:
    results = [
        TaskResultModel(**SHARED, task_id=str(n), qid="0", message=random.Random(n).randbytes(2000).hex())
        for n in range(400)
    ]
    pieces = [*stream_archive(lambda _: Page(results, None), FilesystemCalibDataSaver(Path("nowhere")))]
    assert len(pieces) > 2
    assert min(map(len, pieces[:-1])) >= 256 * 1024


def test_numbers_that_json_does_not_have_are_null() -> None:
    raw = RawData(
        {
            "iq": (np.array([[1 + 2j, complex(np.nan, np.inf)]]), "V"),
            "on": (np.array([True]), ""),
            "n": ([3], ""),
        }
    )
    document = RawDataDocument.from_raw_data("r", raw)
    iq = document.arrays["iq"]
    assert (iq.kind, iq.shape, iq.values, iq.imaginary) == ("complex", [1, 2], [1.0, None], [2.0, None])
    assert [document.arrays[name].kind for name in ("on", "n")] == ["boolean", "integer"]
    with pytest.raises(InvalidInputError, match="200,001 numbers"):
        RawDataDocument.from_raw_data("r", RawData({"x": (np.zeros(200_001), "")}))
