"""Word lists: countries, states and provinces, large cities, nationalities, religions, politics."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def lists(file: str, separator: str) -> dict[str, frozenset[str]]:
    """The lists of a file beside this one: a line each, its key, a tab, and its entries between separators."""
    lines = Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines()
    return {key: frozenset(entries.split(separator)) for key, entries in (line.split("\t") for line in lines)}


def _lines(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.replace("\n", ",").split(",") if name.strip())


COUNTRIES = _lines(
    """Afghanistan, Albania, Algeria, Andorra, Angola, Antigua and Barbuda, Argentina, Armenia, Australia, Austria
    Azerbaijan, Bahamas, Bahrain, Bangladesh, Barbados, Belarus, Belgium, Belize, Benin, Bermuda, Bhutan, Bolivia
    Bosnia and Herzegovina, Bosnia, Botswana, Brazil, Brunei, Bulgaria, Burkina Faso, Burma, Burundi, Cambodia
    Cameroon, Canada, Cape Verde, Cayman Islands, Central African Republic, Chad, Chile, China, Colombia, Comoros
    Congo, Costa Rica, Côte d'Ivoire, Croatia, Cuba, Curaçao, Cyprus, Czech Republic, Czechia
    Democratic Republic of the Congo, Denmark, Djibouti, Dominica, Dominican Republic, East Timor, Ecuador, Egypt
    El Salvador, England, Equatorial Guinea, Eritrea, Estonia, Eswatini, Ethiopia, Faroe Islands, Fiji, Finland
    France, French Guiana, French Polynesia, Gabon, Gambia, Germany, Ghana, Gibraltar, Great Britain, Greece
    Greenland, Grenada, Guadeloupe, Guam, Guatemala, Guernsey, Guinea-Bissau, Guinea, Guyana, Haiti, Holland
    Honduras, Hong Kong, Hungary, Iceland, India, Indonesia, Iran, Iraq, Ireland, Isle of Man, Israel, Italy
    Ivory Coast, Jamaica, Japan, Kazakhstan, Kenya, Kiribati, Kosovo, Kuwait, Kyrgyzstan, Laos, Latvia, Lebanon
    Lesotho, Liberia, Libya, Liechtenstein, Lithuania, Luxembourg, Macao, Macau, Macedonia, Madagascar, Malawi
    Malaysia, Maldives, Mali, Malta, Marshall Islands, Martinique, Mauritania, Mauritius, Mexico, Micronesia
    Moldova, Monaco, Mongolia, Montenegro, Morocco, Mozambique, Myanmar, Namibia, Nauru, Nepal
    Netherlands Antilles, Netherlands, New Caledonia, New Zealand, Nicaragua, Nigeria, Niger, North Korea
    North Macedonia, Northern Ireland, Norway, Oman, Pakistan, Palau, Palestine, Panama, Papua New Guinea
    Paraguay, Peru, Philippines, Poland, Portugal, Puerto Rico, Qatar, Réunion, Romania, Russian Federation
    Russia, Rwanda, Saint Kitts and Nevis, Saint Lucia, Samoa, San Marino, Saudi Arabia, Scotland, Senegal
    Serbia, Seychelles, Sierra Leone, Singapore, Slovakia, Slovenia, Solomon Islands, Somalia, South Africa
    South Korea, South Sudan, Spain, Sri Lanka, Sudan, Suriname, Swaziland, Sweden, Switzerland, Syria, Taiwan
    Tajikistan, Tanzania, Thailand, Tibet, Timor-Leste, Togo, Tonga, Trinidad and Tobago, Tunisia, Turkmenistan
    Turkey, Türkiye, Tuvalu, Uganda, Ukraine, United Arab Emirates, United Kingdom, United States of America
    United States, Uruguay, Uzbekistan, Vanuatu, Vatican City, Venezuela, Vietnam, Viet Nam, Virgin Islands
    Wales, Yemen, Zambia, Zimbabwe, Deutschland, España, Österreich, Schweiz, Italia, Polska, Sverige, Norge"""
)
COUNTRY_ABBREVIATIONS = ("USA", "U.S.A.", "U.S.", "UK", "U.K.", "UAE", "U.A.E.", "DRC", "PRC", "NZ")
AMBIGUOUS_PLACES = frozenset(_lines("Chad, Jordan, Turkey, Georgia, Guinea, Niger, Mali, Dominica"))
US_STATES = dict(
    pair.split(":")
    for pair in _lines(
        """AL:Alabama, AK:Alaska, AZ:Arizona, AR:Arkansas, CA:California, CO:Colorado, CT:Connecticut, DE:Delaware
    FL:Florida, GA:Georgia, HI:Hawaii, ID:Idaho, IL:Illinois, IN:Indiana, IA:Iowa, KS:Kansas, KY:Kentucky
    LA:Louisiana, ME:Maine, MD:Maryland, MA:Massachusetts, MI:Michigan, MN:Minnesota, MS:Mississippi, MO:Missouri
    MT:Montana, NE:Nebraska, NV:Nevada, NH:New Hampshire, NJ:New Jersey, NM:New Mexico, NY:New York
    NC:North Carolina, ND:North Dakota, OH:Ohio, OK:Oklahoma, OR:Oregon, PA:Pennsylvania, RI:Rhode Island
    SC:South Carolina, SD:South Dakota, TN:Tennessee, TX:Texas, UT:Utah, VT:Vermont, VA:Virginia, WA:Washington
    WV:West Virginia, WI:Wisconsin, WY:Wyoming, DC:District of Columbia, PR:Puerto Rico, VI:Virgin Islands
    GU:Guam, AS:American Samoa, MP:Northern Mariana Islands, AA:Armed Forces Americas, AE:Armed Forces Europe
    AP:Armed Forces Pacific, FM:Federated States of Micronesia, MH:Marshall Islands, PW:Palau"""
    )
)
PROVINCES = dict(
    pair.split(":")
    for pair in _lines(
        """AB:Alberta, BC:British Columbia, MB:Manitoba, NB:New Brunswick, NL:Newfoundland and Labrador, NS:Nova Scotia
    NT:Northwest Territories, NU:Nunavut, ON:Ontario, PE:Prince Edward Island, QC:Quebec, SK:Saskatchewan
    YT:Yukon"""
    )
)
AUSTRALIAN_STATES = dict(
    pair.split(":")
    for pair in _lines(
        """NSW:New South Wales, VIC:Victoria, QLD:Queensland, WA:Western Australia, SA:South Australia, TAS:Tasmania
    ACT:Australian Capital Territory, NT:Northern Territory"""
    )
)
REGIONS = _lines(
    """Newfoundland, Labrador, Québec, Bavaria, Saxony, Hesse, Brandenburg, Catalonia, Andalusia, Galicia
    Basque Country, Tuscany, Lombardy, Sicily, Sardinia, Veneto, Piedmont, Umbria, Normandy, Brittany, Provence
    Alsace, Burgundy, Flanders, Wallonia, Bohemia, Moravia, Silesia, Transylvania, Yorkshire, Lancashire
    Cornwall, Devon, Dorset, Somerset, Kent, Sussex, Surrey, Essex, Suffolk, Norfolk, Cambridgeshire, Oxfordshire
    Hampshire, Wiltshire, Berkshire, Hertfordshire, Bedfordshire, Buckinghamshire, Northamptonshire
    Leicestershire, Lincolnshire, Nottinghamshire, Derbyshire, Staffordshire, Shropshire, Cheshire, Cumbria
    Northumberland, Gloucestershire, Herefordshire, Worcestershire, Warwickshire, Merseyside, Middlesex
    Greater Manchester, West Midlands, Tyne and Wear, Fife, Ulster, Munster, Leinster, Connacht, Gauteng
    KwaZulu-Natal, Western Cape, Eastern Cape, Northern Cape, Free State, Limpopo, Mpumalanga, Maharashtra
    Karnataka, Tamil Nadu, Kerala, Gujarat, Punjab, Haryana, Uttar Pradesh, Madhya Pradesh, Andhra Pradesh
    West Bengal, Telangana, Rajasthan, Bihar, Odisha, Assam, Goa, Uttarakhand, Jharkhand, Kashmir, Siberia
    Crimea, Middle East, Europe, Asia, Africa, South America, North America, Latin America, Scandinavia, Balkans
    Caribbean, Silicon Valley, Bay Area, Midwest, New England, Long Island, Oceania, Antarctica, Central America
    Southeast Asia, Western Europe, Eastern Europe"""
)
CITIES = _lines(
    """New York City, New York, Los Angeles, Chicago, Houston, Philadelphia, San Antonio, San Diego, Dallas
    San Jose, Fort Worth, Jacksonville, Columbus, Indianapolis, San Francisco, Seattle, Denver, Nashville
    Oklahoma City, El Paso, Boston, Las Vegas, Detroit, Memphis, Louisville, Baltimore, Milwaukee, Albuquerque
    Tucson, Fresno, Sacramento, Kansas City, Atlanta, Omaha, Colorado Springs, Raleigh, Long Beach
    Virginia Beach, Miami Beach, Miami, Oakland, Minneapolis, Tulsa, Tampa, New Orleans, Wichita, Cleveland
    Bakersfield, Anaheim, Honolulu, Santa Ana, Corpus Christi, Pittsburgh, Cincinnati, Anchorage, St. Louis
    St. Paul, Saint Paul, Saint Louis, Greensboro, Newark, Plano, Lincoln, Orlando, Irvine, Jersey City
    Chula Vista, Buffalo, Fort Wayne, Chandler, Laredo, Durham, Lubbock, Scottsdale, Reno, Baton Rouge, Boise
    Spokane, Des Moines, Tacoma, Modesto, Fayetteville, Birmingham, Rochester, Salt Lake City, Little Rock
    Amarillo, Tallahassee, Knoxville, Brooklyn, Manhattan, Queens, Bronx, Staten Island, Hoboken, Providence
    Hartford, Cambridge, Palo Alto, Mountain View, Berkeley, Pasadena, Ann Arbor, Madison, Syracuse, Albany
    Charleston, Savannah, Santa Fe, Santa Barbara, Santa Monica, Washington DC, Washington D.C., Washington
    Phoenix, Austin, Portland, Charlotte, Richmond, Toronto, Montreal, Montréal, Vancouver, Calgary, Edmonton
    Ottawa, Winnipeg, Mississauga, Brampton, Quebec City, Saskatoon, Regina, Kelowna, Guelph, Burnaby, Markham
    Kitchener, Windsor, Halifax, St. John's, Gatineau, London, Manchester, Liverpool, Leeds, Sheffield, Bristol
    Glasgow, Edinburgh, Cardiff, Belfast, Leicester, Coventry, Nottingham, Newcastle, Sunderland, Brighton
    Plymouth, Southampton, Portsmouth, Norwich, Oxford, Swansea, Aberdeen, Dundee, Inverness, Exeter, Bournemouth
    Middlesbrough, Blackpool, Bolton, Wolverhampton, Croydon, Canterbury, Salisbury, Winchester, Gloucester
    Cheltenham, Ipswich, Colchester, Peterborough, Milton Keynes, Northampton, Luton, Slough, Stoke-on-Trent
    Huddersfield, Bradford, Dublin, Cork, Galway, Limerick, Waterford, Kilkenny, Drogheda, Dundalk, Athlone
    Sligo, Tralee, Killarney, Sydney, Melbourne, Brisbane, Perth, Adelaide, Canberra, Hobart, Cairns, Geelong
    Wollongong, Gold Coast, Toowoomba, Ballarat, Bendigo, Townsville, Alice Springs, Auckland, Wellington
    Christchurch, Dunedin, Hamilton, Tauranga, Rotorua, Queenstown, Johannesburg, Cape Town, Pretoria, Durban
    Bloemfontein, Port Elizabeth, Gqeberha, Soweto, Sandton, Stellenbosch, Polokwane, Mumbai, Delhi, New Delhi
    Bangalore, Bengaluru, Hyderabad, Chennai, Kolkata, Ahmedabad, Pune, Jaipur, Lucknow, Kanpur, Nagpur, Gurgaon
    Gurugram, Noida, Indore, Bhopal, Patna, Kochi, Coimbatore, Chandigarh, Surat, Vadodara, Mysore, Visakhapatnam
    Karachi, Lahore, Islamabad, Dhaka, Chittagong, Kathmandu, Colombo, Paris, Marseille, Lyon, Toulouse, Nantes
    Strasbourg, Montpellier, Bordeaux, Lille, Rennes, Reims, Grenoble, Dijon, Angers, Le Havre, Versailles
    Avignon, Cannes, Rouen, Clermont-Ferrand, Berlin, Hamburg, Munich, München, Cologne, Köln, Frankfurt
    Stuttgart, Düsseldorf, Dortmund, Essen, Leipzig, Bremen, Dresden, Hanover, Hannover, Nuremberg, Nürnberg
    Duisburg, Bochum, Wuppertal, Bielefeld, Bonn, Münster, Karlsruhe, Mannheim, Augsburg, Wiesbaden, Freiburg
    Heidelberg, Mainz, Kiel, Lübeck, Erfurt, Rostock, Kassel, Potsdam, Würzburg, Regensburg, Vienna, Wien, Graz
    Linz, Salzburg, Innsbruck, Klagenfurt, Zurich, Zürich, Geneva, Genève, Basel, Lausanne, Bern, Lucerne, Luzern
    Lugano, Winterthur, Amsterdam, Rotterdam, The Hague, Den Haag, Utrecht, Eindhoven, Groningen, Tilburg
    Maastricht, Leiden, Delft, Nijmegen, Arnhem, Haarlem, Brussels, Bruxelles, Antwerp, Antwerpen, Ghent, Gent
    Bruges, Brugge, Liège, Leuven, Namur, Rome, Roma, Milan, Milano, Naples, Napoli, Turin, Torino, Palermo
    Genoa, Bologna, Florence, Firenze, Venice, Venezia, Verona, Padua, Trieste, Pisa, Bari, Catania, Madrid
    Barcelona, Valencia, Seville, Sevilla, Zaragoza, Málaga, Malaga, Bilbao, Granada, Alicante, Córdoba
    Salamanca, Murcia, Palma, Lisbon, Lisboa, Porto, Braga, Coimbra, Faro, Copenhagen, København, Aarhus, Odense
    Aalborg, Stockholm, Gothenburg, Göteborg, Malmö, Uppsala, Västerås, Örebro, Linköping, Oslo, Bergen
    Trondheim, Stavanger, Tromsø, Helsinki, Espoo, Tampere, Turku, Oulu, Reykjavik, Reykjavík, Tallinn, Tartu
    Riga, Vilnius, Kaunas, Warsaw, Warszawa, Krakow, Kraków, Łódź, Wrocław, Poznań, Gdańsk, Szczecin, Lublin
    Katowice, Prague, Praha, Brno, Ostrava, Plzeň, Bratislava, Košice, Budapest, Debrecen, Szeged, Bucharest
    Cluj-Napoca, Timișoara, Iași, Sofia, Plovdiv, Varna, Belgrade, Novi Sad, Zagreb, Split, Rijeka, Ljubljana
    Maribor, Sarajevo, Skopje, Tirana, Pristina, Athens, Thessaloniki, Patras, Nicosia, Limassol, Larnaca
    Valletta, Istanbul, Ankara, Izmir, Antalya, Kyiv, Kiev, Lviv, Odessa, Odesa, Kharkiv, Minsk, Moscow
    Saint Petersburg, St. Petersburg, Novosibirsk, Kazan, Tbilisi, Yerevan, Baku, Tehran, Baghdad, Damascus
    Beirut, Jerusalem, Tel Aviv, Haifa, Amman, Riyadh, Jeddah, Mecca, Dubai, Abu Dhabi, Doha, Muscat, Cairo
    Alexandria, Casablanca, Marrakesh, Rabat, Tunis, Algiers, Tripoli, Lagos, Abuja, Accra, Nairobi, Mombasa
    Kampala, Addis Ababa, Dar es Salaam, Kigali, Lusaka, Harare, Luanda, Dakar, Kinshasa, Maputo, Windhoek, Tokyo
    Osaka, Kyoto, Yokohama, Nagoya, Sapporo, Fukuoka, Hiroshima, Kobe, Seoul, Busan, Incheon, Beijing, Shanghai
    Guangzhou, Shenzhen, Chengdu, Chongqing, Wuhan, Hangzhou, Nanjing, Xi'an, Tianjin, Suzhou, Taipei, Kaohsiung
    Taichung, Bangkok, Chiang Mai, Phuket, Hanoi, Ho Chi Minh City, Saigon, Phnom Penh, Manila, Quezon City, Cebu
    Jakarta, Bandung, Surabaya, Bali, Kuala Lumpur, Penang, Yangon, Ulaanbaatar, Almaty, Tashkent, Kabul
    Mexico City, Guadalajara, Monterrey, Tijuana, Cancún, Cancun, Puebla, Havana, Kingston, San Juan
    Santo Domingo, Guatemala City, San Salvador, Managua, Panama City, Bogotá, Bogota, Medellín, Medellin, Cali
    Caracas, Quito, Guayaquil, Lima, La Paz, Santiago, Valparaíso, Buenos Aires, Rosario, Montevideo, Asunción
    São Paulo, Sao Paulo, Rio de Janeiro, Brasília, Salvador, Fortaleza, Recife, Belo Horizonte, Curitiba
    Porto Alegre, Nuuk"""
)
AMBIGUOUS_CITIES = frozenset(
    _lines(
        """Lincoln, Madison, Austin, Phoenix, Charlotte, Richmond, Orlando, Florence, Sydney, Regina, Hamilton
    Wellington, Bradford, Providence, Buffalo, Chandler, Reno, Durham, Queens, Split, Essen, Salvador, Rosario
    Santiago, Cali, Lima, Kingston, Sofia, Victoria, Odessa, Alexandria, Savannah, Kobe, Bari, Faro, Columbus
    Washington, Perth, Windsor, Newark, Verona, Bern, Bolton, Slough, Chester, Troy, Jackson, Paris, Brandenburg
    Goa, Kent, Devon, Virginia, Surrey, Norfolk, Cleveland, Palma, Cork, Linz, Patras, Cambridge"""
    )
)
"""Also given names, family names or common words: taken only after "in", "from", … or before a state or country."""

NATIONALITIES = _lines(
    """Afghan, Afghani, Albanian, Algerian, American, Andorran, Angolan, Argentinian, Argentine, Armenian
    Australian, Aussie, Austrian, Azerbaijani, Azeri, Bahamian, Bahraini, Bangladeshi, Barbadian, Belarusian
    Belgian, Belizean, Beninese, Bhutanese, Bolivian, Bosnian, Botswanan, Brazilian, British, Briton, Brit
    Bruneian, Bulgarian, Burkinabe, Burmese, Burundian, Cambodian, Cameroonian, Canadian, Cape Verdean, Catalan
    Chadian, Chilean, Chinese, Colombian, Congolese, Costa Rican, Croatian, Croat, Cuban, Cypriot, Czech, Danish
    Dane, Djiboutian, Dominican, Dutch, Dutchman, Ecuadorian, Ecuadorean, Egyptian, Emirati, English, Englishman
    Englishwoman, Eritrean, Estonian, Ethiopian, European, Fijian, Filipino, Filipina, Finnish, Finn, French
    Frenchman, Frenchwoman, Gabonese, Gambian, Georgian, German, Ghanaian, Greek, Greenlandic, Grenadian
    Guatemalan, Guinean, Guyanese, Haitian, Honduran, Hungarian, Icelandic, Icelander, Indian, Indonesian
    Iranian, Iraqi, Irish, Irishman, Israeli, Italian, Ivorian, Jamaican, Japanese, Jordanian, Kazakh, Kenyan
    Korean, Kosovar, Kurdish, Kurd, Kuwaiti, Kyrgyz, Laotian, Lao, Latvian, Lebanese, Liberian, Libyan
    Lithuanian, Luxembourger, Macedonian, Malagasy, Malawian, Malaysian, Malay, Maldivian, Malian, Maltese
    Mauritanian, Mauritian, Mexican, Moldovan, Mongolian, Montenegrin, Moroccan, Mozambican, Namibian, Nepali
    Nepalese, New Zealander, Nicaraguan, Nigerian, Nigerien, Norwegian, Omani, Pakistani, Palestinian, Panamanian
    Paraguayan, Persian, Peruvian, Pole, Polish, Portuguese, Puerto Rican, Qatari, Romanian, Russian, Rwandan
    Salvadoran, Samoan, Saudi, Scottish, Scot, Scotsman, Senegalese, Serbian, Serb, Sierra Leonean, Singaporean
    Slovak, Slovakian, Slovenian, Slovene, Somali, South African, South Korean, North Korean, Spanish, Spaniard
    Sri Lankan, Sudanese, Surinamese, Swedish, Swede, Swiss, Syrian, Taiwanese, Tajik, Tanzanian, Thai, Tibetan
    Togolese, Tongan, Trinidadian, Tunisian, Turkish, Turk, Turkmen, Ugandan, Ukrainian, Uruguayan, Uzbek
    Venezuelan, Vietnamese, Welsh, Welshman, Yemeni, Zambian, Zimbabwean, Scandinavian, Kiwi, African American
    African-American, Asian American, Asian-American, Native American, Mexican American, Mexican-American
    Irish-American, Italian-American, Hispanic, Latino, Latina, Latinx, Caucasian, Roma, Romani, Sinti
    Aboriginal, Māori, Maori, Inuit, Métis, Cherokee, Navajo, Sioux, Uyghur, Uighur, Rohingya, Tamil, Sikh
    Punjabi, Bengali, Gujarati, Zulu, Xhosa, Yoruba, Igbo, Hausa, Berber, Bedouin, Arab, Arabian, Arabic, Asian
    African, South Asian, East Asian, Afro-Caribbean, Basque, Afrikaner, Slavic"""
)
BELIEFS = _lines(
    """Christian, Catholic, Roman Catholic, Protestant, Lutheran, Methodist, Baptist, Anglican, Episcopalian
    Presbyterian, Calvinist, Evangelical, Pentecostal, Mormon, Jehovah's Witness, Quaker, Mennonite, Amish
    Greek Orthodox, Russian Orthodox, Adventist, Muslim, Moslem, Sunni, Shia, Shiite, Shi'ite, Sufi, Ahmadi
    Ismaili, Islamic, Jewish, Jew, Hasidic, Hindu, Buddhist, Taoist, Shinto, Jain, Zoroastrian, Parsi, Bahá'í
    Baha'i, Rastafarian, Wiccan, Scientologist, Unitarian, Druze, Yazidi, Coptic, Copt, Christianity, Islam
    Judaism, Hinduism, Buddhism, Catholicism, Sikhism, Protestantism, Mormonism"""
)
POLITICS = _lines(
    """Republican, Republicans, Democrat, Democratic Party, Republican Party, Labour Party, Labour MP
    Conservative Party, Tory, Tories, Tory MP, Lib Dem, Liberal Democrat, Green Party, Libertarian Party
    Libertarian, Communist Party, Socialist Party, Social Democrat, Christian Democrat, Marxist, Maoist
    Trotskyist, Sinn Féin, Sinn Fein, UKIP, SNP, Plaid Cymru, Fianna Fáil, Fine Gael, Bharatiya Janata Party, BJP
    Likud, Hamas, Hezbollah, Zionist, Bolshevik, GOP"""
)
LOWER_BELIEFS = _lines(
    "atheist, agnostic, christian, catholic, protestant, muslim, jewish, hindu, buddhist, sikh, mormon, "
    "lutheran, methodist, baptist"
)
