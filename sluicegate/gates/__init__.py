"""Gates: who decided what, about which bytes, on what grounds.

Who may say what, and what they sign:

    roster, roster_changes     people, their keys and roles; how a roster follows another
    letters, reasons           what people sign on its way here, and what they may write
    votes, voters              decisions and waivers; what makes one of them count
    codes                      one-time codes in the place of a signature
    orders, starts             rollbacks and recalls; whoever answers for a build
    quorum, satisfiable        whether enough have approved, and whether enough ever could

What the ledger's entries come to, and what is done:

    state, replay, stacks      gates, decisions, releases, derived anew each time
    gate, finding              opening, ending and finding gates
    decisions, grounds         deciding, and what the evidence says about it
    releases                   intent and commit of promotions and rollbacks; recalls; what is live

Only the ledger says what was decided; everything else here is derived from it.
"""
