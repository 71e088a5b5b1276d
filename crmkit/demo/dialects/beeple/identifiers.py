"""National numbers and bank accounts: well formed, check digits included, and handed out to nobody.

Belgian serial numbers run from 001 to 998, so 000 and 999 are nobody's; no Belgian bank has the code 999; a
BIC with 0 in the eighth place is one for tests; no German tax number begins with 0.
"""

from __future__ import annotations

from datetime import date

BIC = "DEMOBEB0"


def belgian(born: date, gender: str) -> str:
    """A national register number; even serials are women's, odd ones men's."""
    serial = "000" if gender == "F" else "999"
    century = "2" if born.year >= 2000 else ""
    check = 97 - int(f"{century}{born:%y%m%d}{serial}") % 97
    return f"{born:%y.%m.%d}-{serial}.{check:02d}"


def dutch(number: int) -> str:
    """A citizen service number of eight nines and threes that passes the test of eleven."""
    for last in range(number, number + 100):
        body = f"9999{last % 10000:04d}"
        check = sum(int(digit) * (9 - place) for place, digit in enumerate(body)) % 11
        if check < 10:
            return f"{body}{check}"
    raise AssertionError("one in eleven fails, not a hundred in a row")


def german(number: int) -> str:
    """A tax identification number that begins with 0."""
    body, product = f"0{number % 10**9:09d}", 10
    for digit in body:
        product = 2 * ((int(digit) + product) % 10 or 10) % 11
    return f"{body}{(11 - product) % 10}"


def iban(number: int) -> str:
    """A Belgian account number of bank 999."""
    body = f"999{number % 10**7:07d}"
    account = f"{body}{int(body) % 97 or 97:02d}"
    return f"BE{98 - int(f'{account}111400') % 97:02d}{account}"
