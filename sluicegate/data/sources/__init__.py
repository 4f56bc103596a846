"""Where rows come from: files, archives, databases and data sets, read into the canonical table.

Rows flow through in chunks; memory does not grow with them.

    reading      the source of a spec as a table, and what could not be read
    chunk        what a source yields: rows as they stand, with their faults
    delimited    CSV, and plain delimited text
    json_lines   JSON Lines
    columnar     Parquet, and data sets of the datasets library
    database     tables and queries
    generated    texts that are made rather than read
    companions   rows whose columns lie in two files
    packages     pinned archives; archives: what is inside them
    textfile     text files line by line
    loose        a file that no spec describes
    values       values as strings (images: `data.images`)
    canonical    the canonical table
    label_shares what several people said of a text
    refusals     rows that are set aside, and how many may be
    selection    one row an id, and the draw
    private      files with raw rows, and the folder for those on their way
"""
