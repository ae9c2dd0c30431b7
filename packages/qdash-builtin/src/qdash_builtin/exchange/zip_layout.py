"""Consistency check of a ZIP archive: its records leave no gaps, and headers and directory agree.

`zipfile` compares the checksum of each file and little else, and the directory has no checksum. But names, sizes and offsets
are stored twice, and the records follow each other without gaps. The fields that remain unchecked (versions, attributes,
extra fields, comments) affect neither names nor contents.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Sequence

_END = struct.Struct("<4s4H2IH")
"""End record: signature, disk numbers, entries on this disk and in total, size and offset of the directory, comment length."""
_LOCAL = struct.Struct("<4s2x4H3I2H")
"""Local header: signature, flags, method, time, date, checksum, packed and unpacked size, lengths of name and extra field."""
_SIGNED, _NOT_SIGNED = struct.Struct("<4s3I"), struct.Struct("<3I")
_SIGNED_64, _NOT_SIGNED_64 = struct.Struct("<4sI2Q"), struct.Struct("<I2Q")
"""Data descriptors, which follow files that were packed before their size was known."""
_HAS_DESCRIPTOR = 0x08
_IN_EXTRA_FIELD = 0xFFFFFFFF


def check_layout(archive: bytes, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse an archive whose records contradict each other or leave gaps.

    Raises
    ------
    InvalidInputError
        If the archive is damaged or has an unusual layout.
    """
    directory = _find_directory(archive, len(entries))
    place = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset != place:
            raise _make_error(f"bytes before {entry.filename!r} belong to no file")
        place = _find_record_end(archive, entry)
    if place != directory:
        raise _make_error("bytes after the last file belong to no file")


def _find_directory(archive: bytes, number: int) -> int:
    """Return the offset of the directory, checked against the end record."""
    end = archive.rfind(b"PK\x05\x06")
    if end < 0 or len(archive) - end < _END.size:
        raise _make_error("its end is missing")
    offset: int
    _, disk, first_disk, here, total, size, offset, comment = _END.unpack_from(archive, end)
    if end + _END.size + comment != len(archive):
        raise _make_error("bytes follow its end")
    if disk or first_disk or not here == total == number or offset + size != end:
        raise _make_error("end record and directory disagree")
    return offset


def _find_record_end(archive: bytes, entry: zipfile.ZipInfo) -> int:
    """Return the end of the record of a file, whose local header must agree with the directory."""
    _, flags, method, time, date, checksum, packed, unpacked, name, extra = _LOCAL.unpack_from(
        archive, entry.header_offset
    )
    begin = entry.header_offset + _LOCAL.size
    sizes = (entry.CRC, entry.compress_size, entry.file_size)
    later = bool(flags & _HAS_DESCRIPTOR)
    year, month, day, hour, minute, second = entry.date_time
    agree = (
        archive[begin : begin + name] == _decode_name(entry)
        and (flags, method) == (entry.flag_bits, entry.compress_type)
        and date == (year - 1980) << 9 | month << 5 | day
        and time == hour << 11 | minute << 5 | second // 2
        and (checksum == entry.CRC or (later and not checksum))
        and all(
            message in (known, _IN_EXTRA_FIELD) or (later and not message)
            for message, known in zip((packed, unpacked), sizes[1:], strict=True)
        )
    )
    if not agree:
        raise _make_error(f"directory and local header of {entry.filename!r} disagree")
    end: int = begin + name + extra + entry.compress_size
    return end + (_measure_descriptor(archive, end, sizes, entry.filename) if later else 0)


def _measure_descriptor(archive: bytes, place: int, sizes: tuple[int, int, int], name: str) -> int:
    for form in (_SIGNED, _SIGNED_64, _NOT_SIGNED, _NOT_SIGNED_64):
        message = (b"PK\x07\x08", *sizes) if form in (_SIGNED, _SIGNED_64) else sizes
        try:
            if form.pack(*message) == archive[place : place + form.size]:
                return form.size
        except struct.error:
            continue  # too large for this form
    raise _make_error(f"the data descriptor of {name!r} is missing or wrong")


def _decode_name(entry: zipfile.ZipInfo) -> bytes:
    """Return the name as stored in the archive."""
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")


def _make_error(why: str) -> InvalidInputError:
    return InvalidInputError(f"the archive is damaged: {why}; pack the folder again")
