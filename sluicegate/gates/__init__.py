"""Gates: who decided what, about which bytes, on what grounds.

The record, append-only and signed:

    entry, chain               entries, and the chain that they form
    ledger, transaction        reading and appending; database, schema and migrations are under them
    service, writer, ledgerd   the key that signs entries, and asking the process that has it to write
    records, unchecked         anything with entries: a ledger, an excerpt in a file, a table as it lies there

Who may say what, and what they sign:

    roster, roster_changes     people, their keys and roles; how a roster follows another
    letters, reasons           what people sign on its way here, and what they may write
    votes, voters              decisions and waivers; what makes one of them count
    codes                      one-time codes in the place of a signature
    orders, starts             rollbacks and recalls; whoever answers for a build
    quorum, satisfiable        whether enough have approved, and whether enough ever could

What the entries come to, and what is done:

    state, replay, stacks      gates, decisions, releases, derived anew each time
    gate, finding              opening, ending and finding gates
    decisions, grounds         deciding, and what the evidence says about it
    releases                   intent and commit of promotions and rollbacks; recalls; what is live
    attention                  reminders, passing on, expiry

For the people at a gate:

    brief                      the page to decide from; caveats, changes, lines, near, next_steps,
                               provenance, tally and waivers are its parts, figures and times its numbers
    markdown, terminal, html   that page drawn, with everything that people wrote escaped (escaping)
    inbox, messages, telling   open gates by urgency; what people are told; an entry as a row

For whoever checks it afterwards, without us:

    checkpoint, publishing     signed statements of how far the ledger had come, kept elsewhere
    receipts                   what whoever decided keeps
    audit, trust, statements   every fault of a ledger, the pinned root, and what it says in plain words

Only the ledger says what was decided; everything else here is derived from it.
"""
