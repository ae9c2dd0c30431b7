"""Review on a terminal: flagged results one by one, each decided by a key."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import click

from qdash_builtin.figures.output import write_figure
from qdash_builtin.review.item_texts import describe_event, show_review_item
from qdash_cli.rendering.output import (
    format_count,
    format_decisions,
    format_reasons,
    format_values,
    make_output_folder,
    print_message,
)
from qdash_core.errors import ConflictError, NotFoundError, QDashError, StaleError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from qdash_builtin.review.views import ReviewItemDocument
    from qdash_builtin.runs.views.results import RecordedResult, RunResultDocument
    from qdash_builtin.values.requests.value_changes import DecisionRequest
    from qdash_builtin.values.views.values import DecisionDocument
    from qdash_cli.command_user import CommandUser
    from qdash_core.operations.transport import Transport

Step = Literal["stay", "show", "next", "quit"]
"""Step after an action: read another key, show the present result again, go to the next one, or end."""
_OUTCOMES = ("accepted", "rejected", "refitted", "measured again", "excluded", "later", "no longer waiting")
_CTRL_C, _CTRL_D = "\x03", "\x04"


@dataclass(frozen=True, slots=True)
class _Decision:
    """Decision of this review on the result at a position.

    Parameters
    ----------
    event : int or None
        Number of its value event, or None if it is not undone by an event.
    advice : str
        How to undo it without an event.
    """

    position: int
    event: int | None
    advice: str = ""


class ReviewSession:
    """Review of flagged results on a terminal, in the order of `task_ids`.

    Every decision is stored at once, as one value event, so that the end of the review, by whatever means, loses none.
    The folder for figures is created for the first one.

    Parameters
    ----------
    home : Transport
        Performs the operations, for an editor.
    command_user : CommandUser
        User and project of runs, which are performed as by `qdash task run`.
    every_state : bool
        Whether superseded results and those of excluded targets are reviewed, too.
    """

    def __init__(
        self,
        home: Transport,
        command_user: CommandUser,
        task_ids: Sequence[str],
        *,
        every_state: bool,
        figures: Path,
    ) -> None:
        self._home = home
        self._command_user = command_user
        self._task_ids = list(task_ids)
        self._every_state = every_state
        self._figures = figures
        self._position = 0
        self._outcomes: dict[int, str] = {}
        self._decisions: list[_Decision] = []
        self._reason = ""

    def run(self) -> None:
        """Review the results until the last one, `q`, Ctrl-C or the end of the input, and print a summary."""
        try:
            while self._review_rest() and self._undo_at_end():
                pass
        except (KeyboardInterrupt, EOFError):
            print_message()
        self._show_summary()

    def _review_rest(self) -> bool:
        """Review the results from the present position on; return whether the end was reached."""
        while self._position < len(self._task_ids):
            if self._position in self._outcomes:
                self._position += 1
            elif self._review_current() == "quit":
                return False
        return True

    def _undo_at_end(self) -> bool:
        """Offer to undo the last decision after the last result; return whether its result is reviewed again."""
        while self._decisions:
            print_message(_END_LINE)
            key = read_key()
            if key == "q":
                return False
            if key != "u":
                print_message(f"no action has the key {key!r} here")
            elif self._attempt(self._undo_last) == "next":
                return True
        return False

    def _review_current(self) -> Step:
        """Show the result at the present position, and perform actions until it is left."""
        place = f"{self._position + 1} of {len(self._task_ids)}"
        item = self._find_open(place)
        if item is None:
            return "next"
        show_review_item(item, self._home.zone, place=place)
        step: Step = "stay"
        while step == "stay":
            print_message(_KEY_LINE)
            step = self._perform(item, read_key())
        return step

    def _find_open(self, place: str) -> ReviewItemDocument | None:
        """Return the result at the present position, or None, with a message, if it no longer awaits a decision."""
        from qdash_builtin.review.operations import show_review
        from qdash_builtin.values.review_state import ReviewState

        try:
            item = self._home.ask(show_review, self._task_ids[self._position])
        except NotFoundError as error:
            self._leave("no longer waiting", f"{place}: {error}")
            return None
        if item.state is ReviewState.WAITING or (self._every_state and item.values):
            return item
        decided = format_decisions(item.decisions) or item.state
        outcome = "excluded" if item.state is ReviewState.EXCLUDED else "no longer waiting"
        self._leave(outcome, f"{place}: {item.task} on {item.target} is no longer waiting: {decided}")
        return None

    def _perform(self, item: ReviewItemDocument, key: str) -> Step:
        """Perform the action of a key."""
        if key not in _ACTIONS:
            print_message(f"no action has the key {key!r}: press ? for the keys")
            return "stay"
        return self._attempt(lambda: _ACTIONS[key](self, item))

    def _attempt(self, act: Callable[[], Step]) -> Step:
        """Perform an action; print its error, and read the result again after a conflict."""
        try:
            return act()
        except click.Abort:
            print_message("\nnothing was changed")
            return "stay"
        except (ConflictError, NotFoundError, StaleError) as error:
            print_message(f"error: {error}")
            return "show"
        except QDashError as error:
            print_message(f"error: {error}")
            return "stay"

    def _accept(self, item: ReviewItemDocument) -> Step:
        from qdash_builtin.values.operations.value_changes import accept_result

        if item.refusal:
            print_message(f"error: {item.refusal}")
            return "stay"
        return self._decide("accepted", self._home.ask(accept_result, item.task_id, _make_request(item)))

    def _reject(self, item: ReviewItemDocument) -> Step:
        from qdash_builtin.values.operations.value_changes import reject_result

        request = _make_request(item, self._ask_for_reason("Reason"))
        return self._decide("rejected", self._home.ask(reject_result, item.task_id, request))

    def _refit(self, item: ReviewItemDocument) -> Step:
        from qdash_builtin.results.commands.refit import parse_analysis_options
        from qdash_builtin.results.operations.results import preview_refit, refit_result
        from qdash_builtin.results.requests import RefitPreviewRequest, RefitRequest
        from qdash_builtin.results.text_output.refits import show_refit_preview

        text = click.prompt(
            "Analysis options, such as fit_window=0..60 exclude=3,17 (empty: as before)",
            default="",
            show_default=False,
        )
        given = parse_analysis_options(text.split())
        try:
            print_message("refitting ...")
            preview = self._home.ask(preview_refit, item.task_id, RefitPreviewRequest(options=given))
            show_refit_preview(preview, self._home.zone)
        except KeyboardInterrupt:
            print_message("\nthe refit was interrupted: nothing was changed")
            return "stay"
        if not click.confirm("Record this refit?"):
            print_message("not recorded")
            return "stay"
        request = RefitRequest(options=given, basis=preview.basis)
        return self._continue_with(self._home.ask(refit_result, item.task_id, request), "refitted")

    def _measure(self, item: ReviewItemDocument) -> Step:
        from qdash_builtin.runs.commands.watched_runs import RunMode, run_and_watch
        from qdash_builtin.runs.operations.executions import show_selected_results
        from qdash_core.models.request import RunRequest

        request = RunRequest(chip_id=item.chip_id, flow=item.task, single=item.target, saved=True)
        try:
            ended = run_and_watch(request, RunMode(), command_user=self._command_user)
        except KeyboardInterrupt as interrupt:
            print_message(f"interrupted: {interrupt}" if interrupt.args else "the measurement was cancelled")
            return "stay"
        results = self._home.ask(show_selected_results, ended.execution_id).results
        last = [one for one in results if one.refit_of is None]
        if not last:
            print_message(f"execution {ended.execution_id} {ended.status}: {ended.message or ''}")
            return "stay"
        return self._continue_with(last[-1], "measured again")

    def _exclude(self, item: ReviewItemDocument) -> Step:
        from qdash_builtin.chips.operations.targets import set_target_statuses
        from qdash_builtin.chips.requests.chips import TargetStatusesRequest

        why = self._ask_for_reason(f"Reason for the exclusion of {item.target}")
        request = TargetStatusesRequest(targets=[item.target], status="excluded", note=why)
        self._home.ask(set_target_statuses, item.chip_id, request)
        advice = f"`qdash chip include {item.chip_id} {item.target} --note TEXT` includes it again"
        self._decisions.append(_Decision(self._position, None, advice))
        self._leave("excluded", f"{item.target} is excluded from flows; {advice}")
        return "next"

    def _write_note(self, item: ReviewItemDocument) -> Step:
        from qdash_builtin.notes.operations.notes import note_result, show_note_of_result
        from qdash_builtin.notes.requests import NoteRequest

        shown = "" if item.note is None else item.note.content
        text = click.prompt("Note", default=shown or None)
        present = self._home.ask(show_note_of_result, item.task_id).note
        if ("" if present is None else present.content) != shown:
            raise StaleError("another user changed the note meanwhile: write it again")
        self._home.ask(note_result, item.task_id, NoteRequest(content=text))
        return "show"

    def _write_figure(self, item: ReviewItemDocument) -> Step:
        from qdash_builtin.figures.files import get_figure_renderer
        from qdash_builtin.results.operations.results import result_figure
        from qdash_core.errors import InvalidInputError

        suffix = ".html"
        try:
            get_figure_renderer(suffix)
        except InvalidInputError:  # Plotly is not installed
            suffix = ".json"
        make_output_folder(self._figures)
        path = self._figures / f"{item.task}-{item.target}-{item.task_id[:8]}{suffix}"
        write_figure(path, self._home.ask(result_figure, item.task_id))
        print_message(f"figure: {path.resolve()}")
        return "stay"

    def _postpone(self, _item: ReviewItemDocument) -> Step:
        self._outcomes[self._position] = "later"
        return "next"

    def _undo(self, _item: ReviewItemDocument) -> Step:
        return self._undo_last()

    def _undo_last(self) -> Step:
        from qdash_builtin.values.operations.value_changes import undo_value_event
        from qdash_builtin.values.requests.value_changes import UndoRequest

        if not self._decisions:
            print_message("there is no decision of this review to undo")
            return "stay"
        last = self._decisions.pop()
        if last.event is None:
            print_message(last.advice)
            return "stay"
        undone = self._home.ask(undo_value_event, last.event, UndoRequest())
        print_message(f"event {last.event} is undone by event {undone.number}")
        del self._outcomes[last.position]
        self._position = last.position
        return "next"

    def _quit(self, _item: ReviewItemDocument) -> Step:
        return "quit"

    def _show_help(self, _item: ReviewItemDocument) -> Step:
        print_message(_HELP)
        return "stay"

    def _decide(self, outcome: str, decided: DecisionDocument) -> Step:
        self._decisions.append(_Decision(self._position, decided.event.number))
        self._leave(outcome, f"{outcome}, {describe_event(decided.event)}")
        return "next"

    def _continue_with(self, result: RunResultDocument | RecordedResult, outcome: str) -> Step:
        """Continue with a new result of the same task and target: review it if it is flagged, and leave it if it was accepted."""
        from qdash_core.models.task import TaskStatus, Verdict

        values = format_values(result.output_parameters)
        why = format_reasons(result.reasons or ()) or result.message
        print_message(
            "; ".join(filter(None, (f"{result.name} on {result.qid}: {result.outcome}", values, why)))
        )
        if result.status is not TaskStatus.COMPLETED:
            return "stay"
        if result.verdict is Verdict.FLAGGED:
            self._task_ids[self._position] = result.task_id
            return "show"
        advice = f"a new result cannot be undone here: `qdash values reject {result.task_id} --reason TEXT` withdraws its values"
        self._decisions.append(_Decision(self._position, None, advice))
        self._outcomes[self._position] = outcome
        return "next"

    def _ask_for_reason(self, question: str) -> str:
        """Ask for a reason until there is one; the last one is the default."""
        while True:
            given: str = click.prompt(question, default=self._reason, show_default=bool(self._reason))
            if reason := given.strip():
                self._reason = reason
                return reason
            print_message("a reason is needed: write why, or leave the question with Ctrl-C")

    def _leave(self, outcome: str, message: str) -> None:
        self._outcomes[self._position] = outcome
        print_message(message)

    def _show_summary(self) -> None:
        counts = Counter(self._outcomes.values())
        left = len(self._task_ids) - len(self._outcomes)
        parts = [f"{counts[one]} {one}" for one in _OUTCOMES if counts[one]]
        parts += [f"{left} not reviewed"] if left else []
        print_message()
        print_message(f"{format_count(len(self._task_ids), 'result')}: {', '.join(parts)}")
        events = [one.event for one in self._decisions if one.event is not None]
        if events:
            further = self._command_user.make_options(self._home.project_id)
            named = f"event {events[0]}" if len(events) == 1 else f"events {', '.join(map(str, events))}"
            print_message(
                f"{named}: `qdash values undo {events[-1]}{further}` undoes the last acceptance or rejection"
            )


def _make_request(item: ReviewItemDocument, reason: str = "") -> DecisionRequest:
    """Return the decision on the values of a result, which is refused if a user has decided on one meanwhile."""
    from qdash_builtin.values.requests.value_changes import DecisionRequest

    names = [one.parameter for one in item.values]
    return DecisionRequest(metrics=names or None, reason=reason, undecided=True)


def read_key() -> str:
    """Return the next key in lower case; raise EOFError at the end of the input, and KeyboardInterrupt for Ctrl-C."""
    try:
        key = click.getchar()
    except OSError:  # the terminal is gone
        raise EOFError from None
    if _CTRL_C in key:  # among keys that were pressed at once
        raise KeyboardInterrupt
    if not key or _CTRL_D in key:
        raise EOFError
    return key.lower()


_ACTIONS: Mapping[str, Callable[[ReviewSession, ReviewItemDocument], Step]] = {
    "a": ReviewSession._accept,
    "r": ReviewSession._reject,
    "t": ReviewSession._refit,
    "m": ReviewSession._measure,
    "x": ReviewSession._exclude,
    "n": ReviewSession._write_note,
    "f": ReviewSession._write_figure,
    "l": ReviewSession._postpone,
    "u": ReviewSession._undo,
    "q": ReviewSession._quit,
    "?": ReviewSession._show_help,
}
_KEY_LINE = "a accept, r reject, t refit, m measure again, x exclude, n note, f figure, l later, u undo, q quit, ? help"
_END_LINE = "all reviewed: u undo, q quit"
_HELP = """a  accept: the values become the chip's, unless later ones are in use
r  reject, with a reason; the last reason is the default
t  refit the raw data, with other analysis options if you name some; a preview comes first
m  measure again: as `qdash task run TASK --save`, which waits while the chip is in use
x  exclude the qubit or coupling from flows, with a reason; its results no longer wait
n  write a note on the result
f  write the figure to a file
l  later: leave it as it is
u  undo the last decision of this review, and return to it
q  quit, as Ctrl-C does; decisions are already stored"""
