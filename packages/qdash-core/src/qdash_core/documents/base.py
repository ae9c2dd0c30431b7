"""What every document is: a frozen model, whose JSON leaves out what is absent."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    """Something that a door shows. Made from stored models by `of`, with an example in its schema.

    What is not known is None here, and absent in the JSON.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    def as_json(self) -> dict[str, Any]:
        """Return the document as plain JSON values, without what is absent."""
        return self.model_dump(mode="json", exclude_none=True)

    def as_json_text(self) -> str:
        """Return `as_json` as text, indented: made at once, of a large document in a fraction of the time."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"
