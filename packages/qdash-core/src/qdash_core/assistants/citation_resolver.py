"""Resolution of the citations of an answer, with the rights of the user."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from qdash_core.assistants.answer_text import find_references, find_uncited_statements
from qdash_core.assistants.citations import Reference
from qdash_core.assistants.documentation import get_section
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.citation import Citation, CitationKind, CitationState
from qdash_core.models.note import NoteScope
from qdash_core.models.targets import parse_target_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_core.chips.targets import TargetService
    from qdash_core.hooks.manager import Registry
    from qdash_core.issues.service import IssueService
    from qdash_core.models.access import Access
    from qdash_core.models.note import NoteEventModel
    from qdash_core.notes.service import NoteService
    from qdash_core.record.queries import ExecutionService
    from qdash_core.results.service import ResultService

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
    """Cited record: the reference by its full id, a title, and paths of the host and the dashboard."""

    reference: Reference
    title: str
    route: str = ""
    page: str = ""


class CitationResolver:
    """Finds the records that answers cite.

    Parameters
    ----------
    results, executions, targets, notes, issues
        Services of these records.
    registry : Registry
        Installed tasks.
    """

    def __init__(
        self,
        *,
        results: ResultService,
        executions: ExecutionService,
        targets: TargetService,
        notes: NoteService,
        issues: IssueService,
        registry: Registry,
    ) -> None:
        self._results = results
        self._executions = executions
        self._targets = targets
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
            Citation(kind=one.kind, name=one.name, state=CitationState.UNRESOLVED)
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
            return Citation(kind=reference.kind, name=reference.name, state=CitationState.UNRESOLVED)
        seen = record.reference in shown
        return Citation(
            kind=reference.kind,
            name=reference.name,
            state=CitationState.RESOLVED if seen else CitationState.UNSEEN,
            title=record.title[:_LONGEST_TITLE],
            route=record.route,
            page=record.page,
        )

    def _find(self, access: Access, reference: Reference) -> _Record | None:
        name = reference.name
        match reference.kind:
            case CitationKind.RESULT:
                return self._find_result(access, name)
            case CitationKind.VALUE:
                return self._find_value(access, name)
            case CitationKind.EXECUTION:
                execution = self._executions.get_header(access, name).execution
                if name != execution.execution_id:
                    return None  # such as `last`, which is another one tomorrow
                page = _make_page("execution", access, execution=name)
                return _Record(
                    reference,
                    f"{execution.name} on {execution.chip_id}",
                    _make_route("executions", name),
                    page,
                )
            case CitationKind.NOTE:
                return self._find_note(access, reference)
            case CitationKind.ISSUE:
                issue = self._issues.show(access, name).issue
                page = _make_page("issue", access, issue=issue.issue_id)
                canonical = Reference(CitationKind.ISSUE, issue.issue_id)
                return _Record(canonical, issue.title, _make_route("issues", issue.issue_id), page)
            case CitationKind.TASK:
                task = self._registry.any_task(name)
                page = _make_page("tasks", access, task=task.name)
                canonical = Reference(CitationKind.TASK, task.name)
                return _Record(canonical, task.name, _make_route("tasks", task.name), page)
            case CitationKind.DOC:
                section = get_section(name)
                return _Record(Reference(CitationKind.DOC, section.name), section.title)

    def _find_result(self, access: Access, name: str) -> _Record | None:
        if len(name) < _SHORTEST_PREFIX:
            return None
        result = self._results.show(access, self._results.resolve_id(access, name))
        return _Record(
            Reference(CitationKind.RESULT, result.task_id),
            f"{result.name} on {result.qid or result.chip_id}",
            _make_route("task-results", result.task_id),
            _make_page("result", access, result=result.task_id),
        )

    def _find_value(self, access: Access, name: str) -> _Record | None:
        parts = name.split("/")
        if len(parts) != _PARTS_OF_VALUE:
            return None
        chip_id, target, parameter = parts[0], parse_target_id(parts[1]), parts[2]
        state = self._targets.show(access, chip_id, target).state
        if parameter not in state.data:
            return None
        kind, kinds = ("coupling", "couplings") if "-" in state.qid else ("qubit", "qubits")
        return _Record(
            Reference(CitationKind.VALUE, f"{chip_id}/{state.qid}/{parameter}"),
            f"{parameter} of {state.qid} of {chip_id}",
            _make_route("chips", chip_id, kinds, state.qid),
            _make_page(kind, access, **{"chip": chip_id, kind: state.qid}),
        )

    def _find_note(self, access: Access, reference: Reference) -> _Record | None:
        if not (reference.name.isascii() and reference.name.isdigit()):
            return None
        event = self._notes.get_event(access, int(reference.name))
        title = f"note by {event.actor} on {event.scope.replace('_', ' ')} {event.target_id}"
        return _Record(
            Reference(CitationKind.NOTE, str(event.seq)),
            title,
            _make_route("note-events", str(event.seq)),
            _make_page("notes", access, **_select_notes(event), note=str(event.seq)),
        )


def _select_notes(event: NoteEventModel) -> Mapping[str, str]:
    """Return the filters of the page of notes for the notes on the same object."""
    of_target = (
        {"target": event.target_id} if event.scope not in (NoteScope.CHIP, NoteScope.TASK_RESULT) else {}
    )
    return {**({"chip": event.chip_id} if event.chip_id else {}), **of_target}


def _make_route(*parts: str) -> str:
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def _make_page(page: str, access: Access, **query: str) -> str:
    return f"{page}?{urlencode({'project': access.project_id, **query})}"
