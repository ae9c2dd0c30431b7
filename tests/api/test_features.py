"""Routes of features on the host: those of a blocked one are gone, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.routing import iter_route_contexts

from qdash_api import create_app
from qdash_api.routing.target_routes import list_routed
from qdash_core.hooks.manager import load_plugins

from ..case_tables import each_case
from ..plain_install import PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.features.declarations import Feature
    from qdash_core.settings import Settings

FEATURES = load_plugins(blocked=(), installed_too=PLAIN).features()


def find_dependents(name: str) -> set[str]:
    """Return the names of a feature and of those that require it."""
    above = {one.name for one in FEATURES.values() if name in one.requires}
    return {name}.union(*map(find_dependents, above))


def list_routes(settings: Settings, *blocked: str) -> set[tuple[str, str]]:
    """Return method and path of all routes of a host."""
    app = create_app(settings, load_plugins(blocked=blocked))
    contexts = iter_route_contexts(app.routes)
    return {(method, str(one.path)) for one in contexts for method in one.methods or ()}


def list_declared_routes(features: Iterable[Feature]) -> set[tuple[str, str]]:
    loaded = (operations for one in features for operations in one.load("qdash_operations"))
    return {(one.method, one.path) for operations in loaded for one in list_routed(operations)}


@pytest.mark.slow
@each_case("name", sorted(FEATURES))
def test_without_a_feature_the_host_lacks_its_routes_and_no_others(settings: Settings, name: str) -> None:
    gone = list_declared_routes(FEATURES[one] for one in find_dependents(name))
    assert list_routes(settings) - list_routes(settings, name) == gone


def test_a_blocked_feature_is_shown_and_its_routes_are_gone(settings: Settings) -> None:
    registry = load_plugins(blocked=("issues",))
    paths = {str(one.path) for one in iter_route_contexts(create_app(settings, registry).routes)}
    assert "/cryostats" in paths
    assert not [path for path in paths if path.startswith("/issues")]
    (record,) = (one for one in registry.plugins if one.name == "issues")
    assert (record.status, record.error) == ("blocked", None)
