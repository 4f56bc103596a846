"""The command line: `sluicegate …`, one file a group of commands."""
