"""A labelled set of made-up texts: what the rules find in each is known to the character.

``[X|…]`` marks what must be found and as what (see `TYPES`); ``/`` stands for a line break inside a text, ``//`` for a
slash. Names that only a language model could know are not marked, and must not be found by accident either.
"""

import re

import pytest

from sluicegate.data.scrubbing.recognizers import common, english

TYPES = {
    "P": "PERSON", "T": "TITLE", "A": "ADDRESS", "Z": "POSTCODE", "L": "LOCATION", "O": "ORGANIZATION", "N": "NRP",
    "D": "DATE_TIME", "Y": "AGE", "E": "EMAIL_ADDRESS", "F": "PHONE_NUMBER", "C": "CREDIT_CARD", "I": "IBAN_CODE",
    "B": "BANK_ACCOUNT", "IP": "IP_ADDRESS", "MAC": "MAC_ADDRESS", "U": "URL", "H": "USER_NAME", "X": "CRYPTO",
    "PP": "PASSPORT", "DL": "DRIVER_LICENSE", "SSN": "US_SSN", "ID": "NATIONAL_ID", "TAX": "TAX_ID",
    "MED": "MEDICAL_ID", "LP": "LICENSE_PLATE", "S": "SECRET",
}  # fmt: skip

MAILS = r"""
Hi, write to [E|ada.quill@tarnmail.example.com] or ring [F|555-010-4477] after lunch.
From: [P|Boris Tarn] <[E|boris@tarn.co.uk]>/To: [P|Ada Quill] <[E|aq+news@port-brine.org]>/Subject: the boat
Please forward it to [E|o'neil_22@mail.ie], not to the old box.
My new address is [E|müller@bäckerei.de], the old one stops in June.
Reach me: [E|cleo.marsh (at) seawind (dot) com].
Reach me: [E|cleo {at} seawind {dot} co {dot} uk] if you like.
contact cleo at home dot please, no address here
Send the form to [E|first.last@sub.domain.museum.gov.au].
Dear [T|Mr.] [P|Pell],/thank you for the visit on [D|12 March 2021]./Kind regards,/[P|Ina Volt]
Dear [P|Ina],/see you on [D|3rd of May 2022]./Cheers,/[P|Otto]
Dear [T|Dr.] [P|van der Berg], the results are in.
Hello [P|Marta], could you look at this?
Hi [T|Mrs] [P|Okafor], the parcel is at the desk.
Dear Sir or Madam, I write about the leak in the hall.
Dear customer, your parcel is late.
Dear all, the meeting is moved.
Best wishes,/[P|Dana R. Holm]/[O|Holm Consulting]/[A|14 Mill Lane, Oxford OX2 6AB]/[F|+44 1865 555 013]
Regards,/[P|Li Wen]/Tel: [F|(02) 9555 0134]/[U|www.liwen.example.net]
Thanks,/[P|J. P. Morrow]/cell [F|415.555.0132], fax [F|415.555.0133]
The contract goes to [O|Brightwater Holdings Ltd] and to [O|Nordlicht GmbH], both by post.
We changed banks: IBAN [I|DE89 3704 0044 0532 0130 00], BIC [B|DEUTDEFF500].
Please pay to [I|GB29NWBK60161331926819] before the end of the month.
Pay [I|FR14 2004 1010 0505 0001 3M02 606] and tell me.
Our account is [I|NL91 ABNA 0417 1643 00] at the same bank.
It is [I|CH93 0076 2011 6238 5295 7] now.
My sort code is [B|12-34-56] and my account number is [B|12345678].
Routing number [B|021000021], account no. [B|000123456789].
IFSC [B|HDFC0001234], account number [B|50100012345678].
Visit [U|https:////shop.example.com//cart?id=7&x=y] and tell me what you see.
See [U|http:////10.0.0.8:8080//login] for the form.
It is on [U|tarn-and-sons.co.uk], under prices.
The docs are at [U|docs.quill.io//start], version two.
Have a look at [U|www.brine.org].
I like Node.js and ASP.NET and my readme.md file.
I was done with it.It took long.
Ship it to [A|742 Maple Terrace, Springfield, IL 62704] please.
Ship it to [A|1200 5th Ave, Apt 12B, New York, NY 10029-1234] please.
I moved to [A|350 W 42nd St, New York, NY 10036].
My address:/[A|Flat 3, 12 High Street/Oxford/OX1 4AB/United Kingdom]
Deliver to:/[A|88 Harbour View Road/Wellington 6011/New Zealand]
Deliver to [A|PO Box 1234, Boise, ID 83701].
Deliver to [A|P.O. Box 77, Galway].
Post it to [A|GPO Box 2345, Sydney NSW 2001].
Post it to [A|Private Bag 92019, Auckland 1142].
We live at [A|24 Rosewood Close, Leeds, LS1 4DY].
We live at [A|17 Acacia Avenue], near the mill.
She moved from [A|Elm Street] to [A|Birch Road].
The shop is at [A|221B Baker Street, London NW1 6XE].
He stays at [A|10 Downing Street, London].
They met at [A|45 Wattle Grove, Parramatta NSW 2150, Australia].
Our office: [A|Suite 400, 1000 Brannan Street, San Francisco, CA 94103].
Our office: [A|Unit 5//12 George Street, Brisbane QLD 4000].
Send it to [A|100 King St W, Suite 5600, Toronto, ON M5X 1C9, Canada].
Send it to [A|4500 Rue Sherbrooke Ouest, Montréal, QC H3Z 1E6].
"""

