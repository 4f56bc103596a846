"""A plain fine-tuning loop on one GPU: the speed to compare with."""

import argparse
import random
import time

import pandas as pd
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--rows", required=True, help="Parquet with text and label")
parser.add_argument("--model", required=True, help="folder of the base model")
parser.add_argument("--batching", choices=("pad", "bucket"), default="bucket")
parser.add_argument("--bf16", action="store_true")
parser.add_argument("--batch", type=int, default=32)
parser.add_argument("--warm-up", type=int, default=100, help="steps that are not counted")
args = parser.parse_args()

BATCH, LENGTH = args.batch, 128
random.seed(0)
torch.manual_seed(0)
table = pd.read_parquet(args.rows)
names = sorted(table["label"].unique())
train = [names.index(label) for label in table["label"]]

tokenizer = AutoTokenizer.from_pretrained(args.model)
model = AutoModelForSequenceClassification.from_pretrained(args.model, num_labels=len(names)).cuda()
ids = tokenizer(table["text"].tolist(), truncation=True, max_length=LENGTH)["input_ids"]


def collate(sequences: list[list[int]], length: int) -> dict[str, torch.Tensor]:
    ids = torch.zeros(len(sequences), length, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
    return {"input_ids": ids.cuda(), "attention_mask": mask.cuda()}


order = list(range(len(ids)))
random.shuffle(order)
if args.batching == "bucket":
    chunks = [sorted(order[i : i + BATCH * 50], key=lambda k: len(ids[k])) for i in range(0, len(order), BATCH * 50)]
    batches = [chunk[i : i + BATCH] for chunk in chunks for i in range(0, len(chunk), BATCH)]
    random.shuffle(batches)
else:
    batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]

head = [p for name, p in model.named_parameters() if "classifier" in name or "pooler" in name]
body = [p for name, p in model.named_parameters() if "classifier" not in name and "pooler" not in name]
optimizer = torch.optim.AdamW([{"params": body, "lr": 1e-4}, {"params": head, "lr": 1e-3}], weight_decay=0.01)
steps = len(batches)
schedule = torch.optim.lr_scheduler.LambdaLR(
    optimizer, lambda s: min(1, (s + 1) / max(1, steps * 0.1)) * max(0, 1 - s / steps)
)
model.train()
for number, batch in enumerate(batches):
    if number == args.warm_up:
        torch.cuda.synchronize()
        start, rows = time.perf_counter(), 0
    if number >= args.warm_up:
        rows += len(batch)
    sequences = [ids[k] for k in batch]
    length = LENGTH if args.batching == "pad" else max(map(len, sequences))
    labels = torch.tensor([train[k] for k in batch]).cuda()
    with torch.autocast("cuda", dtype=torch.bfloat16, enabled=args.bf16):
        loss = model(**collate(sequences, length), labels=labels).loss
    loss.backward()
    optimizer.step()
    schedule.step()
    optimizer.zero_grad(set_to_none=True)
torch.cuda.synchronize()
print(f"{args.batching} {'bf16' if args.bf16 else 'fp32'}: {rows / (time.perf_counter() - start):.1f} examples/s")
