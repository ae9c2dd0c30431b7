"""References to records of a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

from qdash_core.features.declarations import list_known_features

if TYPE_CHECKING:
    from qdash_core.features.declarations import RecordKind


def list_record_kinds() -> dict[str, RecordKind]:
    """Return every kind of records that can be cited by name, also those of blocked features, whose records stay."""
    # Of two kinds with one name, that of the first plugin counts.
    return {kind.name: kind for feature in reversed(list_known_features()) for kind in feature.records}


def fill_in(template: str, record_id: str) -> str:
    """Return a text of a `RecordKind` with the id of a record and its parts."""
    parts = record_id.split("/")
    target = "coupling" if len(parts) > 1 and "-" in parts[1] else "qubit"
    return template.format(*parts, id=record_id, short=record_id[:8], target=target)


@dataclass(frozen=True, slots=True)
class Reference:
    """Reference to a record.

    `kind` is one of `list_record_kinds`; an unknown one has neither a page nor a route. `id` is
    `CHIP/TARGET/PARAMETER` of a value, `CHIP/NUMBER` of a change of values, the number of the edit of a note,
    `PATH#ANCHOR` of documentation.
    """

    kind: str
    id: str

    def __str__(self) -> str:
        """Return the reference as an answer cites it: `[result:ID]`."""
        return f"[{self.kind}:{self.id}]"

    @property
    def noun(self) -> str:
        """Name of the record for people."""
        declared = list_record_kinds().get(self.kind)
        return (self._fill_in(declared.noun) if declared else "") or f"{self.kind} {self.id}"

    @property
    def route(self) -> str | None:
        """Path of the record on the host, or None if it has none."""
        declared = list_record_kinds().get(self.kind)
        if declared is None or not declared.route:
            return None
        return "/" + "/".join(quote(self._fill_in(part), safe="") for part in declared.route.split("/"))

    @property
    def page(self) -> tuple[str, dict[str, str]] | None:
        """Path and query parameters of the page of the dashboard that shows the record, or None if there is none."""
        declared = list_record_kinds().get(self.kind)
        if declared is None or not declared.address:
            return None
        path, _, query = declared.address.partition("?")
        params = {self._fill_in(name): self._fill_in(text) for name, text in parse_qsl(query)}
        return self._fill_in(path), params

    def _fill_in(self, template: str) -> str:
        try:
            return fill_in(template, self.id)
        except LookupError:  # an id with fewer parts
            return ""
