"""Operations of notes."""
