"""Generator of the page of the fits and of its pictures.

What a function takes, returns and refuses is read from its docstring; its example is `docs/analysis/NAME.py`, run as it
stands: what it prints is on the page, and below the line `# --- picture` it draws.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import re
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qdash_analysis
from docs.docstrings import Entry, ParsedDocstring, make_cell, parse_docstring
from docs.svg_figures import svg_of
from qdash_analysis import cliffords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLES = Path(__file__).parent / "analysis"

GROUPS = {
    "A real signal": ("project",),
    "Readout": (
        *("fit_electrical_delay", "fit_resonator", "fit_coupling_rates", "fit_readout_frequency"),
        *("fit_readout_snr", "fit_readout_amplitude", "fit_readout"),
        "fit_ring_up",
    ),
    "The qubit": (
        *("fit_qubit_spectroscopy", "fit_anharmonicity", "fit_rabi", "fit_chevron", "fit_ramsey"),
        *("fit_t1", "fit_t2_echo"),
    ),
    "Pulses": ("fit_pulse_train", "fit_drag"),
    "Benchmarking": (
        *("cliffords.Sequences", "cliffords.PairSequences", "fit_rb", "fit_interleaved_rb"),
        "coherence_limit",
    ),
    "Two qubits": ("fit_cr_tomography", "fit_zz", "fit_bell", "fit_state_tomography"),
}
"""Every public function, in the order in which a chip needs them; of `cliffords` the two kinds of sequences."""

RESULTS = ("Estimate", "FitResult", "StateResult", "Projection")
"""What the functions return."""

FOUND_IN_CLIFFORDS = {
    "Sequences": "",
    "PairSequences": "",
    "ends_in_one": "which of so many one-qubit sequences end in |1>",
    "ends_in": "likewise of two qubits, control first",
    "one_qubit": "the 24: `after(later, earlier)`, `inverse(of)`, `rotations()` of the Bloch vector, and how each is "
    "played: `BEFORE`, `PULSES`, `AFTER`",
    "two_qubits": "the 11,520: `after(later, earlier)`, `inverse(of)`, `transfer_matrices(of)`",
}
"""What `qdash_analysis.cliffords` exports, but for the sequences, in a line each."""

_PICTURE = "# --- picture\n"


@dataclass(frozen=True)
class Outcome:
    """What an example prints, and its picture."""

    printed: str
    picture: str


@dataclass(frozen=True)
class Described:
    """A docstring, part by part; everything as Markdown."""

    text: str
    arguments: list[tuple[str, str]] = field(default_factory=list)
    returns: str = ""
    errors: str = ""
    refused: str = ""
    raised: str = ""
    notes: str = ""
    attributes: list[tuple[str, str]] = field(default_factory=list)


def make_page() -> str:
    """Run every example, and return the text of the page."""
    return page({name: run(name).printed for name in documented()})


def list_pictures() -> dict[str, Callable[[], str]]:
    """Return the generator of each picture by its path."""
    return {f"images/analysis/{name}.svg": partial(draw, name) for name in documented()}


def draw(name: str) -> str:
    """Return the picture of an example."""
    return run(name).picture


def documented() -> list[str]:
    """Return what has an example, in the order of the page."""
    return [name for names in GROUPS.values() for name in names]


def shown(name: str) -> str:
    """Return the part of an example that is on the page."""
    return _parts(name)[0].rstrip() + "\n"


@cache
def run(name: str) -> Outcome:
    """Run an example and draw its picture."""
    space: dict[str, Any] = {}
    example, picture = _parts(name)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example, str(EXAMPLES / f"{name}.py"), "exec"), space)  # noqa: S102  ours
    exec(compile(picture, str(EXAMPLES / f"{name}.py"), "exec"), space)  # noqa: S102  ours
    return Outcome(printed.getvalue(), svg_of(space["drawn"]))


def _parts(name: str) -> tuple[str, str]:
    example, mark, picture = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8").partition(_PICTURE)
    if not mark:
        raise SystemExit(
            f"docs/analysis/{name}.py draws nothing: put {_PICTURE.strip()!r} and `drawn = figure(...)` below it"
        )
    return example, picture


# --------------------------------------------------------------------------------------------------------------- page


def page(printed: dict[str, str]) -> str:
    """Return the text of the page with what the examples print."""
    introduction = (EXAMPLES / "introduction.md").read_text(encoding="utf-8")
    parts = [introduction.rstrip() + "\n", _index()]
    for title, names in GROUPS.items():
        parts.append(f"## {title}\n")
        parts += [_section(name, printed[name]) for name in names]
    parts.append("## What they return\n")
    parts += [_result(name) for name in RESULTS]
    return "\n".join(parts)


def _index() -> str:
    rows = [
        f"| [`{name}`](#{_anchor(name)}) | {make_cell(_first_sentence(described(name).text))} |"
        for name in documented()
    ]
    return "\n".join(["| function | for |", "|---|---|", *rows]) + "\n"


def _anchor(name: str) -> str:
    return name.replace(".", "").lower()


def _first_sentence(text: str) -> str:
    return _sentences(text.split("\n\n", maxsplit=1)[0])[0]


def _section(name: str, printed: str) -> str:
    about = described(name)
    parts = [
        f"### {name}\n",
        f"    {signature(name)}\n",
        f"{about.text}\n",
        f"![{name}](images/analysis/{name}.svg)\n",
        _table(("argument", "what it is"), about.arguments),
        *(
            f"**{title}.** {text}\n"
            for title, text in (
                ("Returns", about.returns),
                ("Error bars", about.errors),
                ("Rejected", about.refused),
                ("Raises `ValueError`", about.raised),
                ("Note", about.notes),
            )
            if text
        ),
    ]
    if about.attributes:
        parts.append("The same as arrays:\n")
        parts.append(_table(("attribute", "what it is"), about.attributes))
    if name == "cliffords.PairSequences":
        others = [(f"`{other}`", make_cell(what)) for other, what in FOUND_IN_CLIFFORDS.items() if what]
        parts.append("Further in `qdash_analysis.cliffords`:\n")
        parts.append(_table(("name", "what it is"), others))
    parts.append(f"```python\n{shown(name)}```\n<!-- output -->\n```text\n{printed}```\n")
    return "\n".join(parts)


def _result(name: str) -> str:
    made = getattr(qdash_analysis, name)
    parsed = parse_docstring(made)
    also = [f"What a `{base.__name__}` has, and:\n" for base in made.__bases__ if base is not object]
    table = _table(("attribute", "what it is"), _make_rows(parsed.sections["attributes"]))
    return "\n".join([f"### {name}\n", f"{parsed.text}\n", *also, table])


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, *rows)]
    return "\n".join([lines[0], "|---|---|", *lines[1:]]) + "\n"


# --------------------------------------------------------------------------------------------------------- docstrings


def described(name: str) -> Described:
    """Return what the docstring of a function says; of sequences, what its class and its methods say."""
    owner, _, kind = name.partition(".")
    if not kind:
        return _described(parse_docstring(getattr(qdash_analysis, owner)))
    made = getattr(cliffords, kind)
    about, drawing, programs = (parse_docstring(one) for one in (made, made.random, made.programs))
    found = _described(drawing)
    played = programs.text.replace("\n\n", " ").removeprefix("Yield ")
    return Described(
        f"{about.text}\n\n{drawing.text}",
        found.arguments,
        f"The sequences. `programs()` yields {played}",
        raised=found.raised,
        attributes=_make_rows(about.sections["attributes"]),
    )


def signature(name: str) -> str:
    """Return how a function is called, without the types, which the table tells."""
    target: Callable[..., Any] = qdash_analysis  # type: ignore[assignment]
    for part in name.split("."):
        target = getattr(target, part)
    called = getattr(target, "random", target) if inspect.isclass(target) else target
    bare = [one.replace(annotation=one.empty) for one in inspect.signature(called).parameters.values()]
    text = str(inspect.Signature(bare)).replace("mappingproxy(", "").replace("})", "}")
    return f"{name}.random{text}" if inspect.isclass(target) else f"{name}{text}"


def _described(parsed: ParsedDocstring) -> Described:
    returns, errors, refused = [], [], []
    for number, sentence in enumerate(_sentences(parsed.get_text("returns"))):
        of_errors = bool(re.search(r"\b[Ee]rrors?\b|covariance", sentence)) and number > 0
        if sentence.startswith("Rejected"):
            refused.append(sentence.removeprefix("Rejected: "))
        elif of_errors:
            errors.append(sentence)
            if sentence.startswith("Errors and rejections"):
                refused.append(sentence)
        else:
            returns.append(sentence)
    kinds = [entry.type for entry in parsed.sections.get("returns", [])]
    return Described(
        parsed.text,
        _make_rows(parsed.sections.get("parameters", [])),
        re.sub("^With ", f"A `{kinds[0] if kinds else ''}` with ", " ".join(returns)),
        " ".join(errors),
        " ".join(_capital(text) for text in refused),
        parsed.get_text("raises"),
        parsed.notes,
    )


def _make_rows(entries: list[Entry]) -> list[tuple[str, str]]:
    """Return names and texts of parameters or attributes, as cells."""
    return [(", ".join(f"`{name}`" for name in entry.names), make_cell(entry.text)) for entry in entries]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text; a full stop within brackets, or behind a short word of a journal, ends none."""
    return list(_joined(re.split(r"(?<=[.])\s+(?=[A-Z`(])", text)))


def _joined(parts: list[str]) -> Iterator[str]:
    open_part = ""
    for part in parts:
        open_part = f"{open_part} {part}".strip()
        if len(re.findall(r"[([]", open_part)) <= len(
            re.findall(r"[)\]]", open_part)
        ):  # (0, 1] is balanced, too
            yield open_part
            open_part = ""
    if open_part:
        yield open_part
