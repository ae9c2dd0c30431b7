"""View models of releases: headers and contents."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self

from qdash_builtin.values.views.shown_values import ShownValue
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.chip import TargetStatus, WiringModel

if TYPE_CHECKING:
    from qdash_builtin.exchange.releases import Release


class ReleaseHeader(Document):
    """A release: a named, immutable set of the accepted values of a chip."""

    name: str
    chip_id: str
    username: str
    note: OmitEmpty[str] = None
    created_at: dt.datetime
    n_qubits: int
    n_couplings: int
    n_values: int
    """Number of values."""
    last_event: int
    """Number of the last value event of the project before the release; 0 if there was none."""


class ReleaseDocument(ReleaseHeader):
    """A release with its values, design values, directions, wiring and metrics file."""

    qubits: dict[str, dict[str, ShownValue]]
    couplings: dict[str, dict[str, ShownValue]]
    design: dict[str, dict[str, float | None]]
    """Design values by target."""
    statuses: dict[str, TargetStatus]
    """Status by target, of those with values."""
    controls: dict[str, str]
    """Control qubit by coupling, for couplings with a chosen direction."""
    wiring: WiringModel | None = None
    metrics_file: str | None = None
    """Text of the metrics file; absent for the built-in definitions."""
    simulated_time: dt.datetime | None = None
    """Time of the home if its clock is simulated."""

    @classmethod
    def from_contents(cls, release: Release) -> Self:
        """Return the view model of a release."""
        qubits, couplings = release.chip.qubits, release.chip.couplings
        return cls.from_record(
            release.header,
            qubits={qid: one.data for qid, one in qubits.items() if one.data},
            couplings={qid: one.data for qid, one in couplings.items() if one.data},
            design={one.qid: one.design for one in (*qubits.values(), *couplings.values()) if one.design},
            statuses={one.qid: one.status for one in (*qubits.values(), *couplings.values()) if one.data},
            controls={qid: one.control for qid, one in couplings.items() if one.control is not None},
            wiring=release.chip.header.wiring,
            simulated_time=release.simulated_time,
        )
