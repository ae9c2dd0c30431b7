"""Operations of cooldowns."""
