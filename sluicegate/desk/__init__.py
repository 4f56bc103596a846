"""The desk: what the people at a gate are shown and told, with everything that somebody wrote made harmless.

brief                      the page to decide from; caveats, changes, lines, near, next_steps,
provenance, scorecard, tally and waivers are its parts, figures and times its numbers
markdown, terminal, html   that page drawn (escaping, radar)
inbox, telling             open gates by urgency; an entry of the ledger as a row
attention, messages        reminders, passing on and expiry; what people are told of them
"""
