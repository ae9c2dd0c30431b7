"""Operations of runs."""
