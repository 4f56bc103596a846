"""Terms in texts, English and Chinese: what is looked for, and what takes its place.

term_pairs       words and names that are exchanged, in files that a user can extend
pronouns         his, her, hers and him, which are not one to one
longest_term     the pattern that finds them
"""
