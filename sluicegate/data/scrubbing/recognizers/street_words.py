"""Words that make a street a street, by where they stand in its name."""

from __future__ import annotations

from sluicegate.data.scrubbing.recognizers.alternation import by_first_letter


def _with_capital(alternatives: str) -> str:
    """The alternatives as they are and with a capital first letter."""
    return by_first_letter("|".join(a + "|" + a[0].upper() + a[1:] for a in alternatives.split("|")))


ENGLISH = (
    "Street|Str|St|Avenue|Ave|Av|Boulevard|Blvd|Road|Rd|Drive|Dr|Drv|Lane|Ln|Court|Crt|Ct|Place|Pl|Square"
    "|Sq|Terrace|Terr|Ter|Tce"
    "|Circle|Circ|Cir|Parkway|Pkwy|Highway|Hwy|Way|Close|Cl|Crescent|Cres|Cr|Grove|Gr|Gv|Gardens?|Gdns?"
    "|Mews|Row|Walk|Hill|Hl|Hills|Rise|Vale"
    "|View|Vw|Park|Pk|Alley|Aly|Trail|Trl|Path|Pike|Plaza|Plz|Point|Pt|Loop|Run|Ridge|Rdg|Crossing|Xing"
    "|Cove|Cv|Bend|Bluffs?|Branch"
    "|Bridge|Brooks?|Canyon|Cape|Center|Centers|Centre|Ctr|Causeway|Cliffs?|Club|Commons?|Corners?|Course"
    "|Creek|Curve|Dale|Dam|Divide"
    "|Estates?|Expressway|Expy|Extensions?|Ext|Falls?|Ferry|Fields?|Flats?|Fords?|Forest|Forges?|Forks?"
    "|Fort|Freeway|Fwy|Gateway|Glens?"
    "|Greens?|Groves|Harbors?|Harbours?|Haven|Heights|Hts|Hollow|Inlet|Islands?|Isle|Junctions?|Keys?"
    "|Knolls?|Lakes?|Land|Landing|Light|Lights"
    "|Loaf|Locks?|Lodge|Mall|Manors?|Meadows?|Mills?|Mission|Motorway|Mount|Mountains?|Neck|Orchard|Oval"
    "|Overpass|Parks|Parade|Pde"
    "|Parkways|Pass|Passage|Pines?|Plains?|Plaza|Points|Ports?|Prairie|Quay|Radial|Ramp|Ranch|Rapids?"
    "|Rest|River|Roads|Route|Rue|Shoals?"
    "|Shores?|Skyway|Springs?|Spurs?|Squares|Station|Stravenue|Stream|Streets|Summit|Throughway|Trace"
    "|Track|Trafficway|Trailer|Tunnel"
    "|Turnpike|Tpke|Underpass|Unions?|Valleys?|Viaduct|Views|Villages?|Ville|Vista|Walks|Wall|Ways|Wells?"
    "|Esplanade|Esp|Embankment"
    "|Promenade|Quadrant|Arcade|Bypass|Chase|Circus|Copse|Croft|Drove|Fold|Gate|Lea|Link|Mead|Nook"
    "|Paddock|Precinct|Reach|Retreat|Side"
    "|Strand|Wharf|Wynd|Yard|Boreen|Concourse|Parklands|Grange|Garth|Gait|Ginnel|Laneway|Subway|Quad"
    "|Approach|Circuit|Cct|Driveway|Entrance|Fairway|Foreshore|Interchange|Lookout|Pathway|Ramble|Reserve"
    "|Rising|Rotary|Anchorage|Crest|Turn|Walkway|Waters|End|Byway|Brae|Ride|Outlook|Pocket|Broadway|Weg"
    "|Laan|Straat|Marg|Nagar|Colony|Chowk|Bazaar"
)
"""After the name: “12 Elm Street”."""

ENGLISH_ANY = f"{ENGLISH}|{ENGLISH.upper()}"
"""The same, also in capitals."""

PLAIN = (
    "Street|St|Avenue|Ave|Boulevard|Blvd|Road|Rd|Lane|Ln|Drive|Crescent|Cres|Terrace|Parkway|Pkwy|Highway"
    "|Hwy|Turnpike|Mews|Gardens|Grove|Alley|Causeway"
)
"""Those that mean a street even without a number."""

ALONE = (
    "Broadway|Strand|Esplanade|Embankment|Promenade|Piccadilly|Parade|Cheapside|Haymarket|Kingsway|Bowery"
    "|Quayside|Boardwalk|Crescent|Avenue|Mall"
)
"""Whole names of streets."""

