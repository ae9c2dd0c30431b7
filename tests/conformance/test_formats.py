"""Contract of formats for every format of the core."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.exchange.views.chip_formats import FORMATS
from qdash_testing import FormatContract

from ..features.exchange.other_programs import FILES

if TYPE_CHECKING:
    from pathlib import Path


class OtherProgram(FormatContract):
    """Contract of a format that QDash only reads."""

    @pytest.fixture
    def sample(self, tmp_path: Path) -> Path:
        """Return a file of the other program."""
        file = tmp_path / f"{self.format.name}.json"
        file.write_text(json.dumps(FILES[self.format.name]))
        return file


# One test class for each format: a new format is tested without a change here.
globals().update(
    {
        f"Test{one.name.capitalize()}": type(
            f"Test{one.name.capitalize()}",
            (FormatContract if one.is_writer else OtherProgram,),
            {"format": one},
        )
        for one in FORMATS
    }
)
