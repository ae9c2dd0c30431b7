"""Saved flows: checked without being run, with the source of every version."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.flows.flow_signatures import parse_signature
from qdash_builtin.flows.flow_sources import check_source, require_accepted_parameters
from qdash_builtin.flows.model import FlowForm
from qdash_builtin.flows.saved_flows import SavedFlows
from qdash_builtin.people.projects import ProjectService
from qdash_builtin.people.users import UserService
from qdash_core.access.enrolment import ensure_default_project
from qdash_core.errors import AccessDeniedError, ConflictError, InvalidInputError, NotFoundError, StaleError
from qdash_core.models.base import NEVER
from qdash_core.models.pages import PageRequest
from qdash_core.models.project import ProjectRole
from qdash_core.parsing.limits import FLOW_SOURCE

from ...access import ADMIN, access_of

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

NIGHT = 'def night(chip_id, shots: int = 1024):\n    """What runs at night.\n\n    More of it."""\n'


@pytest.fixture
def flows(prepared_store: Store, clock: Clock) -> SavedFlows:
    return SavedFlows(
        prepared_store, is_installed={"check", "CheckT1"}.__contains__, authors="editors", clock=clock
    )


@pytest.mark.parametrize(
    ("imported", "decorator", "is_one"),
    [
        ("from prefect import flow, task", "flow", True),
        ("from prefect import flow as f", 'f(name="Night", on_cancellation=[])', True),
        ("import prefect", "prefect.flow()", True),
        ("import prefect as p", "p.flow", True),
        ("from elsewhere import flow", "flow", False),
        ("from prefect import task", "task", False),
        ("import prefect", "prefect.flows[0].flow", False),
    ],
)
def test_a_flow_of_prefect_is_known_without_prefect(imported: str, decorator: str, is_one: bool) -> None:
    source = f"{imported}\ndef part(): ...\n@{decorator}\ndef night(): ..."
    checked = check_source(source, "night")
    assert (checked.function, checked.of_prefect) == ("night", is_one)


def test_of_several_functions_the_only_prefect_flow_is_chosen() -> None:
    source = "from prefect import flow\ndef main(): ...\n@flow\ndef night(): ..."
    assert check_source(source).function == "night"


@pytest.mark.every_store
def test_who_brings_code_to_the_workers_is_for_administrators_to_say(prepared_store: Store) -> None:
    users, projects = UserService(prepared_store), ProjectService(prepared_store)
    ensure_default_project(prepared_store)
    users.set_password("admin", "a long enough password", by="admin")
    users.create("ann", by="admin")
    projects.create("anns", username="ann")
    flows = SavedFlows(prepared_store)
    assert flows.save(ADMIN, "night", NIGHT).version == 1
    assert flows.save(ADMIN, "old", NIGHT).version == 1
    flows.delete(ADMIN, "old")
    for access in (access_of("ann", "anns"), access_of("ann")):
        for change in (
            partial(flows.save, access, "night", NIGHT),
            partial(flows.delete, access, "night"),
            partial(flows.restore, access, "old"),
            partial(flows.restore, access, "night", 1),
        ):
            with pytest.raises(AccessDeniedError, match="QDASH_FLOW_AUTHORS=editors"):
                change()
    assert [one.name for one in flows.list_by_project(ADMIN)] == ["night"]


def test_every_version_is_kept_with_its_source(flows: SavedFlows, clock: Clock) -> None:
    first = flows.save(ADMIN, "night", NIGHT, tags=["nightly"])
    clock.forward(hours=1)
    longer = NIGHT.replace("1024", "4096")
    second = flows.save(access_of("bob"), "night", longer)
    assert (first.version, first.flow_function_name, first.description) == (1, "night", "What runs at night.")
    assert (second.version, second.username, second.created_at) == (2, "bob", first.created_at)
    assert second.sha256 == sha256(longer.encode()).hexdigest()
    assert [
        (one.version, one.source) for one in flows.get_versions_page(ADMIN, "night", PageRequest()).items
    ] == [
        (2, longer),
        (1, NIGHT),
    ]
    assert flows.get_version(ADMIN, "night").source == longer
    assert flows.get_version(ADMIN, "night", 1).source == NIGHT
    page = flows.get_versions_page(ADMIN, "night", PageRequest(limit=1))
    assert [one.version for one in page.items] == [2]
    rest = flows.get_versions_page(ADMIN, "night", PageRequest(after=page.next))
    assert ([one.version for one in rest.items], rest.next) == ([1], None)
    with pytest.raises(NotFoundError, match="has no version 3"):
        flows.get_version(ADMIN, "night", 3)


def test_saved_as_it_is_it_stays_as_it_is(flows: SavedFlows, clock: Clock) -> None:
    first = flows.save(ADMIN, "night", NIGHT)
    clock.forward(hours=1)
    assert flows.save(ADMIN, "night", NIGHT) == first
    assert flows.save(ADMIN, "night", NIGHT, description="Changed.").version == 2


def test_what_was_changed_since_it_was_read_is_not_replaced(flows: SavedFlows, clock: Clock) -> None:
    read = flows.save(ADMIN, "night", NIGHT)
    clock.forward(seconds=1)
    flows.save(access_of("bob"), "night", NIGHT + "# bob's\n")
    with pytest.raises(StaleError, match="flow 'night' was changed since it was read"):
        flows.save(ADMIN, "night", NIGHT + "# mine\n", as_of=read.updated_at)
    assert flows.show(ADMIN, "night").version == 2
    assert flows.save(ADMIN, "night", NIGHT, as_of=flows.show(ADMIN, "night").updated_at).version == 3


@pytest.mark.every_store
def test_they_are_listed_newest_first(flows: SavedFlows, clock: Clock) -> None:
    for name in ("b", "a", "c"):
        flows.save(ADMIN, name, NIGHT)
        clock.forward(hours=1)
    flows.save(access_of("admin", "other"), "d", NIGHT)
    flows.save(ADMIN, "b", NIGHT, description="changed last")
    assert [flow.name for flow in flows.list_by_project(ADMIN)] == ["c", "a", "b"]


def test_a_deleted_flow_leaves_its_versions_and_is_saved_again_behind_them(flows: SavedFlows) -> None:
    flows.save(ADMIN, "night", NIGHT)
    flows.save(ADMIN, "night", NIGHT, description="second")
    flows.delete(ADMIN, "night")
    assert not flows.list_by_project(ADMIN)
    assert len(flows.get_versions_page(ADMIN, "night", PageRequest()).items) == 2
    assert flows.save(ADMIN, "night", NIGHT).version == 3
    for ask in (flows.show, flows.get_version, flows.delete):
        with pytest.raises(NotFoundError, match=r"no flow 'day' in project default \(known: night\)"):
            ask(ADMIN, "day")


def test_other_fields_change_and_the_source_stays(flows: SavedFlows) -> None:
    flows.save(ADMIN, "night", NIGHT)
    flows.save(ADMIN, "night", NIGHT, description="Better.", tags=["nightly"])
    found = flows.get_version(ADMIN, "night", 2)
    assert (found.source, found.description, found.tags) == (NIGHT, "Better.", ["nightly"])


def test_a_name_is_no_plugins_and_can_be_that_of_a_folder(flows: SavedFlows) -> None:
    for name in ("check", "CheckT1"):
        with pytest.raises(ConflictError, match="is a flow or a task of a plugin"):
            flows.save(ADMIN, name, NIGHT)
    for name in ("", "../night", "night.py", "a b", "x" * 65, "-x", "nächtlich"):
        with pytest.raises(InvalidInputError, match="is not the name of a saved flow"):
            flows.save(ADMIN, name, NIGHT)


def test_it_is_for_a_chip_that_there_is_and_saved_by_an_editor(flows: SavedFlows) -> None:
    with pytest.raises(NotFoundError, match="no chip 'nowhere'"):
        flows.save(ADMIN, "night", NIGHT, chip_id="nowhere")
    with pytest.raises(AccessDeniedError):
        flows.save(access_of("vera", role=ProjectRole.VIEWER), "night", NIGHT)
    assert not flows.list_by_project(ADMIN)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("def night(:\n", "line 1: invalid syntax"),
        ("x = 1\ndef night(a):\nreturn", "line 3: expected an indented block"),
        ("x = 1", "has no function 'main' to run"),
        ("def a(): ...\ndef b(): ...", r"several functions \(a, b\): name one"),
        ("async def night(): ...", "line 1: night is asynchronous"),
        ("def night(chip_id, /): ...", "line 1: argument 'chip_id' has no name"),
        ("x = 1\0", "null bytes"),
        ("# coding: klingon\n", "unknown encoding"),
        ("x = " + "-" * 100_000 + "1", "nested too deeply"),
        ("x = " + "a." * 100_000 + "a", "nested too deeply"),
        ("def night(a: " + "int | " * 20_000 + "int): ...", "nested too deeply"),
        (
            "def night(\n  a: " + "list[" * 40 + "int" + "]" * 40 + "): ...",
            "line 2: argument 'a': .* nested too deeply",
        ),
        ("def night(a=" + "[" * 40 + "]" * 40 + "): ...", "line 1: argument 'a': .* nested too deeply"),
        ("def night():\n  '\\ud800'", "line 2: the docstring of night is not text"),
        *(
            (
                f"def night(\n  a: Literal[{value}]): ...",
                "line 2: argument 'a' names values that no request can hold",
            )
            for value in ("b'\\xff'", "...", "'\\ud800'", "1e999", "1j", "0x" + "f" * 20_000)
        ),
    ],
)
def test_a_source_that_cannot_be_a_flow_is_refused_with_its_line(source: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        parse_signature(source.encode())


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("x = '\ud800'", "is not text"),
        ("#" * (FLOW_SOURCE.size + 1), "is too long"),
        ("def night(:\n", "line 1: invalid syntax"),
    ],
)
def test_what_no_version_can_keep_is_refused(source: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        check_source(source)


def test_a_source_that_takes_too_long_to_read_is_refused() -> None:
    slowly_parsed = "def night(): ...\nx = f'" + "{a}" * 20_000 + "'"
    with pytest.raises(InvalidInputError, match=r"takes Python longer than 0\.02 s to read"):
        check_source(slowly_parsed, limit_s=0.02)


@pytest.mark.slow
def test_no_source_holds_up_who_checks_it() -> None:
    slowly_parsed = "def night(): ...\nx = f'" + "{a}" * 85_000 + "'"
    with pytest.raises(InvalidInputError, match="takes Python longer than 1 s to read"):
        check_source(slowly_parsed, limit_s=1)


@pytest.mark.slow
def test_sources_are_checked_at_the_same_time() -> None:
    deep = "def night(a=[" + "1, " * 80_000 + "]): ..."
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(partial(check_source, limit_s=60), [deep] * 4))
    assert {one.function for one in found} == {"night"}


def test_the_function_is_the_named_one_the_only_public_one_or_main() -> None:
    assert check_source("def _help(): ...\ndef night(): ...").function == "night"
    assert parse_signature(b"def a(): ...\ndef main(): ...")["function"] == "main"
    assert check_source("def a(): ...\ndef b(): ...", "b").function == "b"
    with pytest.raises(InvalidInputError, match=r"no function 'c' to run \(it has: a, b\)"):
        check_source("def a(): ...\ndef b(): ...", "c")


def test_nothing_of_a_source_is_run() -> None:
    check_source("raise SystemExit\n@print\ndef night(a=print('no')): ...")


@pytest.mark.parametrize(
    ("argument", "schema"),
    [
        ("a", {}),
        ("a: int", {"type": "integer"}),
        ("a: 'float' = 0.5", {"type": "number", "default": 0.5}),
        ("a: bool = True", {"type": "boolean", "default": True}),
        ("a: str | None = None", {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}),
        ("a: typing.Optional[int]", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        ("a: list[float] = [1, 2.5]", {"type": "array", "items": {"type": "number"}, "default": [1, 2.5]}),
        ("a: int | str | None", {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]}),
        ("a: tuple[int, str]", {"type": "array"}),
        ("a: dict[str, int]", {"type": "object"}),
        ("a: Literal['x', 2]", {"enum": ["x", 2]}),
        ("a: Thing | None", {}),
        ("a=SHOTS", {}),
        ("a=float('nan')", {}),
    ],
)
def test_a_signature_is_a_form(argument: str, schema: dict[str, Any]) -> None:
    form = parse_signature(f"def night({argument}): ...".encode())["form"]
    assert form["parameters"]["properties"] == {"a": schema}
    assert form["parameters"]["required"] == ([] if "=" in argument else ["a"])


def test_what_the_run_gives_is_not_asked_for() -> None:
    form = check_source("def night(chip_id, qids=None, *, shots, **more): ...").form
    assert form.given == ("chip_id", "qids")
    assert form.parameters["properties"].keys() == {"shots"}
    assert form.parameters["required"] == ["chip_id", "shots"]
    assert form.parameters["additionalProperties"] is True


@pytest.mark.parametrize(
    ("signature", "parameters", "why"),
    [
        ("a: int", {}, "night needs 'a'"),
        ("a: int", {"a": "1"}, "a cannot be '1': it is of type integer"),
        ("a: int", {"a": True}, "a cannot be True"),
        ("a: list[int]", {"a": [1, "x"]}, "of type array"),
        ("a: Literal['x', 'y']", {"a": "z"}, "one of 'x', 'y'"),
        ("a: int | None", {"a": 0.5}, "of type integer or of type null"),
        ("a=1", {"b": 1}, r"has no argument 'b' \(it has: a\)"),
        ("chip_id", {}, "needs 'chip_id'"),
        ("qids", {}, "needs 'qids': name the qubits of the run"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(
    signature: str, parameters: dict[str, object], why: str
) -> None:
    form = FlowForm.model_validate(parse_signature(f"def night({signature}): ...".encode())["form"])
    with pytest.raises(InvalidInputError, match=why):
        require_accepted_parameters("night", form, parameters, frozenset({"username"}))


def test_parameters_that_fit_pass() -> None:
    form = check_source("def night(chip_id, a: float, b: int | None = 3, c=None, **more): ...").form
    fits = {"a": 1, "b": None, "c": {"any": "thing"}, "d": 4, "chip_id": "other"}
    require_accepted_parameters("night", form, fits, frozenset())


def test_a_flow_with_a_name_that_does_not_exist_is_not_saved(flows: SavedFlows) -> None:
    source = "from qdash.workflow.service._internal import tasks\ndef night(): ..."
    with pytest.raises(InvalidInputError, match=r"line 1: there is no module .*_internal; instead: private"):
        flows.save(ADMIN, "night", source)
    with pytest.raises(InvalidInputError, match="line 1"):
        flows.check_source(ADMIN, source)
    assert flows.list_by_project(ADMIN) == []
    assert check_source(source).function == "night"


def test_a_version_is_restored_as_the_next_one(flows: SavedFlows, clock: Clock) -> None:
    flows.save(ADMIN, "night", NIGHT, tags=["nightly"], description="of old")
    clock.forward(hours=1)
    second = flows.save(ADMIN, "night", NIGHT.replace("1024", "4096"))
    with pytest.raises(StaleError):
        flows.restore(ADMIN, "night", 1, as_of=second.created_at)
    restored = flows.restore(ADMIN, "night", 1, as_of=second.updated_at)
    assert (restored.version, restored.tags, restored.description) == (3, ["nightly"], "of old")
    assert flows.get_version(ADMIN, "night").source == NIGHT
    with pytest.raises(NotFoundError, match="no version 9"):
        flows.restore(ADMIN, "night", 9)


@pytest.mark.every_store
def test_deleted_flows_are_listed_with_user_and_time_until_they_are_restored(
    flows: SavedFlows, clock: Clock
) -> None:
    flows.save(ADMIN, "kept", NIGHT)
    for name in ("night", "old"):
        flows.save(ADMIN, name, NIGHT)
        flows.save(ADMIN, name, NIGHT, tags=["nightly"])
    flows.save(access_of("admin", "other"), "theirs", NIGHT)
    flows.delete(access_of("admin", "other"), "theirs")
    assert flows.delete(ADMIN, "old").name == "old"
    at = clock.forward(hours=1)
    flows.delete(access_of("bob"), "night")
    found = flows.list_deleted(ADMIN)
    assert [(one.name, one.version, one.deleted_by) for one in found] == [
        ("night", 2, "bob"),
        ("old", 2, "admin"),
    ]
    assert found[0].deleted_at == at
    assert flows.get_deleted(ADMIN, "night") == found[0]
    with pytest.raises(
        NotFoundError, match=r"no deleted flow 'nihgt'; did you mean 'night'.*deleted: night, old"
    ):
        flows.get_deleted(ADMIN, "nihgt")

    with pytest.raises(StaleError):
        flows.restore(ADMIN, "night", 1, as_of=at)
    restored = flows.restore(ADMIN, "night", as_of=NEVER)
    assert (restored.version, restored.tags) == (3, ["nightly"])
    assert flows.restore(ADMIN, "old", 1).tags == []
    assert flows.list_deleted(ADMIN) == []
    assert [one.deleted_by for one in flows.get_versions_page(ADMIN, "night", PageRequest()).items] == [
        "",
        "bob",
        "",
    ]
    with pytest.raises(InvalidInputError, match="'night' is not deleted: name the version"):
        flows.restore(ADMIN, "night")


def test_a_new_flow_does_not_replace_one_that_somebody_saved_meanwhile(flows: SavedFlows) -> None:
    first = flows.save(ADMIN, "night", NIGHT, as_of=NEVER)
    with pytest.raises(StaleError, match="'night' was changed since it was read"):
        flows.save(ADMIN, "night", NIGHT.replace("1024", "2048"), as_of=NEVER)
    assert flows.show(ADMIN, "night") == first


def test_the_reason_why_a_user_may_not_save_is_known_before(prepared_store: Store, flows: SavedFlows) -> None:
    assert flows.find_save_obstacle(ADMIN) is None
    assert "editor" in (flows.find_save_obstacle(access_of("vera", role=ProjectRole.VIEWER)) or "")
    users = UserService(prepared_store)
    users.set_password("admin", "a long enough password", by="admin")
    users.create("ann", by="admin")
    obstacle = SavedFlows(prepared_store).find_save_obstacle(access_of("ann"))
    assert "administrators save, restore and delete them" in (obstacle or "")
