"""What may stand in the cache folder, and what may become of the disk: planted, foreign, locked, linked, full."""

import gc
import io
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import openpyxl
import pytest

import crmkit
from crmkit import mentions
from crmkit.private import CacheWarning
from crmkit.secrets import Secret
from tests.guard.planted import TOKEN, stored


def only(folder):
    (path,) = folder.glob("*.sqlite")
    return path


class Bomb:
    """Pickled, it makes a file when it is loaded."""

    def __init__(self, place):
        self.place = place

    def __reduce__(self):
        return os.mkdir, (str(self.place),)


@pytest.mark.parametrize("packed", [bytes, zlib.compress, lambda data: zlib.compress(b'{"body":' + data + b"}")], ids=["bare", "zlib", "page"])
def test_a_planted_pickle_does_nothing(connect, folder, tmp_path, packed):
    client = connect()
    client.contacts()
    crmkit.cache.close()
    bomb = pickle.dumps(Bomb(tmp_path / "exploded"))
    with sqlite3.connect(only(folder)) as con:
        con.execute("UPDATE responses SET value=?", (packed(bomb),))
        con.execute("CREATE TABLE redirects (key TEXT PRIMARY KEY, value BLOB)")
        con.execute("INSERT INTO redirects SELECT key, ? FROM responses", (bomb,))
    con.close()
    assert len(crmkit.cache.about("nobody at all")) == 7
    with pytest.raises(crmkit.errors.ShapeError, match="damaged"):
        client.contacts()
    assert len(client.contacts()) == 60
    assert crmkit.cache.forget("Peeters") >= 0
    assert not (tmp_path / "exploded").exists()
    pickle.loads(bomb)
    assert (tmp_path / "exploded").exists()  # it would have


def test_a_planted_trigger_or_view_calls_nothing(connect, folder):
    client = connect()
    client.contacts()
    crmkit.cache.close()
    with sqlite3.connect(only(folder)) as con:
        con.execute("CREATE TRIGGER planted AFTER INSERT ON responses BEGIN SELECT load_extension('planted'); END")
    con.close()
    with pytest.warns(CacheWarning):
        assert len(client.contacts(refresh=True)) == 60


@pytest.mark.parametrize(
    "made",
    [
        ["CREATE TABLE walks (walk TEXT, generation TEXT)", "CREATE TABLE responses (key TEXT PRIMARY KEY, value BLOB)"],
        ["CREATE TABLE walks (a)", "PRAGMA user_version=1"],
        ["CREATE TABLE other (a)"],
        ["PRAGMA user_version=99"],
        ["CREATE VIEW walks AS SELECT 1"],
    ],
    ids=["older", "numbered", "other", "newer", "view"],
)
def test_a_file_of_another_version_is_set_aside_and_the_data_asked_again(connect, folder, made):
    client = connect()
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{client.account}.sqlite"
    with sqlite3.connect(path) as con:
        for line in made:
            con.execute(line)
    con.close()
    with pytest.warns(CacheWarning, match="another version"):
        assert len(client.contacts()) == 60
    assert crmkit.receipt(connect().contacts()).calls == 0
    assert crmkit.cache.info()["pages"].tolist() == [7]
    assert len(list(folder.glob("*.broken-*"))) == 1


def test_a_linked_cache_file_is_not_followed(connect, folder, tmp_path):
    client = connect()
    folder.mkdir(mode=0o700, exist_ok=True)
    (tmp_path / "mine.txt").write_text("precious")
    (folder / f"{client.account}.sqlite").symlink_to(tmp_path / "mine.txt")
    with pytest.warns(CacheWarning, match="in memory"):
        assert len(client.contacts()) == 60
    assert (tmp_path / "mine.txt").read_text() == "precious"
    assert stat.S_IMODE((tmp_path / "mine.txt").stat().st_mode) != 0o600 or os.umask(0o077) == 0o077


