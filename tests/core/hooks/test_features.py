"""Declaration of features: parts are imported when they are used; a blocked feature is gone with its dependents."""

from __future__ import annotations

from pkgutil import resolve_name
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from qdash_builtin.conversations.feature import CITATIONS, PROPOSALS
from qdash_builtin.conversations.models.citation import Citation, CitationState
from qdash_builtin.conversations.proposal_drafts import name_tool
from qdash_builtin.conversations.tools.shown_references import find_shown_references
from qdash_builtin.proposals import ActionArguments, ProposalAction
from qdash_core import (
    Collection,
    EventKind,
    Feature,
    FeaturePage,
    InvalidInputError,
    PluginOperations,
    RecordKind,
    RequiredRole,
    Settings,
    hookimpl,
    load_plugins,
    open_qdash,
    record_event,
)
from qdash_core.features.declarations import list_known_features
from qdash_core.models.event_kinds import list_event_kinds
from qdash_core.models.pages import PageRequest
from qdash_core.models.value_change import ValueEventKind
from qdash_core.operations.call import Call  # noqa: TC001  the operation's parameters are read
from qdash_core.record.events import EventFilter, EventService
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import COLLECTIONS

from ...access import ADMIN
from ...plain_install import PLAIN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_core.hooks.host import PluginRecord
    from qdash_core.hooks.manager import Registry
    from qdash_core.hooks.notice import Notice
    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel
    from qdash_core.runtime.application import QDash

operations = PluginOperations("cold")


@operations.post("/heads", needs=RequiredRole.EDITOR)
def add_head(call: Call) -> None:
    """Add a cold head."""


HEAD = Collection("cold_head", ("project_id", "head_id"), lists=("parts",))
OTHER_HEAD = Collection("cold_head", ("project_id", "head_id"))
HEAD_PARTS = Collection("cold_head_parts", ("project_id", "head_id"))
ISSUE = Collection("issue", ("project_id", "issue_id"))
NO_COLLECTION = ("project_id", "head_id")

COLD = Feature(
    "cold-heads",
    collections=(f"{__name__}:HEAD",),
    operations=(f"{__name__}:operations",),
    pages=(FeaturePage("Cold heads", "", "", "cold-heads", "no_such_module:render"),),
)


def load(**plugins: object) -> Registry:
    return load_plugins(extra=plugins, installed_too=False, blocked=("left-out",))


def get_record(registry: Registry, name: str) -> PluginRecord:
    (record,) = (one for one in registry.plugins if one.name == name)
    return record


def test_a_feature_is_a_plugin_that_gives_its_operations_and_pages() -> None:
    registry = load(cold=COLD)
    assert registry.features() == {"cold-heads": COLD}
    assert registry.operations() == [operations]
    assert registry.pages() == [*COLD.pages]
    assert get_record(registry, "cold").provides == {
        "qdash_features": ["cold-heads"],
        "qdash_operations": ["cold_add_head"],
        "qdash_dashboard_pages": ["Cold heads"],
    }


def test_a_page_is_imported_when_it_is_drawn() -> None:
    (page,) = load(cold=COLD).pages()
    with pytest.raises(ModuleNotFoundError):
        page.render(None)


@pytest.mark.parametrize("name", ["no_such_module:operations", f"{__name__}:no_such_operations"])
def test_a_feature_that_cannot_be_loaded_sets_its_plugin_aside(name: str) -> None:
    registry = load(cold=COLD, broken=Feature("broken", operations=(name,)))
    assert registry.operations() == [operations]
    error = get_record(registry, "broken").error or ""
    assert error.startswith("the feature 'broken' cannot be loaded: ")
    assert "no_such" in error


def test_a_feature_is_set_aside_with_a_feature_that_it_requires() -> None:
    registry = load(
        cold=COLD,
        last=Feature("last", requires=("cold-heads", "first")),
        first=Feature("first", requires=("left-out",)),
        **{"left-out": Feature("left-out")},
    )
    assert registry.features() == {"cold-heads": COLD}
    assert {one.name: (one.status, one.error) for one in registry.plugins} == {
        "cold": ("ok", None),
        "left-out": ("blocked", None),
        "first": (
            "failed",
            "the feature 'first' requires the feature 'left-out', which is left out by QDASH_BLOCK_PLUGINS",
        ),
        "last": (
            "failed",
            "the feature 'last' requires the feature 'first', which is not installed, or set aside",
        ),
    }


