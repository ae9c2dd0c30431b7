"""Files and folders are packed for an upload, and unpacked as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.exchange.uploads import read_upload, unpack_archive
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.parsing.limits import JSON_EXPORT, ZIP

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A folder with two parameter files, and a hidden file."""
    for name in ("params/t1.yaml", "chip.yaml", ".git/config"):
        path = tmp_path / "lab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "lab"


def test_a_file_is_read_as_it_is(lab: Path) -> None:
    assert read_upload(lab / "chip.yaml") == ("chip.yaml", b"chip.yaml")


def test_a_folder_is_unpacked_with_its_name_and_without_hidden_files(
    lab: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(lab)
    for given in (lab, lab.relative_to(lab), lab / "params" / ".."):
        name, contents = read_upload(given)
        folder = unpack_archive(contents, tmp_path / f"there-{len(given.parts)}")
        assert (name, folder.name) == ("lab.zip", "lab")
        assert sorted(str(one.relative_to(folder)) for one in folder.rglob("*.*")) == [
            "chip.yaml",
            "params/t1.yaml",
        ]


def test_a_folder_of_zeros_is_unpacked(lab: Path, tmp_path: Path) -> None:
    (lab / "chip.yaml").write_bytes(bytes(1_000_000))
    folder = unpack_archive(read_upload(lab)[1], tmp_path / "there")
    assert (folder / "chip.yaml").stat().st_size == 1_000_000


@pytest.mark.parametrize("target", ["chip.yaml", "params", "/etc/hostname", "missing"])
def test_a_folder_with_a_link_is_refused(lab: Path, target: str) -> None:
    (lab / "params" / "linked").symlink_to(lab / target)
    with pytest.raises(InvalidInputError, match="linked is a link"):
        read_upload(lab)


def test_what_is_too_large_or_missing_is_refused(lab: Path) -> None:
    with (lab / "chip.yaml").open("wb") as file:
        file.truncate(ZIP.unpacked + 1)
    with pytest.raises(InvalidInputError, match="fewer files"):
        read_upload(lab)
    with (lab / "chip.yaml").open("wb") as file:
        file.truncate(JSON_EXPORT.size + 1)
    with pytest.raises(InvalidInputError, match="too large"):
        read_upload(lab / "chip.yaml")
    with pytest.raises(NotFoundError, match="no file or folder"):
        read_upload(lab / "none")