@pytest.mark.parametrize("ending", ["-wal", "-shm"])
def test_a_linked_journal_is_not_followed(connect, folder, tmp_path, ending):
    client = connect()
    folder.mkdir(mode=0o700, exist_ok=True)
    (tmp_path / "mine.txt").write_text("precious")
    (folder / f"{client.account}.sqlite{ending}").symlink_to(tmp_path / "mine.txt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CacheWarning)
        assert len(client.contacts()) == 60
    assert (tmp_path / "mine.txt").read_text() == "precious"


def test_a_linked_salt_is_not_believed(connect, folder, tmp_path, no_waiting):
    folder.mkdir(mode=0o700, exist_ok=True)
    (tmp_path / "known").write_bytes(b"k" * 32)
    (folder / "salt").symlink_to(tmp_path / "known")
    with pytest.warns(CacheWarning, match="salt"):
        account = connect().account
    assert Secret("x").digest(crmkit.cache.salt(folder)) != Secret("x").digest(b"k" * 32)
    assert (tmp_path / "known").read_bytes() == b"k" * 32
    assert connect().account == account


@pytest.mark.parametrize("odd", ["../../up", "/etc/passwd", "a/../../b", "..", "%2e%2e%2f", "~root", "a\\b", "con", "x" * 5000, "é"])
def test_no_part_of_an_account_leads_out_of_the_folder(folder, tmp_path, odd):
    clients = [
        crmkit.SheepCRM(api_key=TOKEN, bucket=odd, base_url="http://127.0.0.1:9"),
        crmkit.OnePageCRM(user_id=odd, api_key=TOKEN, base_url="http://127.0.0.1:9"),
        crmkit.MissionHub(token=odd, organization_id=odd, base_url="http://127.0.0.1:9/" + odd.replace("\\", "")),
    ]
    for client in clients:
        assert client._cache.path.parent == folder
        assert client._cache.path.resolve().is_relative_to(folder.resolve())
        assert odd not in client._cache.path.name
    assert {path.name for path in tmp_path.iterdir()} == {"cache"}


def test_a_read_only_file_costs_only_the_cache(connect, server, folder):
    client = connect()
    client.contacts()
    crmkit.cache.close()
    done = as_nobody(folder, server, "os.chmod(path, 0o400)")
    assert done.stdout.split() == ["60", "7", "True"], done.stderr


def test_pages_in_memory_are_seen_and_forgotten_too_and_leave_nothing(connect, server, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    (tmp_path / "file").write_text("")
    client = connect(cache_dir=tmp_path / "file")
    with pytest.warns(CacheWarning, match="in memory"):
        client.contacts()
    assert crmkit.receipt(client.contacts()).calls == 0
    assert crmkit.cache.info()["pages"].tolist() == [7]
    assert crmkit.cache.clear() == 7
    assert list((tmp_path / "t").iterdir()) == []


AS_NOBODY = """
import os, sys, warnings
sys.path[:0] = [{root!r}]
import crmkit
crmkit.Peepl(token=sys.argv[1], base_url=sys.argv[2], pace=((100, 1),), cache_dir={elsewhere!r}).contacts()  # loads every module
(path,) = __import__("pathlib").Path({folder!r}).glob("*.sqlite")
{before}
for one in path.parent.iterdir():
    os.chown(one, 65534, 65534)
os.chown(path, 0, 0)
os.chmod(path, 0o444)
os.chown(path.parent, 65534, 65534)
os.setgid(65534); os.setuid(65534)
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    frame = crmkit.Peepl(token=sys.argv[1], base_url=sys.argv[2], pace=None, workers=1, progress=False).contacts()
print(len(frame), crmkit.receipt(frame).calls, any("in memory" in str(one.message) for one in told))
"""


def as_nobody(folder, server, before):
    if os.name != "posix" or os.getuid() != 0:
        pytest.skip("root may write anywhere, and must step down first")
    for above in list(folder.parents)[:-2]:
        above.chmod(above.stat().st_mode | 0o055)
    root = str(Path(crmkit.__file__).parent.parent)
    code = AS_NOBODY.format(root=root, folder=str(folder), elsewhere=str(folder) + "-of-root", before=before)
    return subprocess.run([sys.executable, "-c", code, TOKEN, server.url], capture_output=True, text=True, timeout=60)


FULL = """
import resource, signal, sys, warnings
import crmkit
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
client = crmkit.Peepl(token=sys.argv[1], base_url=sys.argv[2], pace=None, workers=2, progress=False)
if {first}:
    client.contacts(limit=5)
resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    frame = client.contacts(refresh=True)
print(len(frame), crmkit.receipt(frame).complete, sorted({{one.category.__name__ for one in told}}))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs limits of processes")
@pytest.mark.parametrize(("first", "most"), [(True, 40_000), (True, 8192), (False, 16_384), (False, 100), (False, 0)])
def test_no_byte_can_be_written_and_the_fetch_still_returns(server, first, most):
    code = FULL.format(first=first, most=most)
    done = subprocess.run([sys.executable, "-c", code, TOKEN, server.url], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "60 True ['CacheWarning']", done.stderr


@pytest.fixture
def full_disk(tmp_path):
    """A folder on a disk of its own of 300 KB, with nothing left."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no right to mount a small disk")
    try:
        yield place
    finally:
        crmkit.cache.close()
        gc.collect()
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place):
    with (place / "fill").open("wb", buffering=0) as handle:
        try:
            while True:
                handle.write(b"x" * 4096)
        except OSError:
            pass


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_disk_that_is_really_full(connect, full_disk, when):
    client = connect(cache_dir=full_disk / "cache", pace=((100, 1),))
    if when == "after":
        client.contacts(limit=5)
    fill(full_disk)
    with pytest.warns(CacheWarning):
        frame = client.contacts()
    assert crmkit.receipt(frame).complete
    assert len(frame) == 60


