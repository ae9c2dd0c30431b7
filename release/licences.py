"""Licences of the distributions that the extras of `qdash` install, and notices of the files of others in our wheels.

`licences.toml` has the permitted licences, the exceptions with their reasons, and the folders with files of others.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from release.members import list_extras, read_names, read_version
from release.requirements import find_requirements

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from importlib.metadata import PackageMetadata

LIST = Path(__file__).with_name("licences.toml")


@dataclass(frozen=True, slots=True)
class LicenceException:
    """Distribution with a licence that is permitted for it alone.

    Attributes
    ----------
    states
        Licence in the metadata for which the exception was made.
    licence
        Licence that its files have.
    reason
        Reason of the exception.
    """

    states: str
    licence: str
    reason: str


@dataclass(frozen=True, slots=True)
class ForeignFiles:
    """Folder with files of others in a wheel of QDash.

    Attributes
    ----------
    wheel
        Distribution of QDash.
    folder
        Path in the wheel.
    of
        Work that they are part of.
    licence
        Its licences.
    notices
        Paths of the notices in the folder.
    """

    wheel: str
    folder: str
    of: str
    licence: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LicenceList:
    """Contents of `licences.toml`.

    Attributes
    ----------
    permitted
        Identifiers of SPDX, and "BSD" where metadata do not say which.
    names
        Identifiers for licence statements that are not SPDX.
    exceptions
        Exceptions by the name of the distribution.
    files
        Files of others in our wheels.
    """

    permitted: tuple[str, ...]
    names: dict[str, str]
    exceptions: dict[str, LicenceException]
    files: tuple[ForeignFiles, ...]


@dataclass(frozen=True, slots=True)
class InstalledDistribution:
    """Distribution of others that QDash installs.

    Attributes
    ----------
    name, version
        Name and version.
    licence
        Licence that its metadata state, or "".
    extras
        Extras that install it; none if `qdash` alone does.
    """

    name: str
    version: str
    licence: str
    extras: tuple[str, ...]


def read_list() -> LicenceList:
    """Read `licences.toml`."""
    found = tomllib.loads(LIST.read_text(encoding="utf-8"))
    return LicenceList(
        tuple(found["permitted"]),
        found["names"],
        {name: LicenceException(**one) for name, one in found["exceptions"].items()},
        tuple(ForeignFiles(**{**one, "notices": tuple(one["notices"])}) for one in found["files"]),
    )


def list_installed() -> list[InstalledDistribution]:
    """Return the distributions of others that `qdash` and its extras install on this platform, by name.

    Raises
    ------
    ValueError
        If one of them is not installed.
    """
    names, ours = read_list().names, set(read_names())
    always = find_requirements("qdash")
    by_extra = {extra: find_requirements("qdash", extra) for extra in list_extras() if extra != "all"}
    found = always | {name: one for those in by_extra.values() for name, one in those.items()}
    return [
        InstalledDistribution(
            name,
            one.version,
            read_licence(one.metadata, names),
            () if name in always else tuple(extra for extra, those in by_extra.items() if name in those),
        )
        for name, one in sorted(found.items())
        if name not in ours
    ]


def read_licence(metadata: PackageMetadata, names: dict[str, str]) -> str:
    """Return the licence that a distribution states: its SPDX expression, else its classifiers, else the first line of its text, else ""."""
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = [one for one in metadata.get_all("Classifier") or () if one.startswith("License :: ")]
    [text] = metadata.get_all("License") or [""]
    stated = [one.rpartition(" :: ")[2] for one in classifiers] or [text.strip().partition("\n")[0]]
    return ", ".join(names.get(one, one) for one in stated)


def is_permitted(licence: str, permitted: Collection[str]) -> bool:
    """Return whether an alternative of an SPDX expression has only permitted licences; several classifiers must all be permitted."""
    while group := re.search(r"\(([^()]*)\)", licence):
        word = next(iter(permitted)) if is_permitted(group[1], permitted) else "another one"
        licence = f"{licence[: group.start()]}{word}{licence[group.end() :]}"
    choices = (re.split(r" AND |, ", choice) for choice in licence.split(" OR "))
    return any(all(part.strip() in permitted for part in choice) for choice in choices)


def find_faults(installed: Iterable[InstalledDistribution], known: LicenceList) -> Iterator[str]:
    """Yield the distributions with a licence that is neither permitted nor an exception, and the exceptions that no distribution needs."""
    unused = dict(known.exceptions)
    for one in installed:
        exception = unused.get(one.name)
        if exception is not None and exception.states == one.licence:
            del unused[one.name]
        elif not is_permitted(one.licence, known.permitted):
            yield (
                f"{one.name} {one.version} of {', '.join(one.extras) or 'qdash'} states the licence {one.licence!r}, which "
                f"{LIST.name} does not permit: read its files, then permit the licence, add an exception, or do without it"
            )
    for name, exception in unused.items():
        yield f"nothing installs {name} with the licence {exception.states!r}: remove its exception from {LIST.name}"


def list_notices() -> Iterator[tuple[str, str]]:
    """Yield the wheel and the path in it of each notice: our licence in all, and those of files of others."""
    version = read_version()
    for name in read_names():
        yield name, f"{name.replace('-', '_')}-{version}.dist-info/licenses/LICENSE"
    for one in read_list().files:
        yield from ((one.wheel, f"{one.folder}/{notice}") for notice in one.notices)
