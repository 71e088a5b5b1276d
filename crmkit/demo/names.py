"""Invented Flemish names and a real map: what people, streets and mail providers are called.

Towns and postal codes are real, people are not. Mail providers end in the reserved domain .example; phone
numbers lie in ranges not handed out in Belgium, so that nobody can be mailed or called by accident.
"""

from __future__ import annotations

from typing import NamedTuple

CLUB = "SK Dijlevallei"


class Town(NamedTuple):
    """A town: postal code, name, kilometres east and north of the club's ground, weight as a home."""

    postal_code: str
    city: str
    east: float
    north: float
    weight: int


# fmt: off
TOWNS = (
    Town("3000", "Leuven", 0.6, 0.8, 60),
    Town("3001", "Heverlee", 0.2, -1.9, 42),
    Town("3010", "Kessel-Lo", 2.3, 1.2, 46),
    Town("3012", "Wilsele", 0.9, 3.1, 24),
    Town("3018", "Wijgmaal", 0.1, 5.4, 14),
    Town("3020", "Herent", -2.6, 3.2, 30),
    Town("3040", "Huldenberg", -8.4, -9.9, 5),
    Town("3050", "Oud-Heverlee", -3.1, -5.8, 14),
    Town("3052", "Blanden", 0.3, -5.6, 7),
    Town("3053", "Haasrode", 2.6, -5.0, 9),
    Town("3060", "Bertem", -5.1, -1.6, 14),
    Town("3061", "Leefdaal", -8.0, -3.6, 7),
    Town("3070", "Kortenberg", -11.2, 1.1, 9),
    Town("3078", "Everberg", -9.6, -0.4, 5),
    Town("3080", "Tervuren", -13.1, -6.2, 4),
    Town("3110", "Rotselaar", 1.1, 8.1, 13),
    Town("3111", "Wezemaal", 3.9, 8.2, 6),
    Town("3118", "Werchter", -0.2, 11.0, 4),
    Town("3120", "Tremelo", 0.6, 12.9, 5),
    Town("3140", "Keerbergen", -4.0, 13.6, 4),
    Town("3150", "Haacht", -4.1, 10.8, 7),
    Town("3190", "Boortmeerbeek", -9.2, 11.1, 3),
    Town("3200", "Aarschot", 9.2, 12.0, 7),
    Town("3210", "Lubbeek", 9.9, 0.6, 12),
    Town("3212", "Pellenberg", 6.1, -0.6, 8),
    Town("3220", "Holsbeek", 4.2, 5.0, 15),
    Town("3290", "Diest", 24.7, 12.1, 2),
    Town("3300", "Tienen", 16.6, -8.1, 5),
    Town("3360", "Bierbeek", 4.6, -5.6, 12),
    Town("3370", "Boutersem", 9.6, -4.9, 6),
    Town("3390", "Tielt-Winge", 14.0, 4.6, 4),
    Town("1910", "Kampenhout", -10.2, 7.0, 3),
    Town("2800", "Mechelen", -15.2, 16.6, 3),
    Town("1000", "Brussel", -24.8, -3.3, 3),
)

STREETS = (
    "Kerkstraat", "Dorpsstraat", "Stationsstraat", "Molenstraat", "Schoolstraat", "Nieuwstraat",
    "Veldstraat", "Groenstraat", "Tiensesteenweg", "Naamsesteenweg", "Diestsesteenweg", "Brusselsesteenweg",
    "Bosstraat", "Beekstraat", "Lindelaan", "Eikenlaan", "Kapelstraat", "Processieweg", "Wijnpersstraat",
    "Dijledreef", "Sint-Andréstraat", "Café-aan-de-Vaartlaan", "Merellaan", "Zwaluwenlaan", "Vlierbeeklaan",
    "Bergstraat", "Koningin Astridlaan", "Heidestraat", "Pastoriestraat", "Oude Baan", "Populierenlaan",
    "Sportlaan", "Vaartkom", "Abdijdreef", "Wingerdstraat", "Hoogveldweg", "Oudebaan", "Klein Begijnhofpad",
)

LAST_NAMES = (
    "Peeters", "Janssens", "Maes", "Jacobs", "Mertens", "Willems", "Claes", "Goossens", "Wouters",
    "De Smet", "Vermeulen", "Pauwels", "Hermans", "Aerts", "Michiels", "Lambrechts", "Van Damme",
    "De Backer", "Smets", "Van de Velde", "Claessens", "Hendrickx", "Verhoeven", "Vandenberghe",
    "Van den Broeck", "De Clercq", "Desmet", "Stevens", "Thijs", "Bogaerts", "Van Dyck", "Cools", "Segers",
    "Coppens", "Verbeke", "Lemmens", "De Wilde", "Christiaens", "Baert", "Timmermans", "Vermeiren",
    "Cuypers", "Moens", "Geerts", "Martens", "Wuyts", "Van Hove", "Verlinden", "Vandeput", "Schepers",
    "Daniëls", "Celis", "Boonen", "Nijs", "Sneyers", "Van Roosbroeck", "Vanderlinden", "Trappeniers",
    "Bollen", "Raymaekers", "Uytterhoeven", "Vleminckx", "Ooms", "Swinnen", "Laenen", "D'Hondt",
    "Van 't Veer", "Morré", "Dubois", "Noël", "Lefèvre", "Özdemir", "El Amrani", "Benali", "Nowak",
    "Müller", "García", "Nguyen", "Kabongo", "Yılmaz", "Popescu", "O'Brien", "Vanaudenhove", "Vercammen",
    "Vandezande", "Ghijs", "Van Campenhout", "Roelants", "Evrard", "Fierens",
)

