"""Beeple: the vendor's example answers, the operations and parameters of the sheet, and the traps of its section 7 about records."""

import json
from pathlib import Path

import pandas as pd
import pytest

import crmkit
from crmkit.crms.beeple import Beeple
from crmkit.endpoint import Fetcher
from crmkit.errors import ConfigError, IncompleteFetch, NotFound, ParameterError, PermissionDenied, ShapeError
from tests.serving import assert_cell, serving

HERE = Path(__file__).parent.parent
EXAMPLES = json.loads((HERE / "examples" / "beeple.json").read_text(encoding="utf-8"))
BODIES = {example["operation"].partition(" ")[2]: example["body"] for example in EXAMPLES}
ROWS = {f"{row.method} {row.path}": row for row in Beeple.rows().values()}
API = "/api/v1/admin"
DROPPED = {"errors", "_destroy"}
LISTS = {"projects", "subprojects", "teams", "enrolments", "availabilities"}
WHOLE = ("i18n_attributes", "i18n", "list_options_attributes")


def client(url, **options):
    return Beeple(token="beeple-test-token", base_url=url, pace=None, **options)


def without_dropped(value):
    if isinstance(value, list):
        return [without_dropped(one) for one in value]
    if isinstance(value, dict):
        return {key: without_dropped(one) for key, one in value.items() if key not in DROPPED}
    return value


def leaves(record, prefix=""):
    for key, value in record.items():
        if isinstance(value, dict) and value and not key.endswith(WHOLE):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def assert_holds(frame, records):
    """Each value is in the frame under its dotted name, typed; where a text was made regular, the original stands beside it."""
    assert len(frame) == len(records)
    for row, record in enumerate(records):
        for name, value in leaves(record):
            cell = frame[name].iloc[row]
            if f"{name}.raw" in frame:
                assert frame[f"{name}.raw"].iloc[row] == value
                value = value.strip("'")
            assert_cell(cell, value, name)
            if isinstance(value, list) and value and isinstance(value[0], dict):
                assert_holds(crmkit.child(frame.iloc[[row]], name), value)


def records_of(body):
    return next((body[name] for name in LISTS if name in body), [body])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["operation"])
def test_every_value_of_the_vendors_example_is_in_the_frame(example):
    row = ROWS[example["operation"]]
    with serving({example["path"]: (example["status"], example["body"])}) as (url, _):
        frame = Fetcher(row, client(url))(
            *example["path_args"], **example.get("params", {}), **({"sensitive": True} if row.has_sensitive else {})
        )
    assert_holds(frame, without_dropped(records_of(example["body"])))
    proof = crmkit.receipt(frame)
    assert proof.unknown_fields == ()
    assert proof.rejected_values == {}


@pytest.mark.parametrize(
    "example", [one for one in EXAMPLES if LISTS & one["body"].keys()], ids=lambda example: example["operation"]
)
def test_an_empty_answer_has_the_same_columns_and_dtypes(example):
    row = ROWS[example["operation"]]
    (name,) = LISTS & example["body"].keys()
    frames = []
    for body in (example["body"], {name: []}):
        with serving({example["path"]: (200, body)}) as (url, _):
            frames.append(Fetcher(row, client(url))(*example["path_args"], **example.get("params", {})))
    full, empty = frames
    assert len(empty) == 0
    assert full.dtypes.to_dict() == empty.dtypes.to_dict()
    assert list(full.columns) == list(empty.columns)


def documented(name):
    text = (HERE / "operations" / name).read_text(encoding="utf-8")
    first, _, later = text.partition("# experimental\n")
    return first.splitlines(), later.splitlines()


def test_every_operation_of_the_sheet_is_a_row():
    asked, experimental = ({tuple(line.split("\t")) for line in lines if line} for lines in documented("beeple.txt"))
    rows = Beeple.rows().values()
    assert {(row.method, row.path) for row in rows if not row.experimental} == asked
    assert {(row.method, row.path) for row in rows if row.experimental} == experimental
    frame = client("https://people.example.org").endpoints()
    assert len(frame) == len(asked) + len(experimental)


