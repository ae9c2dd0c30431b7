"""Service for laboratory issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.issues.change import IssueChange
from qdash_builtin.issues.comments import add_comment, remove_comment, replace_comment
from qdash_builtin.issues.fields import change_fields, check_fields
from qdash_builtin.issues.lookup import begin_change, require_events, require_issue
from qdash_builtin.issues.model import UNSOLVED, IssueEventKind, IssueEventModel, IssueModel, IssueState
from qdash_builtin.issues.repository import IssueEventRepository, IssueRepository
from qdash_builtin.issues.similar import find_similar_issues, make_issue_subject, make_result_subject
from qdash_builtin.issues.texts import normalise_labels, parse_issue_id
from qdash_builtin.issues.view import IssueView, make_view
from qdash_builtin.text_pages.user_texts import check_title
from qdash_core.artifacts.storage_features import remove_files
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.project import ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.request_keys import RequestKey
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import OneOf, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.attachments.model import Attachment
    from qdash_builtin.issues.fields import IssueNames
    from qdash_builtin.issues.query import IssueQuery
    from qdash_builtin.issues.similar import SimilarIssue
    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Store

MOST_SIMILAR = 20
MOST_SHOWN_OF_CHIP = 1000
LONGEST_EXCERPT = 500
"""Maximum number of characters of a text in a notice."""


class IssueService:
    """Laboratory issues of one store.

    Parameters
    ----------
    artifacts : CalibDataSaver or None
        Storage of the files of issues; None only if no issue has any.
    announce : callable
        Receives each event after its transaction, with the title and the new text for notifiers.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        names: IssueNames,
        *,
        artifacts: CalibDataSaver | None = None,
        announce: Callable[[EventModel], object] = lambda _event: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._names = names
        self._artifacts = artifacts
        self._announce = announce
        self._clock = clock

    def page(self, access: Access, query: IssueQuery, request: PageRequest) -> Page[IssueModel]:
        """Return a page of the issues that meet every condition, newest activity first.

        Raises
        ------
        InvalidInputError
            If a condition is not valid.
        """
        where = query.make_conditions(access.project_id, self._names.task_name)
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(IssueRepository).page(where, request)

    def count(self, access: Access, query: IssueQuery) -> int:
        """Return the number of issues that meet every condition; raise InvalidInputError if one is not valid."""
        where = query.make_conditions(access.project_id, self._names.task_name)
        with self._store.read() as snapshot:
            return snapshot.count("issue", where)

    def list_open_by_chip(self, access: Access, chip_id: str) -> list[IssueModel]:
        """Return the issues of a chip that are not closed, newest activity first, at most 1,000.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        """
        where = {"project_id": access.project_id, "chip_id": chip_id, "state": OneOf(UNSOLVED)}
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            repositories.of(ChipRepository).require(access.project_id, chip_id)
            return repositories.of(IssueRepository).search(where, limit=MOST_SHOWN_OF_CHIP)

    def list_changed_since(self, access: Access, chip_id: str, since: datetime) -> list[IssueModel]:
        """Return the issues of a chip with activity since a time, newest activity first, at most 1,000."""
        where = {"project_id": access.project_id, "chip_id": chip_id, "updated_at": Range(least=since)}
        with self._store.read() as snapshot:
            return Repositories(snapshot).of(IssueRepository).search(where, limit=MOST_SHOWN_OF_CHIP)

    def show(self, access: Access, issue_id: str) -> IssueView:
        """Return an issue with its comments and pictures.

        Raises
        ------
        NotFoundError
            If there is no such issue; for a deleted one with the user and time of the deletion.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            return _load_view(repositories, self._require(repositories, access, issue_id))

    def list_events(self, access: Access, issue_id: str) -> list[IssueEventModel]:
        """Return the events of an issue in order, also of a deleted one; NotFoundError if there never was such an issue."""
        with self._store.read() as snapshot:
            return require_events(Repositories(snapshot), access, issue_id)

    def page_events(self, access: Access, issue_id: str, request: PageRequest) -> Page[IssueEventModel]:
        """Return a page of `list_events`."""
        with self._store.read() as snapshot:
            events = Repositories(snapshot).of(IssueEventRepository)
            if request.after is None:
                require_events(Repositories(snapshot), access, issue_id)
            return events.page(access.project_id, int(parse_issue_id(issue_id)), request)

    def find_similar(self, access: Access, issue_id: str, *, limit: int = 5) -> list[SimilarIssue]:
        """Return earlier issues that are similar to an issue, most similar first.

        Raises
        ------
        NotFoundError
            If there is no such issue.
        InvalidInputError
            If the limit is not 1 to 20.
        """
        _check_limit(limit)
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            issue = self._require(repositories, access, issue_id)
            return find_similar_issues(repositories, make_issue_subject(repositories, issue), limit=limit)

    def find_similar_to_result(self, access: Access, task_id: str, *, limit: int = 5) -> list[SimilarIssue]:
        """Return issues that are similar to the failure of a result, most similar first; raise as `find_similar`."""
        _check_limit(limit)
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            result = repositories.of(TaskResultHistoryRepository).find(access.project_id, task_id)
            if result is None:
                raise NotFoundError(f"there is no result {task_id!r} in project {access.project_id}")
            return find_similar_issues(repositories, make_result_subject(repositories, result), limit=limit)

    def open(self, access: Access, title: str, *, key: str | None = None, **fields: Any) -> IssueView:
        """Open an issue.

        Parameters
        ----------
        access : Access
            Access of an editor.
        key : str or None
            Idempotency key: a repeated request with it returns the same issue.
        **fields
            Further fields as in `edit`, except for the state.

        Raises
        ------
        NotFoundError, InvalidInputError, ConflictError
            If a field is not valid, or names something that does not exist.
        """
        access.require(ProjectRole.EDITOR)
        if "state" in fields:
            raise InvalidInputError("a new issue is open: change its state later")
        request = RequestKey(access, key, {"open": title, **fields})
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            earlier = request.find(repositories)
            if earlier is not None:
                return _load_view(repositories, self._require(repositories, access, earlier.record_id))
            now = self._clock()
            issue = IssueModel(
                project_id=access.project_id,
                issue_id=str(repositories.of(IssueEventRepository).get_last_issue(access.project_id) + 1),
                username=access.username,
                title=check_title(title),
                created_at=now,
                updated_at=now,
            )
            checked = check_fields(repositories, issue, fields, self._names)
            change = IssueChange(repositories, access, issue.model_copy(update=checked), now)
            change.log(IssueEventKind.OPENED)
            change.texts += [change.issue.body]
            event = change.write("opened")
            request.record(repositories, "issue", change.issue.issue_id)
            view = make_view(repositories, change.issue, change.events)
        self._tell(event, view, change.issue.body)
        return view

    def edit(
        self, access: Access, issue_id: str, *, as_of: datetime | None = None, **fields: Any
    ) -> IssueView:
        """Change the given fields of an issue; each kind of change is one event with the former values.

        Parameters
        ----------
        access, issue_id
            Access of an editor; the issue.
        as_of : datetime or None
            `updated_at` of the issue when it was read, or None to change any version.
        **fields
            `title`, `body`, `state`, `labels`, `assignees`, `chip_id`, `targets`, `task_id`, `metrics`, `execution_id`, `cooldown_id`.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such issue, or a field is not valid, or names something that does not exist.
        IllegalTransitionError
            If the issue cannot have this state next.
        StaleError
            If it was changed since `as_of`; comments do not count.
        """
        return self._write(
            access, issue_id, lambda change: change_fields(change, fields, self._names), as_of=as_of
        )

    def assign(
        self, access: Access, issue_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> IssueView:
        """Add and remove assignees; raise as `edit`."""
        return self._change_list(access, issue_id, "assignees", [*add], [*remove])

    def label(
        self, access: Access, issue_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> IssueView:
        """Add and remove labels; raise as `edit`."""
        return self._change_list(access, issue_id, "labels", normalise_labels(add), normalise_labels(remove))

    def comment(self, access: Access, issue_id: str, text: str, *, key: str | None = None) -> IssueView:
        """Add a comment.

        Parameters
        ----------
        text : str
            Text in Markdown.
        key : str or None
            Idempotency key: a repeated request with it adds no other comment.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such issue, or the text is empty, too long, or has a picture that does not exist.
        ConflictError
            If the issue has too many comments, or the key was used for another request.
        """
        access.require(ProjectRole.EDITOR)
        issue_id = parse_issue_id(issue_id)
        request = RequestKey(access, key, {"comment": issue_id, "text": text})

        def add(change: IssueChange) -> str:
            if request.find(change.repositories) is not None:
                return ""
            add_comment(change, text)
            request.record(change.repositories, "issue", issue_id)
            return "commented"

        return self._write(access, issue_id, add)

    def edit_comment(self, access: Access, issue_id: str, number: int, text: str) -> IssueView:
        """Replace the text of a comment; its events keep the former texts.

        Raises
        ------
        AccessDeniedError
            If the user is neither its author nor an owner of the project.
        NotFoundError, InvalidInputError
            If there is no such issue or comment, or the text is not valid.
        """

        def replace(change: IssueChange) -> str:
            replace_comment(change, number, text)
            return "commented"

        return self._write(access, issue_id, replace)

    def remove_comment(self, access: Access, issue_id: str, number: int) -> IssueView:
        """Remove a comment, with the files that no other text names. Its events stay without texts; raise as `edit_comment`."""

        def remove(change: IssueChange) -> str:
            remove_comment(change, number)
            return "changed"

        return self._write(access, issue_id, remove)

    def close(
        self, access: Access, issue_id: str, *, comment: str = "", as_of: datetime | None = None
    ) -> IssueView:
        """Close an issue, with a comment that says how it was solved; raise as `edit` and `comment`."""
        return self._set_state(access, issue_id, IssueState.CLOSED, comment, as_of)

    def reopen(
        self, access: Access, issue_id: str, *, comment: str = "", as_of: datetime | None = None
    ) -> IssueView:
        """Open a closed issue again; raise as `close`."""
        return self._set_state(access, issue_id, IssueState.OPEN, comment, as_of)

    def delete(self, access: Access, issue_id: str) -> IssueEventModel:
        """Delete an issue with all its texts and files; its events stay as a trace with users and times. Return the last one.

        Raises
        ------
        AccessDeniedError
            If the user is not an owner of the project.
        NotFoundError
            If there is no such issue.
        """
        access.require(ProjectRole.OWNER)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            change = self._begin(repositories, access, issue_id)
            change.erase_texts()
            change.log(IssueEventKind.DELETED)
            repositories.of(IssueRepository).remove(change.issue)
            recorded = change.record_event("deleted")
        self._remove_files(change.issue.attachments)
        self._announce(recorded)
        return change.events[-1]

    def _change_list(
        self, access: Access, issue_id: str, name: str, add: list[str], remove: list[str]
    ) -> IssueView:
        access.require(ProjectRole.EDITOR)
        if not add and not remove:
            raise InvalidInputError(f"nothing to change: name the {name} to add or to remove")

        def change_list(change: IssueChange) -> str:
            former = getattr(change.issue, name)
            for one in remove:
                if one not in former:
                    raise InvalidInputError(
                        f"issue {change.issue.issue_id} has no {one!r} among its {name} ({', '.join(former) or 'none'})"
                    )
            made = [one for one in dict.fromkeys([*former, *add]) if one not in remove]
            return change_fields(change, {name: made}, self._names)

        return self._write(access, issue_id, change_list)

    def _set_state(
        self, access: Access, issue_id: str, state: IssueState, comment: str, as_of: datetime | None
    ) -> IssueView:
        def set_state(change: IssueChange) -> str:
            number = add_comment(change, comment) if comment.strip() else None
            return change.set_state(state, comment=number)

        return self._write(access, issue_id, set_state, as_of=as_of)

    def _write(
        self,
        access: Access,
        issue_id: str,
        apply: Callable[[IssueChange], str],
        *,
        as_of: datetime | None = None,
    ) -> IssueView:
        """Change an issue in a transaction, and announce the change; `apply` returns what happened, or nothing."""
        access.require(ProjectRole.EDITOR)
        event = None
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            change = self._begin(repositories, access, issue_id)
            former = change.issue.attachments
            change.refuse_stale(as_of)
            if what := apply(change):
                event = change.write(what)
            view = make_view(repositories, change.issue, change.events)
        self._remove_files(former, change.issue.attachments)
        if event is not None:
            self._tell(event, view, "\n".join(change.texts))
        return view

    def _begin(self, repositories: Repositories, access: Access, issue_id: str) -> IssueChange:
        return begin_change(repositories, access, issue_id, now=self._clock(), zone=self._zone)

    def _tell(self, event: EventModel, view: IssueView, text: str) -> None:
        """Announce an event with texts, which the recorded event does not keep."""
        excerpt = text if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}..."
        texts = {"title": view.issue.title, "message": excerpt}
        self._announce(event.model_copy(update={"data": event.data | texts}))

    def _require(self, repositories: Repositories, access: Access, issue_id: str) -> IssueModel:
        return require_issue(repositories, access, issue_id, self._zone)

    def _remove_files(self, former: Iterable[Attachment], kept: Container[Attachment] = ()) -> None:
        """Remove files that an issue no longer has, after the commit."""
        if self._artifacts is not None:
            remove_files(self._artifacts, [one.path for one in former if one not in kept])


def _load_view(repositories: Repositories, issue: IssueModel) -> IssueView:
    events = repositories.of(IssueEventRepository).list_by_issue(issue.project_id, int(issue.issue_id))
    return make_view(repositories, issue, events)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MOST_SIMILAR:
        raise InvalidInputError(f"limit cannot be {limit}: it is 1 to {MOST_SIMILAR}")