FIRST_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "F": {
        "young": (
            "Emma", "Louise", "Marie", "Noor", "Olivia", "Elise", "Lotte", "Juna", "Fien", "Zoë", "Noémie",
            "Ella", "Anaïs", "Lina", "Mila", "Julia", "Hanne", "Lore", "Amélie", "Yasmine", "Nora", "Roos",
            "Chloé", "Febe", "Jade", "Maud", "Tess", "Sara", "Axelle", "Kaat", "Lena", "Inès",
        ),
        "adult": (
            "An", "Sofie", "Katrien", "Ellen", "Sarah", "Ilse", "Leen", "Griet", "Nathalie", "Evi",
            "Liesbeth", "Tine", "Annelies", "Kim", "Joke", "Veerle", "Barbara", "Eva", "Saskia", "Karolien",
            "Daniëlle", "Hilde", "Els", "Naïma", "Goedele", "Wendy", "Martine", "Kristel", "Heidi", "Renée",
        ),
        "old": (
            "Maria", "Godelieve", "Rita", "Lutgarde", "Christiane", "Monique", "Jeannine", "Simonne",
            "Agnès", "Paula", "Denise", "Magda", "Hélène", "Yvonne", "Francine", "Lieve", "Annie", "Mia",
        ),
    },
    "M": {
        "young": (
            "Noah", "Arthur", "Liam", "Lucas", "Jules", "Finn", "Lars", "Mathis", "Victor", "Loïc", "Wout",
            "Seppe", "Kobe", "Mauro", "Adam", "Vince", "Ruben", "Jef", "Stan", "Elias", "Milan", "Thibaut",
            "Daan", "Matteo", "Ayoub", "Warre", "Senne", "Robbe", "Raphaël", "Lowie", "Xander", "Joël",
        ),
        "adult": (
            "Jan", "Tom", "Koen", "Bart", "Kristof", "Pieter", "Wim", "Stijn", "Dieter", "Tim", "Bram",
            "Geert", "Jeroen", "Filip", "Peter", "Sven", "Steven", "Joris", "Karim", "Maarten", "Nicolas",
            "Michaël", "Dirk", "Luc", "Johan", "Frédéric", "Hans", "Yves", "David", "Gert",
        ),
        "old": (
            "Jozef", "Roger", "Willy", "André", "Marcel", "Herman", "Paul", "Guido", "Etienne", "Frans",
            "Gilbert", "René", "Louis", "Hugo", "Walter", "Jean-Pierre", "Albert", "Raymond",
        ),
    },
}

NICKNAMES = {
    "Katrien": "Trien", "Sofie": "Fie", "Liesbeth": "Lies", "Annelies": "An", "Karolien": "Lien",
    "Maria": "Mia", "Godelieve": "Lieve", "Christiane": "Chris", "Lutgarde": "Lut", "Nathalie": "Nath",
    "Kristof": "Kris", "Pieter": "Piet", "Jozef": "Jef", "Nicolas": "Nico", "Frédéric": "Fré",
    "Herman": "Man", "Arthur": "Tuur", "Victor": "Vic", "Mathis": "Mats", "Louise": "Lou", "Elise": "Lies",
    "Amélie": "Mel", "Thibaut": "Tibo", "Jean-Pierre": "JP", "Steven": "Stef", "Johan": "Jo",
    "Martine": "Tine", "Raphaël": "Raf", "Lucas": "Luc",
}

PROVIDERS = ("gmail.example", "telenet.example", "hotmail.example", "skynet.example", "outlook.example")
PROVIDER_TYPOS = {
    "gmail.example": "gmial.example", "telenet.example": "telent.example",
    "hotmail.example": "hotmial.example", "skynet.example": "skynte.example",
    "outlook.example": "outloook.example",
}

COMPANY_STEMS = (
    "Bakkerij", "Garage", "Drankencentrale", "Bouwwerken", "Apotheek", "Frituur", "Drukkerij", "Tuinaanleg",
    "Verzekeringen", "Schrijnwerkerij", "Fietsen", "Optiek", "Boekhandel", "Slagerij", "Dakwerken",
    "Brouwerij",
)
SECTORS = {
    "Bakkerij": "Food", "Garage": "Automotive", "Drankencentrale": "Food", "Bouwwerken": "Construction",
    "Apotheek": "Health", "Frituur": "Horeca", "Drukkerij": "Media", "Tuinaanleg": "Construction",
    "Verzekeringen": "Finance", "Schrijnwerkerij": "Construction", "Fietsen": "Retail", "Optiek": "Retail",
    "Boekhandel": "Retail", "Slagerij": "Food", "Dakwerken": "Construction", "Brouwerij": "Food",
}
LEGAL_FORMS = ("BV", "NV", "CV", "VOF")
JOBS = (
    "Bediende", "Leerkracht", "Verpleegkundige", "Ingenieur", "Zelfstandige", "Zaakvoerder", "Arbeider", "IT",
)
STUDIES = (
    "Bachelor Verpleegkunde", "Master Ingenieurswetenschappen", "Lerarenopleiding", "Initiator Atletiek",
    "Trainer B Volleybal", "Initiator Tennis", "Sportkampbegeleider",
)
SCHOOLS = ("Hogeschool Dijleland", "Universiteit aan de Dijle", "Vlaamse Trainersschool Dijleland")
