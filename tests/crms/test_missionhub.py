"""MissionHub: example answers, the list of operations and parameters, and what goes over the wire."""

import json
from pathlib import Path

import pandas as pd
import pytest

import crmkit
from crmkit.crms.missionhub import MissionHub
from crmkit.endpoint import Fetcher
from crmkit.errors import IncompleteFetch, ParameterError
from crmkit.jsonapi import singular
from tests.serving import assert_cell, assert_holds, serving

HERE = Path(__file__).parent.parent
EXAMPLES = json.loads((HERE / "examples" / "missionhub.json").read_text(encoding="utf-8"))
ROWS = {f"{row.method} {row.path}": row for row in MissionHub.rows().values()}
BASE = "/apis/v4"
EMPTY = (200, {"data": [], "meta": {"total": 0}})
A, O = "filters[answer_sheets][answers]", "filters[answer_sheets][answers_options]"  # noqa: E741


def client(url, **options):
    return MissionHub(token="missionhub-test-token", base_url=url + BASE, pace=None, **options)


def sent(call, answer=EMPTY, path="/people", **options):
    """The query pairs of the one request that a call makes."""
    with serving({BASE + path: answer}) as (url, log):
        call(client(url, **options))
    assert len(log) == 1
    return log[0][2]


def keywords(params, row):
    """An example's query as the fetcher's keywords."""
    by_wire = {param.wire or param.name: param.name for param in row.params}
    given = {}
    for name, value in params.items():
        if name.startswith("fields["):
            given.setdefault("fields", {})[name[7:-1]] = value
        else:
            given[by_wire[name]] = value
    return given


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['operation']}, {example['source'][-30:]}")
def test_every_value_of_an_example_is_in_the_frame(example):
    row = ROWS[example["operation"]]
    with serving({BASE + example["path"]: (example["status"], example["body"])}) as (url, log):
        frame = Fetcher(row, client(url))(*example["path_args"], **keywords(example.get("params", {}), row))
    if row.path != "/surveys/{id}/questions":
        assert set(example["params"].items()) <= set(log[0][2])
    data = example["body"]["data"]
    resources = data if isinstance(data, list) else [data]
    assert_holds(frame, [{"id": one["id"], **one["attributes"]} for one in resources])
    assert_linked(frame, resources)
    assert crmkit.receipt(frame).unknown_fields == ()
    if "include" in example.get("params", {}):
        assert_included(crmkit.included(frame), example["body"])


def assert_linked(frame, resources):
    for line, resource in enumerate(resources):
        for name, relationship in resource.get("relationships", {}).items():
            if "data" not in relationship:
                assert missing(frame[f"{name}_ids"].iloc[line]), name
            elif isinstance(relationship["data"], list):
                assert frame[f"{name}_ids"].iloc[line] == [one["id"] for one in relationship["data"]], name
            else:
                column = f"{name}_rel_id" if f"{name}_id" in resource["attributes"] else f"{name}_id"
                wanted = relationship["data"] and relationship["data"]["id"]
                assert_cell(frame[column].iloc[line], wanted, column)


def missing(cell):
    return cell is None or cell is pd.NA


def assert_included(tables, body):
    """Each included resource is a line of its table, each link a line of a link table."""
    own = {singular(one["type"]) for one in body["data"]} if isinstance(body["data"], list) else {body["data"]["type"]}
    for one in body.get("included", []):
        name = f"included_{one['type']}" if one["type"] in own else one["type"]
        table = tables[name]
        line = table[table["id"] == one["id"]].reset_index(drop=True)
        assert_holds(line, [{"id": one["id"], **one["attributes"]}])
        assert_linked(line, [one])
        for relation, relationship in one.get("relationships", {}).items():
            if isinstance(relationship["data"], list):
                links = tables[f"{name}__{relation}"]
                assert len(links[links[f"{one['type']}_id"] == one["id"]]) == len(relationship["data"])


