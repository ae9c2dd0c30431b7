"""Characters that no text of the record has."""

from __future__ import annotations

import re

UNSUITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters other than tabs and line ends, and halves of characters, which no store accepts."""
