"""The model card, in English and Chinese, in the format of the Hugging Face hub, from a dossier's own files.

`write_cards` reads the JSON files of a dossier's folder and nothing else, so what a card says can be traced as a
finding can. Both cards hold the same numbers. The sections are those of Mitchell et al.; what was not measured is in
them too, and a blank of the form on harm and use is seen as a blank.

    card               the way in
    held               what the folder holds
    front_matter       the YAML that the hub reads; licences has its names for them
    rows               findings and figures as rows of tables
    wording            what is said otherwise in each language (chinese_titles, chinese_reasons)
    escaping           what people wrote is seen and does nothing

The prose is in ``templates/model_card.md.jinja`` and ``templates/model_card.zh.md.jinja``.

Source: Mitchell et al., Model Cards for Model Reporting (2019).
"""

from sluicegate.evidence.model_card.card import CARDS, write_cards

__all__ = ["CARDS", "write_cards"]
