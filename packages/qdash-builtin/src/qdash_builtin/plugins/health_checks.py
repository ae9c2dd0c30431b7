"""Health checks of all features, and their findings: a check that raises is one of them."""

from __future__ import annotations

from dataclasses import replace
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from qdash_core.errors import PluginError
from qdash_core.hooks.health_checks import HealthCheck
from qdash_core.models.health_findings import HealthFinding, make_failure
from qdash_core.tasks.failures import describe_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.hooks.health_checks import Examination
    from qdash_core.hooks.manager import Registry


def load_checks(
    registry: Registry, report: Callable[[PluginCandidate, PluginError], object] = lambda *_: None
) -> list[tuple[PluginCandidate, HealthCheck]]:
    """Return the checks of all features in their order, each with its plugin; report those that cannot be loaded."""
    loaded = []
    for owner, place in registry.list_named("checks"):
        try:
            loaded.append((owner, _load(place)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  code of a plugin
            report(owner, _tell_plugin(owner, error))
    return sorted(loaded, key=lambda one: one[1].place)


def _load(place: str) -> HealthCheck:
    check = resolve_name(place)
    if isinstance(check, HealthCheck):
        return check
    raise PluginError(f"{place} is no check: qdash_core.HealthCheck(NAME, FUNCTION) makes one")


def iter_findings(examination: Examination) -> Iterator[HealthFinding]:
    """Yield the findings of all features: of the checks that need the store if it is open, else of the others."""
    with_store = examination.opened is not None
    broken = list[HealthFinding]()

    def report(owner: PluginCandidate, error: PluginError) -> None:
        broken.append(HealthFinding(f"plugin {owner.name}", "failed", str(error), _advise(owner)))

    for owner, check in load_checks(examination.registry, report):
        if check.needs_store is with_store and (found := _run(owner, check, examination)) is not None:
            yield found
    yield from [] if with_store else broken


def _run(owner: PluginCandidate, check: HealthCheck, examination: Examination) -> HealthFinding | None:
    """Return the finding of a check, which is a failure if it raises anything."""
    name = check.name if owner.is_own else f"{owner.name} {check.name}"
    try:
        found = check.find(examination)
    except (Exception, SystemExit) as error:  # noqa: BLE001  the doctor reports every error
        told = error if owner.is_own else _tell_plugin(owner, error)
        return make_failure(name, told, check.advice or _advise(owner))
    return found and replace(found, name=name)


def _tell_plugin(owner: PluginCandidate, error: BaseException) -> PluginError:
    """Return the error of a plugin's code in one line, with plugin, file and line."""
    told = str(error) if isinstance(error, PluginError) else describe_error(error, module=owner.module)
    return PluginError(f"{owner.description}: {told}")


def _advise(owner: PluginCandidate) -> str:
    return (
        "" if owner.is_own else f"fix or uninstall {owner.distribution}, or QDASH_BLOCK_PLUGINS={owner.name}"
    )
