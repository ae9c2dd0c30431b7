"""Operations of results."""
