"""Published benchmarks: their rows, how they draw and score, and their own tables recomputed."""
