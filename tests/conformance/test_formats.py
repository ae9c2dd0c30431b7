"""Contract of formats for every format of the core."""

from __future__ import annotations

from qdash_core.documents.chip_formats import FORMATS
from qdash_core.testing import FormatContract

# One test class for each format: a new format is tested without a change here.
globals().update(
    {
        f"Test{one.name.capitalize()}": type(
            f"Test{one.name.capitalize()}", (FormatContract,), {"format": one}
        )
        for one in FORMATS
    }
)
