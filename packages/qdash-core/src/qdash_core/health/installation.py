"""Check that QDash's distributions belong together and that the installed extras work."""

from __future__ import annotations

import json
import re
from importlib import import_module
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from typing import TYPE_CHECKING

from qdash_core.build import read_build
from qdash_core.health.findings import HealthFinding
from qdash_core.hooks.discovery import MEMBERS, normalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?:\[(?P<extra>[a-z]+)\])?[^;]*(?:;.*extra\s*==\s*[\"'](?P<needed_by>[a-z]+)[\"'])?"
)
"""A requirement in the metadata of a distribution."""
_PACKAGE = re.compile(r"^(qdash\w*)/", re.MULTILINE)
_ADVICE = "install all of QDash again from one release, named by its folder or address as RELEASE, in an environment of its own: {command}"


def check_installation() -> HealthFinding:
    """Return whether all installed distributions of QDash have one version, nothing foreign is among them, and each extra is complete."""
    build = read_build()
    if faults := [*_find_other_versions(build.version), *_find_intruders(), *_find_incomplete_extras()]:
        extras = ",".join(sorted(_list_installed_extras()))
        command = (
            f"pip install --find-links RELEASE 'qdash{f'[{extras}]' if extras else ''}=={build.version}'"
        )
        return HealthFinding("installation", "failed", "; ".join(faults), _ADVICE.format(command=command))
    return HealthFinding(
        "installation", "ok", f"QDash {build}, {_describe_origin(distribution('qdash-core'))}"
    )


def _find_other_versions(expected: str) -> Iterator[str]:
    for one in _list_members():
        if one.version != expected:
            yield f"{one.name} {one.version} is not of QDash {expected} ({_describe_origin(one)})"


def _find_intruders() -> Iterator[str]:
    """Yield the distributions that put files into packages of QDash and do not belong to it."""
    packages = {"qdash", *(name.replace("-", "_") for name in MEMBERS)}
    for one in distributions():
        if normalize_name(one.name) not in MEMBERS:
            taken = {*_PACKAGE.findall(one.read_text("RECORD") or "")} & packages
            if taken:
                yield f"{one.name} {one.version} is not part of QDash, and puts files into {', '.join(sorted(taken))}: uninstall it"


def _find_incomplete_extras() -> Iterator[str]:
    for extra, members in _list_extras().items():
        missing = [name for name in members if _find(name) is None]
        if missing and len(missing) < len(members):
            yield f"extra {extra} lacks {', '.join(missing)}"
        for name in members:
            if name not in missing and name in MEMBERS:
                yield from _try_import(extra, name)


def _try_import(extra: str, member: str) -> Iterator[str]:
    try:
        import_module(member.replace("-", "_"))
    except Exception as error:  # noqa: BLE001  whatever an incomplete installation raises
        yield f"{member} of extra {extra} cannot be imported ({type(error).__name__}: {error})"


def _list_extras() -> dict[str, list[str]]:
    """Return the distributions that each extra of `qdash` but `all` brings; none where only some members are installed."""
    if (whole := _find("qdash")) is None:
        return {}
    always = {normalize_name(one["name"]) for one in _iter_requirements(whole) if one["needed_by"] is None}
    found: dict[str, list[str]] = {}
    for one in _iter_requirements(whole):
        if (extra := one["needed_by"]) is not None and extra != "all":
            found.setdefault(extra, []).extend(_expand(one, always))
    return found


def _expand(requirement: re.Match[str], always: set[str]) -> Iterator[str]:
    """Yield a distribution, or what an extra brings of one that is always there."""
    name = normalize_name(requirement["name"])
    if name not in always:
        yield name
    elif (owner := _find(name)) is not None:
        brought = (one for one in _iter_requirements(owner) if one["needed_by"] == requirement["extra"])
        yield from (normalize_name(one["name"]) for one in brought)


def _iter_requirements(owner: Distribution) -> Iterator[re.Match[str]]:
    return (found for found in map(_REQUIREMENT.match, owner.requires or ()) if found is not None)


def _list_installed_extras() -> set[str]:
    return {extra for extra, members in _list_extras().items() if any(map(_find, members))}


def _list_members() -> list[Distribution]:
    return [found for name in sorted(MEMBERS) if (found := _find(name)) is not None]


def _find(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _describe_origin(installed: Distribution) -> str:
    """Return where a distribution was installed from, as its installer recorded it (PEP 610)."""
    try:
        origin = json.loads(installed.read_text("direct_url.json") or "null")
    except ValueError:
        origin = None
    if origin is None:
        installer = (installed.read_text("INSTALLER") or "an unknown installer").strip()
        return f"a wheel that {installer} took from an index or a folder"
    if "vcs_info" in origin:
        return f"from {origin['vcs_info'].get('vcs', 'version control')} {origin['url']} at {origin['vcs_info'].get('commit_id', '?')[:12]}"
    if origin.get("dir_info", {}).get("editable"):
        return f"the checkout {origin['url'].removeprefix('file://')}"
    return f"from {origin['url']}"
