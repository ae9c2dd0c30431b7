"""Tags of a project."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from qdash_builtin.tags.repository import TaggedRecordRepository
from qdash_builtin.tags.tag_use import TagUse
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.execution import EventModel
from qdash_core.models.ids import check_tag
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectRole
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.project import TagModel
    from qdash_core.repositories.store import Store

_MOST_NAMED = 20
"""Maximum number of existing tags in a message."""
MOST_REPLACED = 50
"""Maximum number of tags in one replacement."""
_AT_ONCE = 500
"""Number of records in one transaction."""


@dataclass(frozen=True, slots=True)
class UsedTag:
    """Tag, and the numbers of the objects that have it."""

    tag: TagModel
    use: TagUse


@dataclass(frozen=True, slots=True)
class TagReplacement:
    """Replacement of tags, and the numbers of the changed objects."""

    names: tuple[str, ...]
    to: str | None
    use: TagUse


class TagService:
    """Tags of one store."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._clock = clock

    def add(self, access: Access, name: str) -> TagModel:
        """Add a tag unless it exists, and return it; InvalidInputError if it is not valid."""
        access.require(ProjectRole.EDITOR)
        check_tag(name)
        with self._store.transaction() as transaction:
            tags = Repositories(transaction).of(TaggedRecordRepository)
            tags.ensure(access.project_id, [name], username=access.username)
            return next(tag for tag in tags.list_by_project(access.project_id) if tag.name == name)

    def list_by_project(self, access: Access) -> list[TagModel]:
        """Return the tags of a project, by name."""
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(TaggedRecordRepository).list_by_project(access.project_id)

    def page(self, access: Access, request: PageRequest) -> Page[TagModel]:
        """Return a page of the tags of a project, by name."""
        return Page.from_all_items(self.list_by_project(access), request, lambda tag: (tag.name,))

    def get_use_page(self, access: Access, request: PageRequest) -> Page[UsedTag]:
        """Return a page of the tags of a project, by name, with the numbers of the objects that have them."""
        with self._store.read() as snapshot:
            tags = Repositories(snapshot).of(TaggedRecordRepository)
            page = Page.from_all_items(
                tags.list_by_project(access.project_id), request, lambda tag: (tag.name,)
            )
            use = tags.count_use(access.project_id, [tag.name for tag in page.items])
        return Page([UsedTag(tag, use[tag.name]) for tag in page.items], page.next)

    def replace(self, access: Access, names: Sequence[str], to: str | None) -> TagReplacement:
        """Replace tags by one tag, or remove them (None), in the list and in all executions, results, flows and
        timetables.

        A new name renames a tag; the name of another tag merges with it. Records are changed in several transactions:
        after a failure, a repetition completes the replacement. Versions of flows keep their tags. The caller must be
        an editor.

        Raises
        ------
        InvalidInputError
            If the new name is not valid, or there are no or too many names.
        NotFoundError
            If one of the tags is missing.
        ConflictError
            If an execution that has not ended has one of them.
        """
        access.require(ProjectRole.EDITOR)
        if to is not None:
            check_tag(to)
        old = tuple(name for name in dict.fromkeys(names) if name != to)
        if not 0 < len(old) <= MOST_REPLACED:
            raise InvalidInputError(f"name 1 to {MOST_REPLACED} tags to replace, other than the new name")
        self._require_replaceable(access, old)
        tags, done = Repositories(self._store).of(TaggedRecordRepository), Counter[str]()
        for name in old:
            done += tags.replace_in_declarations(access.project_id, name, to, now=self._clock())
            while found := tags.replace_in_records(
                access.project_id, name, to, now=self._clock(), at_most=_AT_ONCE
            ):
                done += found
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            for name in old:
                repositories.of(TaggedRecordRepository).remove(access.project_id, name)
            if to is not None:
                repositories.of(TaggedRecordRepository).ensure(
                    access.project_id, [to], username=access.username
                )
            data = {"names": [*old], "to": to, "username": access.username}
            repositories.of(EventRepository).append(
                EventModel(project_id=access.project_id, kind="tag.replaced", data=data)
            )
        use = TagUse(
            n_executions=done["execution_history"],
            n_results=done["task_result_history"],
            n_flows=done["flows"],
            n_timetables=done["timetable"],
        )
        return TagReplacement(old, to, use)

    def _require_replaceable(self, access: Access, names: Sequence[str]) -> None:
        """Raise an error if one of the tags is missing, or an execution that has not ended has it."""
        with self._store.read() as snapshot:
            tags = Repositories(snapshot).of(TaggedRecordRepository)
            known = [tag.name for tag in tags.list_by_project(access.project_id)]
            for name in names:
                if name not in known:
                    raise _make_not_found_error(access, name, known)
                if unended := tags.list_unended(access.project_id, name, limit=3):
                    raise ConflictError(
                        f"tag {name!r} is on executions that have not ended ({', '.join(unended)}): wait for their end, or cancel them"
                    )

    def delete(self, access: Access, name: str) -> TagModel:
        """Remove a tag from the list and return it; NotFoundError with the existing tags if it is missing."""
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            tags = Repositories(transaction).of(TaggedRecordRepository)
            known = {tag.name: tag for tag in tags.list_by_project(access.project_id)}
            if name not in known:
                raise _make_not_found_error(access, name, known)
            tags.remove(access.project_id, name)
        return known[name]


def _make_not_found_error(access: Access, name: str, known: Collection[str]) -> NotFoundError:
    listed = ", ".join(islice(known, _MOST_NAMED)) or "none yet"
    if len(known) > _MOST_NAMED:
        listed += f" and {len(known) - _MOST_NAMED} more"
    return NotFoundError(
        f"there is no tag {name!r} in project {access.project_id}{suggest(name, known)} (known: {listed})"
    )
