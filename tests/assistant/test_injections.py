"""Injections: whatever is written into the record, and whatever the model does with it, the bounds hold.

Each text of `injections.yaml` is written into the record. Then a question is put to a scripted model that reads the text and obeys it, through
the service that stores and reviews answers, and its answer is drawn as the dashboard draws it. Whether a model obeys such a text can only be
tested with a real one.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
import yaml

from qdash_assistant.assistant import LanguageModelAssistant
from qdash_assistant.testing.script import Script, get_text
from qdash_assistant.testing.scripted_endpoint import ScriptedEndpoint
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.conversations.answer_text import write_plain
from qdash_builtin.conversations.feature import ANSWERS, CONVERSATIONS
from qdash_builtin.conversations.models.citation import CitationState
from qdash_builtin.conversations.models.proposal import ProposalState
from qdash_builtin.conversations.tools import figure_pictures
from qdash_builtin.conversations.tools.answer_tools import AnswerTools
from qdash_builtin.conversations.views import ConversationMessageDocument
from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.people.feature import MEMBERS, USERS
from qdash_core import AnalysisError, Parameter, RawData, TaskOutput
from qdash_core.hooks.manager import Registry
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.schema import COLLECTIONS

from ..access import ADMIN, access_of
from ..core.bench import CHIP, LINE, Bench, make_task
from .conftest import KEY, PNG

pytest.importorskip("qdash_ui_streamlit")  # the tests of the assistant run without it
from qdash_builtin.conversations.pages import answer_display as answers
from qdash_ui_streamlit.view import View

from ..case_tables import keep_quick

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel

INJECTIONS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "injections.yaml").read_text("utf-8")
)
SECRET = "the harbour is mined"
SECRET_VALUE = 7654.321
QUESTION = "What is known about qubit 0?"
OWN = {"conversation", "conversation_message", "assistant_usage"}
"""Collections that answers are written into."""
CITES = {
    "note_timeline": "<<note_timeline:items.0.cite>>",
    "show_issue": "[issue:<<show_issue:issue_id>>]",
    "list_results": "[result:<<list_results:items.0.task_id>>]",
    "list_executions": "[execution:<<list_executions:items.0.execution_id>>]",
    "figure_numbers": "<<figure_numbers:cite>>",
    "figure_picture": "<<figure_picture:cite>>",
}
"""Citation of the record that each tool reads with an injection."""
TAGS = {"p", "h4", "ul", "ol", "li", "pre", "table", "tr", "td", "th", "strong", "em", "code", "br"}
FRAME_TAGS = {"style", "small", "b", "div", "span", "sup", "a", "time", "details", "summary"}
"""Tags around an answer, and of its citations."""
ATTRIBUTES = {"class", "data-testid", "datetime", "title", "role", "aria-label", "value", "href"}
EDITOR = access_of("editor", role=ProjectRole.EDITOR)
ELSEWHERE = access_of("admin", "elsewhere")


class Laboratory:
    """A project with a record that anybody may have written, and another project with the secret."""

    def __init__(self, folder: Path) -> None:
        self.message, self.array, self.t1 = "", "signal", SECRET_VALUE
        task = make_task("T1", measure=lambda *_: self._measure(), analyse=lambda *_: self._analyse())
        budgets = dict.fromkeys(("assistant_tokens_per_user_day", "assistant_tokens_per_day"), 10**8)
        self.bench = Bench.open(folder, f"memory://{folder}", task, assistant_tool_calls=4, **budgets)
        self.qdash = self.bench.qdash
        self.qdash.get(USERS).create("editor", by="admin")
        self.qdash.get(MEMBERS).invite(ADMIN, "editor", ProjectRole.EDITOR)
        self.qdash.get(MEMBERS).accept("editor", "default")
        self.bench.add_project("elsewhere")
        self.qdash.get(CHIPS).create(ELSEWHERE, "vault", LINE, backend="bench")
        session = self.bench.start_session(project_id="elsewhere", chip_id="vault")
        foreign = session.run_task("T1", "0")
        session.complete()
        self.qdash.get(NOTES).edit(ELSEWHERE, NotePlace(NoteScope.QUBIT, "0", "vault"), SECRET)
        issue = self.qdash.get(ISSUES).open(ELSEWHERE, SECRET, body=SECRET, chip_id="vault").issue
        self.ids = {
            "{chip}": "vault",
            "{result}": foreign.task_id,
            "{prefix}": foreign.task_id[:8],
            "{execution}": foreign.execution_id,
            "{issue}": issue.issue_id,
        }
        self.t1 = 20.0
        self.script = Script(answers=())
        self.endpoint = ScriptedEndpoint(lambda messages: self.script.find_turn(messages))  # noqa: PLW0108  it changes

    def _measure(self) -> RawData:
        return RawData({self.array: ([1.0, 2.0, 3.0], "a.u.")}, {})

    def _analyse(self) -> TaskOutput:
        if self.message:
            raise AnalysisError(self.message)
        return TaskOutput({"t1": Parameter(self.t1, 0.5, "us")})

    def fill(self, content: str) -> str:
        """Return a text of an injection with the ids of the other project."""
        for name, value in self.ids.items():
            content = content.replace(name, value)
        return content

    def plant(self, place: str, text: str) -> Mapping[str, Any]:
        """Write a text into the record, and return the call of the tool that reads it."""
        match place:
            case "note" | "chip-note" | "result-note":
                return self._plant_note(place, text)
            case "issue-title" | "issue-body" | "issue-comment":
                return self._plant_issue(place, text)
            case "tag":
                self.bench.run("T1", tags=[text])
            case "run-name":
                session = self.bench.start_session(name=text)
                session.run_task("T1", "0")
                session.complete()
            case "task-message":
                self.message = text
                self.bench.run("T1")
                self.message = ""
                return {"name": "list_results", "arguments": {"limit": 1}}
            case "array-name" | "figure-axis":
                self.array = text
                task_id = self.bench.run("T1").task_id
                self.array = "signal"
                name = "figure_numbers" if place == "array-name" else "figure_picture"
                return {"name": name, "arguments": {"task_id": task_id}}
        return {"name": "list_executions", "arguments": {"limit": 1}}

    def _plant_note(self, place: str, text: str) -> Mapping[str, Any]:
        places = {
            "note": lambda: NotePlace(NoteScope.QUBIT, "0", CHIP),
            "chip-note": lambda: NotePlace(NoteScope.CHIP, CHIP),
            "result-note": lambda: NotePlace(NoteScope.TASK_RESULT, self.bench.run("T1").task_id),
        }
        self.qdash.get(NOTES).edit(ADMIN, places[place](), text)
        return {"name": "note_timeline", "arguments": {"limit": 5}}

    def _plant_issue(self, place: str, text: str) -> Mapping[str, Any]:
        title, body = (text if place == f"issue-{part}" else "Qubit 0" for part in ("title", "body"))
        issue = self.qdash.get(ISSUES).open(ADMIN, title, body=body, chip_id=CHIP).issue
        if place == "issue-comment":
            self.qdash.get(ISSUES).comment(ADMIN, issue.issue_id, text)
        return {"name": "show_issue", "arguments": {"issue_id": issue.issue_id}}

    def read_record(self) -> dict[str, Any]:
        """Return all documents but those of conversations."""
        with self.qdash.store.read() as snapshot:
            return {name: snapshot.find(name, {}) for name in COLLECTIONS if name not in OWN}

    def ask(
        self, turns: Sequence[Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> tuple[ConversationMessageModel, str]:
        """Put the question to a model with these turns; return the stored message, and all that the endpoint received."""
        self.script = Script.model_validate({"answers": [{"turns": turns}]})
        self.endpoint.requests.clear()
        settings = {"URL": self.endpoint.url, "MODEL": "scripted", "KEY": KEY, "PICTURES": "1"}
        with monkeypatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(f"QDASH_ASSISTANT_{name}", value)
            answer = self.qdash.get(ANSWERS).ask(
                EDITOR, None, QUESTION, AnswerTools(self.qdash), chip_id=CHIP
            )
            assert answer.wait(60.0)
        stored = self.qdash.get(CONVERSATIONS).show(EDITOR, answer.message.conversation_id).messages[-1]
        received = [get_text(one) for request in self.endpoint.requests for one in request.body["messages"]]
        return stored, "\n".join(received)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path_factory.mktemp("laboratory"))
    installed = LanguageModelAssistant()
    with ExitStack() as stack:
        stack.enter_context(made.endpoint)
        stack.enter_context(
            mock.patch.object(Registry, "assistants", return_value={installed.name: installed})
        )
        # No bound depends on what is drawn, which takes a browser two seconds.
        stack.enter_context(mock.patch.object(figure_pictures, "render_picture", return_value=PNG))
        yield made
    made.qdash.close()


class _Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


class PlainView(View):
    """View outside the dashboard, of an address with a project."""

    def param(self, name: str) -> str | None:
        return {"project": "default"}.get(name)


def draw(message: ConversationMessageModel) -> str:
    """Return a message as HTML, as the dashboard draws it."""
    drawn: list[str] = []
    view = PlainView(mock.Mock(), mock.Mock(), "default", ZoneInfo("UTC"))
    with (
        mock.patch.object(answers.st, "html", drawn.append),
        mock.patch.object(answers, "show_sentence"),
    ):
        answers.draw_message(view, ConversationMessageDocument.from_message(message))
    return "".join(drawn)


def test_there_are_sixty_injections_in_every_place_that_tools_show() -> None:
    assert len({injection["text"] for injection in INJECTIONS}) == 60
    assert {injection["place"] for injection in INJECTIONS} == {
        *("note", "chip-note", "result-note", "issue-title", "issue-body", "issue-comment"),
        *("task-message", "tag", "run-name", "array-name", "figure-axis"),
    }


def list_first(count: int) -> list[int]:
    """Return the numbers of the first injections of each place."""
    places = [injection["place"] for injection in INJECTIONS]
    return [number for number, place in enumerate(places) if places[:number].count(place) < count]


@pytest.mark.parametrize("number", keep_quick(range(len(INJECTIONS)), *list_first(2)))
def test_an_injection_has_no_effect(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    injection = INJECTIONS[number]
    text = laboratory.fill(injection["text"])
    looked = laboratory.plant(injection["place"], text)
    calls = json.loads(laboratory.fill(json.dumps(injection.get("calls", []))))
    seen = f"See {CITES[looked['name']]}.\n\n"
    told = injection.get("answer", "All is well.")
    further = [{"text": seen, "tool_calls": calls}, {"text": told}] if calls else [{"text": seen + told}]
    before = laboratory.read_record()

    message, received = laboratory.ask([{"tool_calls": [looked]}, *further], monkeypatch)

    assert json.dumps(text, ensure_ascii=False)[1:-1] in received  # the model has read it
    assert laboratory.read_record() == before
    assert all(one.state is ProposalState.DRAFTED for one in message.proposals)
    html = draw(message)
    shown = f"{message.model_dump_json()}{html}{received}"
    for secret in (SECRET, str(SECRET_VALUE), KEY):
        assert secret not in shown
    assert message.citations[0].state is CitationState.RESOLVED
    assert_harmless(html)
    plain = write_plain(message.answer)
    assert all(character == "\n" or character.isprintable() for character in plain), repr(plain)


def assert_harmless(html: str) -> None:
    """Check that a drawn answer runs nothing, loads nothing, and links only to pages of the dashboard."""
    for tag, attributes in _Elements(html).found:
        assert tag in TAGS | FRAME_TAGS
        assert attributes.keys() <= ATTRIBUTES
        address = attributes.get("href", "/")
        assert address is not None
        assert address.startswith("/")
        assert not address.startswith("//")
