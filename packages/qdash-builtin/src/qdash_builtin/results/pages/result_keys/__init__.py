"""Arrow keys that open the neighbours of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Mapping

_keys = make_component(__file__, html="<span hidden></span>")


def enable_arrow_keys(addresses: Mapping[str, str | None]) -> None:
    """Let keys such as `ArrowLeft` open addresses, but not while the user types in a field or moves within a control."""
    _keys(key="result.keys", data={"addresses": dict(addresses)})
