"""Pages of cooldowns."""
