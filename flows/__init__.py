"""The flows: one file each, and `cli`, the command line that starts them."""
