"""Declarations of entities by plugins, and the ones that are refused."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import click
import pytest
from pydantic import Field

from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.entities import Editable, EntityRules, PluginRecord
from qdash_builtin.entities.editable import require_input_kind
from qdash_builtin.entities.views import get_view_model
from qdash_cli import plugin_commands
from qdash_core import Feature, InvalidInputError, load_plugins
from qdash_core.models.base import UtcDatetime
from qdash_core.models.input_kinds import list_choices
from qdash_core.models.project import ProjectRole
from qdash_core.repositories.schema import COLLECTIONS

from ...helium_fills import FILLS, Purity, declare_fills, make_plugin
from ...sample_log import Sample

if TYPE_CHECKING:
    from qdash_core.hooks.manager import Registry


class NoFields(PluginRecord):
    """A record without fields that users edit."""


class Listed(PluginRecord):
    """A record with a field of a type without an input."""

    parts: Annotated[list[str] | None, Editable("Parts.")] = None


class Projected(PluginRecord):
    """A record with an option that all commands have."""

    text: Annotated[str, Editable("Text.", option="--json")] = ""


class Named(PluginRecord):
    """A record with a field of the name of a parameter of services."""

    access: Annotated[str, Editable("Access.")] = ""


class Alike(PluginRecord):
    """A record with two fields of one option."""

    a: Annotated[str, Editable("Part.", option="--part")] = ""
    b: Annotated[str, Editable("Part.", option="--part")] = ""


class Noted(PluginRecord):
    """A record with a field of the name that notes have."""

    note: Annotated[str, Editable("Note.")] = ""


class Coloured(PluginRecord):
    """A record with a choice of numbers."""

    colour: Annotated[Literal[1, 2], Editable("Colour.")]


class Zoneless(PluginRecord):
    """A record with a time without a zone."""

    at: Annotated[datetime | None, Editable("Time.")] = None


class Silent(PluginRecord):
    """A record with a required field without an option."""

    a: Annotated[str, Editable()]


class Forged(PluginRecord):
    """A record whose author users could edit."""

    username: Annotated[str, Editable("Author.")] = ""


class Undashed(PluginRecord):
    """A record with an option without dashes."""

    a: Annotated[str, Editable("Part.", option="part")] = ""


def test_an_invalid_declaration_is_refused(subtests: pytest.Subtests) -> None:
    for changes, message in [
        ({"name": "Helium"}, "lower-case letters, digits and '-' only, not 'Helium'"),
        ({"plural": "helium fills"}, "not 'helium fills'"),
        ({"name": "../fill"}, "not '../fill'"),
        (
            {"columns": ("colour",)},
            "entity helium-fill: there is no field 'colour' \\(there are: record_id, litres",
        ),
        ({"columns": ("project_id",)}, "there is no field 'project_id'"),
        (
            {"example": {"gallons": 1}},
            "example has the field 'gallons', which is not editable \\(editable: litres",
        ),
        ({"example": {"litres": -1}}, "litres cannot be -1"),
        ({"example": {}}, "litres is missing"),
        ({"model": NoFields, "columns": (), "example": {}}, "users can edit no field: annotate one with"),
        (
            {"model": Listed, "columns": (), "example": {}},
            r"field parts has to be a text, .*, not list\[str\] \| None",
        ),
        ({"model": Noted, "columns": (), "example": {}}, "a field cannot be named 'note'"),
        ({"model": Coloured, "columns": (), "example": {"colour": 1}}, "field colour has to be a text"),
        ({"model": Zoneless, "columns": (), "example": {}}, "field at: a time is a qdash_core.UtcDatetime"),
        (
            {"model": Silent, "columns": (), "example": {"a": "x"}},
            "field a is required, so it needs a help text",
        ),
        ({"model": Forged, "columns": (), "example": {}}, "QDash sets the field 'username'"),
        ({"rules": EntityRules}, "its rules are not an object"),
        ({"headline": "colour"}, "there is no field 'colour'"),
        ({"model": Named, "columns": (), "example": {}}, "a field cannot be named 'access'"),
        ({"model": Projected, "columns": (), "example": {}}, "every command has the option --json"),
        ({"model": Alike, "columns": (), "example": {}}, "field b: field a has the option --part"),
        ({"model": Undashed, "columns": (), "example": {}}, "'part' is not an option such as --a"),
        ({"edit_role": ProjectRole.VIEWER}, "edit_role and delete_role must be editor or owner"),
        ({"delete_role": ProjectRole.VIEWER}, "edit_role and delete_role must be editor or owner"),
    ]:
        with subtests.test(str(changes)), pytest.raises(InvalidInputError, match=message):
            declare_fills(**changes)


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (str, "text"),
        (str | None, "text"),
        (float, "number"),
        (int | None, "number"),
        (int | float, "number"),
        (Annotated[float, Field(gt=0)] | None, "number"),
        (bool, "boolean"),
        (datetime, "time"),
        (UtcDatetime | None, "time"),
        (Purity, "choice"),
        (Literal["cold", "warm"] | None, "choice"),
    ],
)
def test_a_type_has_a_kind_of_input(annotation: Any, kind: str) -> None:
    assert require_input_kind("field", annotation) == kind


@pytest.mark.parametrize("annotation", [list[str], dict[str, int], bytes, str | int, None, Any])
def test_other_types_have_no_input(annotation: Any) -> None:
    with pytest.raises(InvalidInputError, match="field parts has to be"):
        require_input_kind("parts", annotation)


def test_choices_are_the_values_of_an_enumeration_or_literal_texts() -> None:
    assert list_choices(Purity | None) == ["5.0", "6.0"]
    assert list_choices(Literal["cold", "warm"] | None) == ["cold", "warm"]


def test_viewers_see_the_id_first_and_author_and_time_last() -> None:
    document = get_view_model(FILLS)
    assert list(document.model_fields) == [
        "record_id",
        "litres",
        "purity",
        "leaked",
        "filled_at",
        "supplier",
        "username",
        "created_at",
    ]
    assert get_view_model(FILLS) is document
    example = document.model_config["json_schema_extra"]["examples"][0]  # type: ignore[index,call-overload]
    assert document.model_validate(example).as_json() == example
    assert example == {
        "record_id": "3f9a12bc",
        "litres": 100,
        "purity": "6.0",
        "leaked": False,
        "supplier": "Cold Gases",
        "username": "alice",
        "created_at": "2026-11-20T08:30:00Z",
    }


def load(*plugins: Any) -> Registry:
    named = {f"plugin{number}": plugin for number, plugin in enumerate(plugins)}
    registry = load_plugins(extra=named, installed_too=False, blocked=())
    registry.entities()
    return registry


def test_a_registry_has_the_entities_of_all_plugins_with_their_plugin() -> None:
    other = declare_fills(name="nitrogen-fill", plural="nitrogen-fills")
    registry = load(make_plugin(FILLS), make_plugin(other))
    assert registry.entities() == {"helium-fill": FILLS, "nitrogen-fill": other}
    assert registry.list_entities() == [("plugin0", FILLS), ("plugin1", other)]
    assert [one.provides for one in registry.plugins] == [
        {"qdash_entities": ["helium-fill"]},
        {"qdash_entities": ["nitrogen-fill"]},
    ]


@pytest.mark.parametrize(
    ("changes", "taken"), [({"plural": "fills"}, "helium-fill"), ({"name": "fill"}, "helium-fills")]
)
def test_a_plugin_with_a_taken_name_is_set_aside(changes: dict[str, str], taken: str) -> None:
    registry = load(make_plugin(FILLS), make_plugin(declare_fills(**changes)))
    assert registry.entities() == {"helium-fill": FILLS}
    first, second = registry.plugins
    assert first.error is None
    assert str(second.error).startswith(f"qdash_entities: the name '{taken}' of the plugin 'plugin1'")


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        (
            [CRYOSTAT],
            "item 0, an Entity, is not an entity of a plugin: qdash_builtin.entities.declare_plugin_entity",
        ),
        ([NoFields], "is not an entity of a plugin"),
        ([FILLS, FILLS], "item 1 has a name that the plugin gives twice, 'helium-fill'"),
    ],
)
def test_a_plugin_that_returns_something_else_is_set_aside(declared: list[object], reason: str) -> None:
    registry = load(make_plugin(*declared), make_plugin(FILLS))
    assert registry.entities() == {"helium-fill": FILLS}
    assert reason in str(registry.plugins[0].error)


def test_a_plugin_with_an_entity_is_set_aside_if_the_feature_of_entities_is_blocked() -> None:
    log = Feature("log", entities={"sample": f"{Sample.__module__}:SAMPLES"})
    given = {"gas": make_plugin(FILLS), "log": log}
    registry = load_plugins(extra=given, blocked=["entities"])
    commands = click.Group()
    registry.add_commands(commands, plugin_commands)
    assert not commands.commands.keys() & {"helium-fill", "sample"}
    for one in (registry, load_plugins(extra=given, blocked=["entities"])):
        assert one.entities() == {}
        assert {page.title for page in one.pages()}.isdisjoint({"Helium fills", "Samples"})
        assert {record.name: record.error for record in one.plugins if record.error} == {
            "gas": "the entity 'helium-fill' requires the feature 'entities', which is left out by QDASH_BLOCK_PLUGINS",
            "log": "the entity 'sample' requires the feature 'entities', which is left out by QDASH_BLOCK_PLUGINS",
        }
        assert "plugin_record" in COLLECTIONS, "records stay"


def test_a_plugin_whose_entities_cannot_be_served_is_set_aside_alone() -> None:
    broken = declare_fills(name="nitrogen-fill", plural="nitrogen-fills")
    vars(broken)["make_page"] = lambda: 1 / 0
    last = declare_fills(name="argon-fill", plural="argon-fills")
    registry = load(make_plugin(broken, last), make_plugin(FILLS))
    assert "Helium fills" in [page.title for page in registry.pages()]
    assert registry.entities() == {"helium-fill": FILLS}
    assert "division by zero" in str(registry.plugins[0].error)
