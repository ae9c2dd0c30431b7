"""Pages of the standard tasks, written from declarations, the author's text and figures from a twin."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from docs import make_tasks, task_pictures
from qdash_builtin.task_pages.page import Failure
from qdash_core.tasks.overrides import apply_overrides
from qdash_fake.devices.tables import QubitRow
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.settings import Settings
from qdash_tasks.tasks import TASKS

LARGEST = 60_000
IMAGES = "../images/tasks"


def test_every_standard_task_is_documented() -> None:
    assert set(make_tasks.DOCUMENTED) == set(TASKS)


def test_a_page_has_what_the_task_declares_and_its_author_wrote() -> None:
    for task in make_tasks.DOCUMENTED:
        text, page = make_tasks.text_of(task), make_tasks.page(task)
        assert page.startswith(f"# {task.name}\n")
        declared = (*task.input_parameters, *task.output_parameters, *task.run_parameters, *task.arrays)
        assert [name for name in declared if f"| `{name}` |" not in page] == [], task.name
        assert page.count("**To do:**") == len(text.failures), task.name
        assert [name for name in make_tasks.pictures_of(task) if f"({IMAGES}/{name})" not in page] == []


def test_the_list_links_every_page() -> None:
    pages = make_tasks.list_pages()
    linked = set(re.findall(r"\]\((\w+\.md)\)", make_tasks.index()))
    assert {f"tasks/{name}" for name in linked} == pages.keys() - {"tasks/README.md"}


def test_a_text_says_what_is_measured_and_what_can_go_wrong() -> None:
    for task in make_tasks.DOCUMENTED:
        text = make_tasks.text_of(task)
        assert len(text.measures) > 80, task.name
        assert 1 <= len(text.failures) <= 3, task.name


def test_what_a_failure_changes_exists() -> None:
    for task in make_tasks.DOCUMENTED:
        kind = CouplingSettings if task.task_type == "coupling" else Settings
        settings = {field.name for field in fields(kind)}
        for failure in make_tasks.text_of(task).failures:
            assert set(failure.row) <= set(QubitRow.model_fields), task.name
            assert set(failure.settings) <= settings, task.name
            for change in failure.settings.values():
                assert set(change) <= {"offset", "factor", "value"}, task.name
            apply_overrides(task.run_parameters, dict(failure.parameters), task=task.name)


def test_every_picture_is_there_and_small() -> None:
    for task in make_tasks.DOCUMENTED:
        for name in make_tasks.pictures_of(task):
            picture = (make_tasks.IMAGES / name).read_bytes()
            assert picture.startswith(b"\x89PNG"), name
            assert len(picture) < LARGEST, name


def test_nothing_else_lies_there() -> None:
    names = {task.name for task in make_tasks.DOCUMENTED}
    pictures = {name for task in make_tasks.DOCUMENTED for name in make_tasks.pictures_of(task)}
    assert {path.name for path in make_tasks.IMAGES.iterdir()} == pictures
    texts = files("qdash_tasks")
    assert {path.stem for path in Path(str(texts)).rglob("*.yaml")} == {"causes", *names}


def test_the_figures_of_a_task_are_made_by_a_twin_and_its_failures() -> None:
    (task,) = (task for task in make_tasks.DOCUMENTED if task.name == "CheckT1")
    dead = Failure(title="dead", seen="-", do="-", row={"p_meas1_prep0": 0.5, "p_meas0_prep1": 0.5})
    short = Failure(
        title="short",
        seen="-",
        do="-",
        parameters={"shots": 100},
        settings={"drive_frequency_ghz": {"offset": 0.0}},
    )
    expected, without_readout, noisy = task_pictures.figures(task, [dead, short])
    assert expected[1].startswith("completed")
    assert without_readout[1].startswith("failed")
    bars = [np.median(figure["data"][0]["error_y"]["array"]) for figure, _ in (expected, noisy)]
    assert bars[1] > 2 * bars[0]


@pytest.mark.slow
def test_a_small_picture_has_the_pixels_of_the_large_one() -> None:
    data = [{"type": "scatter", "x": [0, 1, 2], "y": [1, 3, 2]}]
    figure = {"data": data, "layout": {"title": {"text": "a title"}}}
    sized = {
        **figure,
        "layout": {**figure["layout"], "width": task_pictures.WIDTH, "height": task_pictures.HEIGHT},
    }
    large = task_pictures.get_figure_renderer(".png")(sized)
    small = task_pictures.png_of(figure)
    assert len(small) < len(large) / 2
    before, after = task_pictures.pixels_of(large), task_pictures.pixels_of(small)
    assert before.shape == after.shape == (task_pictures.HEIGHT, task_pictures.WIDTH, 3)
    assert np.abs(before.astype(int) - after.astype(int)).mean() < 1