def wire_names(row):
    """What a row sends of its own accord; a page that only a link of the server's asks for is not counted."""
    paging = {
        "NumberedPages": ["page", *(["page_items"] if getattr(row.paging, "size", 0) else [])],
        "SizedPages": ["page_items"],
    }.get(type(row.paging).__name__, [])
    paging = paging if row.paging.paged or "page" not in paging else []
    probe = ["page"] if any(param.name == "probe_pages" for param in row.params) else []
    sent = [param.wire or param.name for param in row.params if not param.local or param.name == "statuses"]
    return {*sent, *paging, *probe}


def test_every_parameter_of_the_sheet_is_offered_and_no_other_is_sent():
    named = {}
    for line in (line for lines in documented("beeple_params.txt") for line in lines if line and not line.startswith("#")):
        path, names = line.split("\t") if "\t" in line else line.rsplit(" ", 1)
        named.setdefault(path, set()).update(names.split(","))
    assert {row.path: wire_names(row) for row in Beeple.rows().values() if wire_names(row)} == named


def test_the_token_travels_in_its_own_header():
    with serving({f"{API}/projects": (200, {"projects": []})}) as (url, log):
        client(url).projects()
    _, path, query, headers, body = log[0]
    assert headers["Token"] == "beeple-test-token"
    assert "Authorization" not in headers
    assert headers["Content-Type"] == "application/json"
    assert (path, query, body) == (f"{API}/projects", [], b"")


@pytest.mark.parametrize(
    "pasted",
    ["", "/", "/api", "/api/", "/api/v1/admin", "/api/v1/en/admin/projects/", "//api/v1/admin", "/api/v1/admin/projects?page=2"],
)
def test_what_was_pasted_behind_the_site_is_cut_off(pasted):
    assert client(f"https://people.example.org{pasted}").base_url == "https://people.example.org/api/v1/admin"
    assert client(f"https://api.example.org{pasted}").base_url == "https://api.example.org/api/v1/admin"


def test_the_site_must_be_given_and_be_https():
    with pytest.raises(ConfigError, match="base_url"):
        Beeple(token="t")
    with pytest.raises(ConfigError, match="http"):
        Beeple(token="t", base_url="http://people.example.org")


def test_a_language_is_a_segment_of_the_path_and_a_cache_of_its_own():
    with serving({"/api/v1/nl/admin/projects": (200, {"projects": [{"id": "1"}]})}) as (url, _):
        dutch = client(url, language="nl")
        assert dutch.projects()["id"].tolist() == ["1"]
        assert dutch.account != client(url).account
    with pytest.raises(ConfigError, match="language"):
        client("https://people.example.org", language="nl/../..")


def test_keys_with_a_glued_example_are_read_by_their_true_name():
    """Traps 1 and 31; a clean key wins over its glued twin."""
    team = {"id": "1", "volunteers_needed `5`": 4, " published: ": True, "work_location_id,": "9", "name": "A", "name `B`": "B"}
    team["shifts_attributes"] = [{"start_datetime": "2024-05-01T09:00:00+02:00", "break_duration: `00:30`": "00:45"}]
    with serving({f"{API}/projects/7/teams": (200, {"teams `list`": [team]})}) as (url, _):
        frame = client(url).project_teams("7")
        shifts = crmkit.child(frame, "shifts_attributes")
    assert frame[["volunteers_needed", "published", "work_location_id", "name"]].iloc[0].tolist() == [4, True, "9", "A"]
    assert shifts["break_duration"].tolist() == [pd.Timedelta(minutes=45)]
    assert crmkit.receipt(frame).unknown_fields == ("name `B`",)  # its true name is taken, so it stays as it came


def test_teams_gain_their_parents_from_the_path():
    """Traps 9, 10 and 16: ids are text; a team of a project has no subproject."""
    answers = {
        f"{API}/projects/7/teams": (200, {"teams": [{"id": 27}]}),
        f"{API}/subprojects/3/teams": (200, {"teams": [{"id": "27", "project_id": 7}]}),
        f"{API}/subprojects/4/teams": (200, {"teams": []}),
    }
    with serving(answers) as (url, _):
        listed = client(url).project_teams(7)
        below = client(url).subproject_teams([3, "4"])
    assert listed[["project_id", "id"]].iloc[0].tolist() == ["7", "27"]
    assert listed["subproject_id"].isna().all()
    assert below.columns[0] == "subproject_id"
    assert below[["subproject_id", "project_id", "id"]].iloc[0].tolist() == ["3", "7", "27"]
    assert set(listed.columns) == set(below.columns)


