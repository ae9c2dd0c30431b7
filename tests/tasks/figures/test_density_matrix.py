"""A density matrix as two heat maps with numbers."""

from __future__ import annotations

import numpy as np

from qdash_builtin.figures.files import get_figure_renderer
from qdash_tasks.figures.density_matrix import draw_density_matrix

BELL = np.zeros((4, 4), dtype=complex)
BELL[0, 0] = BELL[3, 3] = 0.5
BELL[0, 3], BELL[3, 0] = 0.5j, -0.5j


def test_the_real_and_the_imaginary_part_are_side_by_side() -> None:
    real, imaginary = draw_density_matrix(BELL, title="Bell state of 0-1")["data"]

    assert (real["name"], imaginary["name"]) == ("Re ρ", "Im ρ")
    assert np.array_equal(real["z"], BELL.real)
    assert np.array_equal(imaginary["z"], BELL.imag)
    assert real["y"] == ["|00⟩", "|01⟩", "|10⟩", "|11⟩"]
    assert (real["zmin"], real["zmax"]) == (-0.5, 0.5)


def test_every_element_has_its_number() -> None:
    notes = draw_density_matrix(BELL, title="t")["layout"]["annotations"]

    numbers = {
        (note["xref"], note["y"], note["x"]): note["text"] for note in notes if note["xref"] != "paper"
    }
    assert len(numbers) == 32
    assert numbers["x2", "|00⟩", "⟨11|"] == "0.500"
    assert numbers["x2", "|11⟩", "⟨00|"] == "-0.500"


def test_the_colours_reach_the_largest_element() -> None:
    ground = np.diag([1.0, 0.0, 0.0, 0.0])

    assert draw_density_matrix(ground, title="t")["data"][0]["zmax"] == 1.0


def test_it_is_drawn() -> None:
    drawn = get_figure_renderer(".svg")(
        draw_density_matrix(BELL, title="t", found="fidelity 0.99(1)")
    ).decode()

    assert "fidelity 0.99(1)" in drawn
