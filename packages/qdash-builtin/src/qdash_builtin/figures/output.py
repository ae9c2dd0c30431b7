"""Figures that commands write to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.output import write_file

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.figures.views import FigureDocument


def write_figure(path: Path, figure: FigureDocument) -> None:
    """Write a figure to a file named by the user, in the format of its suffix; raise InvalidInputError as `write_file`."""
    from qdash_builtin.figures.files import get_figure_renderer

    write_file(path, get_figure_renderer(path.suffix)({"data": figure.data, "layout": figure.layout}))
