"""The ledger: an append-only, hash-chained record, every entry signed by the service. It knows no gates.

entry, chain               entries, and the chain that they form
ledger, transaction        reading and appending; database, schema and migrations are under them
service, writer, ledgerd   the key that signs entries, and asking the process that has it to write
records                    anything with entries: a ledger, or an excerpt in a file
checkpoint, publishing     signed statements of how far the ledger had come, kept elsewhere
"""