EUROPE = r"""
She lives at [A|Hauptstraße 12, 10115 Berlin, Germany].
She lives at [A|Lindenstr. 5a, 80331 München].
She lives at [A|Am Alten Markt 7, 50667 Köln].
She lives at [A|Kurt-Schumacher-Allee 20, D-20097 Hamburg].
He moved to [A|Bahnhofstrasse 3, 8001 Zürich].
He moved to [A|Mariahilfer Straße 88, 1070 Wien, Austria].
He moved to [A|Unter den Linden 77, Berlin].
He moved to [A|12 rue de la Paix, 75002 Paris, France].
He moved to [A|8 bis avenue Victor Hugo, 69006 Lyon].
He moved to [A|Via Roma 3, 00184 Roma RM].
He moved to [A|Piazza Garibaldi 112, 80142 Napoli].
He moved to [A|Calle Mayor 5, 3º, 28013 Madrid].
He moved to [A|Avda. de la Constitución 20, 41001 Sevilla].
He moved to [A|Rua Augusta 100, 1100-053 Lisboa, Portugal].
He moved to [A|ul. Nowa 5//7, 60-461 Poznań].
He moved to [A|Kungsgatan 12, 111 43 Stockholm].
He moved to [A|Nygårdsvägen 33, 852 31 Sundsvall].
He moved to [A|Mannerheimintie 5, 00100 Helsinki].
He moved to [A|Lapinkatu 42, 33100 Tampere, Finland].
He moved to [A|Karl Johans gate 22, 0026 Oslo].
He moved to [A|Søndergade 4, 8000 Aarhus C].
He moved to [A|Keizersgracht 123, 1015 CJ Amsterdam].
He moved to [A|Kerkstraat 9, 2000 Antwerpen, Belgium].
He moved to [A|Petőfi utca 12, 1052 Budapest].
He moved to [A|Laugavegur 18, 101 Reykjavík].
The flat is at [A|Prinsengracht 263], behind the church.
The flat is in the [A|Schillerstraße], behind the church.
Deliver to: [A|Brodnica 23, 60-461 Poznań].
Lives at [A|Rosewood 14, 1234 AB Utrecht].
Her phone is [F|+49 30 901820], his is [F|+33 1 42 68 53 00].
Her phone is [F|030 901820], his is [F|01 42 68 53 00].
Ring [F|06-12345678] or [F|020 624 1111].
Ring [F|+41 22 730 51 11] or [F|044 668 18 00].
Ring [F|+39 06 6982] or [F|0312 1234567].
Ring [F|612 345 678] in the evening.
Ring [F|91 123 45 67] or [F|22 33 44 55] in the evening.
Ring [F|0480-123456] or [F|08-123 456 78].
Ring [F|0650 123 45 67] or [F|0470 12 34 56].
Ring [F|01.23.45.67.89] or [F|053 123 45 67].
Ring [F|(20) 123-4567] or [F|(11) 91234-5678].
My DNI is [ID|54362315K] and my wife has NIE [ID|X5253868R].
Codice fiscale [ID|RCCMNL83S18D969H], please check.
His BSN is [ID|111222333].
PESEL [ID|44051401359] is on the form.
Steuer-ID [TAX|36 574 261 809] for the payroll.
The NIR is [ID|2 95 10 99 126 111 93].
The number [ID|85.07.30-033.28] is [N|Belgian].
Personnummer [ID|880320-0016].
Fødselsnummer [ID|151086 95088].
CPR [ID|211062-5629] on the card.
HETU [ID|131052-308T] on the card.
Isikukood [ID|36805280109].
Rodné číslo [ID|710319//2745].
CNP [ID|1630615123457].
PPS number [ID|6433435F].
The AHV number is [ID|756.9217.0769.85].
VAT number [TAX|DE136695976] is on the bill.
VAT: [TAX|GB980780684].
The [N|Swedish] and the [N|Polish] teams met in [L|Vienna] and in [L|Hungary].
The train from [L|Milan] to [L|Zürich] was late.
"""

