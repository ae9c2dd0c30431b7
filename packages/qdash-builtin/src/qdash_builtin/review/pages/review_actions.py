"""Actions of a review: each is one request to the host, and is performed once even if it arrives twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from qdash_builtin.chips.operations.targets import exclude_target, include_target
from qdash_builtin.chips.requests.chips import ExclusionRequest
from qdash_builtin.metrics.pages.titles import load_titles
from qdash_builtin.notes.operations.notes import note_result, show_note_of_result
from qdash_builtin.notes.requests import NoteRequest
from qdash_builtin.review.operations import show_review
from qdash_builtin.review.pages.review_session import (
    ACCEPTED,
    EXCLUDED,
    LATER,
    MEASURED,
    REJECTED,
    ReviewDecision,
)
from qdash_builtin.runs.operations.executions import submit_run
from qdash_builtin.values.operations.value_changes import accept_result, reject_result, undo_value_event
from qdash_builtin.values.pages.value_changes import list_changes
from qdash_builtin.values.requests.value_changes import DecisionRequest, UndoRequest
from qdash_core.errors import ConflictError, LoginError, NotFoundError, QDashError, StaleError
from qdash_core.models.request import RunRequest
from qdash_core.models.targets import get_target_kind
from qdash_ui_streamlit.session import refresh_user

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_builtin.review.pages.review_session import ReviewSession
    from qdash_builtin.review.views import ReviewItemDocument
    from qdash_builtin.values.views.values import DecisionDocument
    from qdash_core.operations.operation import Operation
    from qdash_ui_streamlit.view import View

_UNDO_NOTE = "undone in the review"
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class ReviewAct:
    """Action that a user requests on the shown result; `turn` is its number in the review."""

    name: str
    task_id: str
    turn: int
    text: str = ""

    @classmethod
    def from_browser(cls, sent: Mapping[str, Any]) -> Self:
        """Return an action as the browser sends it."""
        return cls(str(sent["act"]), str(sent["task_id"]), int(sent["turn"]), str(sent.get("text", "")))


def perform_review_act(view: View, session: ReviewSession, act: ReviewAct) -> None:
    """Perform an action, and keep its outcome and the result to show next in the session.

    An action that was already performed changes nothing. After a refusal, the result stays; if others have changed it meanwhile, it is
    loaded again.
    """
    if act.turn != session.turn or act.task_id not in ("", *session.order):
        return
    session.turn += 1
    session.tell("")
    session.is_form_new = False
    try:
        session.shown = _ACTIONS[act.name](view, session, act)
    except (ConflictError, NotFoundError, StaleError) as error:
        session.items.pop(act.task_id, None)
        session.tell(str(error), failed=True)
    except QDashError as error:
        if isinstance(error, LoginError):
            refresh_user()
        session.tell(str(error), failed=True)


def load_review_item(view: View, session: ReviewSession, task_id: str) -> ReviewItemDocument:
    """Return a result of the review, loaded once."""
    if task_id not in session.items:
        session.items[task_id] = view.ask(show_review, task_id)
    return session.items[task_id]


def describe_item(item: ReviewItemDocument) -> str:
    """Return task and target of a result: `CheckT1 on qubit 5`."""
    return f"{item.task} on {get_target_kind(item.target)} {item.target}"


def _accept(view: View, session: ReviewSession, act: ReviewAct) -> str | None:
    return _decide(view, session, act, accept_result, ACCEPTED)


def _reject(view: View, session: ReviewSession, act: ReviewAct) -> str | None:
    session.reason = act.text.strip()
    return _decide(view, session, act, reject_result, REJECTED)


def _decide(
    view: View,
    session: ReviewSession,
    act: ReviewAct,
    operation: Operation[..., DecisionDocument],
    outcome: str,
) -> str | None:
    item = load_review_item(view, session, act.task_id)
    body = DecisionRequest(
        metrics=[one.parameter for one in item.values], reason=act.text.strip(), undecided=True
    )
    decided = view.ask(operation.once(f"{session.key}.{act.turn}"), act.task_id, body=body)
    session.decisions.append(ReviewDecision(act.task_id, decided.event.number))
    changes = list_changes(decided.event, load_titles(view))
    named = ", ".join(changes[:_MOST_NAMED]) or "no value in use changed"
    more = f", and {len(changes) - _MOST_NAMED} more" if len(changes) > _MOST_NAMED else ""
    session.tell(
        f"{outcome.capitalize()}: {describe_item(item)}; {named}{more} (event {decided.event.number})"
    )
    return _leave(session, item, outcome)


def _exclude(view: View, session: ReviewSession, act: ReviewAct) -> str | None:
    item = load_review_item(view, session, act.task_id)
    kind = get_target_kind(item.target)
    body = ExclusionRequest(note=act.text.strip())
    view.ask(exclude_target, item.chip_id, item.target, body=body)
    session.reason = act.text.strip()
    session.decisions.append(ReviewDecision(act.task_id, None))
    session.tell(f"Excluded: {kind} {item.target} is left out by flows")
    for task_id in session.list_of_target(item.target):
        if session.is_open(task_id):
            session.outcomes[task_id] = EXCLUDED
    return _leave(session, item, EXCLUDED)


def _measure(view: View, session: ReviewSession, act: ReviewAct) -> str | None:
    item = load_review_item(view, session, act.task_id)
    request = RunRequest(chip_id=item.chip_id, flow=item.task, single=item.target, saved=True)
    key = f"{session.key}.{act.task_id}"  # one run for each result, however often it is requested
    begun = view.ask(submit_run.once(key), asked=request)
    advice = f"; {begun.advice}" if begun.advice else ""
    session.tell(f"Measured again: {describe_item(item)} is queued as run {begun.execution_id}{advice}")
    return _leave(session, item, MEASURED)


def _write_note(view: View, session: ReviewSession, act: ReviewAct) -> str:
    item = load_review_item(view, session, act.task_id)
    document, version = view.ask_versioned(show_note_of_result, act.task_id)
    theirs = document.note.content if document.note else ""
    if theirs != (item.note.content if item.note else ""):
        raise StaleError(
            f"another user changed the note meanwhile, and yours was not saved: {act.text.strip()!r}"
        )
    view.ask(note_result.at_version(version), act.task_id, body=NoteRequest(content=act.text.strip()))
    session.items.pop(act.task_id)
    session.tell(f"Note saved: {describe_item(item)}")
    return act.task_id


def _open_or_close_refit(_view: View, session: ReviewSession, act: ReviewAct) -> str:
    session.is_form_new = session.refitted != act.task_id
    session.refitted = act.task_id if session.is_form_new else None
    return act.task_id


def _postpone(_view: View, session: ReviewSession, act: ReviewAct) -> str | None:
    session.outcomes.setdefault(act.task_id, LATER)
    return session.find_beside(act.task_id, 1)


def _go_back(_view: View, session: ReviewSession, act: ReviewAct) -> str:
    if not act.task_id:  # the summary follows the last result
        return session.order[-1]
    return session.find_beside(act.task_id, -1) or act.task_id


def _undo(view: View, session: ReviewSession, act: ReviewAct) -> str:
    if not session.decisions:
        session.tell("There is no decision of this review to undo", failed=True)
        return act.task_id
    last = session.decisions[-1]
    if last.event is None:
        item = load_review_item(view, session, last.task_id)
        view.ask(include_target, item.chip_id, item.target, note=_UNDO_NOTE)
        for task_id in session.list_of_target(item.target):
            if session.outcomes.get(task_id) == EXCLUDED:
                del session.outcomes[task_id]
        session.tell(f"Undone: {get_target_kind(item.target)} {item.target} is included again")
    else:
        key = f"{session.key}.{act.turn}"
        undone = view.ask(undo_value_event.once(key), last.event, body=UndoRequest(reason=_UNDO_NOTE))
        session.tell(f"Undone: event {last.event}, by event {undone.number}")
    session.decisions.pop()
    session.outcomes.pop(last.task_id, None)
    for task_id in (last.task_id, act.task_id):
        session.items.pop(task_id, None)
    return last.task_id


def _leave(session: ReviewSession, item: ReviewItemDocument, outcome: str) -> str | None:
    """Keep the outcome of a result, and return the next one; results of the same target are loaded again."""
    session.outcomes[item.task_id] = outcome
    for task_id, other in [*session.items.items()]:
        if other.target == item.target:
            del session.items[task_id]
    return session.find_following(item.task_id)


_ACTIONS: Mapping[str, Callable[[View, ReviewSession, ReviewAct], str | None]] = {
    "accept": _accept,
    "reject": _reject,
    "refit": _open_or_close_refit,
    "measure": _measure,
    "exclude": _exclude,
    "note": _write_note,
    "later": _postpone,
    "back": _go_back,
    "undo": _undo,
}
