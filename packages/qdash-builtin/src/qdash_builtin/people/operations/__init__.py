"""Operations of people."""
