"""Pages of the dashboard, and the groups in which the side bar has them."""

from __future__ import annotations

import inspect
import math
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from qdash_core.errors import PluginError
from qdash_core.features.declarations import FeaturePage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qdash_core.hooks.protocols import Page as GivenPage

GROUPS = {
    "Overview": ":material/home:",
    "Chip": ":material/memory:",
    "Metrics": ":material/bar_chart:",
    "Review": ":material/rule:",
    "Run": ":material/play_arrow:",
    "Executions": ":material/list:",
    "Flows": ":material/account_tree:",
    "Logbook": ":material/sticky_note_2:",
    "Cryostats": ":material/ac_unit:",
    "Files": ":material/folder:",
    "Settings": ":material/settings:",
}
"""Groups of pages with the icons of their links in the side bar, in order; pages of other groups are those of plugins, below."""
PLUGINS = "Plugins"
"""Group of the other pages."""
DEFAULT_PATH = "overview"
"""Path of the default page."""
RESERVED_PATHS = frozenset(
    {"auth", "component", "documentation", "host", "live", "media", "scripts", "setup", "static"}
)
"""Paths that the server uses for other purposes."""


@dataclass(frozen=True, slots=True)
class Page:
    """Page of the dashboard.

    Parameters
    ----------
    icon : str
        Streamlit's format, or empty.
    group : str
        One of `GROUPS`, whose pages share one link of the side bar and are linked with each other, or `PLUGINS`.
    hidden : bool
        Whether it is absent from the side bar, and only linked from other pages.
    counted_by, counted : str
        Function that counts what waits for the user, and what this is, see `FeaturePage`.
    has_figures : bool
        Whether it draws figures, whose library then loads with the page.
    """

    title: str
    icon: str
    group: str
    path: str
    render: Callable[..., Any]
    hidden: bool = False
    counted_by: str = ""
    counted: str = ""
    has_figures: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """All pages in order, and the reasons for disabled ones, by title."""

    placed: Sequence[Page]
    set_aside: Mapping[str, str]

    def list_groups(self) -> Mapping[str, Sequence[Page]]:
        """Return the pages that are not hidden, by group, in order."""
        groups: dict[str, list[Page]] = {}
        for page in self.placed:
            if not page.hidden:
                groups.setdefault(page.group, []).append(page)
        return groups

    def list_linked(self, page: Page) -> Sequence[Page]:
        """Return the pages of the group to which a page has links above its title; none of a hidden one, which is about one object."""
        own = self.list_groups().get(page.group, ())
        return own if len(own) > 1 and not page.hidden and page.group != PLUGINS else ()

    def make_title(self, page: Page) -> str:
        """Return the title of a page as HTML until the page draws its own, at the same place."""
        place = " linked" if self.list_linked(page) else ""
        return f'<p class="qdash-title{place}">{escape(page.title)}</p>'


def arrange_pages(given: Iterable[GivenPage]) -> Pages:
    """Return pages in their order. A page that would make Streamlit fail is disabled with the reason."""
    placed: dict[str, Page] = {}
    set_aside: dict[str, str] = {}
    for one in sorted(given, key=_get_place):
        try:
            page = _validate_page(one, placed)
        except PluginError as error:
            set_aside[one.title] = str(error)
        else:
            placed[page.path] = page
    order = [*GROUPS, PLUGINS]
    return Pages(sorted(placed.values(), key=lambda page: order.index(page.group)), set_aside)


def _get_place(page: GivenPage) -> float:
    """Return the place of a page of a feature; others come later."""
    return page.place if isinstance(page, FeaturePage) else math.inf


def _validate_page(given: GivenPage, placed: Mapping[str, Page]) -> Page:
    path = getattr(given, "path", None) or _make_slug(given.title)
    if not isinstance(path, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", path):
        raise PluginError(f"its path {path!r} may contain only lower-case letters, digits, - and _")
    if path in RESERVED_PATHS:
        raise PluginError(f"its path {path!r} is reserved by the server: choose another one")
    if path in placed:
        raise PluginError(
            f"its path {path!r} is already used by page {placed[path].title!r}: choose another one"
        )
    _check_signature(given.render)
    icon = _validate_icon(given.icon)
    group = given.group if given.group in GROUPS else PLUGINS
    of_feature = (
        (given.counted_by, given.counted, given.has_figures) if isinstance(given, FeaturePage) else ()
    )
    return Page(
        given.title, icon, group, path, given.render, bool(getattr(given, "hidden", False)), *of_feature
    )


def _validate_icon(icon: str) -> str:
    from streamlit.string_util import validate_icon_or_emoji

    try:
        return validate_icon_or_emoji(icon)
    except Exception as error:  # noqa: BLE001  any error of Streamlit for a plugin's icon
        raise PluginError(f"its icon {icon!r} is invalid: {error}") from None


def _check_signature(render: Callable[..., Any]) -> None:
    try:
        inspect.signature(render).bind(object())
    except TypeError as error:
        raise PluginError(
            f"its render function does not accept a view as its only argument: {error}"
        ) from None
    except ValueError:  # functions written in C may have no signature
        return


def _make_slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "page"