def test_numbers_in_text_are_numbers_beside_their_text():
    """Traps 24, 25 and 27."""
    project = {"id": "1", "default_team_maximum_travel_distance": "far", "color_code": "'#AABBCC'"}
    with serving({f"{API}/projects/1": (200, project)}) as (url, _):
        frame = client(url).project(1)
    assert frame["default_team_maximum_travel_distance"].isna().all()
    assert frame["default_team_maximum_travel_distance.raw"].tolist() == ["far"]
    assert frame[["color_code", "color_code.raw"]].iloc[0].tolist() == ["#AABBCC", "'#AABBCC'"]


@pytest.mark.parametrize(
    "names",
    [
        {
            "0": {"language": "en", "name": "first"},
            "1": {"language": "en", "name": "second"},
            "2": {"language": "nl", "name": "eerst"},
        },
        [{"language": "en", "name": "first"}, {"language": "nl", "name": "eerst"}],
        {"en": "first", "nl": "eerst"},
    ],
)
def test_translations_become_columns_by_language(names):
    """Trap 26: the first of a repeated language; the whole as it came beside it."""
    with serving({f"{API}/projects/1": (200, {"id": "1", "name_i18n_attributes": names})}) as (url, _):
        frame = client(url).project(1)
    assert frame[["name_i18n.en", "name_i18n.nl"]].iloc[0].tolist() == ["first", "eerst"]
    assert frame["name_i18n.fr"].isna().all()
    assert frame["name_i18n_attributes"].iloc[0] == names


def test_one_flat_translation_is_read_too():
    name = {"language": "fr", "name": "Concert"}
    with serving({f"{API}/projects/1": (200, {"id": "1", "name_i18n_attributes": name})}) as (url, _):
        assert client(url).project(1)["name_i18n.fr"].tolist() == ["Concert"]


def test_translations_inside_custom_fields_become_columns_of_the_child():
    with serving({f"{API}/projects/7": (200, BODIES["/projects/{project_id}"])}) as (url, _):
        fields = crmkit.child(client(url).project(7), "planning_custom_fields_attributes")
    texts = fields[["name_i18n.en", "description_i18n.en", "numeric_unit_i18n.en"]].iloc[0].tolist()
    assert texts == ["Some name", "Some description", "kilo"]


@pytest.mark.parametrize("errors", [["is invalid"], {"name": ["is too long"], "base": ["no"]}])
def test_errors_in_a_good_answer_are_a_warning_not_a_column(errors):
    """Trap 21: a list or a dict, also inside nested records; the texts themselves stay out."""
    with serving({f"{API}/projects": (200, {"projects": [{"id": "1", "errors": errors}, {"id": "2", "errors": []}]})}) as (
        url,
        _,
    ):
        frame = client(url).projects()
    assert "errors" not in frame
    (line,) = crmkit.receipt(frame).problems
    assert line.startswith("1 records carry errors")
    assert "invalid" not in line
    assert ("base, name" in line) is isinstance(errors, dict)


def test_errors_instead_of_data_are_an_error():
    answers = {f"{API}/projects": (200, {"errors": {"base": ["no"]}}), f"{API}/projects/1": (200, {"error": "no such thing"})}
    with serving(answers) as (url, _):
        with pytest.raises(ShapeError, match="errors instead of projects"):
            client(url).projects()
        with pytest.raises(ShapeError, match="errors instead of a record"):
            client(url).project(1)


def test_national_numbers_and_bank_accounts_only_on_request():
    """Trap 34, also for countries that no document names."""
    body = {**BODIES["/collaborators/{id}"], "national_identification_es": "X1", "national_identification_pl": "X2"}
    personal = {
        "iban",
        "bic",
        "national_identification_other",
        *(f"national_identification_{c}" for c in ("be", "nl", "de", "es")),
    }
    with serving({f"{API}/collaborators/7": (200, body)}) as (url, _):
        plain = client(url).collaborator(7)
        everything = client(url).collaborator(7, sensitive=True)
    assert not any(name in personal or "X1" in str(plain[name].iloc[0]) or "X2" in str(plain[name].iloc[0]) for name in plain)
    assert crmkit.receipt(plain).unknown_fields == ()
    assert personal <= set(everything.columns)
    assert everything["national_identification_es"].tolist() == ["X1"]
    assert everything["national_identification_other"].iloc[0] == {"national_identification_pl": "X2"}