def test_every_operation_of_the_sheet_is_a_row():
    lines = (HERE / "operations" / "missionhub.txt").read_text(encoding="utf-8").split("# left out")[0].splitlines()
    frame = MissionHub(token="t").endpoints()
    assert [f"{row.method}\t{row.path}" for row in frame.itertuples()] == [line for line in lines if line]


def test_every_parameter_of_the_sheet_is_one_of_its_row_and_no_other():
    wanted = {}
    for line in (HERE / "operations" / "missionhub_params.txt").read_text(encoding="utf-8").splitlines():
        path, names = line.split("\t")
        wanted[path] = {name.replace("QID", "{}").replace("TYPE", "{}") for name in names.split(",")}
    for row in MissionHub.rows().values():
        pages = {"page[limit]", "page[offset]"} if row.paging.paged else set()
        size = {"limit"} if row.name == "search" else set()
        assert {param.wire or param.name for param in row.params} | pages | size == wanted.get(row.path, set()), row.name


@pytest.mark.parametrize("row", MissionHub.rows().values(), ids=lambda row: row.name)
def test_a_row_explains_itself(row):
    assert all(param.meaning for param in row.params)
    assert row.source.startswith("section")
    text = Fetcher(row, MissionHub(token="t")).__doc__
    assert all(f"    {param.name} : " in text for param in row.params)
    if row.name != "people":
        assert "vendor" in row.doc, "a neighbour says where it was seen"


def test_an_empty_answer_has_the_columns_and_tables_of_a_full_one():
    full = next(example["body"] for example in EXAMPLES if len(example["body"].get("included", [])) > 9)
    with serving({BASE + "/people": lambda query: (200, full) if dict(query)["include"] else EMPTY}) as (url, _):
        hub = client(url)
        one, none = hub.people(include=["interactions"]), hub.people()
    assert one.dtypes.equals(none.dtypes)
    assert list(crmkit.included(one)) == list(crmkit.included(none))
    for name, table in crmkit.included(none).items():
        assert table.empty
        assert table.dtypes.equals(crmkit.included(one)[name].dtypes), name


def test_the_worked_example_of_two_questions_goes_out_as_printed():
    pairs = sent(lambda hub: hub.people(survey_ids=[16], answers={32: ["Yes", "No"], 64: "Joe"}))
    about = [pair for pair in pairs if pair[0].startswith("filters")]
    assert about == [
        ("filters[answer_sheets][survey_ids]", "16"),
        (f"{A}[32][]", "Yes"),
        (f"{A}[32][]", "No"),
        (f"{A}[64][]", "Joe"),
    ]