BANKS_AND_FORMS = r"""
Name: [P|Ada Quill]/Date of birth: [D|04//05//1981]/SSN: [SSN|219-09-9999]/Phone: [F|(415) 555-0132]
First name: [P|Otto]/Last name: [P|Grau]/Age: [Y|34]/City: [L|Graz]/Postcode: [Z|8010]
Title: [T|Mrs.]/Surname: [P|Falk]/Zip: [Z|94103]
Full name: [P|Tam Nguyen Anh]; nationality: [N|Vietnamese]; passport no. [PP|C1234567]
Applicant: [P|Lowe, Peter J.]/Passport number: [PP|533380006]
Passport [PP|L898902C3] expires [D|12//2029] or later.
My passport number is [PP|AB1234567], issued in [L|Canada].
Driver's license: [DL|D1234567], state [L|California].
DL# [DL|A123-4567-8901] was seen.
license number [DL|F255-9215-0094] was seen.
Driving licence [DL|MORGA657054SM9IJ] was seen.
I hold [DL|S1234567] from there.
Card number: [C|4111 1111 1111 1111], exp [D|04//27], CVV [S|123].
Card: [C|5500-0000-0000-0004] please.
Use [C|378282246310005] or [C|6011000000000004].
Old card [C|4222222222222] works.
Diners [C|30000000000004] and JCB [C|3530111333300000].
My card 4111... no, my card is [C|4111 1111 1111 1112], sorry.
The group 1234 5678 is no card, nor is order 41111111.
My social security number is [SSN|078-05-1120].
my ssn is [SSN|219099999] thanks
SSN [SSN|219 09 9999] thanks
ITIN: [SSN|912-70-1234] thanks
EIN [TAX|91-1144442] for the shop.
SIN: [ID|046 454 286] as asked.
My TFN is [ID|123 456 782].
Medicare card number [MED|2123 45670 1] as asked.
NHS number: [MED|943 476 5919].
NI number [ID|AB 12 34 56 C].
Her number is [ID|AB123456C], he said.
Aadhaar: [ID|2341 2341 2346].
PAN [TAX|ACUPA7085R] and GSTIN [TAX|27AAPFU0939F1ZV].
ID number [ID|7503305044089].
NRIC [ID|S1234567D] was copied.
CPF [ID|390.533.447-05].
RUT [ID|12.531.909-2].
CURP [ID|BOXW310820HNERXN09].
National ID: [ID|A1234567B].
VIN: [LP|1M8GDM9AXKP042788] on the frame.
The car with [LP|1HGCM82633A004352] was sold.
Licence plate [LP|AB12 CDE] was seen.
License plate: [LP|7ABC123] was seen.
Plate no. [LP|B-MW 1234] was seen.
The van, reg [LP|KX21 ZZZ], left.
Wallet: [X|1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa].
Send to [X|bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4] today.
ETH [X|0x52908400098527886E0F7030069857D2E4169EE7] today.
Zip code is [Z|60614].
ZIP: [Z|90210-1234].
postcode [Z|SW1A 1AA] please
Her postal code is [Z|K1A 0B1].
Eircode [Z|D02 AF30].
He lives in [L|Portland], [L|OR] [Z|97201].
PIN code [Z|560001], [L|Bengaluru].
They sit in [Z|10115] [L|Berlin].
They sit in [L|Springfield, IL] [Z|62704].
The area is [Z|M4B 1B3], near the lake.
It cost $62704 and weighs 10115 kg.
"""

