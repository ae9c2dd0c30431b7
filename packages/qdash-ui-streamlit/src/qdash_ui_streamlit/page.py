"""A page of the dashboard, and where among the others it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from streamlit.string_util import validate_icon_or_emoji

from qdash_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qdash_core.hooks.things import Page as GivenPage

GROUPS = ("Now", "Chip", "Library", "Laboratory", "Administration")
"""Headings of the side bar in their order; those that plugins add stand before the last."""
DEFAULT = "overview"
"""Path of the page that is shown where the address names none."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page.

    Parameters
    ----------
    title, icon : str
        What the side bar shows; the icon as Streamlit takes it, or empty.
    group : str
        Heading under which it stands.
    path : str
        Last part of its address.
    render : callable
        Draws it; takes a `View`.
    hidden : bool
        Whether it stands in no side bar: others lead to it.
    """

    title: str
    icon: str
    group: str
    path: str
    render: Callable[..., Any]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """All pages in the order of the side bar, and why others are none, by title."""

    placed: Sequence[Page]
    set_aside: dict[str, str]


def arranged(given: Iterable[GivenPage]) -> Pages:
    """Return pages in their order. One that Streamlit would not take, and would fall with, is set aside with the reason."""
    placed: dict[str, Page] = {}
    set_aside: dict[str, str] = {}
    for one in given:
        try:
            page = _checked(one)
            if page.path in placed:
                raise PluginError(f"its path {page.path!r} is that of page {placed[page.path].title!r}")
        except PluginError as error:
            set_aside[one.title] = str(error)
        else:
            placed[page.path] = page
    groups = [*GROUPS[:-1], *(page.group for page in placed.values()), GROUPS[-1]]
    order = {group: place for place, group in reversed([*enumerate(dict.fromkeys(groups))])}
    order[GROUPS[-1]] = len(groups)
    return Pages(sorted(placed.values(), key=lambda page: order[page.group]), set_aside)


def _checked(given: GivenPage) -> Page:
    path = getattr(given, "path", None) or _slug(given.title)
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", path):
        raise PluginError(f"its path {path!r} is not made of small letters, digits, - and _")
    try:
        icon = validate_icon_or_emoji(given.icon)
    except Exception as error:  # noqa: BLE001  whatever Streamlit raises for an icon of a plugin
        raise PluginError(f"its icon {given.icon!r} is none: {error}") from None
    return Page(given.title, icon, given.group, path, given.render, bool(getattr(given, "hidden", False)))


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "page"