@pytest.mark.parametrize(
    ("answers", "options", "wire"),
    [
        ({8: "maybe"}, {8: "contains"}, [(f"{A}[8][]", "maybe"), (f"{O}[8]", "contains")]),
        (
            {8: ["2018-05-18T16:00:00Z", "2018-04-01T16:00:00Z"]},
            {"8": "date_range"},
            [(f"{A}[8][]", "2018-04-01T16:00:00Z"), (f"{A}[8][]", "2018-05-18T16:00:00Z"), (f"{O}[8]", "date_range")],
        ),
        (None, {8: "no_response"}, [(f"{A}[8][]", "no_response"), (f"{O}[8]", "no_response")]),
        (None, {8: "any_response"}, [(f"{A}[8][]", "any_response"), (f"{O}[8]", "any_response")]),
        ({8: pd.Timestamp("2018-05-18")}, {8: "date"}, [(f"{A}[8][]", "2018-05-18T00:00:00Z"), (f"{O}[8]", "date")]),
        ({8: ["a, b", "c"]}, {8: "all"}, [(f"{A}[8][]", "a, b"), (f"{A}[8][]", "c"), (f"{O}[8]", "all")]),
        ({8: pd.Series(["x"])}, {8: "does_not_contain"}, [(f"{A}[8][]", "x"), (f"{O}[8]", "does_not_contain")]),
    ],
)
def test_answer_options_go_out_as_the_sheet_says(answers, options, wire):
    """Traps 10 to 14: repeats stay repeats, commas stay in one value, dates are sorted, a dummy stands for no value."""
    pairs = sent(lambda hub: hub.people(answers=answers, answers_options=options))
    assert [pair for pair in pairs if pair[0].startswith("filters")] == wire


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"answers": {8: ["2018-04-01"]}, "answers_options": {8: "date_range"}}, "exactly 2"),
        ({"answers": {8: "x"}, "answers_options": {8: "no_response"}}, "takes no answers"),
        ({"answers_options": {8: "contains"}}, "no answers"),
        ({"answers_options": {8: "contain"}, "answers": {8: "x"}}, "contains"),
        ({"answers": {"8][x": "x"}}, "numbers of questions"),
        ({"answers": ["x"]}, "dict"),
        ({"updated_at": ["2018-04-09"]}, "exactly 2"),
        ({"updated_at": ["2018-04-09T10:00:00", "2018-04-09T09:00:00"]}, "after its end"),
        ({"updated_at": ["2018-04-09T10:00:00", "2018-04-09"]}, "after its end"),
        ({"organization_ids": 27, "filter_organization_ids": 27}, "not both"),
        ({"label_ids": []}, "empty list"),
        ({"fields": {"people": ["first_name"]}}, "'person'"),
        ({"fields": ["first_name"]}, "dict by type"),
        ({"permissions": 2}, "owner"),
        ({"sort": "id"}, "last_name"),
        ({"lable_ids": 3}, "label_ids"),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused_before_anything_is_asked(given, said):
    with serving({}) as (url, log), pytest.raises(ParameterError) as caught:
        client(url).people(**given)
    assert said in str(caught.value)
    assert log == []


def test_every_filter_goes_out_in_its_own_form():
    """Trap 9: comma lists are one pair, repeats are pairs of the same name."""
    pairs = sent(
        lambda hub: hub.people(
            filter_organization_ids=[3, 4],
            ids=[3, "4"],
            exclude_ids=1,
            name="ann@example.org",
            assigned_tos=[5, "me", "unassigned"],
            assigned_contacts=["me"],
            label_ids=pd.Series([1, 2]),
            group_ids=[1],
            statuses=["completed", "in_progress", "brand_new"],
            permissions=[3, "owner"],
            genders=["Male", "other"],
            faculty=[True, False],
            interaction_type_ids=[2, 9],
            include_archived=True,
            updated_at=["2018-04-09T00:00:00Z", "2018-05-31T21:59:59+02:00"],
            include=["email_addresses", "answer_sheets.answers"],
            sort=["gender", "-answer_sheets.completed_at"],
        )
    )
    assert sorted(pairs) == sorted(
        [
            ("filters[organization_ids]", "3,4"),
            ("filters[ids]", "3,4"),
            ("filters[exclude_ids]", "1"),
            ("filters[name]", "ann@example.org"),
            ("filters[assigned_tos]", "5,me,unassigned"),
            ("filters[assigned_contacts]", "me"),
            ("filters[label_ids]", "1,2"),
            ("filters[group_ids]", "1"),
            ("filters[statuses]", "completed,in_progress,brand_new"),
            ("filters[permissions]", "3,owner"),
            ("filters[genders]", "male,other"),
            ("filters[faculty]", "true,false"),
            ("filters[interaction_type_ids]", "2,9"),
            ("filters[include_archived]", "true"),
            ("filters[updated_at][]", "2018-04-09T00:00:00Z"),
            ("filters[updated_at][]", "2018-05-31T19:59:59Z"),
            ("include", "email_addresses,answer_sheets.answers"),
            ("sort", "gender,-answer_sheets.completed_at"),
            ("page[limit]", "100"),
            ("page[offset]", "0"),
        ]
    )


