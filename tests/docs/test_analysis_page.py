"""Page of `qdash_analysis`, generated from the code, with every public name."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

import qdash_analysis
from docs import make_analysis
from qdash_analysis import cliffords

from ..case_tables import each_case

LARGEST = 25_000


def test_everything_public_is_on_the_page() -> None:
    documented = make_analysis.documented()
    functions = {name for name in documented if "." not in name}
    assert functions | set(make_analysis.RESULTS) | {"cliffords"} == set(qdash_analysis.__all__)
    assert set(make_analysis.FOUND_IN_CLIFFORDS) == set(cliffords.__all__)
    page = make_analysis.page(dict.fromkeys(documented, ""))
    assert [name for name in (*documented, *make_analysis.RESULTS) if f"\n### {name}\n" not in page] == []


def test_every_example_and_every_picture_belongs_to_a_function() -> None:
    names = set(make_analysis.documented())
    assert {path.stem for path in make_analysis.EXAMPLES.glob("*.py")} == names
    assert make_analysis.list_pictures().keys() == {f"images/analysis/{name}.svg" for name in names}


@each_case("name", make_analysis.documented())
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


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in ("project", "fit_t1") else pytest.mark.slow)
        for name in make_analysis.documented()
    ],
)
def test_an_example_prints_something_and_draws_a_small_picture(name: str) -> None:
    outcome = make_analysis.run(name)
    assert outcome.printed.strip()
    assert len(outcome.picture.encode()) < LARGEST
    assert ET.fromstring(outcome.picture).tag.endswith("svg")
    shown = f"```python\n{make_analysis.shown(name)}```\n<!-- output -->\n```text\n{outcome.printed}```\n"
    printed = dict.fromkeys(make_analysis.documented(), "")
    assert shown in make_analysis.page({**printed, name: outcome.printed})
