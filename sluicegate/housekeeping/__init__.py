"""Keeping an installation in order: what may go, backups, and what is wrong with it."""
