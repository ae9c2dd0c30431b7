from qdash_core.documents.calibration_notes import (
    CalibrationNoteDocument as CalibrationNoteDocument,
)
