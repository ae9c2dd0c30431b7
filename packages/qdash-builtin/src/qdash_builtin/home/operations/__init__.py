"""Operations of home."""
