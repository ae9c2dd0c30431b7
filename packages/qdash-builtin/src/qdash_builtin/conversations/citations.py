"""Form of citations in the text of an answer."""

from __future__ import annotations

import re

from qdash_core.models.references import Reference

LONGEST_REFERENCE = 300
"""Maximum length of the id in a citation, in characters."""
CITATION = re.compile(
    rf"\[(?P<kind>[a-z][a-z0-9-]{{0,60}}):(?P<name>[^\s\[\]`<>\"']{{1,{LONGEST_REFERENCE}}})\](?!\()"
)
"""A citation of any kind of records. One that is followed by `(` is a link of Markdown, which is shown as text."""


def parse_references(text: str) -> list[Reference]:
    """Return the references in a text, in order."""
    return [Reference(match["kind"], match["name"]) for match in CITATION.finditer(text)]
