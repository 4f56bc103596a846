"""One file a revision, the oldest first; none is changed once it was in a release."""
