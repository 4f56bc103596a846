"""Speed figures: each benchmark is a paired run against the baseline beside it, in the same session."""
