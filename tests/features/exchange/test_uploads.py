"""Folders as ZIP archives: extraction, and refusal before it."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_builtin.exchange.uploads import unpack_archive
from qdash_core.errors import InvalidInputError


def make_zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, contents in files.items():
            archive.writestr(name, contents)
    return buffer.getvalue()


def test_the_folder_that_was_packed_is_given(tmp_path: Path) -> None:
    files = {"lab/config/chip.yaml": b"a", "lab/params/LAB-1/t1.yaml": b"b", "lab/.DS_Store": b"c"}
    found = unpack_archive(make_zip(files), tmp_path / "given")
    assert found == tmp_path / "given" / "lab"
    assert (found / "params" / "LAB-1" / "t1.yaml").read_bytes() == b"b"
    assert {path.name for path in found.rglob("*") if path.is_file()} == {"chip.yaml", "t1.yaml"}


def test_files_that_lie_at_the_top_are_in_the_folder_of_the_archive(tmp_path: Path) -> None:
    assert (
        unpack_archive(make_zip({"t1.yaml": b"a", "config/x": b"b"}), tmp_path / "given")
        == tmp_path / "given"
    )


@pytest.mark.parametrize("name", ["values.csv", "lab/values.csv"])
def test_the_only_file_of_an_archive_is_given(tmp_path: Path, name: str) -> None:
    assert unpack_archive(make_zip({name: b"a"}), tmp_path / "given").read_bytes() == b"a"


@pytest.mark.parametrize(
    "name",
    [
        ".",
        "../t1.yaml",
        "lab/../../t1.yaml",
        "/etc/t1.yaml",
        "lab\\t1.yaml",
        "C:t1.yaml",
        "a\nb",
        "a/" * 9 + "b",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError, match="the archive has a file"):
        unpack_archive(make_zip({"fine.yaml": b"a", name: b"b"}), tmp_path / "given")
    assert not [*tmp_path.rglob("*")]


def test_an_archive_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="has 0 files"):
        unpack_archive(make_zip({}), tmp_path / "given")


def test_an_archive_that_lies_about_a_size_is_damaged(tmp_path: Path) -> None:
    archive = bytearray(make_zip({"a": bytes(100_000)}))
    size = struct.pack("<L", 100_000)
    while (at := archive.find(size)) >= 0:
        archive[at : at + 4] = struct.pack("<L", 10)
    with pytest.raises(InvalidInputError, match="cannot be unpacked"):
        unpack_archive(bytes(archive), tmp_path / "given")


@pytest.mark.parametrize("names", [("lab/a", "lab/a"), ("lab/a", "lab/./a"), ("lab/a", "lab/a/b")])
def test_two_files_of_one_name_are_refused_and_nothing_is_written(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    buffer = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    with pytest.raises(InvalidInputError, match="which is meant"):
        unpack_archive(buffer.getvalue(), tmp_path / "given")
    assert not [*tmp_path.rglob("*")]


@given(where=st.integers(0), byte=st.integers(0, 255))
def test_whatever_is_damaged_it_is_refused_or_lies_within_its_folder(where: int, byte: int) -> None:
    damaged = bytearray(make_zip({"lab/t1.yaml": b"data of a qubit " * 20, "lab/t2.yaml": b"b"}))
    damaged[where % len(damaged)] = byte
    with TemporaryDirectory() as above:
        with suppress(InvalidInputError):
            assert unpack_archive(bytes(damaged), Path(above) / "given").is_relative_to(Path(above) / "given")
        assert {path.name for path in Path(above).iterdir()} <= {"given"}


FOLDER = {"note.json": b'{"a": 1}', "lab/foo": b"aaaaaa", "lab/.hidden": b"c"}
"""Names in which one bit flip makes a hidden file or a folder: the first letter of `note.json` becomes a dot,
the last of `lab/foo` a slash.
"""


class UnseekableFile(io.BytesIO):
    """A file without seek: sizes and checksums follow the contents."""

    def seekable(self) -> bool:
        return False

    def seek(self, _to: int, _whence: int = 0) -> int:
        raise io.UnsupportedOperation


def make_piped_archive() -> bytes:
    buffer = UnseekableFile()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in FOLDER.items():
            archive.writestr(name, contents)
    return buffer.getvalue()


def read_archive(archive: bytes) -> dict[str, bytes]:
    with TemporaryDirectory() as above:
        folder = Path(above) / "given"
        unpack_archive(archive, folder)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }


@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.release)])
@pytest.mark.parametrize(
    "archive",
    [make_zip(FOLDER), make_zip(FOLDER, zipfile.ZIP_STORED), make_piped_archive()],
    ids=["deflated", "stored", "piped"],
)
def test_an_archive_with_any_flipped_bit_is_refused_or_holds_the_same(archive: bytes, step: int) -> None:
    whole = read_archive(archive)
    assert whole.keys() == {"note.json", "lab/foo"}
    refused = 0
    bits = range(0, 8 * len(archive), step)
    for bit in bits:
        damaged = bytearray(archive)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            assert read_archive(bytes(damaged)) == whole, f"bit {bit % 8} of byte {bit // 8}"
        except InvalidInputError:
            refused += 1
    assert refused > len(bits) / 2


@pytest.mark.parametrize("archive", [make_zip(FOLDER), make_piped_archive()], ids=["deflated", "piped"])
def test_an_archive_of_which_something_is_missing_or_to_which_something_was_added_is_refused(
    archive: bytes,
) -> None:
    directory = archive.index(b"PK\1\2")
    for changed in (
        *(archive[:length] for length in range(len(archive))),
        archive + b"\0",
        b"\0" + archive,
        archive[:directory] + b"\0" + archive[directory:],
    ):
        with pytest.raises(InvalidInputError, match="the archive"):
            read_archive(changed)


def test_an_archive_with_a_comment_is_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"b")
        archive.comment = b"of Monday"
    assert read_archive(buffer.getvalue()) == {"a": b"b"}


@pytest.mark.parametrize(
    ("there", "instead"),
    [(b"KI,IT", b"\xff" * 5), ("é".encode(), b"\xff\xfe"), (b"lab/", b"\0ab/")],
    ids=["deflation", "encoding of a name", "no name"],
)
def test_what_is_damaged_within_is_refused(tmp_path: Path, there: bytes, instead: bytes) -> None:
    archive = make_zip({"lab/é.yaml": b"data of a qubit " * 20})
    assert there in archive
    with pytest.raises(InvalidInputError, match="the archive"):
        unpack_archive(archive.replace(there, instead), tmp_path / "given")
    assert not [*tmp_path.rglob("*")]


@pytest.mark.parametrize(
    "contents",
    [b"", b"no archive", make_zip({"a": b"contents"})[:-30]],
    ids=["nothing", "no archive", "cut off"],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, contents: bytes) -> None:
    with pytest.raises(InvalidInputError, match="cannot be unpacked"):
        unpack_archive(contents, tmp_path / "given")


def test_other_ways_of_packing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="otherwise than by deflation"):
        unpack_archive(make_zip({"a": b"contents"}, zipfile.ZIP_LZMA), tmp_path / "given")
