from typing import Literal

ExportChipFormat = Literal["csv", "design", "json", "topology", "yaml", "zip"]

EXPORT_CHIP_FORMAT_VALUES: set[ExportChipFormat] = {
    "csv",
    "design",
    "json",
    "topology",
    "yaml",
    "zip",
}


def check_export_chip_format(value: str) -> ExportChipFormat:
    if value in EXPORT_CHIP_FORMAT_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EXPORT_CHIP_FORMAT_VALUES!r}")
