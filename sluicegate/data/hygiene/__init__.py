"""Repeats, contamination and harm: which texts are the same, nearly the same, or better left out."""
