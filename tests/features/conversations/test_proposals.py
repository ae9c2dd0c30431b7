"""Proposals of assistants: drafted with the tools, confirmed once with the rights of the user, both authors on record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.conversations.feature import PROPOSALS
from qdash_builtin.conversations.models.citation import CitationState
from qdash_builtin.conversations.models.conversation import (
    AnswerState,
    ConversationMessageModel,
    ConversationModel,
)
from qdash_builtin.conversations.models.proposal import Proposal, ProposalState
from qdash_builtin.conversations.repository import ConversationMessageRepository, ConversationRepository
from qdash_builtin.conversations.tools.answer_tools import AnswerTools
from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.people.feature import MEMBERS, USERS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.runs.feature import EXECUTIONS, QUEUE, RUNS
from qdash_builtin.values.feature import VALUES
from qdash_core import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    Parameter,
    TaskOutput,
)
from qdash_core.errors import AssistantError, LockedError, QDashError
from qdash_core.models.chip import TargetStatus
from qdash_core.models.project import ProjectRole
from qdash_core.process.cancellation import AbandonedError, allow_abandoning
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import QubitCalibrationRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

ANN = access_of("ann", role=ProjectRole.EDITOR)
BOB = access_of("bob", role=ProjectRole.EDITOR)
VIEWER = access_of("eve", role=ProjectRole.VIEWER)
AUTHOR = "drafted by assistant scripted with model-1, conversation c1, question 1"
POOR = make_task(
    "Poor",
    {"t1": Parameter(30.0, 1.0, "us")},
    analyse=lambda *_: TaskOutput({"t1": Parameter(30.0, 1.0, "us")}, quality={"reduced_chi2": 100.0}),
)


class Talk:
    """A conversation whose only answer consists of these tool calls and this text."""

    def __init__(self, bench: Bench, *, reader: str = "") -> None:
        self.bench, now = bench, utc_now()
        self.proposals = bench.qdash.get(PROPOSALS)
        self.conversation = ConversationModel(
            project_id="default",
            conversation_id="c1",
            username="ann",
            title="T1",
            chip_id=CHIP,
            reader=reader,
            created_at=now,
        )
        bench.repositories.of(ConversationRepository).put(self.conversation)

    def answer(self, *calls: tuple[str, dict[str, Any]], text: str = "") -> ConversationMessageModel:
        """Perform calls of tools as the user who asks, and store the reviewed message."""
        tools = AnswerTools(self.bench.qdash)
        known = {one.name: one for one in tools.make_tools(ANN, self.conversation, reads_pictures=False)}
        results = [known[name].call(arguments).document for name, arguments in calls]
        message = ConversationMessageModel(
            project_id="default",
            conversation_id="c1",
            number=1,
            username="ann",
            question="Why?",
            answer=text,
            state=AnswerState.COMPLETED,
            assistant="scripted",
            model="model-1",
            reserved_tokens=0,
            budget_tokens=0,
            budget_day="2026-11-25",
            started_at=utc_now(),
        )
        reviewed = tools.review(ANN, message, earlier=[], results=results)
        self.bench.repositories.of(ConversationMessageRepository).put(reviewed)
        return reviewed

    def confirm(self, number: int = 1, access: Any = BOB) -> Proposal:
        return self.proposals.confirm(access, "c1", 1, str(number))

    def get_stored(self, number: int = 1) -> Proposal:
        message = self.bench.repositories.of(ConversationMessageRepository).find("default", "c1", 1)
        assert message is not None
        return message.proposals[number - 1]


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    made = make_bench(POOR, make_task("T2", {"t2_echo": Parameter(9.0, 1.0, "us")}))
    for name in ("ann", "bob"):
        made.qdash.get(USERS).create(name, by="admin")
        made.qdash.get(MEMBERS).invite(ADMIN, name, ProjectRole.EDITOR)
        made.qdash.get(MEMBERS).accept(name, "default")
    return made


@pytest.mark.every_store
def test_each_kind_is_performed_once_with_both_authors_on_record(bench: Bench) -> None:
    flagged, second, third = (bench.run("Poor", qid) for qid in ("0", "1", "2"))
    talk = Talk(bench)
    drafted = talk.answer(
        ("show_result", {"task_id": flagged.task_id}),
        ("propose_accept", {"task_id": flagged.task_id, "reason": "it repeats"}),
        ("propose_accept", {"task_id": flagged.task_id, "reason": "once more"}),
        ("propose_reject", {"task_id": second.task_id, "parameters": ["t1"], "reason": "noise"}),
        ("propose_refit", {"task_id": third.task_id, "reason": "better"}),
        ("propose_measure", {"chip_id": CHIP, "task": "T2", "targets": ["3"], "reason": "missing"}),
        ("propose_exclude", {"chip_id": CHIP, "targets": ["4"], "reason": "dead line"}),
        (
            "propose_issue",
            {
                "title": "Dead line",
                "text": "Q4",
                "task_id": third.task_id[:9],
                "targets": ["4"],
                "reason": "repair",
            },
        ),
        text=f"T1 of Q0 is 30 µs [result:{flagged.task_id}]. Q4 is dead.",
    )
    assert [one.state for one in drafted.citations] == [CitationState.RESOLVED]
    assert (drafted.uncited, drafted.marked) == (["Q4 is dead."], True)
    assert [one.summary for one in drafted.proposals] == [
        f"Accept Poor on qubit 0 (result {flagged.task_id}): t1 = 30.0(10) µs.",
        f"Reject Poor on qubit 1 (result {second.task_id}): t1 = 30.0(10) µs.",
        f"Refit Poor on qubit 2 (result {third.task_id}): t1 30.0(10) µs → 30.0(10) µs; flagged. It changes no value of the chip.",
        f"Measure T2 on qubit 3 of chip {CHIP}.",
        f"Exclude qubit 4 of chip {CHIP} from flows.",
        "Open an issue: Dead line.",
    ]
    assert bench.repositories.of(QubitCalibrationRepository).require("default", CHIP, "0").data == {}
    confirmed = [talk.confirm(number) for number in range(1, 7)]
    assert {one.state for one in confirmed} == {ProposalState.CONFIRMED}
    assert [talk.confirm(number) for number in range(1, 7)] == confirmed

    qdash = bench.qdash
    first, last = (qdash.get(VALUES).show_event(BOB, number).head for number in (1, 2))
    assert (first.username, first.kind, first.reason) == ("bob", "accepted", f"it repeats ({AUTHOR})")
    assert (last.username, last.kind, last.reason) == ("bob", "rejected", f"noise ({AUTHOR})")
    refit = qdash.get(RESULTS).show(BOB, confirmed[2].record.id)
    assert (refit.username, refit.refit_of, refit.user_note.content) == (
        "bob",
        third.task_id,
        f"better ({AUTHOR})",
    )
    run = qdash.get(EXECUTIONS).get_header(BOB, confirmed[3].record.id).execution
    assert run.request is not None
    assert (run.username, run.request.flow, run.request.drafted_by) == ("bob", "T2", AUTHOR)
    again = qdash.get(RUNS).submissions.submit(BOB, run.request).execution
    assert again.request is not None
    assert again.request.drafted_by is None
    assert len(qdash.get(QUEUE).list_entries(BOB)) == 2
    excluded = bench.repositories.of(QubitCalibrationRepository).require("default", CHIP, "4")
    assert (excluded.status, excluded.note.updated_by) == ("excluded", "bob")
    assert excluded.note.content == f"dead line ({AUTHOR})"
    issue = qdash.get(ISSUES).show(BOB, "1").issue
    assert (issue.username, issue.targets, issue.body) == ("bob", ["4"], f"Q4\n\n({AUTHOR})")
    assert (issue.chip_id, issue.task_id) == (CHIP, third.task_id)


def test_a_draft_is_checked_against_the_record(bench: Bench) -> None:
    result = bench.run("T2")
    bench.add_project("elsewhere")
    talk = Talk(bench)
    for name, arguments, message in (
        ("propose_accept", {"task_id": result.task_id}, "already accepted"),
        ("propose_reject", {"task_id": result.task_id, "parameters": ["t9"]}, "no parameter 't9'"),
        ("propose_accept", {"task_id": "none"}, "no result 'none'"),
        ("propose_refit", {"task_id": result.task_id, "options": {"nonsense": 1}}, "nonsense"),
        ("propose_measure", {"chip_id": CHIP, "task": "evil.py:run", "targets": ["0"]}, "evil.py"),
        ("propose_measure", {"chip_id": CHIP, "task": "T2", "targets": ["9"]}, "9"),
        ("propose_exclude", {"chip_id": "other", "targets": ["0"]}, "no chip 'other'"),
        (
            "propose_issue",
            {"title": "x", "text": "![a](https://evil.example/a.png)"},
            "neither from a result",
        ),
        ("propose_issue", {"title": "x", "text": "x", "task_id": "none"}, "no result 'none'"),
        ("propose_issue", {"title": "x", "text": "x", "delete": True}, "no such field"),
    ):
        with pytest.raises(QDashError, match=message):
            talk.answer((name, {**arguments, "reason": "so"}))
    for reason in ({}, {"reason": " \n"}, {"reason": "so\x1b[8m"}):
        with pytest.raises(InvalidInputError, match="reason"):
            talk.answer(("propose_reject", {"task_id": result.task_id, **reason}))


def test_the_eleventh_draft_of_an_answer_is_refused_since_the_user_would_not_see_it(bench: Bench) -> None:
    talk = Talk(bench)
    drafts = [
        ("propose_issue", {"title": f"Line {number}", "text": "x", "reason": "so"}) for number in range(11)
    ]
    answered = talk.answer(*drafts[:10], drafts[0])
    assert [one.proposal_id for one in answered.proposals] == [str(number) for number in range(1, 11)]
    with pytest.raises(AssistantError, match="limit of 10 proposals"):
        talk.answer(*drafts)


def test_a_proposal_expires_when_the_record_changes(bench: Bench) -> None:
    flagged = bench.run("Poor")
    talk = Talk(bench)
    talk.answer(
        ("propose_accept", {"task_id": flagged.task_id, "reason": "so"}),
        ("propose_measure", {"chip_id": CHIP, "task": "T2", "targets": ["0"], "reason": "so"}),
        ("propose_exclude", {"chip_id": CHIP, "targets": ["0"], "reason": "so"}),
        ("propose_refit", {"task_id": flagged.task_id, "reason": "so"}),
    )
    bench.qdash.get(VALUES).reject(ANN, flagged.task_id, reason="no")
    bench.run("T2")
    bench.qdash.get(TARGETS).set_aside(ANN, CHIP, "0", TargetStatus.EXCLUDED, "mine")
    for number in (1, 2, 3):
        with pytest.raises(ConflictError, match="expired, since the record has changed"):
            talk.confirm(number)
        assert talk.get_stored(number).state is ProposalState.EXPIRED
        with pytest.raises(ConflictError, match=f"proposal {number} expired"):
            talk.confirm(number)
    assert len(bench.qdash.get(QUEUE).list_entries(BOB)) == 0
    assert (
        bench.repositories.of(QubitCalibrationRepository).require("default", CHIP, "0").note.content == "mine"
    )


def test_a_decision_that_is_made_while_a_proposal_is_confirmed_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    flagged, other = bench.run("Poor"), bench.run("Poor", "1")
    talk = Talk(bench)
    talk.answer(
        ("propose_accept", {"task_id": flagged.task_id, "reason": "so"}),
        ("propose_reject", {"task_id": other.task_id, "reason": "so"}),
        ("propose_exclude", {"chip_id": CHIP, "targets": ["0"], "reason": "so"}),
    )
    decisions: list[tuple[str, Callable[[], object]]] = [
        ("accept", lambda: bench.qdash.get(VALUES).reject(ANN, flagged.task_id, reason="no")),
        ("reject", lambda: bench.qdash.get(VALUES).accept(ANN, other.task_id)),
        ("exclude", lambda: bench.qdash.get(TARGETS).set_aside(ANN, CHIP, "0", TargetStatus.DEAD, "mine")),
    ]
    actions = {one.kind: one for one in talk.proposals.list_actions(BOB)}
    for number, (kind, decide) in enumerate(decisions, 1):
        action = actions[kind]
        describe = action.describe

        def describe_and_decide(*given: Any, describe: Any = describe, decide: Any = decide) -> Any:
            described = describe(*given)
            decide()
            return described

        monkeypatch.setattr(action, "describe", describe_and_decide)
        with pytest.raises(ConflictError, match="expired, since the record has changed"):
            talk.confirm(number)
    show = bench.qdash.get(RESULTS).show
    assert show(BOB, flagged.task_id).decisions["t1"].verdict == "rejected"
    assert show(BOB, other.task_id).decisions["t1"].verdict == "accepted"
    assert (
        bench.repositories.of(QubitCalibrationRepository).require("default", CHIP, "0").note.content == "mine"
    )


def test_only_a_reader_of_the_conversation_who_may_write_confirms(bench: Bench) -> None:
    flagged = bench.run("Poor")
    talk = Talk(bench, reader="ann")
    talk.answer(("propose_accept", {"task_id": flagged.task_id, "reason": "so"}))
    with pytest.raises(NotFoundError, match="conversation"):
        talk.confirm(access=BOB)
    with pytest.raises(NotFoundError, match="conversation"):
        talk.confirm(access=access_of("ann", "elsewhere"))
    with pytest.raises(AccessDeniedError):
        talk.confirm(access=access_of("ann", role=ProjectRole.VIEWER))
    with pytest.raises(NotFoundError, match="known: 1"):
        talk.confirm(2, access=ANN)
    assert (
        AnswerTools(bench.qdash).make_tools(VIEWER, talk.conversation, reads_pictures=False)[-1].name
        == "read_documentation"
    )
    assert talk.proposals.discard(ANN, "c1", 1, "1").state is ProposalState.DISCARDED
    with pytest.raises(ConflictError, match="was discarded by ann"):
        talk.confirm(access=ANN)


def test_an_interrupted_confirmation_is_repeated_by_its_user_only(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    flagged = bench.run("Poor")
    talk = Talk(bench)
    talk.answer(
        ("propose_accept", {"task_id": flagged.task_id, "reason": "so"}),
        ("propose_exclude", {"chip_id": CHIP, "targets": ["0"], "reason": "so"}),
        ("propose_measure", {"chip_id": CHIP, "task": "T2", "targets": ["0"], "reason": "so"}),
    )
    with monkeypatch.context() as patch:
        patch.setattr(type(talk.proposals), "_end_attempt", make_raising(KeyboardInterrupt))
        for number in (1, 2):
            with pytest.raises(KeyboardInterrupt):
                talk.confirm(number)
            assert talk.get_stored(number).state is ProposalState.CONFIRMING
    with pytest.raises(ConflictError, match="is being confirmed by bob"):
        talk.confirm(1, access=ANN)
    assert [talk.confirm(number).state for number in (1, 2)] == [ProposalState.CONFIRMED] * 2
    assert len(bench.qdash.get(VALUES).show_event(BOB, 1).parts) == 1
    with pytest.raises(NotFoundError):
        bench.qdash.get(VALUES).show_event(BOB, 2)
    with monkeypatch.context() as patch:
        patch.setattr(type(bench.qdash.get(RUNS).submissions), "submit", make_raising(LockedError("later")))
        with pytest.raises(LockedError):
            talk.confirm(3)
    assert talk.get_stored(3).state is ProposalState.DRAFTED
    assert talk.confirm(3, access=ANN).decided_by == "ann"


def test_a_proposal_whose_confirmation_was_abandoned_is_a_draft_for_everyone(bench: Bench) -> None:
    result = bench.run("Poor")
    talk = Talk(bench)
    talk.answer(
        ("propose_refit", {"task_id": result.task_id, "reason": "so"}),
        ("propose_measure", {"chip_id": CHIP, "task": "T2", "targets": ["0"], "reason": "so"}),
    )
    for number in (1, 2):
        with allow_abandoning(lambda: True), pytest.raises(AbandonedError):
            talk.confirm(number)
        stored = talk.get_stored(number)
        assert (stored.state, stored.claims, stored.decided_by) == (ProposalState.DRAFTED, 0, "")
        assert talk.confirm(number, access=ANN).decided_by == "ann"


def test_a_failed_second_click_gives_the_proposal_to_nobody_else(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Talk(bench)
    talk.answer(("propose_issue", {"title": "Dead line", "text": "Q4", "reason": "repair"}))
    open_issue, is_opening, may_open = type(bench.qdash.get(ISSUES)).open, Event(), Event()

    def open_slowly(*arguments: Any, **options: Any) -> Any:
        is_opening.set()
        assert may_open.wait(5)
        return open_issue(*arguments, **options)

    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(type(bench.qdash.get(ISSUES)), "open", open_slowly)
        first = pool.submit(talk.confirm, access=ANN)
        assert is_opening.wait(5)
        for failure in (LockedError("later"), NotFoundError("gone")):
            monkeypatch.setattr(type(bench.qdash.get(ISSUES)), "open", make_raising(failure))
            with pytest.raises(QDashError, match=str(failure)):
                talk.confirm(access=ANN)
            with pytest.raises(ConflictError):
                talk.confirm(access=BOB)
        may_open.set()
        confirmed = first.result()
    assert (confirmed.state, confirmed.decided_by, confirmed.error) == (ProposalState.CONFIRMED, "ann", "")
    assert talk.get_stored() == talk.confirm(access=ANN) == confirmed
    with pytest.raises(NotFoundError):
        bench.qdash.get(ISSUES).show(BOB, "2")


def test_of_simultaneous_confirmations_one_is_performed(bench: Bench) -> None:
    flagged = bench.run("Poor")
    talk = Talk(bench)
    talk.answer(("propose_accept", {"task_id": flagged.task_id, "reason": "so"}))
    start = Barrier(6)

    def confirm(access: Any) -> ProposalState:
        start.wait()
        try:
            return talk.confirm(access=access).state
        except ConflictError:
            return talk.get_stored().state

    with ThreadPoolExecutor(6) as pool:
        states = list(pool.map(confirm, [ANN, BOB] * 3))
    assert set(states) <= {ProposalState.CONFIRMING, ProposalState.CONFIRMED}
    assert talk.get_stored().state is ProposalState.CONFIRMED
    with pytest.raises(NotFoundError):
        bench.qdash.get(VALUES).show_event(BOB, 2)


def test_a_proposal_of_an_absent_feature_is_read_and_discarded_but_not_confirmed(bench: Bench) -> None:
    talk = Talk(bench)
    talk.answer(("propose_exclude", {"chip_id": CHIP, "targets": ["0"], "reason": "so"}))
    messages = bench.repositories.of(ConversationMessageRepository)
    message = messages.find("default", "c1", 1)
    assert message is not None
    proposals = [message.proposals[0].model_copy(update={"kind": "service"})]
    messages.put(message.with_changes(now=utc_now(), proposals=proposals))
    with pytest.raises(
        ConflictError, match="proposal 1 needs the action 'service', whose feature is not active"
    ):
        talk.confirm()
    assert talk.get_stored() == proposals[0]
    assert talk.proposals.discard(BOB, "c1", 1, "1").state is ProposalState.DISCARDED
