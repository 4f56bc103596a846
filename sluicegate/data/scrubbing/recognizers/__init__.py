"""Deterministic recognizers of Presidio's kind: rules, word lists and checksums, no language model.

`common` holds what needs no language (addresses of the internet, payment, secrets), `english` what is written in
English text, whatever country it speaks of. Each of these modules has one public function, ``recognizers()``, and
makes its recognizers ready-made.
"""
