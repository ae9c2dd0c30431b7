"""Every format that the core gives keeps the contract of formats."""

from __future__ import annotations

from qdash_core.documents.chip_formats import FORMATS
from qdash_core.testing import FormatContract

# One class of tests for each format: a new one is held to the contract without a line here.
globals().update(
    {
        f"Test{one.name.capitalize()}": type(
            f"Test{one.name.capitalize()}", (FormatContract,), {"format": one}
        )
        for one in FORMATS
    }
)
