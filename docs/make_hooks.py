"""Generator of the page of the hooks, from `qdash_core.hooks.specs`."""

from __future__ import annotations

import inspect
import re
from textwrap import dedent

from qdash_core.hooks import specs
from qdash_core.hooks.manager import HOOKS

NOT_CALLED_YET: dict[str, str] = {}
"""Hooks that are specified and that nothing calls, but `qdash plugins list` and `qdash doctor`."""

_INTRODUCTION = """\
# Hooks

Contributions of a plugin, in the order in which a run uses them. [Plugins](plugins/README.md) explains how to write a plugin, [the port of a laboratory](plugins/laboratory.md) how to connect one.
"""


def make_page() -> str:
    """Return the text of the page."""
    preface = _paragraphs((inspect.getdoc(specs) or "").partition("\n\n")[2])
    contents = "\n".join(f"- [`{hook}`](#{hook})" for hook in HOOKS)
    return "\n".join([_INTRODUCTION, preface, "", contents, "", *(_section(hook) for hook in HOOKS)])


def signature(hook: str) -> str:
    """Return a hook's name with its arguments and what it returns."""
    return f"{hook}{str(inspect.signature(getattr(specs, hook))).replace(chr(39), '')}"


def _section(hook: str) -> str:
    text = inspect.getdoc(getattr(specs, hook)) or ""
    description, _, example = text.partition("Example\n-------\n::\n")
    description = re.sub(
        r"^(Parameters|Returns)\n-+\n", r"**\1**\n\n", description.strip(), flags=re.MULTILINE
    )
    # numpy sections: a type or name on a line of its own, its meaning indented below.
    description = re.sub(r"^(\S.*)\n((?:    .*\n?)+)", _entry, description, flags=re.MULTILINE)
    remark = f"\n*{NOT_CALLED_YET[hook]}*\n" if hook in NOT_CALLED_YET else ""
    return f"## {hook}\n\n    {signature(hook)}\n\n{_paragraphs(description)}\n{remark}\n```python\n{dedent(example).strip()}\n```\n"


def _entry(found: re.Match[str]) -> str:
    return f"`{found[1]}`: {' '.join(found[2].split())}\n"


def _paragraphs(text: str) -> str:
    return text.strip()