# Forgetting.


def workbook(*cells):
    book = openpyxl.Workbook()
    for cell in cells:
        book.active.append([cell])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


RICH = '<si><r><t>Jan</t></r><r><rPr><b/></rPr><t xml:space="preserve"> Pee&#116;ers &amp; Zoon</t></r></si>'


def rich():
    """A workbook with a name of which a part is bold."""
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", f"<sst>{RICH}</sst>")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("body", "text", "held"),
    [
        (workbook("Jan Peeters", "An"), "jan peeters", True),
        (workbook("Jan Peeters & Zoon"), "peeters & zoon", True),
        (workbook(32475123456), "32475123456", True),
        (workbook("An"), "jan", False),
        (rich(), "Jan Peeters & Zoon", True),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "Jan", True),
        (workbook("An")[:200], "Jan", True),
        (b"name;mail\nJan;x", "jan", True),
        (b"name;mail\nAn;x", "jan", False),
        ({"name": "Zo&euml; M&uuml;ller"}, "zoë müller", True),
    ],
    ids=["cell", "escaped", "number", "not there", "bold", "picture", "half", "csv", "other csv", "entities"],
)
def test_answers_that_are_no_json_are_looked_into(body, text, held):
    texts = mentions.readable(body)
    assert (texts is None or any(one in found for found in texts for one in mentions.spellings(text))) is held


def test_forget_warns_where_another_process_keeps_the_bytes_and_is_done_when_it_stops(server, connect, folder, monkeypatch):
    monkeypatch.setattr("crmkit.store.BUSY_MS", 100)
    server.answer("/contacts/7/", {"id": 7, "first_name": "Erasable", "title": os.urandom(3000).hex()})
    client = connect()
    client.contact(7)
    packed = next(data for name, data in stored(folder) if name.endswith("responses") and data[:2] == b"x\x9c")
    piece = packed[200:260]
    reader = sqlite3.connect(only(folder), isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT COUNT(*) FROM responses").fetchone()
    with pytest.warns(CacheWarning, match="another process"):
        assert crmkit.cache.forget("Erasable") == 1
    reader.close()
    crmkit.cache.clear()
    assert not any(piece in path.read_bytes() for path in folder.iterdir())


def test_a_person_is_forgotten_in_every_account(server, connect, folder):
    server.answer("/contacts/7/", {"id": 7, "first_name": "Erasable", "title": os.urandom(600).hex()})
    for token in (TOKEN, "the-token-of-somebody-else"):
        connect(token).contact(7)
    pieces = [data[200:260] for name, data in stored(folder) if name.endswith("responses") and data[:2] == b"x\x9c"]
    assert len(pieces) == 2
    assert crmkit.cache.forget("erasable") == 2
    assert not any(piece in path.read_bytes() for path in folder.iterdir() for piece in pieces)
    assert crmkit.cache.info().empty
