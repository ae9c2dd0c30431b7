"""Judge of the values and targets of chips, which a feature provides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qdash_core.errors import InvalidInputError
from qdash_core.features.declarations import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from qdash_core.chips.chip import Chip
    from qdash_core.judgement.conditions import Condition
    from qdash_core.models.chip import ChipModel, CouplingModel, QubitModel, StoredValues
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.repositories import Repositories


class Judge(Protocol):
    """Judge of values and targets."""

    def read(
        self,
        repositories: Repositories,
        project_id: str,
        chip_id: str,
        targets: Collection[str] | None = None,
    ) -> Judgement:
        """Return the judgement of a chip, or of some of its targets."""
        ...

    def read_of(
        self,
        repositories: Repositories,
        project_id: str,
        chip_id: str,
        stored: Sequence[StoredValues],
        targets: Collection[str] | None = None,
        *,
        header: ChipModel | None = None,
    ) -> Judgement:
        """Return the judgement of some or all targets of a chip; they, and the chip if it is given, were read from the same snapshot."""
        ...

    def judge_past(self, repositories: Repositories, chip: Chip, at: datetime) -> Judgement:
        """Return the judgement of a chip as it was at an earlier moment, by the present definitions."""
        ...

    def make_test(
        self,
        repositories: Repositories,
        chip: Chip,
        conditions: Collection[Condition],
        names: Collection[str] | None,
    ) -> Callable[[QubitModel | CouplingModel], bool]:
        """Return a function that tells whether a target of a chip meets one of these conditions now.

        Only values of the parameters in `names` count, or of all if it is None.

        Raises
        ------
        NotFoundError, InvalidInputError
            If the metrics file is missing or invalid, or no feature judges.
        """
        ...

    def list_metrics(self, kind: TargetKind) -> Collection[str]:
        """Return the names of the metrics of qubits or of couplings; raise NotFoundError or InvalidInputError as `make_test`."""
        ...

    def list_essential(self) -> Mapping[str, frozenset[str]]:
        """Return the names of the essential metrics of qubits (`"qubit"`) and couplings (`"coupling"`)."""
        ...


JUDGE: Service[Judge] = Service(name="judge")
"""Key of the judge, which a feature provides."""


class NoJudge:
    """Judge of a QDash without the feature: it judges nothing."""

    def read(self, *_where: object) -> Judgement:
        """Return no judgement."""
        return _judge_nothing()

    def read_of(self, *_where: object, header: ChipModel | None = None) -> Judgement:  # noqa: ARG002  as of a judge
        """Return no judgement."""
        return _judge_nothing()

    def judge_past(self, *_where: object) -> Judgement:
        """Return no judgement."""
        return _judge_nothing()

    def make_test(self, *_what: object) -> Callable[[QubitModel | CouplingModel], bool]:
        """Raise InvalidInputError."""
        raise InvalidInputError("no feature judges targets: they cannot be selected by a condition")

    def list_metrics(self, _kind: TargetKind) -> Collection[str]:
        """Return no metric."""
        return ()

    def list_essential(self) -> Mapping[str, frozenset[str]]:
        """Return no essential metric."""
        return {"qubit": frozenset(), "coupling": frozenset()}


def _judge_nothing() -> Judgement:
    from qdash_core.models.chip_judgement import (
        Judgement,  # not at the import of features, which name the key
    )

    return Judgement()
