"""For whoever checks afterwards, without us: with files and the root's public key.

audit, trust               every fault of a ledger, and the root that it is checked against
statements                 what the ledger says, in plain words
receipts                   what whoever decided keeps, so that the ledger cannot forget it
unchecked                  a table of entries as it lies in a database
"""
