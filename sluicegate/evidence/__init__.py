"""What is measured about a candidate, and the dossier that is made of it.

`measure.py` is the way in. An area is a file or two: what is measured (`performance.py`, `groups.py`, `drift.py`, …),
its checks in a catalogue (`catalogue.py`; images, spans and language models have one of their own) and what the page
says of it (`words.py`, `…_words.py`). `use_form.py` is the form on harm and use, which nothing measures but whether it
is filled in; `model_card/` makes the card of it all, in English and Chinese.

Four rooms hold what a candidate is asked besides the test rows, in one pass (`questions.py`, `text_questions.py`, of
taggers `span_questions.py`)::

    attacks/      membership inference, canaries, what an attack proves about epsilon, extraction
    explanations/ why it answers as it does, and whether that can be believed
    identity/     fairness by groups that texts mention, and exchanges of terms
    robustness/   perturbed texts, behavioural tests, odd inputs, the worst slice

The base model's features of rows (`base_features.py`) are shared by drift in embeddings and the membership attack.
"""