def test_brackets_and_commas_are_percent_encoded(monkeypatch):
    from crmkit.transport import Transport

    urls, prepared = [], Transport._prepared

    def noted(self, call, *rest):
        request = prepared(self, call, *rest)
        urls.append(request.url)
        return request

    monkeypatch.setattr(Transport, "_prepared", noted)
    sent(lambda hub: hub.people(updated_at=["2018-04-09", "2018-05-31T19:59:59Z"], label_ids=[1, 2]))
    assert "filters%5Bupdated_at%5D%5B%5D=2018-04-09T00%3A00%3A00Z&filters%5Bupdated_at%5D%5B%5D=2018-05-31" in urls[0]
    assert "filters%5Blabel_ids%5D=1%2C2" in urls[0]
    assert not set("[],") & set(urls[0])


@pytest.mark.parametrize("name", ["people", "person", "me", "organizations"])
def test_include_is_always_sent_even_empty(name):
    """Trap 19."""
    row = MissionHub.rows()[name]
    args = [7] if "{id}" in row.path else []
    pairs = sent(lambda hub: getattr(hub, name)(*args), path=row.path.replace("{id}", "7"))
    assert ("include", "") in pairs


def test_fields_keep_the_links_of_what_is_included():
    """Traps 20 and 21: a relationship that is included is named in its owner's fields, by the singular type."""
    pairs = sent(
        lambda hub: hub.people(
            include="organizational_permissions.organization, answer_sheets.answers",
            fields={"person": ["first_name", "answer_sheets"], "organizational_permission": "followup_status", "answer": "value"},
        )
    )
    assert dict(pairs)["include"] == "organizational_permissions.organization,answer_sheets.answers"
    found = {name: value for name, value in pairs if name.startswith("fields")}
    assert found == {
        "fields[person]": "first_name,answer_sheets,organizational_permissions",
        "fields[organizational_permission]": "followup_status,organization",
        "fields[answer]": "value",
    }


def test_the_clients_organization_is_the_scope_unless_the_call_has_its_own():
    """Trap 8: one of the two forms, never both."""

    def scope(call, path="/people"):
        pairs = sent(call, organization_id="27", path=path)
        return [pair for pair in pairs if "organization_id" in pair[0]]

    assert scope(lambda hub: hub.people()) == [("organization_ids", "27")]
    assert scope(lambda hub: hub.people(organization_ids=[3, 4])) == [("organization_ids", "3,4")]
    assert scope(lambda hub: hub.people(filter_organization_ids=5)) == [("filters[organization_ids]", "5")]
    assert scope(lambda hub: hub.search(q="ann"), "/search") == [("organization_ids", "27")]
    assert scope(lambda hub: hub.filter_stats(), "/filter_stats/people") == [("organization_id", "27")]
    assert scope(lambda hub: hub.filter_stats(survey_id=16), "/filter_stats/survey") == [("organization_id", "27")]
    assert scope(lambda hub: hub.organizations(), "/organizations") == []


def test_the_receipt_names_the_scope():
    with serving({BASE + "/people": EMPTY}) as (url, _):
        assert crmkit.receipt(client(url, organization_id="27").people()).params["organization_ids"] == "27"


def test_counts_need_an_organization():
    with pytest.raises(ParameterError, match="organization_id"):
        MissionHub(token="t").filter_stats_people()


