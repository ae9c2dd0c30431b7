"""Operations of chips."""
