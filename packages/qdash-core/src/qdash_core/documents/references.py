"""View model of a reference to a record, and its path on the host."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from qdash_core.models.references import Reference


class ReferenceDocument(Document):
    """A reference to a record."""

    kind: str
    id: str
    """Id of the record: `CHIP/TARGET/PARAMETER` of a value, `CHIP/NUMBER` of a change of values, the number of the edit of a note."""


def make_link(*parts: str) -> str:
    """Return the path of the host with these parts."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def make_route(record: Reference | None) -> str | None:
    """Return the path of a record on the host, or None if it has none."""
    return None if record is None else record.route
