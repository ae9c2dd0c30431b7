"""Declaration of features: parts are imported when they are used; a blocked feature is gone with its dependents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import Collection, Feature, FeaturePage, PluginOperations, RequiredRole, load_plugins
from qdash_core.errors import InvalidInputError
from qdash_core.features import list_known_features
from qdash_core.operations.call import Call  # noqa: TC001  the operation's parameters are read
from qdash_core.repositories.schema import COLLECTIONS

if TYPE_CHECKING:
    from qdash_core.hooks.host import PluginRecord
    from qdash_core.hooks.manager import Registry

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


@pytest.fixture(autouse=True)
def _forget_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qdash_core.features._REMEMBERED", {})


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
    registry = load_plugins(blocked=(), installed_too=("qdash-core", "qdash-api", "qdash-ui-streamlit"))
    features = registry.features()
    assert len(features) > 20
    assert {name for one in features.values() for name in one.requires} <= features.keys()
    provided = {one.name: one.provides.get("qdash_features") for one in registry.plugins}
    del provided["core"]
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
