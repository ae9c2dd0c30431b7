"""Former values: those of a chip before its value events since a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.values.former_decisions import FormerDecisions
from qdash_core.models.chip import ParameterModel
from qdash_core.repositories.value_changes import ValueChangeRepository

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from qdash_core.repositories.repositories import Repositories


class FormerValues:
    """Values, directions and decisions of a chip that the value events since a time changed, before these.

    The first change of each counts, so that later events only add to them, and older snapshots of the chip have the same ones.

    Parameters
    ----------
    values : dict of str to dict of str to ParameterModel or None
        Values by target and parameter, None where there was none.
    controls : dict of str to str or None
        Control qubits of couplings.
    """

    def __init__(self, repositories: Repositories, project_id: str, chip_id: str, moment: datetime) -> None:
        self.values: dict[str, dict[str, ParameterModel | None]] = {}
        self.controls: dict[str, str | None] = {}
        self.decisions = FormerDecisions()
        self._where = project_id, chip_id
        changes = repositories.of(ValueChangeRepository)
        last = changes.find_last(project_id)
        self._number = 0 if last is None else last.number
        self._add(changes.iter_since(*self._where, moment))

    def extend(self, repositories: Repositories) -> None:
        """Add the value events since the last ones."""
        self._add(repositories.of(ValueChangeRepository).iter_after(*self._where, self._number))

    def _add(self, changes: Iterable[Mapping[str, Any]]) -> None:
        for document in changes:
            known = self.values.setdefault(document["qid"], {})
            for name, change in document["values"].items():
                if name not in known:
                    before = change["before"]
                    known[name] = None if before is None else ParameterModel.model_validate(before)
            if document["control"] is not None:
                self.controls.setdefault(document["qid"], document["control"]["before"])
            self.decisions.add(document)
            self._number = max(self._number, document["number"])
