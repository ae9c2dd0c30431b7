"""Parameters of the operations of attached files."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.request_parts.path_parts import Name

FileName = Annotated[Name, Field(max_length=100, description="Name of an attached file, such as photo.jpg.")]
