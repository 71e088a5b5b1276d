import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from threading import Barrier
from typing import NoReturn

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import crmkit.demo
from crmkit import report
from crmkit.client import Client
from crmkit.demo import Demo
from crmkit.errors import AuthError
from crmkit.report import attendance, coverage, pictures, pipelines, segments, terminal
from crmkit.report.page import page
from crmkit.report.parts import Chapter, Picture, Table
from crmkit.report.pull import LISTS, Pull, from_demo
from crmkit.report.systems import System
from tests.cli.conftest import Run

EVIL = '<script>alert("x")</script> & Ünal\x1b[31m'


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


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    activities = pd.DataFrame(
        {
            "id": pd.Series([1, 2, 3], dtype="Int64"),
            "name": pd.Series(["Late training", "Party", "Nobody"], dtype="string"),
            "type": pd.Series(["internal", "external", "internal"], dtype="string"),
            "start_date": pd.to_datetime(["2023-08-31T22:30:00Z", "2024-02-03T19:00:00Z", "2024-02-05T19:00:00Z"]),
        }
    )
    answers = [(1, "A", 10), (1, "A", 11), (1, "N", 12), (1, "U", 13), (2, "U", 10), (2, "U", 11), (1, "N", 10)]
    signed = pd.DataFrame(answers, columns=["activity_id", "status", "user_id"]).astype(
        {"activity_id": "Int64", "user_id": "Int64"}
    )
    return activities, signed


def test_rates_follow_their_definitions() -> None:
    every = attendance.signups(*frames())
    table = attendance.rates(every, "activity").set_index("activity")
    late = table.loc["Late training"]
    # Person 10 stands under yes and no: the answer read last counts, once.
    assert late[["yes", "no", "no_answer", "invited", "answered"]].tolist() == [1, 2, 1, 4, 3]
    assert late["response_rate"] == 3 / 4
    assert late["yes_share_of_answers"] == 1 / 3
    assert late["yes_share_of_invited"] == 1 / 4
    assert late["small"]
    party = table.loc["Party"]
    assert party["response_rate"] == 0
    assert pd.isna(party["yes_share_of_answers"])
    assert "Nobody" not in table.index


def test_days_are_those_of_brussels() -> None:
    late = attendance.signups(*frames()).query("activity_id == 1").iloc[0]
    assert (late["day"], late["weekday"], late["season"]) == (pd.Timestamp("2023-09-01"), "Friday", 2023)
    assert late["month"] == pd.Timestamp("2023-09-01")


def test_groups_are_those_of_the_day() -> None:
    every = attendance.signups(*frames())
    positions = pd.DataFrame(
        {
            "user_id": pd.Series([10, 10, 11, 12], dtype="Int64"),
            "combination_id": pd.Series([5, 6, 5, 5], dtype="Int64"),
            "start_date": pd.to_datetime(["2020-01-01", "2023-09-02", "2020-01-01", "2020-01-01"]),
            "end_date": pd.to_datetime(["2023-09-01", None, "2023-08-31", None]),
        }
    )
    combinations = pd.DataFrame({"id": [5, 6], "group_id": [50, 60]}, dtype="Int64")
    groups = pd.DataFrame({"id": pd.Series([50, 60], dtype="Int64"), "path": pd.Series(["All / U9", "All / U9"], dtype="string")})
    found = attendance.with_groups(every, positions, combinations, groups)
    lines = found[["user_id", "activity_id", "group_id"]].to_numpy().tolist()
    assert sorted(lines) == [[10, 1, 50], [10, 2, 60], [12, 1, 50]]
    table = attendance.by_group(found)
    assert table["group"].tolist() == ["U9 (50)", "U9 (60)"]
    assert table["small"].all()


def test_the_demo_is_counted_as_its_truth_says(pull: Pull, small_demo: Demo) -> None:
    truth = small_demo.truth["attendance"].query("crm == 'peepl'")
    every = attendance.signups(pull.frames["activities"], pull.frames["attendance"])
    found = attendance.rates(every, "activity_id").set_index("activity_id")
    known = truth.assign(activity_id=truth["event_id"].astype("Int64"))
    for status, answer in attendance.ANSWERS.items():
        expected = known[known["status"] == status].groupby("activity_id").size()
        assert found[answer].to_dict() == expected.reindex(found.index, fill_value=0).to_dict()
    sizes = segments.sizes(pull).set_index(["object_type", "segment_id"])["members"]
    known = small_demo.truth["segments"].query("crm == 'peepl'")
    members = known.groupby(["object_type", "segment_id"])["record_id"].count()
    assert {(kind, str(number)): size for (kind, number), size in sizes.items()} == members.to_dict()


