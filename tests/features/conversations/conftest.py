"""Conversations of two people with an assistant that follows a script."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.service import ChipService
from qdash_builtin.conversations.answer_slots import AnswerSlots
from qdash_builtin.conversations.answers import AnswerService
from qdash_builtin.conversations.budgets import TokenBudgets
from qdash_builtin.conversations.running_answers import RunningAnswers
from qdash_builtin.conversations.selection import AssistantSelection
from qdash_builtin.conversations.service import ConversationService
from qdash_builtin.people.members import MemberService
from qdash_core.hooks.assistants import AssistantTool, ToolResult
from qdash_core.models.project import ProjectRole, UserModel
from qdash_core.process import documentation_site
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN, access_of
from ...core.bench import LINE
from ...lazy_modules import LazyModule
from ...operation_tools import make_core_tools
from ...scripted_assistant import ScriptedAssistant
from ...site_folder import ROOT, make_site

operation_tool = LazyModule("qdash_builtin.conversations.tools.operation_tool")

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel, ConversationModel
    from qdash_builtin.conversations.running_answer import RunningAnswer
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

ALICE, BOB = (access_of(name, role=ProjectRole.EDITOR) for name in ("alice", "bob"))
VERA = access_of("vera", role=ProjectRole.VIEWER)
UTC = ZoneInfo("UTC")


class OneTool:
    """Review with one tool, which returns the rights of its user."""

    def __init__(self) -> None:
        self.reviewed: list[dict[str, Any]] = []

    def make_tools(
        self,
        access: Access,
        conversation: ConversationModel,
        *,
        reads_pictures: bool,
    ) -> Sequence[AssistantTool]:
        def whoami(arguments: Mapping[str, Any]) -> ToolResult:
            if arguments.get("break"):
                raise RuntimeError("a secret of the store")
            return ToolResult({"user": access.username, "chip": conversation.chip_id})

        return [AssistantTool("whoami", "Who asks.", {"type": "object"}, whoami)]

    def review(
        self,
        access: Access,
        message: ConversationMessageModel,
        *,
        earlier: Sequence[ConversationMessageModel],
        results: Sequence[Mapping[str, Any]],
    ) -> ConversationMessageModel:
        self.reviewed.append({"answer": message.answer, "earlier": len(earlier), "results": [*results]})
        return message


@dataclass
class Office:
    """Members alice and bob, viewer vera, and chip `chip`."""

    store: Store
    clock: Clock
    assistant: ScriptedAssistant = field(default_factory=ScriptedAssistant)
    review: OneTool = field(default_factory=OneTool)

    def __post_init__(self) -> None:
        """Set up the chip and the people."""
        self.repositories = Repositories(self.store)
        ChipService(self.store, UTC, is_live=lambda *_: False).create(ADMIN, "chip", LINE, backend="bench")
        members = MemberService(self.store, clock=self.clock)
        for name in ("alice", "bob", "vera"):
            self.repositories.of(UserRepository).add(UserModel.create(name, now=self.clock.now))
            members.invite(ADMIN, name, role=ProjectRole.VIEWER if name == "vera" else ProjectRole.EDITOR)
            members.accept(name, "default")
        self.members = members
        self.answers = self.open()

    def open(
        self,
        *script: Any,
        per_question: int = 10_000,
        per_user_day: int = 100_000,
        per_day: int = 1_000_000,
        most_answers: int = 4,
        most_answers_per_user: int = 2,
        most_tool_calls: int = 20,
        longest_s: float = 180.0,
        zone: ZoneInfo = UTC,
    ) -> AnswerService:
        """Return another service on the same store, as another process has it, whose assistant follows a script."""
        if script:
            self.assistant = ScriptedAssistant(*script)
        running = RunningAnswers()
        self.conversations = ConversationService(self.store, running=running, clock=self.clock)
        self.answers = AnswerService(
            self.store,
            zone,
            AssistantSelection(lambda: {"scripted": self.assistant}),
            budgets=TokenBudgets(per_question, per_user_day, per_day),
            slots=AnswerSlots(most_answers, most_answers_per_user),
            running=running,
            most_tool_calls=most_tool_calls,
            longest_s=longest_s,
            clock=self.clock,
        )
        return self.answers

    def ask(
        self,
        question: str = "Why?",
        access: Access = ALICE,
        conversation_id: str | None = None,
        **options: Any,
    ) -> ConversationMessageModel:
        """Ask a question, and return the message when its answer has ended."""
        return finish(self.start(question, access, conversation_id, **options))

    def start(
        self,
        question: str = "Why?",
        access: Access = ALICE,
        conversation_id: str | None = None,
        **options: Any,
    ) -> RunningAnswer:
        """Ask a question, and return its running answer."""
        return self.answers.ask(access, conversation_id, question, self.review, **options)


def finish(answer: RunningAnswer) -> ConversationMessageModel:
    """Wait for the end of an answer, and return its message."""
    list(answer)
    assert answer.wait(10)
    return answer.message


@pytest.fixture(scope="session", autouse=True)
def operations() -> None:
    """Import all operations, which takes two seconds, in no test's own time."""
    assert make_core_tools()


@pytest.fixture(scope="session")
def written_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Site with the pages of `docs/` that are written by hand."""
    docs = ROOT / "docs"
    files = (*docs.glob("*.md"), *docs.glob("features/*.md"))
    pages = {page.relative_to(docs).as_posix(): page.read_text("utf-8") for page in files}
    return make_site(tmp_path_factory.mktemp("qdash"), pages)


@pytest.fixture
def site(written_site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The site of the installed distribution."""
    monkeypatch.setattr(documentation_site, "files", lambda _: written_site.parent)
    return written_site


@pytest.fixture
def office(prepared_store: Store, clock: Clock) -> Office:
    """An office on an open store."""
    return Office(prepared_store, clock)
