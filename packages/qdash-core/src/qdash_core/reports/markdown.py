"""Reports as Markdown: the tables, without figures."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from qdash_core.reports.rows import KINDS, ReportRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Template

    from qdash_core.reports.report import Report

_SPECIAL = re.compile(r"([\\`*|\[\]])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def render_markdown(report: Report) -> Iterator[bytes]:
    """Yield a report as Markdown, in pieces."""
    from qdash_core.reports.template_environment import encode_pieces

    return encode_pieces(_load_template().stream(report=report, rows=ReportRows(report), kinds=KINDS))


@cache
def _load_template() -> Template:
    from qdash_core.reports.template_environment import make_environment

    return make_environment(_escape).get_template("report.md")


def _escape(text: object) -> str:
    """Return text that Markdown shows as it is, on one line."""
    line = " ".join(str(text).split())
    escaped = "".join(_ENTITIES.get(letter, letter) for letter in line)
    return _SPECIAL.sub(r"\\\1", escaped)