def test_overlap_counts_shared_records() -> None:
    members = pd.DataFrame({"segment_id": [1, 1, 2, 2, 2], "id": [7, 8, 8, 9, 9]}, dtype="Int64")
    shared = segments.overlap(members, pd.Series(["a", "b", "c"], index=[1, 2, 3]))
    expected = pd.DataFrame([[2, 1, 0], [1, 2, 0], [0, 0, 0]], index=list("abc"), columns=list("abc"), dtype="Int64")
    assert_frame_equal(shared, expected, check_names=False)
    assert segments.closest(shared) == ("a", "b", 0.5)
    assert segments.closest(shared.loc[["c"], ["c"]]) is None


def test_ages_count_birthdays() -> None:
    births = pd.Series(pd.to_datetime(["2000-06-15", "2000-06-16", "2000-02-29", None]))
    assert segments.ages(births, pd.Timestamp("2024-06-15")).tolist()[:3] == [24, 23, 24]
    assert segments.ages(births, pd.Timestamp("2024-06-15")).isna().tolist() == [False] * 3 + [True]


def test_every_list_is_read_and_proven(pull: Pull) -> None:
    peepl, *others = report.receipts(pull)
    assert set(LISTS) < set(peepl.frame["table"])
    assert set(peepl.frame["verdict"]) == {"complete"}
    read = {table.title.partition(":")[0]: set(table.frame["table"]) for table in others}
    assert list(read) == ["Beeple", "sheepCRM", "MissionHub", "OnePageCRM"]
    assert {"projects", "project_teams", "subproject_teams", "collaborator_enrolments"} < read["Beeple"]
    assert read["sheepCRM"] == {"events", "attendance", "segments_all", "fieldsets"}
    assert read["MissionHub"] == {"people", "organizations"}
    assert {"contacts", "companies", "deals", "pipelines", "users", "statuses", "lead_sources"} == read["OnePageCRM"]
    verdicts = {verdict for table in others for verdict in table.frame["verdict"]}
    assert verdicts == {"complete", "completeness cannot be checked"}
    for table in others:
        assert table.frame["records"].gt(0).all()


def test_a_system_that_fails_is_not_left_out_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> NoReturn:
        raise AuthError("no")

    with crmkit.demo.start(people=0) as running:
        monkeypatch.setattr("crmkit.report.pull.READS", {"missionhub": refused})
        with pytest.raises(AuthError):
            from_demo(running, running.peepl())


def test_systems_are_read_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each waits until the other is being read: one after the other would never end.
    meeting = Barrier(2)

    def read(client: Client, today: date) -> System:
        meeting.wait(timeout=20)
        return System(client.crm, {})

    with crmkit.demo.start(people=0) as running:
        monkeypatch.setattr("crmkit.report.pull.READS", {"beeple": read, "onepagecrm": read})
        others = from_demo(running, running.peepl()).others
    assert [one.name for one in others.values()] == ["Beeple", "OnePageCRM"]


def test_deals_are_summed_as_the_topic_says(pull: Pull) -> None:
    deals = pull.others["onepagecrm"].topic["deals"]
    still_open = deals[deals["state"] == "pending"]
    stages, months, won = (table.frame for table in pipelines.chapter(pull).tables)
    assert stages["deals"].sum() == len(still_open) > 0
    assert months["deals"].sum() == len(still_open)
    assert months["total_amount"].sum() == pytest.approx(still_open["total_amount"].sum())
    assert won["won"].sum() == (deals["state"] == "won").sum() > 0


def test_shifts_are_divided_into_held_and_to_come(pull: Pull) -> None:
    frames = pull.others["beeple"].topic
    when, functions, gaps = (table.frame for table in coverage.chapter(pull).tables)
    assert when["when"].tolist() == ["already held", "still to come"]
    # Half open: a shift until midnight is not of the day that begins then.
    last = frames["shifts"].groupby("team_id")["end"].max().dt.tz_convert("Europe/Brussels").dt.tz_localize(None)
    teams = frames["teams"][frames["teams"]["listed"]].set_index("team_id")["needed"].to_frame().join(last, how="inner")
    assert when["places"].tolist() == [part["needed"].sum() for _, part in teams.groupby(teams["end"] > pull.today)]
    assert 0 < when["places"].sum() < frames["teams"]["needed"].sum()
    assert functions["places"].sum() == when["places"].iloc[0]
    assert gaps["day"].min() >= pull.today
    assert gaps["gap_hours"].is_monotonic_decreasing


