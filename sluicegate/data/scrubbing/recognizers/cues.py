"""What the words around a number call it: a phone, a card, an order.

The nearest word before the number decides; words after it are asked only when none is in front. So in "card
ending 4321, phone 555 0134" each number has its own cue, and an order number is not taken for a phone.
"""

from __future__ import annotations

import re

from sluicegate.data.scrubbing.recognizers.alternation import by_first_letter
from sluicegate.data.scrubbing.recognizers.rules import Reading

_WORDS = {
    "phone": r"(?:tele|cell|mobile|work |home |i|smart)?phones?|tel(?:ephone)?|mobile|mob|cell(?:ular)?|fax|facsimile"
    r"|call(?:ed|ing|s)?(?: me| us| him| her| them| back)*|whats ?app|viber|text(?:ed)? (?:me|us|him|her|at|on)|sms"
    r"|ring|dial(?:l?ed|l?ing)?|pager|hotline|helpline|landline|voicemail|reach(?:ed|able)?(?: me| us| him| her| them)?"
    r"(?: at| on| by)|contact (?:no|number|nr|me|us|him|her|them|details?)|hand ?phone|toll[- ]free|ph(?=[.:# ])"
    r"|emergency contact|(?:my|his|her|their|your|our) (?:new |old )?(?:number|nr|digits|no\.)|next of kin"
    r"|extension|handy|handynummer|signal",
    "card": r"(?:credit|debit|bank|payment|gift|atm|charge|prepaid)? ?cards?(?! ?(?:holder|iac))|visa(?= |:|$)"
    r"|master ?card|amex|american express|maestro|discover|diners|jcb|pan no|cc(?= ?(?:no|number|num|#|:|is))|ccn"
    r"|card (?:no|number|num)|kreditkarte",
    "iban": r"iban",
    "bic": r"swift(?:/bic)?|bic(?:/swift)?",
    "account": r"(?:bank )?a/?c(?:c?t)?(?= ?(?:no|number|num|nr|#|\.|:))|acc(?:oun)?t|account|routing|aba|sort[- ]?code"
    r"|bsb|transit|ifsc|checking|savings|direct debit|wire|micr|beneficiary|konto(?:nummer|nr)?|clabe|giro|bban",
    "ssn": r"ssn|s\.s\.n\.?|social security(?: (?:no|number|num|nr|#))?|social sec|soc\.? ?sec\.?|social(?= (?:is"
    r"|no|number|#))"
    r"|itin|individual taxpayer identification(?: number)?|ss ?#|ss no",
    "passport": r"passports?|pasaporte|passeport|reisepass|travel document|ppt no",
    "licence": r"driv(?:er|ing|er'?s|ers'?)['’]?s? ?(?:licen[cs]e|permit|lic|id)|driver['’]?s?(?= (?:no|number|#))|dl"
    r"(?= ?(?:no|number|num|#|:|is|[a-z]?[0-9]))|licen[cs]e (?:no|number|num|#)|licen[cs]e(?= ?[:#])|dln|dlno"
    r"|d/l|permit (?:no|number)|licen[cs]e(?= (?:is )?[a-z]{0,2}[0-9])|operator'?s licen[cs]e|führerschein",
    "national": r"national (?:id(?:entity|entification)?|insurance|register|health)(?: card)?|identity (?:card|no"
    r"|number)"
    r"|id(?:entity)? ?card|personal (?:id(?:entity|entification)?|number|code)|citizen(?:ship)? (?:id|no|number|card)"
    r"|ni ?no|nino|ni (?:no|number)|sin(?= ?(?:no|number|#|:|is|[0-9]))|social insurance|tfn|tax file"
    r"|aadhaa?r|uidai|bsn"
    r"|burgerservicenummer|pesel|dni|nie(?= |:)|nif|codice fiscale|fiscal code|insee|nir|sécurité sociale|carte vitale"
    r"|personnummer|fødselsnummer|cpr|hetu|henkilötunnus|pps(?:n|no)?|amka|egn|oib|cnp|rodné|isikukood|kennitala"
    r"|ahv|avs|rijksregister(?:nummer)?|cpf|rg(?= |:)|curp|nric|fin(?= |:)|hkid|my ?kad|voter|epic|rsa id|sa id"
    r"|id (?:no|number|num|nr|#)|(?:government|state|federal|photo|civil) ?id|cédula|cedula|rut|svnr|emirates id"
    r"|teudat zehut|resident(?:ce)? permit|sozialversicherungs(?:nummer|nr)|alien|a-number|green card|identification",
    "tax": r"vat|tax(?:payer)?(?: ?id(?:entification)?| ref(?:erence)?| no| number)?|tin|ein"
    r"|employer identification|fein|utr|abn|ird|gstin?"
    r"|pan(?= |:|$)|steuer(?:nummer|-?id(?:entifikationsnummer)?|nr)|ust-?id|idnr|tva|p\.? ?iva"
    r"|partita iva|nip|siret|siren"
    r"|cnpj|btw|steuerliche|ust",
    "medical": r"(?:medicare|medicaid|health|insurance|member|ehic|nhs)(?: insurance)? ?cards?(?: ?(?:id|no|nr|number"
    r"|#))?|mrn|m\.r\.n\.?|medical record|(?:patient|hospital|chart|health card|health insurance"
    r"|health plan|nhs|medicare|medicaid"
    r"|ohip|phn|nhi|dva|member|subscriber|beneficiary|insurance|policy|prescription|rx|npi|dea|encounter"
    r"|specimen|accession|case)"
    r"(?: ?(?:id|no|nr|number|num|#|identifier|record))+|patient(?= [#(])|nhs|medicare|medicaid|ohip|nhi"
    r"|mbi|hicn|phn|health ?card"
    r"|record (?:no|number|#)|npi|unit number",
    "plate": r"(?:licen[cs]e|number|registration|reg|vehicle|car) ?plates?|plates?(?= ?(?:no|number|#|:|is|was"
    r"|[a-z0-9]{2,}))"
    r"|licen[cs]e tag|tag (?:no|number|#)|(?:vehicle|car) (?:reg(?:istration)?|no|number)"
    r"|registration(?: (?:no|number|mark))?"
    r"|reg(?:\.| no| number|:)|rego|vrm|vrn|vin|chassis(?: no| number)?|vehicle identification(?: number)?|kennzeichen",
    "secret": r"pin(?: ?(?:code|no|number))?|otp|one[- ]time (?:code|pass(?:word|code)?|pin)|passcode|(?:access"
    r"|security|verification"
    r"|confirmation|auth(?:entication)?|2fa|mfa|door|gate|alarm|entry|unlock|login) ?codes?|cvv2?|cvc2?|csc|puk",
    "zip": r"zip(?:[ -]?code)?|post ?codes?|postal ?codes?|pin ?code|plz|eircode|cap(?= [0-9])",
    "age": r"ages?|aged",
    "birth": r"born|birth(?:day|date)?|d\.?o\.?b\.?",
    "user": r"user ?(?:name|id)?|login|handle|screen ?name|nick(?:name)?|gamertag|account name",
    "other": r"orders?|invoices?|tickets?|tracking|track|parcel|shipments?|ref(?:erence)?|isbn(?:-1[03])?|issn|doi"
    r"|sku|items?|products?"
    r"|models?|part|serial|s/n|versions?|build|revision|chapter|section|page|pages|case|docket|batch|lot"
    r"|bug|issue|pr|commit|flight"
    r"|booking|reservation|confirmation|transactions?|txn|purchase|po(?= (?:no|number|#)|#)|upc|ean"
    r"|barcode|asin|imei|price|total"
    r"|amount|cost|paid|usd|eur|gbp|views|followers|patent|grant|timestamp|epoch|request|job|process|pid"
    r"|port|room|error|code"
    r"|population|budget|revenue|arxiv|pmid|catalog(?:ue)?|claim|id(?= [0-9])|bytes|size|revenue|salary"
    r"|income|dose|score",
}
_CUE = re.compile(
    r"(?<![\w@])(?:"
    + "|".join(f"(?P<{name}>{by_first_letter(words)})" for name, words in _WORDS.items())
    + r")(?![a-z0-9])"
)
_MONEY = re.compile(r"(?:[£$€¥₹]|\b(?:usd|eur|gbp|rs\.?))\s*$")
_LINK = re.compile(r"[\s,()\"'-]*(?:(?:is|was|=|as|for|being|on|my|the|your|his|her|their|our|new|old)\s+)*")
_NEAR = frozenset(("other", "age", "birth", "zip", "user"))
_FURTHEST, _FURTHEST_NEAR = 45, 20


def cue(read: Reading, start: int, end: int) -> str | None:
    """The name of the nearest cue for the number from `start` to `end`, or None."""
    known = read.cues
    if start not in known:
        known[start] = _in_front(read, start) or _behind(read, end)
    return known[start]


def _in_front(read: Reading, start: int) -> str | None:
    before = read.before(start)
    if _MONEY.search(before):
        return "other"
    found = None
    for found in _CUE.finditer(before):  # noqa: B007  # the last one counts
        pass
    if found is None:
        return None
    gap = len(before) - found.end()
    near = gap <= _FURTHEST_NEAR and ". " not in before[found.end() + 1 :]
    return found.lastgroup if near or (found.lastgroup not in _NEAR and gap <= _FURTHEST) else None


def _behind(read: Reading, end: int) -> str | None:
    after = read.after(end)
    link = _LINK.match(after)
    found = _CUE.match(after, link.end()) if link else None
    return found.lastgroup if found else None
