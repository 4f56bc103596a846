"""Training that holds up against changed input.

noise         typos and dropped words
adversarial   perturbations of the embeddings: FGM, PGD, FreeLB
ball          the norm ball of a row that the perturbations stay in
"""
