"""Releases: named, immutable sets of the accepted values of a chip."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from qdash_core.models.base import Record
from qdash_core.models.chip import ChipModel, CouplingModel, ParameterModel, QubitModel
from qdash_core.models.provenance import ProvenanceEdge, Relation, name_release, name_result

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


def iter_release_edges(
    project_id: str, chip_id: str, name: str, created_at: datetime, states: Sequence[Mapping[str, Any]]
) -> Iterator[ProvenanceEdge]:
    """Yield an edge from a release to each result whose values it contains.

    Parameters
    ----------
    states : sequence of mapping
        Documents of the qubits and couplings of the release.
    """
    for state in states:
        task_ids = {value.get("task_id") for value in state.get("data", {}).values()}
        for task_id in sorted(one for one in task_ids if one):
            yield ProvenanceEdge(
                project_id=project_id,
                chip_id=chip_id,
                subject=name_release(chip_id, name),
                object=name_result(task_id),
                relation=Relation.DERIVED,
                object_qid=state["qid"],
                created_at=created_at,
                updated_at=created_at,
            )
