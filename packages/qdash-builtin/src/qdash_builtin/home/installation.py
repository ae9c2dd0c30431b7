"""Check that the installed distributions of QDash belong together and are complete."""

from __future__ import annotations

import json
import re
from importlib import import_module
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from typing import TYPE_CHECKING

from qdash_core.features.discovery import list_members, normalize_name
from qdash_core.models.health_findings import HealthFinding
from qdash_core.process.build import read_build

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?:\[(?P<extra>[a-z]+)\])?[^;]*(?:;.*extra\s*==\s*[\"'](?P<needed_by>[a-z]+)[\"'])?"
)
"""A requirement in the metadata of a distribution."""
_PACKAGE = re.compile(r"^(qdash\w*)/", re.MULTILINE)
_ADVICE = "install all of QDash again from one release, named by its folder or address as RELEASE, in an environment of its own: {command}"


def check_installation() -> HealthFinding:
    """Check that all installed distributions of QDash have one version and origin, can be imported, have what they require, and that no other one writes into their packages."""
    build = read_build()
    members = [found for name in sorted(list_members()) if (found := _find(name)) is not None]
    faults = [
        *_find_strange_members(members, build.version),
        *_find_intruders(),
        *_find_missing_requirements(members),
        *_find_broken_members(members),
    ]
    if faults:
        extras = ",".join(_list_installed_extras())
        command = (
            "pip install --find-links RELEASE --constraint RELEASE/constraints.txt "
            f"'qdash{f'[{extras}]' if extras else ''}=={build.version}'"
        )
        return HealthFinding("installation", "failed", "; ".join(faults), _ADVICE.format(command=command))
    return HealthFinding(
        "installation", "ok", f"QDash {build}, {_describe_origin(distribution('qdash-core'))}"
    )


def _find_strange_members(members: Iterable[Distribution], expected: str) -> Iterator[str]:
    origin = _describe_origin(distribution("qdash-core"))
    for one in members:
        if one.version != expected or _describe_origin(one) != origin:
            yield f"{one.name} {one.version}, {_describe_origin(one)}, does not belong to QDash {expected}, {origin}"


def _find_intruders() -> Iterator[str]:
    """Yield the distributions that put files into packages of QDash and do not belong to it."""
    members = list_members()
    packages = {*members.values()}
    for one in distributions():
        taken = {*_PACKAGE.findall(one.read_text("RECORD") or "")} & packages
        if taken and normalize_name(one.name) not in members:
            yield f"{one.name} {one.version} is not part of QDash, and puts files into {', '.join(sorted(taken))}: uninstall it"


def _find_missing_requirements(members: Iterable[Distribution]) -> Iterator[str]:
    for one in members:
        missing = [name for name in _iter_requirements(one) if _find(name) is None]
        if missing:
            yield f"{one.name} lacks {', '.join(missing)}"


def _find_broken_members(members: Iterable[Distribution]) -> Iterator[str]:
    packages = list_members()
    for one in members:
        try:
            import_module(packages[normalize_name(one.name)])
        except Exception as error:  # noqa: BLE001  whatever an incomplete installation raises
            yield f"{one.name} cannot be imported ({type(error).__name__}: {error})"


def _list_installed_extras() -> list[str]:
    """Return the extras of `qdash` but `all` whose requirements are installed; none where only some members are."""
    if (whole := _find("qdash")) is None:
        return []
    extras = {*whole.metadata.get_all("Provides-Extra", [])} - {"all"}
    return sorted(
        extra for extra in extras if all(_find(name) is not None for name in _iter_requirements(whole, extra))
    )


def _iter_requirements(owner: Distribution, extra: str | None = None) -> Iterator[str]:
    """Yield the names of the distributions that a distribution requires always, or that its extra adds, with those of their extras."""
    for one in filter(None, map(_REQUIREMENT.match, owner.requires or ())):
        if one["needed_by"] == extra:
            yield one["name"]
            if one["extra"] is not None and (found := _find(one["name"])) is not None:
                yield from _iter_requirements(found, one["extra"])


def _find(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _describe_origin(installed: Distribution) -> str:
    """Return where all distributions of an installation came from, as the installer recorded it for one of them (PEP 610)."""
    try:
        origin = json.loads(installed.read_text("direct_url.json") or "null")
    except ValueError:
        origin = None
    if origin is None:
        return "from wheels of an index or a folder"
    if "vcs_info" in origin:
        return f"from {origin['vcs_info'].get('vcs', 'version control')} {origin['url']} at {origin['vcs_info'].get('commit_id', '?')[:12]}"
    if "dir_info" in origin:
        folder = origin["url"].removeprefix("file://").removesuffix(f"/packages/{installed.name}")
        return f"from the checkout {folder}"
    return f"from {origin['url'].rpartition('/')[0]}"
