"""What leads on to a page of the dashboard when Python decides where: as a link does, so that Back comes back."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import component

_follow = component("follow", html="<span hidden></span>")


def follow(address: str, *, key: str) -> None:
    """Lead on to an address inside the dashboard."""
    _follow(key=key, data={"address": address})
