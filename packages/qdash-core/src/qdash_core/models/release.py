"""Releases: named, immutable sets of the accepted values of a chip."""

from typing import Annotated

from pydantic import Field

from qdash_core.models.base import Record
from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel

LONGEST_NAME = 64
"""Maximum number of characters of the name of a release."""
LONGEST_RELEASE_NOTE = 2000
"""Maximum number of characters of the note of a release."""


class ReleaseModel(Record):
    """Header of a release: the chip with its wiring, and the metrics file. Its targets are documents of their own."""

    project_id: str
    chip_id: str
    name: str
    username: str
    note: str = ""
    chip: ChipModel
    """The chip at that time, with its wiring."""
    n_qubits: int
    n_couplings: int
    n_values: int
    last_event: int
    """Number of the last value event of the project before the release, or 0."""
    metrics_file: str | None = None
    """Text of the metrics file in use, or None if the built-in definitions were."""


class ReleaseTargetModel(Record):
    """A qubit or coupling of a release, with its values, design, status and direction."""

    project_id: str
    chip_id: str
    name: str
    """Name of the release."""
    qid: str
    state: Annotated[QubitModel | CouplingModel, Field(union_mode="left_to_right")]
