"""The file of a bundle: a zip of plain members with fixed dates, and the suspicion with which one is opened."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from crmkit.errors import ShapeError

MANIFEST = "manifest.json"
TABLES = ("definitions.json", "receipts.json", "anonymity.json")
FRAME = re.compile(r"frames/[a-z0-9_]{1,60}(\.[a-z0-9_]{1,60}){0,2}\.parquet")
FORMAT, VERSION = "crmkit-bundle", 1
EPOCH = (1980, 1, 1, 0, 0, 0)
MOST_MEMBERS = 1000
MOST_BYTES = 1_000_000_000


def as_bytes(plain: Any) -> bytes:
    """Plain values as JSON, the same bytes every time."""
    return (json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def write(path: Path, members: Mapping[str, bytes]) -> None:
    """Write the zip beside its place and move it there when it is whole. Members are stored as they are: Parquet is packed already."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(members):
                told = zipfile.ZipInfo(name, EPOCH)
                told.create_system, told.external_attr = 3, 0o644 << 16
                archive.writestr(told, members[name])
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read(path: Path) -> dict[str, bytes]:
    """The members of a bundle by name, each held against the manifest. Raises ShapeError for anything that is not as bundle() writes it."""
    try:
        with zipfile.ZipFile(path) as archive:
            told = archive.infolist()
            _checked(told, path.stat().st_size)
            members = {one.filename: archive.read(one) for one in told}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise _refused("it is no whole zip file") from error
    _as_told(members)
    return members


def digest(data: bytes) -> str:
    """The SHA-256 of some bytes, as hexadecimal text."""
    return sha256(data).hexdigest()


def _checked(told: list[zipfile.ZipInfo], size: int) -> None:
    """Names that bundle() gives, each once, stored as they are and no larger than the file: no way out of it, and no bomb."""
    names = [one.filename for one in told]
    if len(names) > MOST_MEMBERS or len(set(names)) != len(names):
        raise _refused("it has too many members, or two of one name")
    for one in told:
        if one.filename not in (MANIFEST, *TABLES) and not FRAME.fullmatch(one.filename):
            raise _refused("it has a member that no bundle has")
        if one.compress_type != zipfile.ZIP_STORED or one.flag_bits & 1:
            raise _refused("a member is packed or locked")
    if sum(one.file_size for one in told) > min(size, MOST_BYTES):
        raise _refused("it unfolds to more than it is")


def _as_told(members: Mapping[str, bytes]) -> None:
    manifest = parsed(members.get(MANIFEST, b""))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _refused("it has no manifest of a bundle")
    if manifest.get("version") != VERSION:
        raise ShapeError("the bundle is of another version of crmkit.", hint="open it with the crmkit that its report names.")
    hashes = manifest.get("members")
    if not isinstance(hashes, dict) or set(hashes) != set(members) - {MANIFEST}:
        raise _refused("its members are not those of its manifest")
    for name, expected in hashes.items():
        if digest(members[name]) != expected:
            raise _refused(f"{name} was changed after the bundle was made")


def parsed(data: bytes) -> Any:
    """JSON as plain values; None for anything that is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _refused(why: str) -> ShapeError:
    return ShapeError(f"this is no bundle, or was tampered with: {why}.", hint="get the file again from who made it.")