def test_the_same_inside_enrolments():
    with serving({f"{API}/collaborators/7/enrolments": (200, BODIES["/collaborators/{id}/enrolments"])}) as (url, _):
        plain = client(url).collaborator_enrolments(7)
        everything = client(url).collaborator_enrolments(7, sensitive=True)
    hidden = {"collaborator.iban", "collaborator.bic", "collaborator.national_registration_numbers"}
    assert hidden.isdisjoint(plain.columns)
    assert hidden <= set(everything.columns)
    assert crmkit.child(everything, "collaborator.national_registration_numbers")["country"].tolist() == ["BE"]


def test_the_two_birth_dates_are_read_by_their_own_form():
    """Trap 15: 02/01 is the second of January; ISO in enrolments; what does not fit stays as text."""
    answers = {
        f"{API}/collaborators/7": (200, {"id": "7", "birth_date": "02/01/2000"}),
        f"{API}/collaborators/8": (200, {"id": "8", "birth_date": "2000-01-02"}),
        f"{API}/collaborators/7/enrolments": (200, {"enrolments": [{"id": "1", "collaborator": {"birth_date": "2000-01-02"}}]}),
    }
    with serving(answers) as (url, _):
        people = client(url).collaborator([7, 8])
        enrolments = client(url).collaborator_enrolments(7)
    assert people["birth_date"].tolist()[0] == pd.Timestamp("2000-01-02")
    assert people["birth_date"].isna().tolist() == [False, True]
    assert people["birth_date.raw"].tolist() == ["02/01/2000", "2000-01-02"]
    assert enrolments["collaborator.birth_date"].tolist() == [pd.Timestamp("2000-01-02")]


def test_words_outside_the_lists_of_the_document_are_kept():
    """Traps 17 and 23."""
    with serving({f"{API}/collaborators/7": (200, {"id": "7", "gender": "employee", "mobile": "+32 498 00 00 00"})}) as (url, _):
        frame = client(url).collaborator(7)
    assert frame[["gender", "mobile"]].iloc[0].tolist() == ["employee", "+32 498 00 00 00"]


def test_answers_of_an_enrolment_are_read_by_their_form():
    """Trap 25: text, and a flag or a number where the text is one."""
    values = [
        {"id": 1, "type": "boolean", "value": "true"},
        {"id": 2, "type": "numeric", "value": "-7.5"},
        {"id": 3, "value": "vegan"},
    ]
    with serving(
        {f"{API}/collaborators/7/enrolments": (200, {"enrolments": [{"id": "1", "enrolment_property_values": values}]})}
    ) as (url, _):
        table = crmkit.child(client(url).collaborator_enrolments(7), "enrolment_property_values")
    assert table["value"].tolist() == ["true", "-7.5", "vegan"]
    assert table["value.boolean"].isna().tolist() == [False, True, True]
    assert table["value.number"].isna().tolist() == [True, False, True]
    assert table["value.number"].tolist()[1] == -7.5


def test_collaborators_of_a_list_of_numbers():
    answers = {f"{API}/collaborators/{number}": (200, {"id": str(number)}) for number in (3, 1)}
    with serving(answers) as (url, log):
        beeple = client(url)
        frame = beeple.collaborators(ids=pd.Series([3.0, 1.0, 3.0]))
        assert frame["id"].tolist() == ["3", "1"]
        assert len(log) == 2
        assert len(beeple.collaborators(ids=[])) == 0
        with pytest.raises(IncompleteFetch, match="404"):
            beeple.collaborators(ids=[3, 99])
        with pytest.raises(NotFound):
            beeple.collaborators(ids=[99])
        with pytest.raises(ParameterError):
            beeple.collaborators(ids=[float("nan")])


EXPERIMENTAL = [name for name, row in Beeple.rows().items() if row.experimental]


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("name", EXPERIMENTAL)
def test_what_only_client_code_shows_is_softly_missing(name, status):
    """Trap 35."""
    with serving({}) as (url, _):
        fetcher = getattr(client(url), name)
    path = API + fetcher.row.path.replace("{id}", "5")
    with serving({path: (status, {})}) as (url, _):
        frame = getattr(client(url), name)(*(["5"] if "{" in fetcher.row.path else []))
    assert len(frame) == 0
    assert frame.columns.tolist()
    assert "not offered" in crmkit.receipt(frame).problems[0]
    assert "Experimental" in fetcher.__doc__


