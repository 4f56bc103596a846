"""Fairness by the groups that texts mention, English and Chinese.

terms            words that mention a group, in files that a user can extend
mentions         where texts mention the groups of one attribute
group_scores     rates and areas under curves of each group, as functions of row weights
by_mention       how evenly the candidate does across the groups that test rows mention
templates        sentences with a place for a term
counterfactuals  what becomes of the answer if a term is exchanged
template_tests   the same sentence with terms of several groups
exchange         a text with the terms of two groups exchanged
exchange_tests   test rows that mention a group, and the same with another
exchanged_spans  whether a tagger still finds what it found there
exchange_comparison  whether fewer of these flip than of a live release
articles         a and an
catalogue        what each number means
"""
