"""Common arguments of tools."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from qdash_core.assistant_tools.tool import ToolArguments
from qdash_core.models.target_lists import parse_targets
from qdash_core.models.targets import parse_target_id

Name = Annotated[str, Field(min_length=1, max_length=128)]
ChipName = Annotated[
    str | None,
    Field(
        default=None, min_length=1, max_length=128, description="Chip; default: the chip of the conversation."
    ),
]
Target = Annotated[
    str,
    Field(min_length=1, max_length=64, description="Qubit such as 3, or coupling such as 3-4."),
    AfterValidator(parse_target_id),
]
Targets = Annotated[
    tuple[str, ...],
    Field(default=(), max_length=200, description="Qubits and couplings such as 3 and 3-4; default: all."),
    AfterValidator(lambda given: parse_targets(given) if given else ()),
]
Names = Annotated[tuple[Name, ...], Field(default=(), max_length=50)]
Since = Annotated[
    AwareDatetime | None,
    Field(default=None, description="Start of the period, with a time zone: 2026-11-25T18:00:00Z."),
]
Until = Annotated[
    AwareDatetime | None, Field(default=None, description="End of the period, with a time zone.")
]
Words = Annotated[
    str | None,
    Field(
        default=None, min_length=1, max_length=200, description="Words that the text contains, in any order."
    ),
]
Limit = Annotated[int, Field(default=20, ge=1, le=50, description="Maximum number of entries.")]
After = Annotated[
    str | None, Field(default=None, max_length=4096, description="`next` of the previous result, to read on.")
]


class ChipArguments(ToolArguments):
    """A chip."""

    chip_id: ChipName


class PageArguments(ToolArguments):
    """A page of a list."""

    limit: Limit
    after: After
