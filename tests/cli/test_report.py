import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import NoReturn

import pandas as pd
import pytest

import crmkit.demo
from crmkit import report
from crmkit.demo import Demo
from crmkit.errors import AuthError
from crmkit.report import pictures, terminal
from crmkit.report.page import page
from crmkit.report.parts import Chapter, Picture, Table, rounded
from crmkit.report.pull import READS, Pull, System, from_demo
from crmkit.report.run import _figures
from tests.cli.conftest import Run

EVIL = '<script>alert("x")</script> & Ünal\x1b[31m'
NAMES = ["Peepl", "Beeple", "sheepCRM", "MissionHub", "OnePageCRM"]
TOPICS = ["Segments", "Attendance", "Pipelines", "Coverage"]


class Seen(HTMLParser):
    """What a browser would find: tags, what they would load, alternative texts, ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.alts: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.loads += [found[name] for name in ("src", "href", "xlink:href", "data", "action", "srcset") if name in found]
        self.alts += [found["aria-label"]] if found.get("role") == "img" else []
        self.ids += [found["id"]] if "id" in found else []


@pytest.fixture(scope="module")
def told(pull: Pull) -> dict[str, Chapter]:
    return {chapter.title: chapter for chapter in report.chapters(pull)}


@pytest.fixture(scope="module")
def text(pull: Pull, told: dict[str, Chapter]) -> str:
    return page("Title", "Lead", [("5", "things")], [*told.values()], report.receipts(pull), "Source")


@pytest.fixture
def read_already(monkeypatch: pytest.MonkeyPatch, pull: Pull, told: dict[str, Chapter]) -> None:
    """What crmkit demo reads and tells is what has been read and told before."""

    def read(running: Demo, before: Callable[[str], object], after: Callable[[System], object]) -> Pull:
        for system in pull.systems.values():
            before(system.name)
            after(system)
        return pull

    monkeypatch.setattr("crmkit.report.run.from_demo", read)
    monkeypatch.setattr("crmkit.report.run.chapters", lambda pull: [*told.values()])


def numbers(sentence: str) -> list[int]:
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", sentence)]


def test_the_finding_on_segments_is_what_the_truth_says(small_demo: Demo, told: dict[str, Chapter]) -> None:
    truth = small_demo.truth["segments"].query("crm == 'peepl' and object_type == 'contacts'").dropna(subset="record_id")
    contacts = small_demo.peepl().contacts()
    each = truth.groupby("record_id").size()
    found = numbers(told["Segments"].finding)
    assert found[:2] == [len(each), len(contacts)]
    assert found[-2:] == [(each > 1).sum(), len(contacts) - len(each)]


def test_the_finding_on_attendance_is_what_the_truth_says(small_demo: Demo, pull: Pull, told: dict[str, Chapter]) -> None:
    activities = pull.systems["peepl"].frames["activities"]
    last = activities["end_date"].fillna(activities["start_date"])
    over = activities[(last < pd.Timestamp("2024-06-15 10:00Z")) & activities["type"].isin(["internal", "session"])]
    truth = small_demo.truth["attendance"].query("crm == 'peepl'")
    counts = truth[truth["event_id"].astype("int64").isin(over["id"])]["status"].value_counts()
    found = numbers(told["Attendance"].finding)
    assert found[:2] == [counts["A"], counts.sum()]
    assert found[4:6] == [counts["N"], counts["U"]]


def test_who_came_is_told_of_full_lists_only(small_demo: Demo, told: dict[str, Chapter]) -> None:
    lists = small_demo.sheepcrm().attendance(small_demo.sheepcrm().events(state="all")["uid"])
    events = small_demo.sheepcrm().events(state="all").query("not cancelled").set_index("uid")
    over = lists[lists["booking_uid"].map(events["end_datetime"]) < pd.Timestamp("2024-06-15 12:00")]
    came = pd.crosstab(over["booking_uid"], over["status"])
    recorded = came["attended"] + came["no-show"]
    full, part = (came["accepted"] == 0) & (recorded > 0), (came["accepted"] > 0) & (recorded > 0)
    [table] = [one for one in told["Attendance"].tables if one.title.startswith("Who came")]
    assert part.sum() > 0
    assert table.frame[["recorded", "attended"]].sum().tolist() == [recorded[full].sum(), came.loc[full, "attended"].sum()]
    assert table.frame["events"].sum() == full.sum()
    assert f"{full.sum():,} events" in table.note
    assert f"{part.sum():,} where" in table.note


def test_the_head_of_the_page_calls_places_on_lists_so(pull: Pull) -> None:
    lists = pull.systems["peepl"].frames["attendance"]
    assert (lists["status"] == "U").any()
    assert (f"{len(lists):,}", "places on sign-up lists (Peepl)") in _figures(pull)


def test_the_finding_on_pipelines_sums_the_open_deals(pull: Pull, told: dict[str, Chapter]) -> None:
    deals = pull.systems["onepagecrm"].topics["pipelines"]["deals"].query("state == 'pending'")
    total, weighted = deals["total_amount"].sum(), (deals["total_amount"] * deals["chance"]).sum()
    found = numbers(told["Pipelines"].finding)
    assert found[:3] == [len(deals), round(total), round(weighted)]
    assert len(deals) > 0


def test_the_finding_on_coverage_is_what_the_truth_says(small_demo: Demo, told: dict[str, Chapter]) -> None:
    truth = small_demo.truth["coverage"]
    open_hours = truth.loc[truth["day"] >= str(small_demo.today), "gap_hours"].sum()
    assert f"at most {open_hours:,.0f} of" in told["Coverage"].finding


def test_every_list_is_read_and_proven(pull: Pull) -> None:
    tables = {table.title: table.frame for table in report.receipts(pull)}
    assert [*tables] == NAMES
    assert set(tables["Peepl"]["verdict"]) == {"complete"}
    verdicts = {verdict for table in tables.values() for verdict in table["verdict"]}
    assert verdicts == {"complete", "completeness cannot be checked"}
    for table in tables.values():
        assert table["records"].gt(0).all()


def test_a_system_that_fails_is_not_left_out_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(demo: Demo) -> NoReturn:
        raise AuthError("no")

    with crmkit.demo.start(people=0) as running:
        monkeypatch.setattr("crmkit.report.pull.READS", {"missionhub": refused})
        with pytest.raises(AuthError):
            from_demo(running)


def test_each_system_is_told_before_and_after_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def read(demo: Demo) -> System:
        heard.append("reading")
        return System("Beeple", {})

    with crmkit.demo.start(people=0) as running:
        monkeypatch.setattr("crmkit.report.pull.READS", {"beeple": read})
        systems = from_demo(running, heard.append, lambda system: heard.append(f"{system.name} read")).systems
    assert heard == ["Beeple", "reading", "Beeple read"]
    assert [*systems] == ["beeple"]


def test_shifts_are_divided_into_held_and_to_come(pull: Pull, told: dict[str, Chapter]) -> None:
    frames = pull.systems["beeple"].topics["coverage"]
    when, functions, gaps = (table.frame for table in told["Coverage"].tables)
    assert when["when"].tolist() == ["already held", "still to come"]
    # Half open: a shift until midnight is not of the day that begins then.
    last = frames["shifts"].groupby("team_id")["end"].max().dt.tz_convert("Europe/Brussels").dt.tz_localize(None)
    teams = frames["teams"][frames["teams"]["listed"]].set_index("team_id")["needed"].to_frame().join(last, how="inner")
    assert when["places"].tolist() == [part["needed"].sum() for _, part in teams.groupby(teams["end"] > pull.today)]
    assert functions["places"].sum() == when["places"].iloc[1] > 0
    assert gaps["day"].min() >= pull.today
    assert gaps["open_hours"].is_monotonic_decreasing


def test_the_page_loads_nothing_and_says_what_it_shows(told: dict[str, Chapter], text: str) -> None:
    seen = Seen(text)
    assert "script" not in seen.tags
    assert all(link.startswith("#") for link in seen.loads)
    assert not re.search(r"https?://|url\((?!#)|@import|\bon\w+=", text)
    assert "default-src 'none'" in text
    assert [*told] == TOPICS
    assert [len(alt) > 80 for alt in seen.alts] == [True] * 4
    assert seen.tags.count("figcaption") == text.count("<svg") == 4
    assert len(seen.ids) == len(set(seen.ids))
    assert {link[1:] for link in seen.loads} <= set(seen.ids)
    assert {*(name.lower() for name in TOPICS), "receipts"} <= {link[1:] for link in seen.loads}
    for chapter in told.values():
        assert chapter.finding in text
        assert all(term in text for term in chapter.definitions)
        assert all(f"<caption>{one.title}</caption>" in text for one in chapter.tables)


def test_the_same_chapters_make_the_same_page(pull: Pull, told: dict[str, Chapter], text: str) -> None:
    again = page("Title", "Lead", [("5", "things")], [*told.values()], report.receipts(pull), "Source")
    assert again == text


def test_every_text_is_escaped_on_the_page_and_tame_in_the_terminal() -> None:
    table = Table(EVIL, pd.DataFrame({EVIL: [EVIL], "small": [True]}), EVIL)
    chapter = Chapter(EVIL, EVIL, EVIL, Picture(EVIL, lambda ax: None), (table,), {EVIL: EVIL})
    text = page(EVIL, EVIL, [(EVIL, EVIL)], [chapter], [table], EVIL)
    assert "script" not in Seen(text).tags
    assert "&lt;script&gt;" in text
    assert "\x1b" not in terminal.lined_up([EVIL], [[EVIL]], [False])


def test_names_inside_a_picture_are_text() -> None:
    name = EVIL.replace("\x1b", "")
    drawing = pictures.svg(Picture("a", lambda ax: ax.set_title(name)), "p")
    assert "<script" not in drawing
    assert "&lt;script&gt;" in drawing


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "50 %"), (float("nan"), "–"), (1234, "1,234"), (pd.Timestamp("2024-05-03"), "2024-05-03"), (pd.NA, "–")],
)
def test_values_read_well(value: object, text: str) -> None:
    shares = ("x",) if isinstance(value, float) else ()
    assert Table("t", pd.DataFrame({"x": pd.Series([value], dtype=object)}), shares=shares).cells == [[text]]


def test_small_groups_are_marked() -> None:
    table = Table(
        "t", pd.DataFrame({"group": ["a", "b"], "change": [0.001, -0.126], "small": [True, False]}), changes=("change",)
    )
    assert table.cells == [["a †", "0"], ["b", "-13"]]
    assert table.notes == ["† fewer than 10 answers: read with care."]


def test_texts_give_way_so_that_lines_fit_and_numbers_do_not() -> None:
    shown = terminal.lined_up(["name", "other", "number"], [["a" * 60, "b" * 30, "9" * 20]], [False, False, True], width=60)
    assert max(len(line) for line in shown.splitlines()) == 60
    assert "9" * 20 in shown
    assert shown.count("…") == 2


@pytest.mark.usefixtures("read_already")
def test_demo_prints_everything_in_80_columns_and_writes_the_report(run: Run, tmp_path: Path, told: dict[str, Chapter]) -> None:
    ran = run("demo", "--people", "0", "--seed", "3")
    assert ran.status == 0
    assert ran.err == ""
    assert max(len(line) for line in ran.out.splitlines() if not line.startswith(f"  {tmp_path}")) <= 80
    for words in (*NAMES, *(name.upper() for name in TOPICS), f"  {tmp_path / 'crmkit-report.html'}\n", "What next", "README.md"):
        assert words in ran.out
    flat = " ".join(ran.out.split())
    text = (tmp_path / "crmkit-report.html").read_text(encoding="utf-8")
    for chapter in told.values():
        assert chapter.finding in flat
        assert all(table.title in ran.out for table in chapter.tables)
        assert chapter.finding in text
    assert "crmkit demo --seed 3 --people 0" in text
    assert [file.name for file in tmp_path.iterdir()] == ["crmkit-report.html"]


def test_demo_without_people_is_a_report_of_nothing(run: Run, pull: Pull, monkeypatch: pytest.MonkeyPatch) -> None:
    # Shifts are needed with nobody there too: five hundred calls that would show nothing new.
    monkeypatch.setitem(READS, "beeple", lambda demo: pull.systems["beeple"])
    ran = run("demo", "--people", "0", "-o", "r.html")
    assert (ran.status, ran.err) == (0, "")
    text = Path("r.html").read_text(encoding="utf-8")
    assert "There is nothing to show." in text
    assert "n = 0" in text


@pytest.mark.usefixtures("read_already")
def test_without_matplotlib_the_report_has_no_pictures_and_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "can_draw", lambda: False)
    ran = run("demo", "--people", "0", "-o", "r.html")
    assert ran.status == 0
    assert 'pip install "crmkit[notebooks]"' in ran.err
    text = Path("r.html").read_text(encoding="utf-8")
    assert "<svg" not in text
    assert text.count("matplotlib is not installed") == 4


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(666.5, 0, "667"), (788.25, 1, "788.3"), (36.25, 1, "36.3"), (1463.75, 0, "1,464"), (-0.25, 1, "-0.3"), (0.1 + 0.2, 1, "0.3")],
)
def test_halves_are_rounded_as_readers_expect(value: float, places: int, text: str) -> None:
    assert rounded(value, places) == text


def test_a_picture_of_combinations_says_what_a_column_without_a_dot_is() -> None:
    table = pd.DataFrame({"names": [["Parents"], []], "people": [3, 2], "share": [0.6, 0.4]})
    said = [text.get_text() for text in crmkit.segments.plot_intersections(table).texts]
    assert "in none" in said
    assert "in none" not in [text.get_text() for text in crmkit.segments.plot_intersections(table.head(1)).texts]
