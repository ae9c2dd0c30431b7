"""Releases: named, immutable sets of the accepted values of a chip."""

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from qdash_core.models.base import Record
from qdash_core.models.chip import ChipModel, CouplingModel, ParameterModel, QubitModel

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
    """The chip at the time of the release, with its wiring."""
    n_qubits: int = 0
    n_couplings: int = 0
    n_values: int = 0
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


class ReleasedValues(TypedDict):
    """Compact projection of the state of a qubit or coupling of a release to its values and direction."""

    data: dict[str, ParameterModel]
    control: NotRequired[str | None]


class ReleasedTarget(TypedDict):
    """Compact projection of a qubit or coupling of a release, for bulk reading."""

    qid: str
    state: ReleasedValues


class NamedReleaseTarget(ReleasedTarget):
    """Compact projection of a qubit or coupling of a release with the name of the release."""

    name: str
