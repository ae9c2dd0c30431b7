"""Commands of cooldowns."""
