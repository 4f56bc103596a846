"""Where rows come from: files, archives, databases and data sets, read into the canonical table."""
