"""View models of figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from qdash_core.documents.base import Document

if TYPE_CHECKING:
    from collections.abc import Mapping


class FigureDocument(Document):
    """A Plotly figure."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]

    @classmethod
    def from_figure(cls, figure: Mapping[str, Any]) -> Self:
        """Return the view model of Plotly JSON."""
        return cls(data=figure.get("data") or [], layout=figure.get("layout") or {})
