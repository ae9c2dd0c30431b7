"""What goes in and out: what a file would bring, what was brought, and a chip as files."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_core.exchange.recording import Source
    from qdash_core.formats.brought import Brought
    from qdash_core.formats.comparing import Comparison


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a file would bring into a chip.

    Parameters
    ----------
    source : Source
        From where.
    chip_id : str
        Into which chip.
    backend : str or None
        Of a chip that it makes, with what that is measured; None: the chip is there.
    brought : Brought
        What is wanted of what was read.
    comparison : Comparison
        That beside what the chip has.
    """

    source: Source
    chip_id: str
    backend: str | None
    brought: Brought
    comparison: Comparison

    @property
    def makes_a_chip(self) -> bool:
        """Whether there is no such chip yet."""
        return self.backend is not None


@dataclass(frozen=True, slots=True)
class Arrived:
    """What was brought.

    Parameters
    ----------
    chip : Chip
        The chip as it stands now.
    execution_id : str or None
        Under which the values are on record; None: no value was brought, or a chip was made with those that it had.
    """

    chip: Chip
    execution_id: str | None


@dataclass(frozen=True, slots=True)
class Exported:
    """A chip as files.

    Parameters
    ----------
    files : dict of str to bytes
        Path, relative to where they are put, to contents; in order of path.
    one_file : bool
        Whether that is always one file, whatever it is called.
    """

    files: dict[str, bytes]
    one_file: bool

    def as_one(self, name: str) -> tuple[str, bytes]:
        """Return a file name and contents: of the only file, else of a ZIP archive of all, with a folder of that name."""
        if self.one_file:
            return next(iter(self.files.items()))
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, contents in self.files.items():
                archive.writestr(f"{name}/{path}", contents)
        return f"{name}.zip", buffer.getvalue()
