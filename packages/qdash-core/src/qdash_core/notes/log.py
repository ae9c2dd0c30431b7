"""The log of the edits of notes: each one, those of a chip or of one thing, and those with words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.repositories.documents import search_terms
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.note import NoteEventModel, NoteScope
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Store


class NoteLog:
    """The log of one store; nothing in it is ever changed.

    Parameters
    ----------
    store : Store
        Where it is kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def event(self, access: Access, seq: int) -> NoteEventModel:
        """Return the edit with this number; NotFoundError when there is none in the project."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).note_events.require(access.project_id, seq)

    def of_chip(
        self, access: Access, chip_id: str, *, limit: int | None = None, after: NoteEventModel | None = None
    ) -> list[NoteEventModel]:
        """Return the edits that concern a chip, newest first; `after` is the last one of the page before."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).note_events.of_chip(
                access.project_id, chip_id, limit=limit, after=after
            )

    def of_target(
        self,
        access: Access,
        scope: NoteScope,
        target_id: str,
        *,
        chip_id: str | None = None,
        limit: int | None = None,
        after: NoteEventModel | None = None,
    ) -> list[NoteEventModel]:
        """Return the edits of the notes on one target, newest first; `chip_id` tells qubits of one id apart."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).note_events.of_target(
                access.project_id, scope, target_id, chip_id=chip_id, limit=limit, after=after
            )

    def search(
        self, access: Access, text: str, *, limit: int | None = None, after: NoteEventModel | None = None
    ) -> list[NoteEventModel]:
        """Return the edits in a project whose content has every word of `text`, newest first.

        Raises
        ------
        InvalidInputError
            If there is no word in `text`.
        """
        _require_words(text)
        with self._store.read() as snapshot:
            return Repositories(snapshot).note_events.search(
                access.project_id, text, limit=limit, after=after
            )

    def events_page(
        self,
        access: Access,
        request: PageRequest,
        *,
        chip_id: str | None = None,
        target: tuple[NoteScope, str] | None = None,
        text: str | None = None,
    ) -> Page[NoteEventModel]:
        """Return a page of the edits of notes in a project, newest first.

        Parameters
        ----------
        access, request
            Who asks, where, and which page.
        chip_id : str or None
            Only those that concern this chip.
        target : tuple of NoteScope and str or None
            Only those of the notes on this thing; qubits of one id are told apart by `chip_id`.
        text : str or None
            Only those whose content has every word of it.

        Raises
        ------
        InvalidInputError
            If there is no word in `text`.
        """
        if text is not None:
            _require_words(text)
        with self._store.read() as snapshot:
            return Repositories(snapshot).note_events.page(
                access.project_id, request, chip_id=chip_id, target=target, text=text
            )


def _require_words(text: str) -> None:
    if not search_terms(text):
        raise InvalidInputError(f"there is no word in {text!r}: search for letters or digits")
