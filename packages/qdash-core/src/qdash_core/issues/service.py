"""Service for laboratory issues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.errors import (
    AccessDeniedError,
    ConflictError,
    IllegalTransitionError,
    InvalidInputError,
    NotFoundError,
)
from qdash_core.issues.change import IssueChange
from qdash_core.issues.links import LINKS, resolve_links
from qdash_core.issues.similar import find_similar_issues, make_issue_subject, make_result_subject
from qdash_core.issues.texts import check_text, check_title, list_pictures, normalise_labels, parse_issue_id
from qdash_core.issues.view import IssueView, collect_comments, find_drawable, make_view
from qdash_core.models.base import refuse_stale, utc_now
from qdash_core.models.issue import (
    ISSUE_TRANSITIONS,
    UNSOLVED,
    IssueEventKind,
    IssueEventModel,
    IssueModel,
    IssueState,
)
from qdash_core.models.project import ProjectRole
from qdash_core.models.task import parse_choice
from qdash_core.models.times import format_time
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.request_keys import RequestKey
from qdash_core.repositories.store import OneOf
from qdash_core.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.issues.query import IssueQuery
    from qdash_core.issues.similar import SimilarIssue
    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel
    from qdash_core.models.pages import Page, PageRequest
    from qdash_core.repositories.store import Store

MOST_COMMENTS = 500
MOST_LABELS, MOST_ASSIGNEES = 20, 20
MOST_SIMILAR = 20
MOST_SHOWN_OF_CHIP = 1000
LONGEST_EXCERPT = 500
"""Maximum number of characters of a text in a notice."""
_LISTED = (("labels", IssueEventKind.LABELLED), ("assignees", IssueEventKind.ASSIGNED))
_EDITABLE = ("title", "body", "state", "labels", "assignees", *(one for one in LINKS if one != "task"))


@dataclass(frozen=True, slots=True)
class IssueNames:
    """Names of the installed plugins.

    Parameters
    ----------
    task_name : callable
        Returns the task name for an alias, and any other name unchanged.
    parameters : callable
        Returns the declared parameters of qubits and couplings.
    """

    task_name: Callable[[str], str]
    parameters: Callable[[], Collection[str]]


class IssueService:
    """Laboratory issues of one store.

    Parameters
    ----------
    store : Store
        Where they are kept.
    zone : ZoneInfo
        Time zone of messages.
    names : IssueNames
        Known tasks and parameters.
    announce : callable
        Receives each event after its transaction, with the title and the new text for notifiers.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        names: IssueNames,
        *,
        announce: Callable[[EventModel], object] = lambda _event: None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._names = names
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
            return Repositories(snapshot).issues.page(where, request)

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
            repositories.chips.require(access.project_id, chip_id)
            return repositories.issues.search(where, limit=MOST_SHOWN_OF_CHIP)

    def show(self, access: Access, issue_id: str) -> IssueView:
        """Return an issue with its comments and pictures.

        Raises
        ------
        NotFoundError
            If there is no such issue; for a deleted one with the user and time of the deletion.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            return make_view(repositories, self._require(repositories, access, issue_id))

    def list_events(self, access: Access, issue_id: str) -> list[IssueEventModel]:
        """Return the events of an issue in order, also of a deleted one; NotFoundError if there never was such an issue."""
        with self._store.read() as snapshot:
            return _require_events(Repositories(snapshot), access, issue_id)

    def page_events(self, access: Access, issue_id: str, request: PageRequest) -> Page[IssueEventModel]:
        """Return a page of `list_events`."""
        with self._store.read() as snapshot:
            events = Repositories(snapshot).issue_events
            if request.after is None:
                _require_events(Repositories(snapshot), access, issue_id)
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
            result = repositories.results.find(access.project_id, task_id)
            if result is None:
                raise NotFoundError(f"there is no result {task_id!r} in project {access.project_id}")
            return find_similar_issues(repositories, make_result_subject(repositories, result), limit=limit)

    def open(self, access: Access, title: str, *, key: str | None = None, **fields: Any) -> IssueView:
        """Open an issue.

        Parameters
        ----------
        access : Access
            Access of an editor.
        title : str
            Title in one line.
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
                return make_view(repositories, self._require(repositories, access, earlier.issue_id))
            now = self._clock()
            issue = IssueModel(
                project_id=access.project_id,
                issue_id=str(repositories.issue_events.get_last_issue(access.project_id) + 1),
                username=access.username,
                title=check_title(title),
                created_at=now,
                updated_at=now,
            )
            checked = self._check_fields(repositories, issue, fields)
            change = IssueChange(repositories, access, issue.model_copy(update=checked), now)
            change.log(IssueEventKind.OPENED)
            change.texts += [change.issue.body]
            event = change.write("opened")
            request.record(repositories, issue_id=change.issue.issue_id)
            view = make_view(repositories, change.issue)
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
            If it was changed or commented since `as_of`.
        """
        return self._write(access, issue_id, lambda change: self._apply(change, fields), as_of=as_of)

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
        access, issue_id
            Access of an editor; the issue.
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
            _add_comment(change, text)
            request.record(change.repositories, issue_id=issue_id)
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
            _require_own_comment(change, number)
            made = _check_comment(change.repositories, access, text)
            change.log(IssueEventKind.COMMENT_EDITED, comment=number, text=made)
            change.texts.append(made)
            return "commented"

        return self._write(access, issue_id, replace)

    def remove_comment(self, access: Access, issue_id: str, number: int) -> IssueView:
        """Remove a comment. Its events stay without texts; raise as `edit_comment`."""

        def remove(change: IssueChange) -> str:
            _require_own_comment(change, number)
            events = change.repositories.issue_events
            for event in events.list_by_issue(access.project_id, int(change.issue.issue_id)):
                if event.text and number in (event.number, event.comment):
                    events.put(event.model_copy(update={"text": ""}))
            change.log(IssueEventKind.COMMENT_REMOVED, comment=number)
            if change.issue.closing_comment == number:
                change.update(closing_comment=None)
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
        """Delete an issue with all its texts; its events stay as a trace with users and times. Return the last one.

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
            issue = self._require(repositories, access, issue_id)
            change = IssueChange(repositories, access, issue, self._clock())
            number = int(issue.issue_id)
            for event in repositories.issue_events.list_by_issue(access.project_id, number):
                repositories.issue_events.put(
                    event.model_copy(update={"text": "", "before": {}, "after": {}})
                )
            change.log(IssueEventKind.DELETED)
            repositories.issues.remove(issue)
            recorded = change.record_event("deleted")
            deleted = repositories.issue_events.list_by_issue(access.project_id, number)[-1]
        self._announce(recorded)
        return deleted

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
            return self._apply(change, {name: made})

        return self._write(access, issue_id, change_list)

    def _set_state(
        self, access: Access, issue_id: str, state: IssueState, comment: str, as_of: datetime | None
    ) -> IssueView:
        def set_state(change: IssueChange) -> str:
            number = _add_comment(change, comment) if comment.strip() else None
            return _change_state(change, state, comment=number)

        return self._write(access, issue_id, set_state, as_of=as_of)

    def _apply(self, change: IssueChange, fields: Mapping[str, Any]) -> str:
        """Change fields, and return what happened; an empty text if nothing differs."""
        checked = self._check_fields(change.repositories, change.issue, fields)
        change.set_fields(
            IssueEventKind.EDITED, **{name: checked[name] for name in ("title", "body") if name in checked}
        )
        change.texts += [checked["body"]] if "body" in change.changed else []
        for name, kind in _LISTED:
            change.set_fields(kind, **{name: checked[name]} if name in checked else {})
        change.set_fields(IssueEventKind.LINKED, **{name: checked[name] for name in LINKS if name in checked})
        what = "changed" if change.changed else ""
        if checked.get("state", change.issue.state) != change.issue.state:
            return _change_state(change, checked["state"])
        return what

    def _check_fields(
        self, repositories: Repositories, issue: IssueModel, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the given fields as they are stored, with the links that follow from them."""
        checked = dict(fields)
        for name in checked:
            if name not in _EDITABLE:
                raise InvalidInputError(f"{name} cannot be changed; {', '.join(_EDITABLE)} can")
        if "title" in checked:
            checked["title"] = check_title(checked["title"])
        if "body" in checked:
            checked["body"] = check_text(checked["body"], "description")
            _require_pictures(repositories, issue.project_id, checked["body"])
        if "state" in checked:
            checked["state"] = IssueState(parse_choice(IssueState, "state", checked["state"]))
        if "labels" in checked:
            checked["labels"] = _limit(normalise_labels(checked["labels"]), MOST_LABELS, "labels")
        if "assignees" in checked:
            checked["assignees"] = _check_assignees(repositories, issue, checked["assignees"])
        links = {name: checked[name] for name in LINKS if name in checked}
        if links:
            checked |= resolve_links(repositories, issue, links, self._names.parameters())
        return checked

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
            issue = self._require(repositories, access, issue_id)
            refuse_stale(f"issue {issue.issue_id}", issue.updated_at, as_of)
            change = IssueChange(repositories, access, issue, self._clock())
            if what := apply(change):
                event = change.write(what)
            view = make_view(repositories, change.issue)
        if event is not None:
            self._tell(event, view, "\n".join(change.texts))
        return view

    def _tell(self, event: EventModel, view: IssueView, text: str) -> None:
        """Announce an event with texts, which the recorded event does not keep."""
        excerpt = text if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}..."
        texts = {"title": view.issue.title, "message": excerpt}
        self._announce(event.model_copy(update={"data": event.data | texts}))

    def _require(self, repositories: Repositories, access: Access, issue_id: str) -> IssueModel:
        wanted = parse_issue_id(issue_id)
        issue = repositories.issues.find(access.project_id, wanted)
        if issue is not None:
            return issue
        last = _require_events(repositories, access, wanted)[-1]
        raise NotFoundError(
            f"issue {wanted} was deleted by {last.username} at {format_time(last.created_at, self._zone)}: "
            f"`qdash issue events {wanted}` shows its trace"
        )


def _require_events(repositories: Repositories, access: Access, issue_id: str) -> list[IssueEventModel]:
    number = int(parse_issue_id(issue_id))
    events = repositories.issue_events.list_by_issue(access.project_id, number)
    if not events:
        last = repositories.issue_events.get_last_issue(access.project_id)
        known = f"its last one is {last}" if last else "it has none yet"
        raise NotFoundError(f"there is no issue {number} in project {access.project_id}: {known}")
    return events


def _change_state(change: IssueChange, state: IssueState, *, comment: int | None = None) -> str:
    """Change the state, and return what happened; raise IllegalTransitionError if it cannot be the next one."""
    former = change.issue.state
    if state not in ISSUE_TRANSITIONS[former]:
        raise IllegalTransitionError(
            f"issue {change.issue.issue_id} is {former}, and can become {' or '.join(ISSUE_TRANSITIONS[former])}"
        )
    change.set_fields(IssueEventKind.STATE_CHANGED, comment=comment, state=state)
    if state is IssueState.CLOSED:
        change.update(closed_by=change.access.username, closed_at=change.now, closing_comment=comment)
        return "closed"
    change.update(closed_by="", closed_at=None, closing_comment=None)
    return "reopened" if former is IssueState.CLOSED else "changed"


def _add_comment(change: IssueChange, text: str) -> int:
    if change.issue.n_comments >= MOST_COMMENTS:
        raise ConflictError(
            f"issue {change.issue.issue_id} has {MOST_COMMENTS} comments, which is the limit: open another issue"
        )
    return change.add_comment(_check_comment(change.repositories, change.access, text))


def _check_comment(repositories: Repositories, access: Access, text: str) -> str:
    made = check_text(text, "comment")
    if not made:
        raise InvalidInputError("the comment is empty: write a text")
    _require_pictures(repositories, access.project_id, made)
    return made


def _require_own_comment(change: IssueChange, number: int) -> None:
    """Raise an error unless the user may change a comment."""
    issue, access = change.issue, change.access
    events = change.repositories.issue_events.list_by_issue(issue.project_id, int(issue.issue_id))
    found = {comment.number: comment for comment in collect_comments(events)}.get(number)
    if found is None:
        raise NotFoundError(f"issue {issue.issue_id} has no comment {number}")
    if found.username != access.username and not access.role.includes(ProjectRole.OWNER):
        raise AccessDeniedError(
            f"comment {number} is by {found.username}: its author and owners of the project can change it"
        )


def _require_pictures(repositories: Repositories, project_id: str, text: str) -> None:
    """Raise NotFoundError if a picture of a text does not exist."""
    for picture in list_pictures(text):
        if find_drawable(repositories, project_id, picture.task_id) is None:
            raise NotFoundError(
                f"the picture {picture.text} does not exist: there is no result {picture.task_id!r} with raw data in project {project_id}"
            )


def _check_assignees(repositories: Repositories, issue: IssueModel, names: Iterable[str]) -> list[str]:
    """Return assignees, each once; raise NotFoundError for a new one who is not a member."""
    made = _limit(list(dict.fromkeys(names)), MOST_ASSIGNEES, "assignees")
    members = [
        one.username for one in repositories.memberships.list_by_project(issue.project_id) if one.active
    ]
    for name in made:
        if name not in issue.assignees and name not in members:
            raise NotFoundError(
                f"{name!r} is not a member of project {issue.project_id}{suggest(name, members)}"
            )
    return made


def _limit(members: list[str], most: int, noun: str) -> list[str]:
    if len(members) > most:
        raise InvalidInputError(f"{len(members)} {noun} are too many; {most} are possible")
    return members


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MOST_SIMILAR:
        raise InvalidInputError(f"limit cannot be {limit}: it is 1 to {MOST_SIMILAR}")