CHATS = r"""
ok call me [F|0412 345 678] tonite
ok call me [F|078 1234 5678] tonite
text me at [F|07911 123456] x
my number's [F|07911123456]
my nr is [F|5551234567] lol
its [F|555-0134], ask for Bo
+1s are fine, [F|+1 (415) 555-0132 ext. 12] not
ring [F|1-800-555-0199 x123] for help
ring [F|1-800-FLOWERS] for help
ring [F|001 415 555 0132] for help
ring [F|0800 1111 222] for help
ring [F|1300 555 012] for help
ring [F|98765 43210] for help
ring [F|+91 98765 43210] for help
ring [F|+27 82 555 0134] or [F|082 555 0134] for help
ring [F|+353 1 555 0134] or [F|(01) 555 0134] for help
ring [F|021 555 0134] or [F|(03) 555 0134] for help
whatsapp [F|+55 11 91234-5678]
fax: [F|(212) 555 0188]
tel [F|212//555-0188]
tel. [F|212.555.0188 ext. 44]
the score was 21-19, 21-17 and 3:2 after 2 hours
it cost 1,234,567 dollars or 1.234.567 euros
ISBN 978-3-16-148410-0 is a good book
version 10.2.3.4 is out, build 20210405
order 1234567890 is late, ref 5551234567 too
the 2010-2015 plan had 100-200 items
it is 12.5 km in 45 minutes
chapter 3.2.1, pages 100-2000
pin is [S|4821], do not tell
the door code is [S|4821]
my password is [S|hunter22!x]
password: [S|correcthorse]
pwd=[S|S3cr3t!!]
wifi password "[S|blue7tango]"
the password is wrong again
a token of love, a secret place
otp [S|482 913]
your verification code is [S|482913]
code review on page 123
follow [H|@ada_quill] and [H|@tarn_boats] now
my handle is [H|ada_q]
user name: [H|aquill77]
insta: [H|ada.quill.art]
see [H|u//ada_quill]
my name is [P|Ada Quill] and i'm [Y|34]
I'm [P|Otto], [Y|27] years old, from [L|Oslo]
hi im [Y|19], from [L|Texas]
she's [Y|42] and he is [Y|43]
I turned [Y|30] last week
i am 5 minutes away and he is 2 km behind
it's me, [P|Bo Lindt]
call me [P|Ishmael]
call me Monday
this is [P|Carla Stone] from the bank
My daughter is [Y|eight] years old and my son is [Y|3].
at the age of [Y|fifty-six] he left
a [Y|34]-year-old nurse and a [Y|6]-month-old baby
people aged [Y|18 to 25]
she is in her [Y|thirties]
she had her [Y|40]th birthday
happy birthday [P|Lena]!
lives in [L|Leith], I think
I am from [L|Ghana] and she is from [L|Sri Lanka]
I'm [N|German] but I feel [N|Irish]
she is [N|catholic], he is a [N|Muslim]
He votes [N|Republican] and she is a [N|Democrat].
French fries and a Danish pastry
Turkey is dry without gravy, and a jordan almond
we flew to [L|Jordan] and to [L|Turkey]
"""

TICKETS_AND_LOGS = r"""
Login from [IP|203.0.113.7] at [D|2021-03-04T10:11:12Z] failed.
Ping [IP|192.168.0.1//24] and [IP|2001:db8::8a2e:370:7334] now.
Ping [IP|::1] and [IP|fe80::1] now.
At 10:30:45 std::vector was empty, 12:30 too.
MAC [MAC|00:1A:2B:3C:4D:5E] on port 7.
MAC [MAC|00-1A-2B-3C-4D-5E] on port 7, [MAC|001a.2b3c.4d5e] on 8.
key [S|AKIAIOSFODNN7EXAMPLE] leaked
token [S|ghp_abcdefghijklmnopqrstuvwxyz0123456789] leaked
hook [S|xoxb-123456789012-abcdefghij] leaked
jwt [S|eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U] leaked
api_key = "[S|9f8e7d6c5b4a39281706]"
API key: [S|9f8e7d6c5b4a39281706]
Authorization: Bearer [S|abc123def456ghi789]
db [U|postgres:////ada:pw12345@db.example.org:5432//x]
Ticket 48213: customer [P|Otto Grau], phone [F|030 901820], says no.
Customer: [P|Otto Grau] called at 10:15.
Reported by: [P|Ina Volt] ([E|ina@volt.example.org])
Assignee: none, priority 2, 3 votes
Tracking number 1Z999AA10123456784 is lost.
Serial A1234567 is out of stock, model B7654321 too.
User id: [H|jdoe_99] logged in 14 times.
a user came by
login as [H|root_admin7] failed
Account [B|4532211] was closed... account number [B|4532211].
See issue 12345, PR 678 and commit 9f8e7d6c5b4a.
Room 12, floor 3, seat 14C, gate B12.
Error 0x80070005 in module 10.0.19041.1 (version 10.0.19041.1).
"GET //index.html HTTP//1.1" 200 1234 "-" [IP|198.51.100.23]
[D|2021-03-04 10:11:12] INFO user=[H|aquill] ip=[IP|198.51.100.23]
Uptime 14 days, load 0.12 0.15 0.10
Epoch 1614852672 and job 1234567 ended.
The file is in src//main.py, line 120.
10.5281//zenodo.1234567 is a doi
Size 1024x768, 16:9, 300 dpi
Price: 12 345 678 dollars
pi is 3.14159265358979 more or less
Total 1234-5678? no idea
Flight BA2490 on [D|14 Feb 2020 at 6 pm]
"""

