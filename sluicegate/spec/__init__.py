"""The release spec: one YAML file that names everything a release is made of.

Model, data, scrubbing, training, evidence, policy, stages and reviewers are in it or reached from it.
Every section is a frozen model that refuses unknown keys; a function gets its own section and no more.
Relative paths are relative to the spec's folder. `sluicegate schema` prints the JSON Schema.

    section      what every part is made of
    sources      where rows may come from
    use          what the model is for, and what harm is known
    data         columns, labels, groups, split
    validation   what must hold of the data
    vault        where raw rows are kept encrypted
    scrubbing    personal data: what is looked for, and what is put in its place
    hygiene      repeats, contamination, harmful text
    training_canaries  made-up texts among the training rows
    model        training
    evidence     what is measured about the candidate
    image_model  a model for images, from scratch
    image_rules  what goes together with images, and what does not
    pixels       how the column `image` holds an image
    method       which weights are trained
    robustness   perturbed embeddings, noise in texts
    fairness     weights of rows, counterfactual copies, thresholds
    spec         the whole of it, and its file
    names        what is called how in MLflow
    reading      files that a person wrote, as models
"""

from sluicegate.spec.data import Data, Rating, Split, is_reserved
from sluicegate.spec.evidence import Attacks, Evidence, IdentityTests, RobustnessTests
from sluicegate.spec.hygiene import Hygiene, NearImages
from sluicegate.spec.image_model import ImageScratch
from sluicegate.spec.model import FromScratch, Scratch, Training
from sluicegate.spec.names import CANDIDATE, registered_name
from sluicegate.spec.reading import parse, read_text, read_yaml
from sluicegate.spec.scrubbing import Encrypt, Keep, KeyedHash, Mask, Operator, Pseudonym, Redact, Replace, Scrubbing
from sluicegate.spec.section import Identifier, PinnedPackage, Section, Sha256
from sluicegate.spec.sources import (
    CsvSource,
    DatasetSource,
    GeneratedSource,
    JsonLinesSource,
    PackageSource,
    ParquetSource,
    Source,
    SqlSource,
)
from sluicegate.spec.spec import LoadedSpec, Spec, load_spec
from sluicegate.spec.training_canaries import TrainingCanaries
from sluicegate.spec.use import Use
from sluicegate.spec.validation import Validation
from sluicegate.spec.vault import Vault

__all__ = [
    "Attacks",
    "IdentityTests",
    "RobustnessTests",
    "CANDIDATE",
    "is_reserved",
    "CsvSource",
    "Data",
    "DatasetSource",
    "Encrypt",
    "Evidence",
    "FromScratch",
    "GeneratedSource",
    "Hygiene",
    "Identifier",
    "ImageScratch",
    "JsonLinesSource",
    "Keep",
    "KeyedHash",
    "LoadedSpec",
    "NearImages",
    "Mask",
    "Operator",
    "PackageSource",
    "ParquetSource",
    "PinnedPackage",
    "Pseudonym",
    "Rating",
    "Redact",
    "Replace",
    "Scratch",
    "Scrubbing",
    "Section",
    "Sha256",
    "Source",
    "Spec",
    "Split",
    "SqlSource",
    "Training",
    "TrainingCanaries",
    "Use",
    "Validation",
    "Vault",
    "load_spec",
    "parse",
    "read_text",
    "read_yaml",
    "registered_name",
]