def test_a_feature_is_set_aside_with_one_that_fails_later() -> None:
    broken = Feature("broken", operations=("no_such_module:operations",))
    registry = load(a_dependent=Feature("dependent", requires=("broken",)), broken=broken, cold=COLD)
    assert {*registry.features()} == {"dependent", "broken", "cold-heads"}
    assert registry.operations() == [operations]
    assert {*registry.features()} == {"cold-heads"}


def test_every_feature_of_ours_is_a_plugin_of_its_name_and_requires_others_of_ours() -> None:
    registry = load_plugins(blocked=(), installed_too=(*PLAIN, "qdash-api", "qdash-ui-streamlit"))
    features = registry.features()
    assert len(features) > 20
    assert {name for one in features.values() for name in one.requires} <= features.keys()
    provided = {one.name: one.provides.get("qdash_features") for one in registry.plugins}
    for others in ("core", "scheduling", "sqlite"):
        del provided[others]
    assert provided == {name: [name] for name in features}


def test_records_of_blocked_features_and_of_those_that_a_program_passed_in_can_be_read() -> None:
    registry = load_plugins(extra={"cold": COLD}, blocked=("issues",))
    assert not registry.features().keys() >= {"issues"}
    assert {one.name for one in list_known_features()} >= {"issues", "cold-heads"}


