"""Which weights learn: all of them, the head alone, or the head and low-rank changes to the body.

    choice.py       the spec's method, done to a model
    body.py         where the body ends and the head begins
    adapters.py     low-rank changes beside the linear layers of the body, and how they are merged into it
    allocation.py   AdaLoRA: which ranks are kept

Every method leaves an ordinary model: what serves it knows nothing of how it was trained.
"""
