"""Kinds of omitted data: omissions that differ only in names, numbers and ids."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from qdash_original.original_document import Omission

_MAPPINGS = frozenset(
    {
        *(
            "data",
            "input_parameters",
            "output_parameters",
            "run_parameters",
            "quality_metrics",
            "metric_notes",
        ),
        *("note", "extra", "default_parameters", "qubits", "couplings"),
    }
)
"""Fields whose entries have names that differ from document to document."""
_VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|[^\s,;:()]*\d[^\s,;:()]*")
"""Parts of a reason that differ from document to document: quoted texts, and words with digits."""


@dataclass(frozen=True, slots=True)
class OmissionKind:
    """Kind of omitted data.

    In the path `field` `*` is the name of an entry; empty: whole documents. The example is the first one.
    """

    collection: str
    field: str
    count: int
    example: Omission


def group_omissions(omissions: Iterable[Omission]) -> list[OmissionKind]:
    """Return the kinds of omissions, in order of their first one."""
    groups: dict[tuple[str, str, str], list[Omission]] = {}
    for one in omissions:
        key = one.collection, generalize_path(one.field), _VARYING.sub("…", one.why)
        groups.setdefault(key, []).append(one)
    return [
        OmissionKind(collection, field, len(group), group[0])
        for (collection, field, _), group in groups.items()
    ]


def generalize_path(path: str) -> str:
    """Return a path with `*` in place of the names of entries: `data.t1.error` becomes `data.*.error`."""
    parts = path.split(".")
    return ".".join(
        "*" if place and parts[place - 1] in _MAPPINGS else part for place, part in enumerate(parts)
    )


def write_details(omissions: Iterable[Omission], file: Path) -> None:
    """Write all omissions as CSV with a header line; raise InvalidInputError if the file cannot be written."""
    try:
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("collection", "id", "field", "reason"))
            writer.writerows((one.collection, one.id, one.field, one.why) for one in omissions)
    except OSError as error:
        raise InvalidInputError(f"{file} cannot be written: {error.strerror}") from error
