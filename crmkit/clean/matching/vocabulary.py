"""Words that are no part of who somebody is: titles, particles, fillers, offices; and what abbreviations stand for."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GENERATIONS = {
    "jr": "junior", "jnr": "junior", "junior": "junior", "jun": "junior", "sr": "senior", "snr": "senior", "senior": "senior",
    "sen": "senior", "ii": "second", "iii": "third", "iv": "fourth",
}  # fmt: skip
HONORIFICS = _words("dr prof ir ing mr mrs ms miss dhr mevr mevrouw mw meneer heer mme mlle mons herr frau drs")
PARTICLES = _words(
    "van von vande vanden vander der den de d du des del della di da la le les l t ter ten te zu zur zum el al ben y e op het in"
)
# Alone these are no half of a double name.
PARTICLES_ALONE = _words("van von vande vanden vander el al de den der d o mc mac")
FILLERS = _words(
    "test tester testing demo dummy xx xxx xxxx asdf qwerty unknown onbekend inconnu unbekannt nvt none null nobody anonymous "
    "anoniem anonyme voornaam naam achternaam familienaam firstname lastname nom prenom vorname nachname gebruiker user example "
    "voorbeeld niemand person persoon contact"
)
OFFICES = _words(
    "info contact admin office secretariaat secretariat sekretariat secretary bestuur board club team mail post hello hallo noreply "
    "webmaster postmaster support help sales verkoop administratie boekhouding accounting finance penningmeester treasurer "
    "voorzitter president ledenadministratie members leden receptie reception kantoor bureau jobs hr privacy gdpr events"
)
# Days that programs put where none was given.
NO_DAYS = frozenset((19000101, 18991230, 18991231, 19700101, 11111111, 18000101, 10101, 19010101))
STREETS = {
    "str": "straat",
    "stw": "steenweg",
    "stwg": "steenweg",
    "ln": "laan",
    "pl": "plein",
    "av": "avenue",
    "r": "rue",
    "st": "sint",
}
WOMEN = _words("f female v vrouw woman w weiblich femme mrs ms miss mevr mevrouw mw mme mlle madame frau")
MEN = _words("m male man homme mannlich männlich mr dhr heer meneer monsieur herr")
