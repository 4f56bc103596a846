"""Thin Prefect shells around `sluicegate`, one file a concern."""
