"""Documents that other programs write, as Python values."""

from __future__ import annotations

from typing import Any

DATE = "2024-05-27T09:31:00+09:00"


def make_entry(name: str, value: object, unit: str = "") -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit, "date": DATE}


IBM: dict[str, Any] = {
    "backend_name": "ibm_pair",
    "backend_version": "1.2.3",
    "last_update_date": DATE,
    "qubits": [
        [
            make_entry("T1", 81.764, "us"),
            make_entry("T2", 0.0414, "ms"),
            make_entry("frequency", 8.4185, "GHz"),
            make_entry("anharmonicity", 0, "GHz"),
            make_entry("readout_error", 0.021),
            make_entry("prob_meas0_prep1", 0.0356),
            make_entry("prob_meas1_prep0", 0.0064),
            make_entry("readout_length", 5518.2, "ns"),
        ],
        [make_entry("T1", 134600, "ns"), make_entry("frequency", 5014.3686, "MHz")],
    ],
    "gates": [
        {
            "qubits": [0],
            "gate": "sx",
            "parameters": [make_entry("gate_error", 0.00049), make_entry("gate_length", 35.6, "ns")],
        },
        {"qubits": [0], "gate": "x", "parameters": [make_entry("gate_error", 1)]},
        {"qubits": [1, 0], "gate": "cx", "parameters": [make_entry("gate_error", 0.008)]},
    ],
    "general": [],
}
QIBOCAL: dict[str, Any] = {
    "single_qubits": {
        "0": {
            "resonator": {"bare_frequency": 0.0, "dressed_frequency": 8418500000.0, "depletion_time": 0},
            "qubit": {"frequency_01": 4000000000.0, "frequency_12": 3700000000.0, "sweetspot": 0.1},
            "readout": {"fidelity": 0.9, "ground_state": [0.0, 1.0]},
            "t1": [10250.0, 130.0],
            "t2": [9000.0, None],
            "t2_spin_echo": 12000,
            "rb_fidelity": [0.999, 0.0001],
        },
        "1": {"readout": {"fidelity": 0.0}, "qubit": {"frequency_01": None}, "t1": None},
    },
    "two_qubits": {"0-1": {"cz_fidelity": [0.98, 0.01]}},
    "flux_crosstalk_matrix": None,
}
DEVICE: dict[str, Any] = {
    "name": "anemone",
    "device_id": "anemone",
    "qubits": [
        {
            "id": 0,
            "physical_id": 4,
            "position": {"x": 0.0, "y": 0.0},
            "fidelity": 0.9994,
            "meas_error": {
                "prob_meas1_prep0": 0.0217,
                "prob_meas0_prep1": 0.0242,
                "readout_assignment_error": 0.02295,
            },
            "qubit_lifetime": {"t1": 26.45, "t2": 35.88},
            "gate_duration": {"rz": 0, "sx": 16, "x": 24},
        },
        {"id": 1, "physical_id": 2, "qubit_lifetime": {"t1": 40.5}},
    ],
    "couplings": [{"control": 0, "target": 1, "fidelity": 0.985, "gate_duration": {"rzx90": 160}}],
    "calibrated_at": "2025-04-20T10:03:16.755183Z",
}
FILES = {"ibm-properties": IBM, "qibolab-calibration": QIBOCAL, "device-topology": DEVICE}
