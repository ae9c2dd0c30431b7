from qdash_core.documents.calibration_notes import (
    CalibrationNoteHeader as CalibrationNoteHeader,
)
