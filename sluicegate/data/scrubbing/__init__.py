"""Personal data: found by recognizers in Presidio's frame, and replaced as the spec says.

    table         a Parquet table scrubbed: what a run calls
    files/        a file of the user's own scrubbed, searched or restored: what `sluicegate scrub` calls
    stream        rows on their way through the processes, canaries behind them
    pool          the processes; process: one of them
    analyzer      everything that looks for personal data; finds: how what it found is settled
    recognizers/  rules by language (languages: which serve which); folding: one plain spelling
    tagger/       the token classifier (names: which one; tagged: in Presidio's frame); corpus/: what it learns from
    own           a user's own recognizers; predefined: Presidio's; named_entities: a spaCy pipeline
    operators     what is put in the place of a find; spelling, pseudonyms, invented, made_up_dates, encryption
    canaries      planted values with known answers; canary_values
    report        counts, and nothing else
    absent        libraries that a process starts without

Only the scrubbing processes import Presidio.
"""