CLINIC = r"""
[T|Dr.] [P|Ina Falk] saw the patient, [Y|47] y//o male, on [D|03//04//2020].
Patient: [P|Roe, Jane]/MRN: [MED|00482913]/DOB: [D|1973-02-11]
MRN [MED|A-482913], DOB [D|02//11//73], seen today.
Pt is a [Y|62] yo woman with chest pain for 3 days.
[Y|62]-year-old female, BP 120//80, pulse 72, temp 37.2.
[Y|47] yrs old, aged [Y|47], turned [Y|47].
NHS No. [MED|943 476 5919], GP [T|Dr] [P|Amara Osei].
Medicare ID [MED|1EG4-TE5-MK73].
Insurance policy number [MED|XK123456789].
Health card [MED|1234-567-897] was shown.
Seen by [T|Prof.] [P|Klein] and [T|Nurse] [P|Ada Moor].
Referred by [T|Dr] [P|O'Hara] to [O|St. Brine Hospital].
Born on [D|5 June 1950] in [L|Cork]. Died [D|June 7, 2010].
Born in [D|1950], moved in [D|1972].
Admitted [D|12-Mar-2019], left [D|Mar 15, 2019 at 10:30 am].
Follow up on [D|Tuesday, 4 May 2021].
Next visit [D|2021//05//04] or [D|4.5.2021].
500 mg twice a day for 10 days, 2 refills.
Weight 82 kg, height 178 cm, BMI 25.9.
Emergency contact: [P|Bo Lindt], [F|+46 8 123 456 78].
Spouse: [P|Mia Lindt]
[T|Sister] [P|Agnes] and [T|Father] [P|Brown] visited.
Call ext. 4471 before [D|1st of June].
Dose 0.5 ml; lot 4471A; 3 of 5 given.
Lab 12345 returned 7.35 and 40.
The patient lives alone at [A|9 Quay Street, Galway, H91 AB12].
Allergies: none. Smoker: no. Age [Y|51].
He is a [Y|51]-year old [N|Somali] man.
[T|Mr and Mrs] [P|Stone] came together.
[T|Mr. & Mrs.] [P|Stone] came together.
"""

