"""Archives, unpacked within limits of size, number and ratio."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath

import pytest

from qdash_builtin.exchange.zip_archives import unzip
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import ZipLimits

SMALL = ZipLimits(size=400, unpacked=2_000, members=2, ratio=20, depth=2)


def make_zip(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in files.items():
            archive.writestr(name, contents)
    return buffer.getvalue()


def test_the_files_of_an_archive_are_given_by_their_paths() -> None:
    assert unzip(make_zip({"a/b.yaml": b"1"}), limits=SMALL) == {PurePosixPath("a/b.yaml"): b"1"}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a": bytes(range(256)) * 4, "b": b"12" * 100}, "the archive has .* bytes: the limit is 400 bytes"),
        ({"a": b"ab" * 900, "b": b"12" * 101}, "have 2002 bytes together: 2000 at most"),
        (dict.fromkeys("abc", b""), "has 3 files: 1 to 2 are taken"),
        (dict.fromkeys(("a", "b/", "c/"), b""), "has 3 files: 1 to 2 are taken"),
        ({"a": bytes(1_900)}, "'a' of 1900 bytes in .*: at most 20 for each"),
        ({"a/b/c": b""}, "at most 2 deep"),
    ],
)
def test_what_is_beyond_a_limit_is_refused(files: dict[str, bytes], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        unzip(make_zip(files), limits=SMALL)
