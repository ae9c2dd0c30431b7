"""Page of the built-in metrics, against the built-in metrics file."""

from docs import make_metrics
from qdash_builtin.metrics.definition_file import load_builtin


def test_every_built_in_metric_has_its_row() -> None:
    rows = [line for line in make_metrics.make_page().splitlines() if line.startswith("| `")]
    builtin = load_builtin()
    assert len(rows) == len(builtin.qubit_metrics) + len(builtin.coupling_metrics)
    assert "| `t1` | qubit | T1 | us | higher | 7 d |  |  |" in rows
    assert "| `static_zz_interaction` | coupling | Static ZZ | kHz | lower, in size | 7 d |  |  |" in rows
    assert "| `qubit_frequency` | qubit | Qubit frequency | GHz |  | 7 d | 0.00002 | essential |" in rows
    assert "| `rabi_frequency` | qubit | Rabi frequency | MHz |  | 7 d | 1 % | essential |" in rows
    assert "| `rabi_offset` | qubit | Rabi offset | a.u. |  |  |  | by-product |" in rows


def test_no_limit_is_built_in_as_the_page_says() -> None:
    builtin = load_builtin()
    metrics = [*builtin.qubit_metrics.values(), *builtin.coupling_metrics.values()]
    assert [one.title for one in metrics if one.has_specification or one.minimum is not None] == []