GLUED = (
    "stra(?:ß|ss)en?|str\\.|gasse|weg|platz|allee|ufer|damm|steig|stieg|chaussee|promenade"
    "|gatan|gata|gaten|vägen|vagen|vegen|veien|gränd|torget|vej|gade|stræde|vænget|bakken|parken|toften|marken"
    "|stigen|stien|svingen|toppen|kroken|tunet|stranda|løkka|jordet|faret|grenda|tjernet|myra|åsen|kollen"
    "|backen|gränden|viken|höjden|boulevard|baan"
    "|straat|straatweg|laan|plein|kade|gracht|singel|steeg|dijk|dreef"
    "|katu|tie|kuja|polku|rinne|kaari|braut|vegur|stígur|stigur|holt|gerði|tún"
)
"""Ends of one-word street names of the Germanic and Finnish kind: “Hauptstraße 12”, “Kungsgatan 3”."""

GLUED_CLEAR = "stra(?:ß|ss)en?|gasse|gatan|vägen|veien|vegen|straat|stræde|gracht|katu|plein|chaussee"
"""Those that are no end of an English word."""

BEFORE_GLUED = (
    "Alte[rnms]?|Neue[rnms]?|Gro(?:ß|ss)e[rnms]?|Kleine[rnms]?|Obere[rnms]?|Untere[rnms]?|Lange|Hohe"
    "|Breite|Am|An der|Auf der|Auf dem|Im|Zum|Zur|Sint|Sankt|St\\.|Oude|Nieuwe"
    "|Nya|Gamla|Store|Lille|Norra|Södra|Östra|Västra|Nedre|Övre|Van|De|Het|'t|Vanha"
)
"""Words that may stand before such a name."""

GLUED_DOUBTFUL = (
    "gate|ring|hof|vei|veg|alle|allé|berg|berget|haugen|lia|väg|pad|park|markt|burg|wall|graben|lund|mäki"
    "|ranta|gil|sund|hus|götu|götur"
)
"""Ends that need more evidence: a postcode behind or an address word in front."""

FIRST = (
    "via|viale|v\\.le|piazza|p\\.zza|piazzale|piazzetta|corso|largo|vicolo|strada|contrada|borgo"
    "|lungomare|lungotevere|località|loc\\."
    "|incrocio|canale|rotonda|stretto|salita|traversa|galleria|circonvallazione|rang|montée|pasadizo|allé"
    "|rue|avenue|boulevard|bd\\.?|place|allée|allee|chemin|impasse|quai|cours|route|square|passage"
    "|faubourg|sentier|ruelle|esplanade|av\\.?"
    "|calle|c/|c\\.(?=\\sde\\s)|acceso|cañada|cuesta|rambla|pasaje|vía|avenida|avda\\.?|plaza|paseo"
    "|carrer|camino|ronda|travesía|glorieta|carretera|ctra\\.?|callejón|urbanización|urb\\.|pza\\.?|jirón"
    "|jr\\.|carrera|cra\\.?"
    "|rua|r\\.|travessa|tv\\.|praça|alameda|estrada|rodovia|beco|avinguda|quinta|passarela|colônia"
    "|chácara|sítio|ladeira|jardim|vila|viela|parque|setor|quadra|trecho|loteamento|residencial"
    "|condomínio|fazenda|morro|vereda|viaduto|recanto|núcleo"
    "|ulica|ulice|ulitsa|ul\\.|aleja|aleje|al\\.|plac|pl\\.|osiedle|os\\.|trg|nábřeží|náměstí|nám\\."
    "|strada|str\\.|bulevardul|b-dul|calea|șoseaua|şos\\.|intrarea|aleea|jalan|jl\\.|lorong|jln\\.?|odos"
    "|leoforos|plateia|rruga|bulvar|perspektiva|prospekt|pr\\."
)
"""Before the name: “Via Roma 3”, “rue de la Paix”."""
FIRST_ANY = _with_capital(FIRST)

FIRST_CLEAR = (
    "viale|piazza|piazzale|corso|vicolo|rue|boulevard|impasse|chemin|calle|avenida|avda\\.?|paseo|carrer"
    "|rua|travessa|praça|alameda|ulica|ul\\.|aleja|bulevardul|jalan|allée"
)
"""Those that mean a street even without a number."""
FIRST_CLEAR_ANY = _with_capital(FIRST_CLEAR)

BETWEEN = (
    "utca|u\\.|út|útja|tér|tere|körút|krt\\.?|köz|sétány|ulica|ul\\.|ulice|třída|tř\\.|náměstí|nám\\."
    "|cesta|trg|gate|gata|vei|vej|veg|allé|allee|alle"
    "|stra(?:ß|ss)e|str\\.?|weg|platz|gasse|ring|plein|straat|laan|puiestee|pst\\.?|mnt\\.?|tn\\.?|tänav"
    "|tee|iela|bulvāris|gatvė|g\\.|gt\\.|prospekts|pr\\.|caddesi|cad\\.|sokak|sokağı|sok\\."
    "|katu|kuja|polku|bulevardi|aukio|šetalište|naselje|prilaz|odvojak|put|perivoj|stube|obala|pot|steza"
    "|plads|plats|torg|väg|gatan|vägen|gade|boulevard"
)
"""Between name and number: “Petőfi utca 12”, “Karl Johans gate 5”."""
