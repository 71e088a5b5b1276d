"""News, folders with files, and picture albums as Peepl prints them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from crmkit.demo.clock import TODAY
from crmkit.demo.club import Club
from crmkit.demo.dialects.peepl.persons import MEDIA, uuid

Json = dict[str, Any]

_TITLES = (
    "Kampioenen!",
    "Nieuwe truitjes",
    "Verslag algemene vergadering",
    "Trainer gezocht",
    "Uitslagen veldloop",
    "Zomersluiting kantine",
    "Inschrijven sportkamp",
    "Bedankt, vrijwilligers",
    "Parkeren aan de piste",
    "Clubblad online",
    "Medaille op het BK",
    "Wafels besteld?",
)
_FOLDERS: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (0, "Bestuur", ()),
    (1, "Verslagen", ("Verslag 2023-11-07.pdf", "Verslag 2024-02-06.pdf", "Verslag 2024-05-14.pdf")),
    (2, "Archief", ("Verslag 2021-03-02.pdf", "IMG_0040.JPG")),
    (1, "Financiën", ("Begroting 2024.xlsx",)),
    (0, "Trainers", ("Draaiboek training.docx",)),
    (1, "Oefeningen", ("Loopscholing.pdf", "Opslag.pdf", "Core stability.pdf")),
    (
        0,
        "Formulieren",
        ("Aanvraag terugbetaling mutualiteit.pdf", "Medisch attest.pdf", "Leden inladen.xlsx"),
    ),
    (0, "Lege map", ()),
)
_ALBUMS = (
    "Startdag",
    "Veldloop Dijlevallei",
    "Nacht van de Dijlevallei",
    "Clubkampioenschap atletiek",
    "Lege album",
)


class Content:
    """What the club publishes, the same for every size of club."""

    def __init__(self, club: Club, authors: list[int | None]) -> None:
        self._club = club
        self._author = authors[0]
        self.folders = self._grow_folders()
        self.files = {file["id"]: file for folder in self._flat(self.folders) for file in folder["files"]}
        self.albums = {number: self._album(number, name) for number, name in enumerate(_ALBUMS, start=211)}
        self.pictures = {picture["id"]: picture for album in self.albums.values() for picture in album["pictures"]}
        self.news = {114 + 2 * place: self._post(114 + 2 * place, place) for place in range(36)}

    def folder(self, number: int) -> Json | None:
        """A folder with everything below it, at whatever depth."""
        return next((folder for folder in self._flat(self.folders) if folder["id"] == number), None)

    def news_attachments(self, number: int) -> list[Json]:
        """Every fifth post has a file."""
        rng = self._club.random(f"peepl:news:{number}")
        if number % 5:
            return []
        file = f"{MEDIA}/news_attachments/{number}/{uuid(rng)}/flyer.pdf"
        size = rng.randrange(50_000, 2_000_000)
        return [{"id": number // 5, "name": "flyer.pdf", "filesize": size, "file": file, "news_id": number}]

    def _post(self, number: int, place: int) -> Json:
        rng = self._club.random(f"peepl:post:{number}")
        turn, which = divmod(place, len(_TITLES))
        title = f"{_TITLES[which]} ({turn + 1})" if turn else _TITLES[which]
        begun = TODAY - timedelta(days=rng.randrange(10, 640))
        limited = rng.random() < 0.3
        return {
            "id": number,
            "name": title,
            "content": f"<p>{title}: lees er alles over in de kantine &amp; op het prikbord.</p>",
            "is_published": rng.random() < 0.9,
            "is_published_start_date": begun.isoformat() if limited else None,
            "is_published_end_date": (begun + timedelta(days=30)).isoformat() if limited else None,
            "is_public": rng.random() < 0.6,
            "is_public_start_date": begun.isoformat() if limited else None,
            "is_public_end_date": None,
            "featured_on_peepl": rng.random() < 0.2,
            "featured_on_clubsite": rng.random() < 0.2,
            "shared_on_facebook": rng.random() < 0.5,
            "album_id": rng.choice(list(self.albums)) if rng.random() < 0.2 else None,
            "author_id": self._author,
            "last_modified_by_id": self._author if rng.random() < 0.5 else None,
            "cover_photo": None,
        }

    def _grow_folders(self) -> list[Json]:
        rng = self._club.random("peepl:folders")
        roots: list[Json] = []
        branch: list[Json] = []
        serial = 231
        for number, (depth, name, files) in enumerate(_FOLDERS, start=415):
            parent = branch[depth - 1] if depth else None
            folder: Json = {
                "id": number,
                "name": name,
                "created_by": self._author,
                "parent": parent["id"] if parent else None,
                "files": [],
                "children": [],
            }
            for filename in files:
                url = f"{MEDIA}/documents/{number}/{uuid(rng)}/{filename.replace(' ', '%20')}"
                folder["files"].append(
                    {
                        "id": serial,
                        "filename": filename,
                        "filesize": rng.randrange(10_000, 9_000_000),
                        "file": url,
                        "directory_id": number,
                        "uploaded_by_id": self._author,
                    }
                )
                serial += 1
            (parent["children"] if parent else roots).append(folder)
            branch[depth:] = [folder]
        return roots

    def _flat(self, folders: list[Json]) -> Iterator[Json]:
        for folder in folders:
            yield folder
            yield from self._flat(folder["children"])

    def _album(self, number: int, name: str) -> Json:
        rng = self._club.random(f"peepl:album:{number}")
        pictures = [
            {
                "id": number * 100 + place,
                "file": f"{MEDIA}/pictures/{number}-{uuid(rng)}.jpg",
                "filesize": rng.randrange(300_000, 3_000_000),
                "width": 1920,
                "height": rng.choice((1080, 1280)),
                "album_id": number,
            }
            for place in range(0 if name == "Lege album" else rng.randint(4, 12))
        ]
        of_activity = next((each.number + 7400 for each in self._club.activities if each.name == name), None)
        return {
            "id": number,
            "name": name,
            "description": f"<p>Foto's van {name}</p>",
            "is_published": True,
            "is_public": number % 2 == 0,
            "activity_id": of_activity,
            "pictures": pictures,
        }
