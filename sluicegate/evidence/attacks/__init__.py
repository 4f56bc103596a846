"""Attacks on a trained model that ask what it tells about single training rows, from numbers that are handed in."""
