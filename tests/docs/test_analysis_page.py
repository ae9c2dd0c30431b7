"""Page of `qdash_analysis`, generated from the code, with every public name."""

from __future__ import annotations

import re
import sys
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import qdash_analysis
from qdash_analysis import cliffords

from .pages import ROOT

sys.path.insert(0, str(ROOT / "docs"))
try:
    import make_analysis
finally:
    sys.path.remove(str(ROOT / "docs"))

DUE = "run: uv run docs/make_analysis.py"
LARGEST = 25_000
_NUMBER = r"\d+\.?\d*(?:e[-+]?\d+)?"


def kept_page() -> str:
    return make_analysis.PAGE.read_text(encoding="utf-8")


def test_everything_public_is_on_the_page() -> None:
    documented = make_analysis.documented()
    functions = {name for name in documented if "." not in name}
    assert functions | set(make_analysis.RESULTS) | {"cliffords"} == set(qdash_analysis.__all__)
    assert set(make_analysis.FOUND_IN_CLIFFORDS) == set(cliffords.__all__)
    page = kept_page()
    assert [name for name in (*documented, *make_analysis.RESULTS) if f"\n### {name}\n" not in page] == []


def test_every_example_and_every_picture_belongs_to_a_function() -> None:
    names = set(make_analysis.documented())
    assert {path.stem for path in make_analysis.EXAMPLES.glob("*.py")} == names
    assert {path.name for path in make_analysis.IMAGES.iterdir()} == {f"{name}.svg" for name in names}


@pytest.mark.parametrize("name", make_analysis.documented())
def test_a_function_says_what_it_returns_and_when_it_refuses(name: str) -> None:
    about = make_analysis.described(name)
    assert about.text
    assert about.arguments
    assert about.raised
    if name != "coherence_limit":
        assert about.returns
    if name.startswith("fit_") or name == "project":
        assert about.refused, f"the docstring of {name} does not say what is rejected: `Rejected: ...`"
        assert about.errors, f"the docstring of {name} does not say what its errors are"


def test_the_page_is_what_docstrings_and_examples_make_of_it() -> None:
    """The examples do not run: their output is taken from the page."""
    page = kept_page()
    printed = dict.fromkeys(make_analysis.documented(), "")
    for name in printed:
        _, _, below = page.partition(f"```python\n{make_analysis.shown(name)}```\n<!-- output -->\n```text\n")
        assert below, f"the example of {name} is not on the page; {DUE}"
        printed[name] = below.partition("```\n")[0]
    assert page == make_analysis.page(printed), DUE


def test_every_picture_is_small_and_can_be_drawn() -> None:
    for name in make_analysis.documented():
        path = make_analysis.IMAGES / f"{name}.svg"
        assert path.stat().st_size < LARGEST, name
        assert ET.parse(path).getroot().tag.endswith("svg")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("project", "fit_t1") else pytest.mark.slow)
        for name in make_analysis.documented()
    ],
)
def test_an_example_prints_and_draws_what_is_kept(name: str) -> None:
    outcome = make_analysis.run(name)
    picture = (make_analysis.IMAGES / f"{name}.svg").read_text(encoding="utf-8")
    same(outcome.picture, picture)
    assert outcome.printed
    page = make_analysis.shown(name) + "```\n<!-- output -->\n```text\n"
    same(outcome.printed, kept_page().partition(page)[2].partition("```\n")[0])


def same(made: str, kept: str) -> None:
    """Compare a text with the stored one: the last digits may differ by processor."""
    assert re.sub(_NUMBER, "#", made) == re.sub(_NUMBER, "#", kept), DUE
    new, old = (np.array(re.findall(_NUMBER, text), dtype=float) for text in (made, kept))
    assert np.allclose(new, old, rtol=0.05, atol=0.2), DUE
