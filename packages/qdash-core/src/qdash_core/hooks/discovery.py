"""Which plugins are there: entry points of installed distributions, in order of precedence, none imported."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, EntryPoint, distributions
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from importlib.machinery import ModuleSpec

GROUP = "qdash"
_NAMELESS = "unknown"

MEMBERS = frozenset(
    {
        "qdash",
        "qdash-analysis",
        "qdash-api",
        "qdash-client",
        "qdash-core",
        "qdash-fake",
        "qdash-mongo",
        "qdash-original",
        "qdash-prefect",
        "qdash-qibolab",
        "qdash-qubex",
        "qdash-tasks",
        "qdash-ui-streamlit",
    }
)
"""Distributions of this workspace: what they claim is theirs."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that was found, before any of its code has run.

    Parameters
    ----------
    name : str
        The plugin's name: its entry point's.
    distribution, version : str
        Where it comes from; empty when it was handed over by a program.
    load : callable
        Imports and returns the module or object.
    module : str
        The module that importing it runs first.
    broken : str or None
        Why it cannot be one.
    always : bool
        Whether it is loaded even where only commands are wanted.
    """

    name: str
    distribution: str
    version: str
    load: Callable[[], object]
    module: str = ""
    broken: str | None = None
    always: bool = False

    @property
    def rank(self) -> tuple[bool, str, str]:
        """Sort key: who comes first wins a name that several claim."""
        return not self.of_a_member, normalized(self.distribution), self.name

    @property
    def of_a_member(self) -> bool:
        """Whether it comes with one of QDash's own distributions."""
        return normalized(self.distribution) in MEMBERS

    @property
    def described(self) -> str:
        """The plugin and where it comes from, in words."""
        return f"the plugin {self.name!r} of {self.distribution or 'the calling program'}"


def normalized(distribution_name: str) -> str:
    """Return the name of a distribution as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution_name).lower()


def installed() -> list[Candidate]:
    """Return the plugins of every distribution on `sys.path`; they are looked for again when one of its folders has changed."""
    return list(_installed(tuple((folder, _changed_ns(folder)) for folder in sys.path)))


def _changed_ns(folder: str) -> int | None:
    """Return when a distribution was last added to a folder or removed from it; None: the folder is not there."""
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return None


@lru_cache(maxsize=8)
def _installed(_path: tuple[tuple[str, int | None], ...]) -> tuple[Candidate, ...]:
    candidates: dict[str, list[Candidate]] = {}
    for found in distributions():
        # The metadata of everything installed would take long to parse; the text of the entry points is short.
        if _mentions_group(found):
            owner, version = _owner(found)
            # A second copy further down the path is shadowed, as its modules are.
            if normalized(owner) not in candidates:
                candidates[normalized(owner)] = list(_candidates_of(found, owner, version))
    return tuple(candidate for of_one in candidates.values() for candidate in of_one)


def handed_over(plugins: Mapping[str, object]) -> list[Candidate]:
    """Return modules or objects as plugins without a distribution."""
    return [_handed_over(name, plugin) for name, plugin in plugins.items()]


def in_order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return the candidates, who wins a name first; one whose own name is taken is marked as broken."""
    taken: dict[str, Candidate] = {}
    ordered = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.rank):
        winner = taken.setdefault(candidate.name, candidate)
        if winner is not candidate:
            reason = (
                f"its name is taken: there is {candidate.described} and {winner.described}; uninstall one"
            )
            ordered.append(replace(candidate, broken=reason))
        else:
            ordered.append(candidate)
    return ordered


def may_have_commands(candidate: Candidate) -> bool:
    """Return whether a plugin may implement `qdash_cli`, as far as can be told without running its code.

    `qdash --help` would otherwise import every plugin, and with it whatever it imports at the top: a vendor's library
    of several seconds, for a plugin without a single command. So the source of the module is read for the word. Where
    the source does not tell (an object may be of a class from elsewhere, names may be imported by star, there may be no
    source) the plugin is imported: a slow command is better than a missing one.
    """
    if candidate.always:
        return True
    try:
        spec = _spec_without_import(candidate.module)
        source = spec.loader.get_source(candidate.module)  # type: ignore[union-attr]  # an AttributeError is an answer too
    except Exception:  # noqa: BLE001  import hooks of strangers; importing will tell what is wrong
        return True
    return source is None or "qdash_cli" in source or "import *" in source


def _handed_over(name: str, plugin: object) -> Candidate:
    return Candidate(name, "", "", load=lambda: plugin, always=True)


def _spec_without_import(module: str) -> ModuleSpec:
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


def _mentions_group(found: Distribution) -> bool:
    try:
        return f"[{GROUP}]" in (found.read_text("entry_points.txt") or "")
    except (OSError, UnicodeDecodeError):
        return False


def _owner(found: Distribution) -> tuple[str, str]:
    try:
        return found.metadata["Name"] or _NAMELESS, found.version or ""
    except Exception:  # noqa: BLE001  metadata of strangers: broken in whatever way, it is theirs alone
        return _NAMELESS, ""


def _candidates_of(found: Distribution, owner: str, version: str) -> Iterator[Candidate]:
    try:
        entry_points = list(found.entry_points.select(group=GROUP))
    except Exception as error:  # noqa: BLE001  as above
        reason = f"its entry points cannot be read: {error}"
        yield Candidate(owner, owner, version, load=lambda: None, broken=reason)
        return
    for entry_point in entry_points:
        yield _candidate(entry_point, owner, version)


def _candidate(entry_point: EntryPoint, owner: str, version: str) -> Candidate:
    module, _, attribute = entry_point.value.partition(":")
    return Candidate(
        entry_point.name, owner, version, load=entry_point.load, module=module.strip(), always=bool(attribute)
    )
