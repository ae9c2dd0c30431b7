"""Operations of values."""
