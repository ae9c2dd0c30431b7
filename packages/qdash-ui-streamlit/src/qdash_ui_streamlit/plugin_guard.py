"""Limits on pages and sections of plugins: they draw themselves, and neither leave the dashboard nor rerun without end.

Streamlit's functions are replaced in this process; the dashboard's own calls pass.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.exceptions import ScriptControlException

from qdash_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_RERUNS = 20
"""Largest number of reruns that a page of a plugin requests in a row."""
_FRAGMENTS_S = 5.0
"""Time within which reruns of a fragment are in a row, in seconds: nothing tells when a fragment ends."""
_OWN = ("qdash_ui_streamlit", "streamlit")
_COUNT = "qdash.plugin.reruns"
_GUARD = "qdash_guard"
_ADVICE = {
    "navigation": "the dashboard has its own navigation: offer the page by the hook `qdash_dashboard_pages`",
    "set_page_config": "title, icon and layout of a page are those of the hook `qdash_dashboard_pages`",
}
"""Functions that pages of plugins must not call, with the reason."""
_DRAWN: ContextVar[str] = ContextVar("_DRAWN", default="page")
"""Part of the dashboard that is drawn: a page or a section."""


class SectionStopped(ScriptControlException):
    """End of a section that called `st.stop`."""


def guard_streamlit() -> None:
    """Replace the functions of Streamlit that pages of plugins may not call freely. Repeated calls do nothing."""
    for name, advice in _ADVICE.items():
        _replace(name, _make_refusal(name, advice))
    _replace("switch_page", _switch_within_dashboard)
    _replace("rerun", _count_rerun)
    _replace("stop", _stop_section)


@contextmanager
def guard_section(name: str) -> Iterator[None]:
    """Draw a section in the block: `st.stop` raises SectionStopped, and reruns by functions of the dashboard count, too.

    Widgets without a key may be the same as others of the page: the name of the section is part of their identity.
    """
    guard_streamlit()
    context = get_script_run_ctx()
    before = _DRAWN.set("section")
    try:
        with context.run_with_active_hash(name) if context is not None else nullcontext():
            yield
    finally:
        _DRAWN.reset(before)


def forget_reruns() -> None:
    """Reset the number of reruns in a row, as a page has been drawn to its end."""
    st.session_state.pop(_COUNT, None)


def _replace(name: str, guard: Callable[..., Any]) -> None:
    """Let calls from outside the dashboard go through a guard, which takes the original function first."""
    original = getattr(st, name)
    if hasattr(original, _GUARD):
        return

    @wraps(original)
    def guarded(*given: Any, **named: Any) -> Any:
        caller = str(sys._getframe(1).f_globals.get("__name__", ""))
        # A section of a plugin reruns by functions of the dashboard, too.
        if caller.partition(".")[0] in _OWN and not (name == "rerun" and _DRAWN.get() == "section"):
            return original(*given, **named)
        return guard(original, *given, **named)

    setattr(guarded, _GUARD, True)
    setattr(st, name, guarded)


def _make_refusal(name: str, advice: str) -> Callable[..., NoReturn]:
    def refuse(_original: Callable[..., Any], *_given: Any, **_named: Any) -> NoReturn:
        raise PluginError(
            f"this {_DRAWN.get()} called `st.{name}`, which a page of a plugin may not: {advice}"
        )

    return refuse


def _switch_within_dashboard(original: Callable[..., Any], page: Any, **named: Any) -> Any:
    try:
        return original(page, **named)
    except StreamlitAPIException:
        raise PluginError(
            f"this {_DRAWN.get()} called `st.switch_page` with a page that the dashboard does not have: call `view.go` with the path of one"
        ) from None


def _stop_section(original: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Stop the section that is drawn, or else the page."""
    if _DRAWN.get() == "section":
        raise SectionStopped
    return original(*given, **named)


def _count_rerun(original: Callable[..., Any], *given: Any, **named: Any) -> Any:
    """Rerun, unless that is one of too many reruns in a row."""
    now = time.monotonic()
    in_fragment = named.get("scope") == "fragment"
    kept: tuple[int, float] = st.session_state.get(_COUNT, (0, now))
    number = 1 if in_fragment and now - kept[1] > _FRAGMENTS_S else kept[0] + 1
    if number > MOST_RERUNS:
        forget_reruns()
        raise PluginError(
            f"this {_DRAWN.get()} called `st.rerun` more than {MOST_RERUNS} times in a row and was stopped: call it only after an action of the user, "
            "and redraw a part at intervals by `rerun_at_intervals`"
        )
    st.session_state[_COUNT] = (number, kept[1] if in_fragment and number > 1 else now)
    return original(*given, **named)