SOCIAL_AND_NEWS = r"""
[T|President] [P|Halloran] met [T|Queen] [P|Ada] in [L|Copenhagen].
[T|Sir] [P|Alan Moor] and [T|Lady] [P|Moor] left for [L|South Africa].
[T|Rev.] [P|Amos Dale] spoke, then [T|Capt.] [P|Vera Lund].
The [N|French] and [N|German] ministers met in [L|Brussels] on [D|May 9].
Snow fell in [L|Denver, Colorado], on [D|12//24//2020].
[L|New York] and [L|Los Angeles] are far from [L|Sydney].
[L|Sydney, Australia] is far.
Sydney said hello to Austin and to Madison.
In [D|1987] nobody knew it; by [D|2003] all did.
The summer of [D|1999] was hot, with 2000 people there.
A [Y|23]-year-old from [L|Glasgow] won.
[O|Quill & Sons] bought [O|Tarn Motors Inc.] for 3 million.
[O|University of Brine] staff met.
I love the [N|Japanese] garden, 10//10 would go.
may the force be with you, march on
In [D|March 2019] we sold 12 boats.
On the [D|twenty-first of June] we dance.
[D|Sept. 9th, 2014] was the day.
[D|10 Oct '19] was the day.
[D|20190304] was the day, said the log.
My [N|Dutch] friend at [U|tulp.nl] sells bulbs.
Tickets: [U|https:////tix.example.org//a_(b)].
(see [U|https:////example.org//x])
It happened on [A|Wall Street] and on [A|Fifth Avenue].
Down the road and up the hill, on the way to the park
24 hour drive, 10 minute road trip, 2 lane street
Chapter 5 Park Rules
[O|Supreme Court] judges met at the tennis court.
The [O|Marlow Housing Association] and the [O|Embassy of Latvia] wrote to [O|COPPERFIELD HAULAGE LIMITED].
[O|Ashgrove Leaving Care Team] and [O|Pelagia Shipping] met the [O|National Security Council].
Our team, the club and their office did not.
Shipping is free, Service was slow and Systems failed: the School of life is a Union of two.
[A|12 main street] is my place
i live at [A|77 elm st, apt 4]
[A|1600 Pennsylvania Avenue NW, Washington, DC 20500] is known
Mailing [A|2500 Highway 61, Duluth, MN 55804].
Mailing [A|PSC 1234, Box 5678, APO, AE 09012].
Mailing [A|USNS Lopez, FPO AP 96543].
Mailing [A|6649 N Blue Gum St, New Orleans, LA 70116].
Mailing [A|Rose Cottage, 3 Mill Lane, Bath BA1 1AA].
Mailing [A|5 St. James's Square, London].
Mailing [A|Level 3, 120 Collins Street, Melbourne VIC 3000].
Mailing [A|12 Church Road, Sandton, Johannesburg 2196, South Africa].
Mailing [A|42 MG Road, Bengaluru 560001, India].
Mailing [A|23 Long Street, Cape Town, 8001].
Mailing [A|7 The Esplanade, St Kilda VIC 3182].
Mailing [A|9 O'Connell Street Upper, Dublin 1, D01 F6P2].
"""

_MARK = re.compile(r"\[([A-Z]{1,3})\|([^\]]*)\]")
_SETS = {
    "mails": MAILS,
    "europe": EUROPE,
    "banks": BANKS_AND_FORMS,
    "chats": CHATS,
    "tickets": TICKETS_AND_LOGS,
    "clinic": CLINIC,
    "social": SOCIAL_AND_NEWS,
}
_LINES = [
    pytest.param(line, id=f"{name}-{i}")
    for name, lines in _SETS.items()
    for i, line in enumerate(lines.split("\n"))
    if line
]
_RECOGNIZERS = [*common.recognizers(), *english.recognizers()]


def unmarked(line):
    """The text of a marked line, and its labelled spans."""
    line = line.replace("//", "\0").replace("/", "\n").replace("\0", "/")
    text, labels, at = "", [], 0
    for m in _MARK.finditer(line):
        text += line[at : m.start()]
        labels.append((len(text), len(text) + len(m[2]), TYPES[m[1]]))
        text += m[2]
        at = m.end()
    return text + line[at:], labels


def characters(text, spans):
    return {i for start, end in spans for i in range(start, end) if text[i].isalnum()}


def found(text):
    return [find for r in _RECOGNIZERS for find in r.analyze(text, r.supported_entities)]


def shown(text, positions):
    return "".join(c if i in positions else "·" for i, c in enumerate(text))


@pytest.mark.parametrize("line", _LINES)
def test_exactly_the_marked_characters_are_found_and_as_what_they_are(line):
    text, labels = unmarked(line)
    finds = found(text)
    expected = characters(text, [(start, end) for start, end, _ in labels])
    got = characters(text, [(f.start, f.end) for f in finds])
    assert shown(text, got) == shown(text, expected), [(text[f.start : f.end], f.entity_type) for f in finds]
    for start, end, entity in labels:
        of_type = characters(text, [(f.start, f.end) for f in finds if f.entity_type == entity])
        assert characters(text, [(start, end)]) <= of_type, (entity, text[start:end])


def test_there_are_texts_of_every_type_and_three_hundred_at_least():
    assert len(_LINES) >= 300
    assert {entity for p in _LINES for _, _, entity in unmarked(p.values[0])[1]} == set(TYPES.values())
