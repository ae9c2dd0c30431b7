"""Values that a flow reads and sets, recorded with the execution so that a resumed flow repeats neither."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.models.chip import ParameterModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.session.orchestrator import CalibOrchestrator

NOTE = "parameter_calls"
"""Entry of the note of an execution."""


class ParameterCalls:
    """Calls of `get_parameter` and `set_parameter` in a session, in order for each parameter of each target.

    A call that an earlier run attempt made has the recorded answer: tasks since then may have changed the value.
    """

    def __init__(self, orchestrator: CalibOrchestrator) -> None:
        self.orchestrator = orchestrator
        recorded = orchestrator.read_note().get(NOTE) or {}
        self._read: dict[str, list[Any]] = {key: list(of) for key, of in recorded.get("read", {}).items()}
        self._set: dict[str, int] = dict(recorded.get("set", {}))
        self._reads: dict[str, int] = {}
        self._sets: dict[str, int] = {}
        self._is_stored = True

    def read(
        self, target: str, name: str, find: Callable[[], ParameterModel | None]
    ) -> ParameterModel | None:
        """Return the recorded answer of a read, or find it now."""
        key = f"{target} {name}"
        answers, place = self._read.setdefault(key, []), self._reads.get(key, 0)
        if place == len(answers):
            found = find()
            answers.append(None if found is None else found.model_dump(mode="json", exclude_defaults=True))
            self._is_stored = False
        self._reads[key] = place + 1
        return None if answers[place] is None else ParameterModel.model_validate(answers[place])

    def set(self, target: str, name: str, perform: Callable[[], None]) -> None:
        """Set a value unless the setting is recorded."""
        key = f"{target} {name}"
        place = self._sets.get(key, 0)
        if place == self._set.get(key, 0):
            perform()
            self._set[key] = place + 1
            self._is_stored = False
        self._sets[key] = place + 1
        self.store()

    def store(self) -> None:
        """Record the calls since the last record. A flow's next task may change the values that it read."""
        if not self._is_stored:
            self.orchestrator.record_note(NOTE, {"read": self._read, "set": self._set})
            self._is_stored = True
