"""Files of records: attached, read, replaced and removed with the record or its chip, within the limits of the entity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.attachments.accepted_files import AcceptedFiles
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.entities.composition import open_attachments, open_entity
from qdash_core.errors import AccessDeniedError, InvalidInputError, NotFoundError
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import ProjectRole
from qdash_core.runtime.application import QDash
from qdash_core.runtime.home_opening import holds_raw_data
from qdash_core.settings import Settings

from ...access import ADMIN, access_of
from ...core.chips.samples import make_chip
from ...helium_fills import make_plugin
from ...sample_log import PHOTO, SAMPLES, declare_samples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_builtin.attachments.service import AttachmentService
    from qdash_core.models.access import Access

VIEWER = access_of("viewer", role=ProjectRole.VIEWER)


@pytest.fixture
def lab(tmp_path: Path, store_url: str) -> Iterator[QDash]:
    """A laboratory with the chips A and B."""
    settings = Settings(home=tmp_path, store_url=store_url, artifacts_url=f"file://{tmp_path}/files")
    with QDash.open(settings, load_plugins(extra={"samples": make_plugin(SAMPLES)}), new=True) as qdash:
        for chip_id in ("A", "B"):
            make_chip(qdash.store, chip_id)
        yield qdash


def add_sample(lab: QDash, chip_id: str = "A") -> str:
    record = open_entity(lab, SAMPLES).create(ADMIN, name="wafer", chip_id=chip_id)
    return str(record.record_id)


def list_stored(lab: QDash) -> list[str]:
    return [*lab.artifacts.paths()]


def read(files: AttachmentService[str], access: Access, record_id: str, name: str) -> bytes:
    return b"".join(files.open(access, record_id, name)[1])


@pytest.mark.every_store
def test_files_are_attached_read_replaced_and_deleted(lab: QDash) -> None:
    record_id, files = add_sample(lab), open_attachments(lab, SAMPLES)
    before = open_entity(lab, SAMPLES).show(ADMIN, record_id)
    made = files.add(ADMIN, record_id, "left side.jpg", PHOTO)
    assert (made.media_type, made.size, made.username) == ("image/jpeg", len(PHOTO), "admin")
    files.add(ADMIN, record_id, "data.pdf", b"%PDF-1.7")
    assert [one.name for one in files.list_by_record(VIEWER, record_id)] == ["data.pdf", "left side.jpg"]
    assert read(files, VIEWER, record_id, "left side.jpg") == PHOTO
    changed = open_entity(lab, SAMPLES).show(ADMIN, record_id)
    assert changed.changed_at > before.changed_at
    assert open_entity(lab, SAMPLES).edit(ADMIN, record_id, name="die").attachments == changed.attachments

    files.add(ADMIN, record_id, "left side.jpg", PHOTO * 2)
    assert (read(files, VIEWER, record_id, "left side.jpg"), len(list_stored(lab))) == (PHOTO * 2, 2)
    files.delete(ADMIN, record_id, "left side.jpg")
    assert [one.name for one in files.list_by_record(VIEWER, record_id)] == ["data.pdf"]
    assert len(list_stored(lab)) == 1
    with pytest.raises(NotFoundError, match=r"no attachment 'left side.jpg' \(attached: data.pdf\)"):
        files.open(ADMIN, record_id, "left side.jpg")


@pytest.mark.every_store
def test_files_are_removed_with_their_record_and_with_its_chip(lab: QDash) -> None:
    first, second, other = add_sample(lab), add_sample(lab), add_sample(lab, "B")
    for record_id in (first, second, other):
        open_attachments(lab, SAMPLES).add(ADMIN, record_id, "photo.jpg", PHOTO)
    open_entity(lab, SAMPLES).delete(ADMIN, first)
    assert len(list_stored(lab)) == 2
    assert holds_raw_data(lab.artifacts)
    assert not holds_raw_data(
        lab.artifacts, of_results=True
    )  # as the doctor asks of a home without executions
    lab.get(CHIPS).delete(ADMIN, "A", force=True)
    (kept,) = list_stored(lab)
    assert f"/{other}/" in kept


@pytest.mark.parametrize(
    ("name", "contents", "message"),
    [
        ("../photo.jpg", PHOTO, "is not a valid file name"),
        (".photo.jpg", PHOTO, "is not a valid file name"),
        ("a/b.jpg", PHOTO, "is not a valid file name"),
        ("photo\n.jpg", PHOTO, "is not a valid file name"),
        ("page.html", PHOTO, r"text/html is not accepted; image/\*, application/pdf can be attached"),
        ("photo", PHOTO, "a file without a known suffix is not accepted"),
        ("photo.jpg.gz", PHOTO, "a file without a known suffix is not accepted"),
        ("photo.jpg", bytes(2 * 2**20 + 1), "photo.jpg has 2097153 bytes; 2 MiB are possible"),
        ("photo.jpg", b"", "photo.jpg is empty"),
        ("photo.png", PHOTO, "photo.png is not image/png: it is damaged"),
        ("report.pdf", b"report", "report.pdf is not application/pdf: it is damaged"),
        ("fourth.jpg", PHOTO, "the sample already has 3 files: delete one before you attach another"),
    ],
)
def test_a_file_that_is_not_accepted_is_refused_and_not_written(
    lab: QDash, name: str, contents: bytes, message: str
) -> None:
    record_id, files = add_sample(lab), open_attachments(lab, SAMPLES)
    for number in (1, 2, 3):
        files.add(ADMIN, record_id, f"{number}.jpg", PHOTO)
    stored = list_stored(lab)
    with pytest.raises(InvalidInputError, match=message):
        files.add(ADMIN, record_id, name, contents)
    assert list_stored(lab) == stored
    files.add(ADMIN, record_id, "3.jpg", PHOTO * 2)


def test_viewers_and_unknown_records_attach_nothing(lab: QDash) -> None:
    record_id, files = add_sample(lab), open_attachments(lab, SAMPLES)
    with pytest.raises(AccessDeniedError):
        files.add(VIEWER, record_id, "photo.jpg", PHOTO)
    with pytest.raises(NotFoundError, match="there is no sample 'x'"):
        files.add(ADMIN, "x", "photo.jpg", PHOTO)
    assert list_stored(lab) == []


@pytest.mark.parametrize("accepted", [AcceptedFiles(()), AcceptedFiles(("image/*",), size=2**40), "image/*"])
def test_a_declaration_with_unusable_limits_is_refused(accepted: object) -> None:
    with pytest.raises(InvalidInputError, match="entity sample: attachments"):
        declare_samples(attachments=accepted)
