"""Raw data as NetCDF files: dimensions, units, attributes, and types that the format lacks."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import numpy as np
from scipy.io import netcdf_file

from qdash_builtin.results.netcdf import make_netcdf
from qdash_core import ArrayDeclaration, RawData
from qdash_core.models.task import TaskResultModel

from ...core.bench import make_task

RESULT = TaskResultModel(
    project_id="p",
    username="u",
    chip_id="a",
    execution_id="20261120-000",
    task_id="r1",
    name="Measure",
    qid="7",
    start_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
)
RAW = RawData(
    {
        "delay": (np.array([0.0, 1.5, 3.0]), "us"),
        "iq": (np.array([[1 + 2j, 3.0], [4.0, np.nan], [5j, 6.0]]), "a.u."),
        "kept": (np.array([True, False, True]), ""),
        "counts": (np.array([1, 2**40]), ""),
        "shots": (np.array(1024), ""),
    },
    {"line": "µ-wave", "sweep": [1, 2]},
)
TASK = make_task(
    arrays={
        "delay": ArrayDeclaration("us", "delays"),
        "iq": ArrayDeclaration("a.u.", "signal", along="delay"),
        "kept": ArrayDeclaration("", "whether it is kept", along="delay"),
    }
)


def test_arrays_have_their_axes_units_and_types() -> None:
    with netcdf_file(io.BytesIO(make_netcdf(RESULT, RAW, TASK)), "r", mmap=False) as file:
        found = file.variables
        assert {name: one.dimensions for name, one in found.items()} == {
            "delay": ("delay",),
            "iq_real": ("delay", "iq_1"),
            "iq_imaginary": ("delay", "iq_1"),
            "kept": ("delay",),
            "counts": ("counts",),
            "shots": (),
        }
        assert (found["delay"].units, found["delay"].long_name) == (b"us", b"delays")
        iq = found["iq_real"][:] + 1j * found["iq_imaginary"][:]
        np.testing.assert_array_equal(iq, RAW["iq"])
        assert found["kept"][:].tolist() == [1, 0, 1]
        assert found["counts"][:].tolist() == [1.0, 2.0**40]
        assert int(found["shots"].getValue()) == 1024


def test_the_file_names_its_measurement_and_has_the_attributes_of_the_data() -> None:
    with netcdf_file(io.BytesIO(make_netcdf(RESULT, RAW, None)), "r", mmap=False) as file:
        assert (file.task, file.target, file.task_id) == (b"Measure", b"7", b"r1")
        assert file.measured_at == b"2026-11-20T12:00:00+00:00"
        assert json.loads(file.raw_attributes.decode()) == {"line": "µ-wave", "sweep": [1, 2]}
        assert file.variables["iq_real"].dimensions == ("iq_0", "iq_1")
