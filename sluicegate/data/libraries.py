"""Libraries whose version may change what becomes of a row."""

DATA_LIBRARIES = (
    "duckdb",
    "faker",
    "great-expectations",
    "numpy",
    "pandas",
    "phonenumbers",
    "pillow",
    "presidio-analyzer",
    "presidio-anonymizer",
    "pyarrow",
    "python-stdnum",
    "regex",
    "scipy",
    "spacy",
    "thinc",
    "tldextract",
    "tokenizers",
    "torch",
    "transformers",
)
"""A step is keyed by their versions, and every node of a cluster has the same ones."""
