"""Values in use and failures of a chip, by target and metric."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.models.chip import StoredValue
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.models.specification import Specification


@dataclass(frozen=True, slots=True)
class StoredChipValues:
    """Values in use of a chip, by target and name, as stored, with their judgement and the specification of the chip."""

    qubits: Mapping[str, Mapping[str, StoredValue]]
    couplings: Mapping[str, Mapping[str, StoredValue]]
    judgement: Judgement
    specification: Specification


@dataclass(frozen=True, slots=True)
class MetricFailure:
    """The newest result of a task for a metric, which failed."""

    task: str
    task_id: str
    execution_id: str
    ended_at: datetime
