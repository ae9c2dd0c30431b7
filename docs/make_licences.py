"""Generator of the page of licences, from the metadata of what is installed and from `release/licences.toml`."""

from __future__ import annotations

from collections import Counter
from platform import python_version
from typing import TYPE_CHECKING

from release.licences import list_installed, read_list

if TYPE_CHECKING:
    from collections.abc import Iterable

    from release.licences import InstalledDistribution, LicenceList

_INTRODUCTION = f"""\
# Licences

QDash is under the Apache License 2.0, which each of its wheels contains. This page lists the distributions of others that it installs, with the licences that
their metadata state, on Linux with Python {python_version()} and the versions of a release. A test refuses a licence that `release/licences.toml` neither permits nor makes an
exception for. Files of a distribution can have further licences, which lie beside them: wheels with compiled libraries have them, and the Chromium of `kaleido` is one.
"""


def make_page() -> str:
    """Return the text of the page."""
    installed, known = list_installed(), read_list()
    return "\n\n".join(
        [
            _INTRODUCTION.rstrip(),
            "## By extra",
            "Beside those of `none`. `all` installs all of them.",
            _format_table(("extra", "distributions", "licences"), _count(installed)),
            "## Distributions",
            _format_table(("distribution", "version", "licence", "extras"), _list(installed, known)),
            "## Exceptions",
            _format_table(
                ("distribution", "licence", "reason"),
                ((name, one.licence, one.reason) for name, one in known.exceptions.items()),
            ),
            "## Files of others in our wheels",
            _format_table(
                ("wheel", "folder", "files of", "licences", "notices"),
                (
                    (
                        f"`{one.wheel}`",
                        f"`{one.folder}`",
                        one.of,
                        one.licence,
                        f"`{'`, `'.join(one.notices)}`",
                    )
                    for one in known.files
                ),
            ),
            "",
        ]
    )


def _count(installed: list[InstalledDistribution]) -> Iterable[tuple[str, str, str]]:
    found: dict[str, Counter[str]] = {}
    for one in installed:
        for extra in one.extras or ("",):
            found.setdefault(extra, Counter())[one.licence or "none stated"] += 1
    for extra, licences in sorted(found.items()):
        counts = (f"{licence}: {count}" for licence, count in licences.most_common())
        yield f"`{extra}`" if extra else "none", str(licences.total()), "; ".join(counts)


def _list(installed: list[InstalledDistribution], known: LicenceList) -> Iterable[tuple[str, str, str, str]]:
    for one in installed:
        exception = "[exception](#exceptions): " if one.name in known.exceptions else ""
        licence = known.exceptions[one.name].licence if exception else one.licence
        extras = ", ".join(f"`{extra}`" for extra in one.extras) or "none"
        yield one.name, one.version, f"{exception}{licence}", extras


def _format_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))
