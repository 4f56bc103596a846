"""Gates: who decided what, about which bytes, on what grounds.

    chain, schema, ledger    the append-only record, and how it is checked
    state                    what its entries come to: gates, decisions, releases
    gate, releases           opening, ending and finding gates; intent, commit, what is live
    roster, reasons          who may decide, and what they may write
    decisions                deciding
    brief                    the page to decide from (changes, provenance, figures), drawn by
                             markdown and terminal, with everything that people wrote escaped

Only the ledger says what was decided; everything else here is derived from it.
"""
