"""Personal data: found by Presidio with recognizers of ours and of the user, and replaced as the spec says."""
