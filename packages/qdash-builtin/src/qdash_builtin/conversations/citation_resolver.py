"""Resolution of the citations of an answer, with the rights of the user."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.conversations.answer_text import find_references
from qdash_builtin.conversations.models.citation import Citation, CitationState
from qdash_builtin.conversations.uncited_statements import find_uncited_statements
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.references import Reference

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from qdash_core.models.access import Access

MOST_CITATIONS = 100
"""Maximum number of citations of an answer that are looked for; further ones are unresolved."""
MOST_UNCITED = 50
"""Maximum number of uncited statements that are listed."""
_LONGEST_TITLE = 120
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckedAnswer:
    """Citations of an answer, each once, in order of occurrence, and its sentences about the chip that cite nothing."""

    citations: list[Citation]
    uncited: list[str]


class CitationResolver:
    """Finder of the records that answers cite.

    `finders`, by kind of record, take the access of the user and an id, and return the full id and a title, or None.
    """

    def __init__(self, finders: Mapping[str, Callable[[Access, str], tuple[str, str] | None]]) -> None:
        self._finders = finders

    def check_answer(self, access: Access, text: str, shown: Collection[Reference]) -> CheckedAnswer:
        """Return the citations and the uncited statements of an answer. A citation of a kind that no feature declares is text.

        Parameters
        ----------
        access : Access
            The user who asked; a record of another project is unresolved.
        shown : collection of Reference
            References in the results of tools during the conversation.
        """
        references = [one for one in find_references(text) if one.kind in self._finders]
        checked = [self.resolve(access, one, shown) for one in references[:MOST_CITATIONS]]
        further = [
            Citation(kind=one.kind, name=one.id, state=CitationState.UNRESOLVED)
            for one in references[MOST_CITATIONS:]
        ]
        return CheckedAnswer(checked + further, find_uncited_statements(text, self._finders)[:MOST_UNCITED])

    def resolve(self, access: Access, reference: Reference, shown: Collection[Reference]) -> Citation:
        """Return a citation with its record, if the user can see it."""
        found = self._find(access, reference)
        if found is None:
            return Citation(kind=reference.kind, name=reference.id, state=CitationState.UNRESOLVED)
        full_id, title = found
        record = Reference(reference.kind, full_id)
        return Citation(
            kind=reference.kind,
            name=reference.id,
            state=CitationState.RESOLVED if record in shown else CitationState.UNSEEN,
            title=title[:_LONGEST_TITLE],
            record=record,
        )

    def _find(self, access: Access, reference: Reference) -> tuple[str, str] | None:
        """Return the full id and a title of a record, or None if the user can see no such record."""
        try:
            return self._finders[reference.kind](access, reference.id)
        except (NotFoundError, InvalidInputError):
            return None
        except Exception as error:  # noqa: BLE001  code of a plugin
            logger.warning("%s cannot be looked for: %s", reference, error)
            return None