def test_a_store_has_collections_of_blocked_features_and_of_those_that_a_program_passed_in() -> None:
    load_plugins(extra={"cold": COLD}, blocked=("issues",)).store_class("memory")
    assert COLLECTIONS["cold_head"] is HEAD
    assert {"issue", "cooldown", "chip", "cold_head"} <= {*COLLECTIONS}
    with pytest.raises(KeyError, match="no collection 'no_such'"):
        COLLECTIONS["no_such"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "OTHER_HEAD",
            "the collection 'cold_head', whose name is taken by 'cold_head' of the feature 'cold-heads'",
        ),
        (
            "HEAD_PARTS",
            "the collection 'cold_head_parts', whose name is taken by 'cold_head' of the feature 'cold-heads'",
        ),
        ("ISSUE", "the collection 'issue', whose name is taken by 'issue' of the feature 'issues'"),
        ("NO_COLLECTION", "NO_COLLECTION, which is a tuple: qdash_core.Collection(...) makes a collection"),
        ("MISSING", "which cannot be loaded: AttributeError"),
    ],
)
def test_a_feature_is_set_aside_if_its_collection_is_of_another_or_none(name: str, reason: str) -> None:
    registry = load(cold=COLD, warm=Feature("warm-heads", collections=(f"{__name__}:{name}",)))
    assert {*registry.features()} == {"cold-heads"}
    assert reason in (get_record(registry, "warm").error or "")
    assert COLLECTIONS["cold_head"] is HEAD


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"name": "Head"}, "'Head' is no name of a collection"),
        ({"name": "head", "key": ()}, "needs a key"),
        ({"name": "head", "indexes": (("project_id", "no good"),)}, "the field 'no good'"),
        ({"name": "head", "with_chip": "removed"}, "needs a key or an index with project_id and chip_id"),
    ],
)
def test_a_collection_that_no_store_could_hold_is_refused(arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        Collection(**{"key": ("project_id", "head_id"), **arguments})


def describe_service(event: EventModel) -> dict[str, str]:
    return {"head": f"cold head {event.data['number']}", "hours": f"{event.data['hours']} h"}


SERVICED = EventKind(
    "cold-head.serviced",
    subject="cold head {number}",
    address="cold-heads?head={number}",
    command="qdash cold show {number}",
    described_by=f"{__name__}:describe_service",
    immediate=True,
    notified=True,
)


def test_an_event_of_a_feature_is_recorded_found_by_its_kind_and_notified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qdash_core.features.declarations._REMEMBERED", {})

    class Board:
        name = "board"
        notices: ClassVar[list[Notice]] = []

        def notify(self, notice: Notice) -> None:
            self.notices.append(notice)

    class Plugin:
        @staticmethod
        @hookimpl
        def qdash_notifiers() -> list[Board]:
            return [Board()]

    registry = load_plugins(extra={"cold": Feature("cold-heads", events=(SERVICED,)), "board": Plugin})
    assert "cold-heads" in registry.features()
    settings = Settings(home=tmp_path)
    with open_qdash(settings, registry) as qdash:
        with qdash.store.transaction() as transaction:
            event = record_event(
                Repositories(transaction), ADMIN, SERVICED, chip_id="a", number=3, hours=10, kind="deep"
            )
        assert (event.data["number"], event.data["kind"]) == (3, "deep")
        qdash.announce(event)
        wanted = EventFilter.create(kinds=["cold-head.*"])
        assert [one.kind for one in EventService(qdash.store).page(ADMIN, PageRequest(), wanted).items] == [
            "cold-head.serviced"
        ]
        with pytest.raises(InvalidInputError, match=r"'cold-head\.lost' is not a kind of event"):
            record_event(qdash.repositories, ADMIN, EventKind("cold-head.lost"))
        with pytest.raises(InvalidInputError, match="QDash sets 'username' in the data of an event"):
            record_event(qdash.repositories, ADMIN, SERVICED, username="somebody")
    (notice,) = Board.notices
    assert notice.title == "a: cold head 3 serviced"
    assert (notice.fields["hours"], notice.fields["look"]) == ("10 h", "qdash cold show 3")


BOARDS = [SimpleNamespace(name="board", notify=print)]


def test_a_feature_contributes_notifiers_by_name() -> None:
    registry = load(cold=Feature("cold-heads", contributions={"qdash_notifiers": f"{__name__}:BOARDS"}))
    assert registry.notifiers() == BOARDS
    broken = load(broken=Feature("broken", contributions={"qdash_tasks": f"{__name__}:BOARDS"}))
    assert not broken.features()
    assert "contributes to qdash_tasks: features contribute to qdash_formats" in (
        get_record(broken, "broken").error or ""
    )


class Diary:
    def __init__(self) -> None:
        self.lines: list[object] = []

    def announce(self, event: EventModel) -> None:
        self.lines.append(event.kind)

    def make_delivery(self, *ids: str) -> Diary:
        self.lines.append(ids)
        return self

    def begin(self, *, since: int | None = None, also: Sequence[str] = ()) -> None:
        self.lines.append((since, also))

    def end(self) -> None:
        self.lines.append("end")
        raise LookupError("the diary is lost")

    def finish(self) -> None:
        self.lines.append("finish")


def keep_diary(runtime: QDash) -> Diary:
    diary = DIARIES[runtime.settings.home] = Diary()
    return diary


DIARIES: dict[Path, Diary] = {}


def test_an_announcer_of_a_feature_is_told_of_events_and_runs_and_takes_nothing_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    announcers = (f"{__name__}:keep_diary", "no_such_module:announcer")
    registry = load_plugins(extra={"cold": Feature("cold-heads", announcers=announcers, events=(SERVICED,))})
    with open_qdash(Settings(home=tmp_path), registry) as qdash:
        with qdash.store.transaction() as transaction:
            event = record_event(Repositories(transaction), ADMIN, SERVICED, number=3)
        qdash.announce(event)
        with qdash.announcers.make_delivery("default", "64Q"):
            pass
    assert DIARIES[tmp_path].lines == [
        "cold-head.serviced",
        ("default", "64Q", ""),
        (None, ()),
        "end",
        "finish",
    ]
    assert [one for one in caplog.messages if "cannot tell people of events" in one] == [
        "no_such_module:announcer cannot tell people of events: No module named 'no_such_module'",
        f"{DIARIES[tmp_path]} cannot tell people of events: the diary is lost",
    ]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("run", "a kind of event is named 'subject.state' in lower-case letters"),
        ("task.failed", "is one of QDash"),
        ("issue.opened", "the name 'issue.opened' of the plugin 'broken' of the calling program is taken by"),
    ],
)
def test_a_kind_of_event_has_a_name_of_its_own(kind: str, error: str) -> None:
    registry = load_plugins(extra={"broken": Feature("broken", events=(EventKind(kind),))})
    assert "broken" not in registry.features()
    assert error in (get_record(registry, "broken").error or "")


def test_the_kinds_of_changes_by_hand_are_declared() -> None:
    assert {f"value.{kind}" for kind in ValueEventKind if kind.by_hand} <= list_event_kinds().keys()


def find_head(_qdash: QDash, _access: Access, name: str) -> tuple[str, str] | None:
    return (name, f"cold head {name}") if name == "3" else None


HEAD_KIND = RecordKind(
    "cold-head",
    f"{__name__}:find_head",
    address="cold-heads?head={id}",
    route="plugins/cold/heads/{id}",
    fields=("head_id",),
)


