"""Titles of parameters, as the metric definitions have them."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_builtin.metrics.operations.metrics import metric_definitions
from qdash_core.errors import NotOfferedError
from qdash_ui_streamlit.display.session_cache import cache_in_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_ui_streamlit.view import View

_NAME = re.compile(r"`[^`\n]+`|(?<![\w`=./-])[a-z]\w*(?![\w`=./-]\w)")
"""A command, which stays, or a word that may be the name of a parameter; not a part of an option or a path."""
_CACHE_S = 600.0
"""Time for which the titles are kept at most, in seconds."""


def load_titles(view: View) -> Mapping[str, str]:
    """Return the titles of parameters by name; one without a definition is absent. One request in ten minutes.

    Empty if the host does not offer the definitions.
    """
    key = view.project_id, view.now().timestamp() // _CACHE_S
    return cache_in_session("metrics.titles", key, lambda: _load(view))


def replace_names(text: str, titles: Mapping[str, str]) -> str:
    """Return a text, such as the reason of a verdict, with titles in place of the names of parameters."""
    return _NAME.sub(lambda found: titles.get(found[0], found[0]), text)


def _load(view: View) -> Mapping[str, str]:
    with suppress(NotOfferedError):
        known = view.ask(metric_definitions)
        return {name: one.title for name, one in {**known.couplings, **known.qubits}.items()}
    return {}
