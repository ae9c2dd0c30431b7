"""Lines of all features for the digest of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.text_pages.sections import Line, Section
from qdash_core.errors import PluginError

if TYPE_CHECKING:
    from qdash_core.hooks.fact_reader import FactReader
    from qdash_core.models.access import Access
    from qdash_core.models.facts import FactSubject


def read_digest_lines(reader: FactReader, access: Access, period: FactSubject) -> list[Section]:
    """Return the sections of all features for the digest of a chip; features that failed have a line in the last one."""
    sections: list[Section] = []
    missing: list[Line] = []
    for plugin, place in reader.registry.list_named("digest_lines"):
        try:
            found = reader.call(plugin, place, access, period, check_section)
        except PluginError as error:
            missing.append(Line(f"lines of the plugin {plugin.name!r}: {error!s:.300}"))
        else:
            sections += [] if found is None else [found]
    return [one for one in (*sections, Section("Missing", missing)) if one.has_contents]


def check_section(place: str, returned: object) -> Section | None:
    """Return the section that a function of a feature returned; raise PluginError if it is none."""
    if returned is None:
        return None
    if not isinstance(returned, Section) or not all(isinstance(one, Line) for one in returned.lines):
        raise PluginError(f"{place} returned {returned!r:.100}, which is no TextSection with lines")
    return Section(returned.title, returned.lines)
