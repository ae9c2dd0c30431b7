"""Discovery of plugins from entry points, in order of precedence, without imports."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple

from importlib_metadata import PackageNotFoundError, distribution, distributions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from importlib.machinery import ModuleSpec

    from importlib_metadata import EntryPoint, IDistribution

GROUP = "qdash"
_NAMELESS = "unknown"

MEMBER_GROUP = "qdash.members"
"""Group of entry points in which the core names the other distributions of QDash, each with its package."""
CORE = "qdash-core"

COMMAND_HOOKS = ("qdash_cli", "qdash_entities", "qdash_operations", "qdash_features")
"""Hooks that give commands."""


@dataclass(frozen=True, slots=True)
class PluginCandidate:
    """A discovered plugin, before any of its code has run. Its name is that of its entry point.

    Its distribution is empty if a program passed it in. `load` imports and returns the module or object; its import
    runs `module` first. `broken` is the reason why it is not valid, or None. `is_object` tells whether it is an
    object, such as a feature, and `is_own` whether it comes with one of QDash's own distributions, whose names have
    precedence.
    """

    name: str
    distribution: str
    version: str
    load: Callable[[], object]
    module: str = ""
    broken: str | None = None
    is_object: bool = False
    is_own: bool = False

    @property
    def rank(self) -> tuple[bool, str, str]:
        """Sort key for precedence: the first of several plugins gets a name."""
        return not self.is_own, normalize_name(self.distribution), self.name

    @property
    def package(self) -> str:
        """Package of its module."""
        return self.module.partition(".")[0]

    @property
    def is_own_feature(self) -> bool:
        """True if it is a feature of QDash, which has no other hooks."""
        return self.is_own and self.is_object

    @property
    def command_hooks(self) -> tuple[str, ...]:
        """Hooks by which it may give commands; those of QDash's own features are recorded."""
        return tuple(hook for hook in COMMAND_HOOKS if not (self.is_own and hook == "qdash_features"))

    @property
    def mount_path(self) -> str:
        """Path of its routes on the host, other than those of QDash's own features, which are at the root."""
        return f"/plugins/{self.name}"

    @property
    def description(self) -> str:
        """Text with the plugin and its origin."""
        return f"the plugin {self.name!r} of {self.distribution or 'the calling program'}"


def normalize_name(distribution_name: str) -> str:
    """Return the normalised name of a distribution, as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution_name).lower()


class _Distribution(NamedTuple):
    """Distribution with entry points of QDash: normalised name, plugins, and, of the core, the members that it names with their packages."""

    name: str
    plugins: tuple[PluginCandidate, ...]
    members: tuple[tuple[str, str], ...]


def find_installed() -> list[PluginCandidate]:
    """Return the plugins of every distribution on `sys.path`, with a new search of a folder that has changed."""
    found = _find_distributions()
    own = _list_members(found)
    return [
        replace(plugin, is_own=True) if one.name in own else plugin
        for one in found.values()
        for plugin in one.plugins
    ]


def list_feature_distributions() -> set[str]:
    """Return the installed distributions of QDash that have features."""
    return {normalize_name(one.distribution) for one in find_installed() if one.is_own_feature}


def list_feature_packages() -> set[str]:
    """Return the packages of the core and of the installed features of QDash."""
    return {"qdash_core", *(one.package for one in find_installed() if one.is_own_feature)}


def list_members() -> dict[str, str]:
    """Return the distributions of QDash, installed or not, each with its package, as the metadata of the installed core name them."""
    return _list_members(_find_distributions())


def _list_members(found: Mapping[str, _Distribution]) -> dict[str, str]:
    # Only the core is asked: a distribution must not get precedence by its own word.
    return {CORE: "qdash_core", **dict(found[CORE].members if CORE in found else ())}


def _find_distributions() -> dict[str, _Distribution]:
    found: dict[str, _Distribution] = {}
    for folder in sys.path:
        # The library would try to read a missing folder as a zip file, with modules that nothing else needs.
        if (changed_at_ns := _get_change_time_ns(folder)) is not None:
            for one in _list_installed(folder, changed_at_ns):
                # A second copy later on the path is shadowed, like its modules.
                found.setdefault(one.name, one)
    return found


def _get_change_time_ns(folder: str) -> int | None:
    """Return the time of the last change of a folder's distributions, or None if there is no such folder."""
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return None


