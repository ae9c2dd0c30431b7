"""Export of a chip in the formats that other programs read."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any, Literal

from qdash_builtin.chips.design_files import make_design_document
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_builtin.text_pages.csv_tables import make_csv
from qdash_core.models.chip import TargetStatus
from qdash_core.models.simulated_time import FIELD, get_simulated_time

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip_values import ChipValues

ExportFormat = Literal["json", "yaml", "csv", "topology", "design"]
CHIP_FILE = "chip.json"
"""File of a ZIP archive with all data of a chip, which is imported again."""
_COLUMNS = ("value", "error", "unit", "calibrated_at", "execution_id", "task_id")
_TRUST, _MARKS = "trust", "marks"
"""Columns of the judgement of a value, which no import reads: it is computed."""


def export(chip: Chip, values: ChipValues, format_: ExportFormat) -> str:
    """Return a chip with its accepted values as text.

    The formats `topology` and `design` hold no measured values: `qdash chip create --topology` and `--design` read them.
    """
    match format_:
        case "topology":
            return json.dumps(chip.topology.to_document(), indent=2) + "\n"
        case "design":
            return json.dumps(make_design_document(chip), indent=2) + "\n"
        case "csv":
            return _make_csv(values)
        case "json":
            return json.dumps(_make_document(chip, values), indent=2, ensure_ascii=False) + "\n"
        case "yaml":
            import yaml

            return yaml.safe_dump(_make_document(chip, values), sort_keys=False, allow_unicode=True)


def _make_document(chip: Chip, values: ChipValues) -> dict[str, Any]:
    header = chip.header
    return {
        "chip_id": header.chip_id,
        "project_id": header.project_id,
        "backend": header.backend,
        "size": header.size,
        "topology": chip.topology.to_document(),
        **(
            {}
            if header.wiring is None
            else {"wiring": header.wiring.model_dump(mode="json", exclude_none=True)}
        ),
        **({} if not (design := make_design_document(chip)) else {"design": design}),
        **_list_states(chip),
        **ChipValuesDocument.from_values(values).as_json(),
        **({} if (moment := get_simulated_time()) is None else {FIELD: moment.isoformat()}),
    }


def _list_states(chip: Chip) -> dict[str, dict[str, str]]:
    """Return the chosen directions of couplings, and each status other than pending."""
    controls = {qid: one.control for qid, one in chip.couplings.items() if one.control is not None}
    status = {
        qid: str(one.status)
        for qid, one in {**chip.qubits, **chip.couplings}.items()
        if one.status is not TargetStatus.PENDING
    }
    return {name: text for name, text in (("controls", controls), ("status", status)) if text}


def export_zip(chip: Chip, values: ChipValues) -> bytes:
    """Return a ZIP archive with every export format of a chip."""
    buffer = io.BytesIO()
    files: dict[str, ExportFormat] = {
        CHIP_FILE: "json",
        "chip.yaml": "yaml",
        "values.csv": "csv",
        "topology.json": "topology",
        "design.json": "design",
    }
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, format_ in files.items():
            archive.writestr(f"{chip.header.chip_id}/{name}", export(chip, values, format_))
    return buffer.getvalue()


def _make_csv(values: ChipValues) -> str:
    document = ChipValuesDocument.from_values(values).as_json()
    rows = (
        (
            kind,
            target,
            name,
            *(known.get(column) for column in (*_COLUMNS, _TRUST)),
            " ".join(known.get(_MARKS, ())),
        )
        for kind, targets in (("qubit", document["qubits"]), ("coupling", document["couplings"]))
        for target, parameters in targets.items()
        for name, known in parameters.items()
    )
    columns: tuple[str, ...] = ("kind", "target", "parameter", *_COLUMNS, _TRUST, _MARKS)
    if (moment := get_simulated_time()) is not None:
        columns, rows = (*columns, FIELD), ((*row, moment.isoformat()) for row in rows)
    return make_csv(columns, rows)