def test_records_of_a_feature_are_cited_and_linked(tmp_path: Path) -> None:
    broken = RecordKind("lost-head", "no_such_module:find_head")
    registry = load_plugins(extra={"cold": Feature("cold-heads", records=(HEAD_KIND, broken))})
    assert "cold-heads" in registry.features()
    with open_qdash(Settings(home=tmp_path), registry) as qdash:
        text = "It stopped [cold-head:3], not [cold-head:4] or [lost-head:5] or [warm-head:6]."
        (shown,) = find_shown_references({"head_id": "3"})
        found = qdash.get(CITATIONS).check_answer(ADMIN, text, [shown]).citations
    assert [(one.kind, one.name, one.state) for one in found] == [
        ("cold-head", "3", CitationState.RESOLVED),
        ("cold-head", "4", CitationState.UNRESOLVED),
        ("lost-head", "5", CitationState.UNRESOLVED),
    ]
    assert found[0].title == "cold head 3"
    assert Citation.model_validate_json(found[0].model_dump_json()) == found[0]
    assert (shown.route, shown.page) == ("/plugins/cold/heads/3", ("cold-heads", {"head": "3"}))
    assert shown.noun == "cold-head 3"


def test_a_kind_of_records_of_a_blocked_feature_is_text(tmp_path: Path) -> None:
    registry = load_plugins(blocked=("issues",))
    with open_qdash(Settings(home=tmp_path), registry) as qdash:
        checked = qdash.get(CITATIONS).check_answer(
            ADMIN, "Q3 failed [issue:1]. Q4 failed [task:CheckT1].", []
        )
    assert [one.text for one in checked.citations] == ["[task:CheckT1]"]
    assert checked.uncited == ["Q3 failed [issue:1]."]


def test_an_answer_with_records_of_an_absent_feature_stays_readable() -> None:
    stored = {"kind": "warm-head", "name": "6", "state": "resolved", "title": "warm head 6"}
    cited = Citation.model_validate({**stored, "record": {"kind": "warm-head", "id": "6"}})
    assert cited.record is not None
    assert (cited.text, cited.record.route, cited.record.page) == ("[warm-head:6]", None, None)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (RecordKind("Head", "cold:find"), "has 'Head'"),
        (RecordKind("head", "cold.find"), "has 'cold.find'"),
        (RecordKind("head", "cold:find", noun="head {number}"), "with 'head {number}': a text with {id}"),
        (RecordKind("head", "cold:find", fields="head_id"), "with fields that are not a tuple"),  # type: ignore[arg-type]
        (RecordKind("issue", "cold:find"), "is taken by the plugin 'issues'"),
    ],
)
def test_a_faulty_kind_of_records_is_refused(kind: RecordKind, error: str) -> None:
    registry = load_plugins(extra={"broken": Feature("broken", records=(kind,))})
    assert "broken" not in registry.features()
    assert error in (get_record(registry, "broken").error or "")


def test_every_kind_of_records_of_ours_can_be_found() -> None:
    kinds = [kind for one in load_plugins(installed_too=PLAIN).features().values() for kind in one.records]
    assert {"result", "value", "value-change", "chip", "note", "doc"} <= {kind.name for kind in kinds}
    assert all(callable(resolve_name(kind.found_by)) for kind in kinds)


class ServiceAction(ProposalAction[ActionArguments]):
    """Service of a cold head."""

    kind = "service_head"
    description = "Proposes a service of the cold head."
    arguments = ActionArguments


def make_service_action(_qdash: QDash) -> ServiceAction:
    return ServiceAction()


class SecondIssueAction(ServiceAction):
    """Action with the kind of another feature."""

    kind = "issue"


def make_second_issue_action(_qdash: QDash) -> SecondIssueAction:
    return SecondIssueAction()


def make_no_action(_qdash: QDash) -> str:
    return "no action"


def test_a_feature_proposes_actions_and_a_faulty_one_takes_no_other_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = ("make_service_action", "make_second_issue_action", "make_no_action", "no_such_action")
    cold = Feature("cold-heads", proposals=tuple(f"{__name__}:{name}" for name in made))
    with open_qdash(Settings(home=tmp_path), load_plugins(extra={"cold": cold})) as qdash:
        actions = {one.kind: one for one in qdash.get(PROPOSALS).list_actions(ADMIN)}
    assert name_tool(actions["service_head"]) == "propose_service_head"
    assert not isinstance(actions["issue"], SecondIssueAction)
    assert [text.rpartition(" is left out: ")[2] for text in caplog.messages] == [
        "its kind 'issue' is taken or is no name",
        "it is no ProposalAction",
        f"module '{__name__}' has no attribute 'no_such_action'",
    ]