@lru_cache(maxsize=64)
def _list_installed(
    folder: str,
    changed_at_ns: int,  # noqa: ARG001  part of the key
) -> tuple[_Distribution, ...]:
    """Return the distributions in a folder that have plugins."""
    found = []
    for one in distributions(path=[folder]):
        # Parsing all metadata would take long; the text of the entry points is short.
        if _mentions_group(one):
            fields = dict(reversed(_read_metadata(one)))
            owner, version = fields.get("name") or _NAMELESS, fields.get("version", "")
            name = normalize_name(owner)
            named = one.entry_points.select(group=MEMBER_GROUP) if name == CORE else ()
            members = tuple((member.name, member.value) for member in named)
            found.append(_Distribution(name, tuple(_list_candidates(one, owner, version)), members))
    return tuple(found)


def find_version(distribution_name: str) -> str | None:
    """Return the version of a distribution, or None if it is not installed."""
    return next((text for field, text in find_metadata(distribution_name) if field == "version"), None)


def find_metadata(distribution_name: str) -> list[tuple[str, str]]:
    """Return the fields of a distribution's metadata, with names in lower case; none if it is not installed, or has no name."""
    try:
        return _read_metadata(distribution(distribution_name)) if distribution_name else []
    except PackageNotFoundError:
        return []


def _read_metadata(found: IDistribution) -> list[tuple[str, str]]:
    try:
        text = found.read_text("METADATA") or found.read_text("PKG-INFO") or ""
    except Exception:  # noqa: BLE001  third-party metadata may be broken in any way
        return []
    # `found.metadata` would import the parser of mail headers, which takes longer than everything else here.
    fields = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return [(name.lower(), value.strip()) for name, _, value in fields]


def wrap_modules(plugins: Mapping[str, object]) -> list[PluginCandidate]:
    """Return the modules or objects that a program passed in as plugin candidates."""
    return [_make_candidate_of(name, plugin) for name, plugin in plugins.items()]


def sort_by_precedence(candidates: Iterable[PluginCandidate]) -> list[PluginCandidate]:
    """Return the candidates in order of precedence; mark one whose own name is taken as broken."""
    taken: dict[str, PluginCandidate] = {}
    ordered = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.rank):
        winner = taken.setdefault(candidate.name, candidate)
        if winner is not candidate:
            reason = (
                f"its name is taken: there is {candidate.description} and {winner.description}; uninstall one"
            )
            ordered.append(replace(candidate, broken=reason))
        else:
            ordered.append(candidate)
    return ordered


def may_have_commands(candidate: PluginCandidate) -> bool:
    """Return whether a plugin may implement one of `COMMAND_HOOKS`, without running its code.

    The source of the module is searched for the words, so that `qdash --help` imports no plugin without commands. If
    the source does not tell (an object of a class from elsewhere, a star import, no source), the plugin is imported.
    """
    if candidate.is_object:
        return True
    try:
        spec = _find_spec_without_import(candidate.module)
        source = spec.loader.get_source(candidate.module)  # type: ignore[union-attr]  # an AttributeError is an answer too
    except Exception:  # noqa: BLE001  third-party import hooks; the import will report the error
        return True
    return source is None or any(word in source for word in (*candidate.command_hooks, "import *"))


def _make_candidate_of(name: str, plugin: object) -> PluginCandidate:
    module = plugin.__name__ if isinstance(plugin, ModuleType) else ""
    return PluginCandidate(name, "", "", load=lambda: plugin, module=module, is_object=True)


def _find_spec_without_import(module: str) -> ModuleSpec:
    # find_spec("a.b") alone would import a, and with it what a/__init__.py imports.
    top, *rest = module.split(".")
    spec, name = find_spec(top), top
    for part in rest:
        if spec is None or spec.submodule_search_locations is None:
            break
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, list(spec.submodule_search_locations))
    if spec is None or name != module:
        raise ModuleNotFoundError(module)
    return spec


def _mentions_group(found: IDistribution) -> bool:
    try:
        return f"[{GROUP}]" in (found.read_text("entry_points.txt") or "")
    except (OSError, UnicodeDecodeError):
        return False


def _list_candidates(found: IDistribution, owner: str, version: str) -> Iterator[PluginCandidate]:
    try:
        entry_points = list(found.entry_points.select(group=GROUP))
    except Exception as error:  # noqa: BLE001  as above
        reason = f"its entry points cannot be read: {error}"
        yield PluginCandidate(owner, owner, version, load=lambda: None, broken=reason)
        return
    for entry_point in entry_points:
        yield _make_candidate(entry_point, owner, version)


def _make_candidate(entry_point: EntryPoint, owner: str, version: str) -> PluginCandidate:
    module, _, attribute = entry_point.value.partition(":")
    return PluginCandidate(
        entry_point.name,
        owner,
        version,
        load=entry_point.load,
        module=module.strip(),
        is_object=bool(attribute),
    )
