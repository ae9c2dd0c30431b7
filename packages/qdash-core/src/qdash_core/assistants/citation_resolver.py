"""Resolution of the citations of an answer, with the rights of the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.assistants.answer_text import find_references
from qdash_core.assistants.uncited_statements import find_uncited_statements
from qdash_core.documentation import get_section
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.citation import Citation, CitationState
from qdash_core.models.references import RecordKind, Reference
from qdash_core.models.targets import parse_target_id

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_core.chips.service import ChipService
    from qdash_core.chips.targets import TargetService
    from qdash_core.hooks.manager import Registry
    from qdash_core.issues.service import IssueService
    from qdash_core.models.access import Access
    from qdash_core.notes.service import NoteService
    from qdash_core.record.queries import ExecutionService
    from qdash_core.results.service import ResultService
    from qdash_core.values.service import ValueService

MOST_CITATIONS = 100
"""Maximum number of citations of an answer that are looked for; further ones are unresolved."""
MOST_UNCITED = 50
"""Maximum number of uncited statements that are listed."""
_LONGEST_TITLE = 120
_SHORTEST_PREFIX = 8
"""Number of characters of a result's id that cite it; fewer may fit another result later."""
_PARTS_OF_VALUE = 3


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """Citations of an answer, and its statements without one.

    Parameters
    ----------
    citations : list of Citation
        Each citation once, in order of occurrence.
    uncited : list of str
        Sentences that state something about the chip and cite nothing.
    """

    citations: list[Citation]
    uncited: list[str]


@dataclass(frozen=True, slots=True)
class _Record:
    """Cited record: the reference by its full id, and a title."""

    reference: Reference
    title: str


class CitationResolver:
    """Finds the records that answers cite.

    Parameters
    ----------
    results, executions, chips, targets, values, notes, issues
        Services of these records.
    registry : Registry
        Installed tasks.
    """

    def __init__(
        self,
        *,
        results: ResultService,
        executions: ExecutionService,
        chips: ChipService,
        targets: TargetService,
        values: ValueService,
        notes: NoteService,
        issues: IssueService,
        registry: Registry,
    ) -> None:
        self._results = results
        self._executions = executions
        self._chips = chips
        self._targets = targets
        self._values = values
        self._notes = notes
        self._issues = issues
        self._registry = registry

    def check_answer(self, access: Access, text: str, shown: Collection[Reference]) -> CheckedAnswer:
        """Return the citations and the uncited statements of an answer.

        Parameters
        ----------
        access : Access
            The user who asked; a record of another project is unresolved.
        text : str
            The answer.
        shown : collection of Reference
            References in the results of tools during the conversation.
        """
        references = find_references(text)
        checked = [self.resolve(access, one, shown) for one in references[:MOST_CITATIONS]]
        further = [
            Citation(kind=one.kind, name=one.id, state=CitationState.UNRESOLVED)
            for one in references[MOST_CITATIONS:]
        ]
        return CheckedAnswer(checked + further, find_uncited_statements(text)[:MOST_UNCITED])

    def resolve(self, access: Access, reference: Reference, shown: Collection[Reference]) -> Citation:
        """Return a citation with its record, if the user can see it."""
        try:
            record = self._find(access, reference)
        except (NotFoundError, InvalidInputError):
            record = None
        if record is None:
            return Citation(kind=reference.kind, name=reference.id, state=CitationState.UNRESOLVED)
        seen = record.reference in shown
        return Citation(
            kind=reference.kind,
            name=reference.id,
            state=CitationState.RESOLVED if seen else CitationState.UNSEEN,
            title=record.title[:_LONGEST_TITLE],
            record=record.reference,
        )

    def _find(self, access: Access, reference: Reference) -> _Record | None:
        kind, name = reference.kind, reference.id
        match kind:
            case RecordKind.RESULT:
                return self._find_result(access, name)
            case RecordKind.VALUE:
                return self._find_value(access, name)
            case RecordKind.VALUE_CHANGE:
                return self._find_value_change(access, name)
            case RecordKind.CHIP:
                chip_id = self._chips.get_header(access, name).chip_id
                return _Record(Reference(kind, chip_id), f"chip {chip_id}")
            case RecordKind.EXECUTION:
                return self._find_execution(access, name)
            case RecordKind.NOTE:
                return self._find_note(access, name)
            case RecordKind.ISSUE:
                issue = self._issues.show(access, name).issue
                return _Record(Reference(kind, issue.issue_id), issue.title)
            case RecordKind.TASK:
                task = self._registry.any_task(name)
                return _Record(Reference(kind, task.name), task.name)
            case RecordKind.DOC:
                section = get_section(name)
                return _Record(Reference(kind, section.name), section.title)

    def _find_result(self, access: Access, name: str) -> _Record | None:
        if len(name) < _SHORTEST_PREFIX:
            return None
        result = self._results.show(access, self._results.resolve_id(access, name))
        title = f"{result.name} on {result.qid or result.chip_id}"
        return _Record(Reference(RecordKind.RESULT, result.task_id), title)

    def _find_execution(self, access: Access, name: str) -> _Record | None:
        execution = self._executions.get_header(access, name).execution
        if name != execution.execution_id:
            return None  # such as `last`, which is another one tomorrow
        title = f"{execution.name} on {execution.chip_id}"
        return _Record(Reference(RecordKind.EXECUTION, name), title)

    def _find_value(self, access: Access, name: str) -> _Record | None:
        parts = name.split("/")
        if len(parts) != _PARTS_OF_VALUE:
            return None
        chip_id, target, parameter = parts[0], parse_target_id(parts[1]), parts[2]
        state = self._targets.show(access, chip_id, target).state
        if parameter not in state.data:
            return None
        title = f"{parameter} of {state.qid} of {chip_id}"
        return _Record(Reference(RecordKind.VALUE, f"{chip_id}/{state.qid}/{parameter}"), title)

    def _find_value_change(self, access: Access, name: str) -> _Record | None:
        chip_id, _, number = name.rpartition("/")
        if not _is_number(number):
            return None
        event = self._values.show_event(access, int(number))
        if event.head.chip_id != chip_id:
            return None
        title = f"change {event.number} of values of {chip_id}"
        return _Record(Reference(RecordKind.VALUE_CHANGE, f"{chip_id}/{event.number}"), title)

    def _find_note(self, access: Access, name: str) -> _Record | None:
        if not _is_number(name):
            return None
        event = self._notes.get_event(access, int(name))
        title = f"note by {event.actor} on {event.scope.replace('_', ' ')} {event.target_id}"
        return _Record(Reference(RecordKind.NOTE, str(event.seq)), title)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