def test_the_page_loads_nothing_and_says_what_it_shows(pull: Pull) -> None:
    chapters = report.chapters(pull)
    text = page("Title", "Lead", [("5", "things")], chapters, report.receipts(pull))
    seen = Seen(text)
    assert "script" not in seen.tags
    assert all(link.startswith("#") for link in seen.loads)
    assert not re.search(r"https?://|url\((?!#)|@import|\bon\w+=", text)
    assert "default-src 'none'" in text
    assert [chapter.title for chapter in chapters] == ["Attendance", "Segments", "Pipelines", "Coverage"]
    assert [len(alt) > 80 for alt in seen.alts] == [True] * 6
    assert len(seen.ids) == len(set(seen.ids))
    assert {link[1:] for link in seen.loads} <= set(seen.ids)
    for chapter in chapters:
        assert chapter.findings
        assert all(term in text for term in chapter.definitions)
        assert all(f"<caption>{one.title}</caption>" in text for one in chapter.tables)


def test_every_text_is_escaped_on_the_page_and_tame_in_the_terminal() -> None:
    table = Table(EVIL, pd.DataFrame({EVIL: [EVIL], "small": [True]}), EVIL)
    chapter = Chapter(EVIL, EVIL, (EVIL,), (table,), (Picture(EVIL, EVIL, lambda figure: None),), {EVIL: EVIL})
    text = page(EVIL, EVIL, [(EVIL, EVIL)], [chapter], [table])
    assert "script" not in Seen(text).tags
    assert "&lt;script&gt;" in text
    assert "\x1b" not in terminal.lined_up([EVIL], [[EVIL]], [False])


def test_names_inside_a_picture_are_text(pull: Pull) -> None:
    contacts = pd.DataFrame({"segment": [EVIL.replace("\x1b", ""), "$x^2$"], "members": [3, 0]})
    shared = pd.DataFrame([[3, 0], [0, 0]], columns=contacts["segment"], index=contacts["segment"])
    drawing = pictures.svg(Picture("t", "a", lambda figure: pictures.segments(figure, contacts, shared)), "p")
    assert "<script" not in drawing
    assert ">$x^2$<" in drawing


def test_a_picture_is_drawn_the_same_twice(pull: Pull) -> None:
    picture = report.chapters(pull)[0].pictures[0]
    assert pictures.svg(picture, "p") == pictures.svg(picture, "p")


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


def test_demo_prints_everything_and_writes_the_report(run: Run, tmp_path: Path) -> None:
    ran = run("demo", "--people", "40", "--seed", "3")
    assert ran.status == 0, ran.err
    for name in ("Peepl", "Beeple", "sheepCRM", "MissionHub", "OnePageCRM"):
        assert f"{name}: what was read, and is it everything?" in ran.out
    for words in ("ATTENDANCE", "SEGMENTS", "PIPELINES", "COVERAGE", "Overlap", "Won and lost", "gaps", "What next", "README.md"):
        assert words in ran.out
    assert "INCOMPLETE" not in ran.out
    text = (tmp_path / "crmkit-report.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 6
    assert "seed 3" in text
    assert [file.name for file in tmp_path.iterdir()] == ["crmkit-report.html"]


@pytest.mark.parametrize("people", ["0", "1"])
def test_demo_without_people_is_a_report_of_nothing(run: Run, people: str) -> None:
    assert run("demo", "--people", people, "-o", "r.html").status == 0
    assert "There is nothing to show." in Path("r.html").read_text(encoding="utf-8")


def test_without_matplotlib_the_report_has_no_pictures_and_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "can_draw", lambda: False)
    ran = run("demo", "--people", "20", "-o", "r.html")
    assert ran.status == 0
    assert 'pip install "crmkit[notebooks]"' in ran.err
    text = Path("r.html").read_text(encoding="utf-8")
    assert "<svg" not in text
    assert "matplotlib is not installed" in text


def test_a_report_that_cannot_be_written_is_said_first(run: Run) -> None:
    ran = run("demo", "-o", "nowhere/r.html")
    assert ran.status == 1
    assert "nowhere" in ran.err
    assert ran.out == ""