def test_a_documented_row_that_may_not_be_read_is_an_error():
    with serving({f"{API}/projects": (403, {})}) as (url, _), pytest.raises(PermissionDenied, match="Beeple user"):
        client(url).projects()


def test_what_client_code_saw_is_typed():
    volunteer = {"id": 5, "name": "Ann Example", "department_ids": [1], "iban": "BE00"}
    hours = {
        "id": 1,
        "shift": {"start_datetime": "2024-05-01T09:00:00.000+02:00"},
        "confirmed_starts_at": "2024-05-01T09:05:00.000+02:00",
        "enrolment": {"cancelled": False, "volunteer": volunteer, "team": {"project_id": "7"}},
    }
    answers = {
        f"{API}/collaborators/worked_hours": (200, {"worked_hours": [hours], "next": None}),
        f"{API}/collaborators": (200, {"collaborators": [{"id": 5, "name": "Ann Example", "blocked": True}]}),
        f"{API}/tenant/availability_types": (
            200,
            {"availability_types": [{"id": 1, "name_i18n_attributes": {"es": "Vacaciones"}}]},
        ),
        f"{API}/addresses": (200, {"addresses": [{"id": 2, "departments": [{"id": 1, "name": "Bar"}]}]}),
        f"{API}/teams/27/enrolments": (200, {"items": [{"id": 1, "cancelled": False}]}),
        f"{API}/teams/28/enrolments": (200, {"items": []}),
        f"{API}/me": (200, {"id": 1, "email": "ann@example.org"}),
    }
    with serving(answers) as (url, log):
        beeple = client(url)
        worked = beeple.worked_hours(period_start_at="2024-05-01", period_end_at="2024-05-31", status="reported")
        listed = beeple.collaborator_list(q="ann")
        assert beeple.availability_types()["name_i18n.es"].tolist() == ["Vacaciones"]
        assert crmkit.child(beeple.addresses(), "departments")["name"].tolist() == ["Bar"]
        assert beeple.team_enrolments([27, 28])[["team_id", "id"]].to_numpy().tolist() == [["27", "1"]]
        assert beeple.me()["email"].tolist() == ["ann@example.org"]
    assert worked["confirmed_starts_at"].tolist() == [pd.Timestamp("2024-05-01T07:05Z")]
    assert worked[["enrolment.volunteer.id", "enrolment.team.project_id"]].iloc[0].tolist() == ["5", "7"]
    assert not [name for name in worked if "iban" in name]
    assert listed[["id", "blocked"]].iloc[0].tolist() == ["5", True]
    assert crmkit.receipt(listed).complete is None
    assert log[0][2] == [
        ("filter[period][period_start_at]", "2024-05-01"),
        ("filter[period][period_end_at]", "2024-05-31"),
        ("filter[status]", "reported"),
        ("page_items", "500"),
    ]


@pytest.mark.parametrize("several", [["An"], pd.Series(["An", "Bo"]), pd.Index(["An"]), range(2), frozenset(["An"])])
def test_one_value_is_not_several(several):
    """A Series was sent as the text that it prints."""
    with serving({}) as (url, log), pytest.raises(ParameterError, match="q takes text"):
        client(url).collaborator_list(q=several)
    assert log == []


@pytest.mark.parametrize("path", ["/collaborators/7/enrolments", "/teams/7/enrolments"])
def test_a_national_number_inside_an_enrolment_is_left_out_too(path):
    """Trap 34: where the person in an enrolment is printed like a collaborator."""
    person = {"id": 7, "national_identification_be": "85.07.30-033.28", "national_identification_es_foreign": "X1234567L"}
    with serving({f"{API}{path}": (200, {"enrolments": [{"id": "1", "collaborator": person}], "next": None})}) as (url, _):
        fetch = client(url).team_enrolments if "teams" in path else client(url).collaborator_enrolments
        plain, whole = fetch(7), fetch(7, sensitive=True)
    assert not [name for name in plain if "identification" in name]
    assert whole["collaborator.national_identification_be"].tolist() == ["85.07.30-033.28"]
