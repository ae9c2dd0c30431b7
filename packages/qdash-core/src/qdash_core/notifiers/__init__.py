"""Who hears of runs: what they are told, the built-in ones, and how it reaches them without disturbing the run."""
