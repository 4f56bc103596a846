"""Files of a user's own, read and written a few rows at a time: what is not a scrubbed text stays as it is.

opening      which format a file has, which of its columns holds the texts, output that is whole or not there
delimited    CSV and TSV
json_lines   JSON Lines
columnar     Parquet
plain        one text a line
"""
