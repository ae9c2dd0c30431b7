"""Form of citations in the text of an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qdash_core.models.citation import CitationKind

LONGEST_REFERENCE = 300
"""Maximum length of the id in a citation, in characters."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Reference to a record, as an answer cites it: `[result:ID]`.

    Parameters
    ----------
    kind : CitationKind
        Kind of the record.
    name : str
        Its id: `CHIP/TARGET/PARAMETER` of a value, the number of the edit of a note, `PATH#ANCHOR` of documentation.
    """

    kind: CitationKind
    name: str

    def __str__(self) -> str:
        """Return the citation as it is written."""
        return f"[{self.kind}:{self.name}]"


CITATION = re.compile(
    rf"\[(?P<kind>{'|'.join(CitationKind)}):(?P<name>[^\s\[\]`<>\"']{{1,{LONGEST_REFERENCE}}})\](?!\()"
)
"""A citation. One that is followed by `(` is a link of Markdown, which is shown as text."""


def parse_references(text: str) -> list[Reference]:
    """Return the references in a text, in order."""
    return [Reference(CitationKind(match["kind"]), match["name"]) for match in CITATION.finditer(text)]
