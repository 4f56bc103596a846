"""From base weights, or none, and texts to a candidate.

The files::

    base_model.py   which base model, and how it is loaded
    scratch.py      a base of random weights, with a vocabulary made from the training texts
    tags.py         spans of a text as one tag a token
    recipes/        what is particular to each task
    methods/        which weights learn, and how what they learn is merged into the base
    rows.py         texts as token ids in flat files
    blocks.py       texts one after the other, cut into blocks, for language models
    masking.py      which tokens are hidden from a masked language model
    batches.py      which rows a step is made of, and rows padded to one length
    image_models.py  image processors, and a vision transformer of random weights
    image_rows.py   images as pixels in flat files
    objective.py    the loss: weights, smoothing, soft labels
    passes.py       a micro-batch forward and backward
    row_embedding.py  embeddings whose gradient comes by row
    precision.py    where the numbers are computed, and in what format
    dropout.py      dropout that is quick on a processor and repeats by seed and step
    optimizer.py    AdamW on fp32 weights, and the learning rate's schedule
    checkpoint.py   what a killed run goes on from
    shards.py       tensors in several files, one from each process
    curve.py        the loss curve, a JSON object a line
    scoring.py      loss and macro-F1 on the validation rows
    loop.py         the loop itself
    engine/         a run in several processes
    fine_tuning.py  one run from files to files: `fine_tune`
    private/        DP-SGD; nothing calls it yet
    robust/         noise in texts, and adversarial passes; nothing calls it yet
    fair/           weights of rows, counterfactual copies, thresholds; nothing calls it yet
    text_edits.py   changes to a text with its spans moved along, for the two above
    energy.py       energy and carbon of a run, by `offline_tracker.py`; nothing calls it yet
    loader.py       the script that serves a candidate; it is copied into every one
    image_loader.py the same of a model for images
    candidate.py    a trained model's folder with all that is loaded or executed: `pack`
"""
