"""Parameters of the search."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.search.service import LONGEST_TEXT, MOST_OF_KIND

SearchText = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_TEXT,
        description="Words that each match contains, also as parts of words; one may be a qubit or coupling: `17`, `q17`, `0-1`.",
    ),
]
SearchedChip = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=128,
        description="Chip whose qubits, couplings, values, results and notes are found; the newest one if absent.",
    ),
]
KindLimit = Annotated[
    int, Field(ge=1, le=MOST_OF_KIND, description="Maximum number of matches of each kind.")
]
