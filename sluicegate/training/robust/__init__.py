"""Training that holds up against changed input.

noise         typos and dropped words
noisy_rows    the training rows of an epoch with those, tokenized anew
adversarial   perturbations of the embeddings: FGM, PGD, FreeLB
ball          the norm ball of a row that the perturbations stay in
choice        the pass that the spec asks for
"""