def test_long_lists_of_ids_are_asked_in_batches_and_come_as_one_frame():
    """Section 2, rule 8."""

    def page(query):
        given = dict(query)
        wanted = given["filters[ids]"].split(",")[int(given["page[offset]"]) :]
        people = [{"type": "person", "id": one, "attributes": {"first_name": "P"}} for one in wanted]
        return 200, {"data": people, "meta": {"total": len(given["filters[ids]"].split(","))}}

    wanted = [*range(1, 251), 7]
    with serving({BASE + "/people": page}) as (url, log):
        frame = client(url).people(ids=wanted)
        nobody = client(url).people(ids=[])
    assert frame["id"].tolist() == [str(one) for one in range(1, 251)]
    asked = [dict(query)["filters[ids]"] for _, _, query, _, _ in log]
    assert [len(batch.split(",")) for batch in dict.fromkeys(asked)] == [100, 100, 50]
    proof = crmkit.receipt(frame)
    assert (proof.complete, proof.declared_total, len(proof.params["ids"])) == (True, 250, 251)
    assert nobody.empty
    assert nobody.dtypes.equals(frame.dtypes)


def test_an_id_given_as_number_and_as_text_is_one_person():
    """In two batches the person would come twice, and the frame would count as complete."""

    def page(query):
        given = dict(query)
        wanted = given["filters[ids]"].split(",")
        people = [{"type": "person", "id": one, "attributes": {"first_name": "P"}} for one in wanted]
        return 200, {"data": people[int(given["page[offset]"]) :], "meta": {"total": len(wanted)}}

    for ids in ([*range(1, 151), "3", 3.0], ",".join(str(one) for one in [*range(1, 151), 3])):
        with serving({BASE + "/people": page}) as (url, log):
            frame = client(url).people(ids=ids)
        assert frame["id"].tolist() == [str(one) for one in range(1, 151)]
        assert max(len(dict(query)["filters[ids]"].split(",")) for _, _, query, _, _ in log) == 100


def test_counts_of_an_answer_without_an_envelope_are_read_too():
    bare = (200, {"labels": [{"label_id": 31, "name": "Newcomer", "count": 2}]})
    with serving({BASE + "/filter_stats/people": bare}) as (url, _):
        frame = client(url).filter_stats_people(organization_id=27)
    assert frame["labels"].iloc[0][0]["count"] == 2


def test_questions_of_several_surveys_are_one_frame():
    answers = {
        f"{BASE}/surveys/{survey}/questions": (200, {"data": [{"type": "question", "id": "32", "attributes": {"label": "?"}}]})
        for survey in (16, 17)
    }
    with serving(answers) as (url, _):
        frame = client(url).survey_questions([16, 17])
    assert frame[["survey_id", "id"]].to_numpy().tolist() == [["16", "32"], ["17", "32"]]
    assert frame.columns[0] == "survey_id"
    assert crmkit.receipt(frame).complete is None


def test_a_search_is_asked_wide_and_says_when_more_match():
    found = {"data": [{"type": "person", "id": "1", "attributes": {}}], "meta": {"total": 1}}
    assert ("limit", "100") in sent(lambda hub: hub.search(q="ann", unassigned=True), answer=(200, found), path="/search")
    more = (200, {**found, "meta": {"total": 2}})
    with serving({BASE + "/search": more}) as (url, _), pytest.raises(IncompleteFetch):
        client(url).search(q="ann")


def test_a_plan_of_many_ids_asks_the_first_page_of_each_batch_and_the_fetch_does_not_ask_it_again():
    """The docstring said one request; the ids of a call are a list per hundred."""

    def named(query):
        wanted = dict(query)["filters[ids]"].split(",")
        data = [{"id": one, "type": "person", "attributes": {}} for one in wanted[:25]]
        return 200, {"data": data, "meta": {"total": len(data)}}

    with serving({f"{BASE}/people": named}) as (url, log):
        hub, ids = client(url), list(range(1, 251))
        assert hub.people.plan(ids=ids, probe=False).calls is None
        assert log == []
        planned = hub.people.plan(ids=ids)
        assert (planned.calls, planned.to_ask, planned.records, len(log)) == (3, 0, 75, 3)
        assert len(hub.people(ids=ids)) == 75
        assert len(log) == 3
    assert "one request per list" in " ".join(Fetcher.plan.__doc__.split())
