"""sheepCRM: the vendor's example answers, the lists of operations and parameters, and the shapes that differ from a plain list."""

import json
from pathlib import Path

import pandas as pd
import pytest

import crmkit
from crmkit.crms.sheepcrm import SheepCRM
from crmkit.errors import CrmkitError, IncompleteFetch, ParameterError, ShapeError
from tests.serving import assert_holds, is_table, serving

HERE = Path(__file__).parent.parent
EXAMPLES = json.loads((HERE / "examples" / "sheepcrm.json").read_text(encoding="utf-8"))
ROWS = {f"{row.method} {row.path}": row for row in SheepCRM.rows().values()}
UID = "6305f074683e800f3abe809e"
PERSON = f"/example/person/{UID}/"
LISTS = ("memberships", "results", "bookings", "sessions", "available_tickets", "tickets", "orders", "responses", "fieldsets")
WRAPPED = (*LISTS, "segments", "notification", "tasks")
# Facts beside a list that the sheet adds to each of its records.
BESIDE = ("contact_uri", "booking_uri", "booking_display_value", "buyer_uri", "related_uris")


def client(url="http://127.0.0.1:9", **options):
    return SheepCRM(api_key="sheep-test-key", bucket="example", base_url=url, pace=None, **options)


def fetched(example, **more):
    with serving({example["path"]: (example["status"], example["body"])}) as (url, _):
        fetcher = getattr(client(url), ROWS[example["operation"]].name)
        return fetcher(*example["path_args"], **example.get("params", {}), **more)


def example_of(name):
    return next(example for example in EXAMPLES if ROWS[example["operation"]].name == name)


def records_of(body):
    """The records of an example, and the facts beside them, read by hand."""
    if isinstance(body, list):
        return body
    if "buyers" in body:
        return [{"buyer_uri": uri, "booking_uri": body["booking_uri"], **order} for uri, order in body["buyers"].items()]
    name = next((name for name in WRAPPED if name in body and isinstance(body[name], list | dict)), None)
    if name is None or "attendee_count" in body:
        return [body]
    found = body[name] if isinstance(body[name], list) else [body[name]]
    return [{**record, **{key: body[key] for key in BESIDE if key in body}} for record in found]


def without_misfits(frame, records):
    """Dates that the examples give as the word "string" are in <name>.raw; checked here and taken away."""
    kept = []
    for place, record in enumerate(records):
        odd = [name for name, value in record.items() if f"{name}.raw" in frame and pd.isna(frame[name].iloc[place]) and value]
        assert all(frame[f"{name}.raw"].iloc[place] == record[name] for name in odd)
        kept.append({name: value for name, value in record.items() if name not in odd})
    return kept


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["operation"])
def test_every_value_of_the_vendors_example_is_in_the_frame(example):
    row = ROWS[example["operation"]]
    frame = fetched(example, **({"sensitive": True} if row.has_sensitive else {}))
    records = without_misfits(frame, records_of(example["body"]))
    assert_holds(frame, records, ignore={"signature", "order_total", "response.sections"})
    assert "signature" not in frame


def test_there_are_examples_of_every_documented_body():
    assert len(EXAMPLES) == 29


@pytest.mark.parametrize("name", ["attendance", "attendance_all", "orders", "tickets"])
def test_the_event_beside_a_list_is_a_table_of_its_own(name):
    example = example_of(name)
    frame = fetched(example)
    assert_holds(crmkit.included(frame)["events"], [example["body"]["booking"]], ignore={"user_interface", "group"})
    assert not [column for column in frame if column.startswith("booking.")]


def test_buyers_are_keyed_by_uri_and_totals_by_currency():
    """Traps 8 and 9: the key and the buyer inside are both kept; one line per currency, whatever the currencies are."""
    sums = {"fully_paid": False, "outstanding": 1.5, "paid": 2, "processing_fees": 0, "total": 3.5}
    body = {
        "booking_uri": "/example/booking/e1/",
        "buyers": {
            "/example/person/p1/": {
                "buyer": "/example/organisation/o1/",
                "order_total": {"gbp": sums, "chf": {**sums, "total": 9}},
            },
            "/example/person/p2/": {"buyer": "/example/person/p2/", "order_total": {}},
        },
        "number_of_orders": 2,
        "number_of_unpaid_orders": 1,
    }
    with serving({"/events/v2/example/booking/e1/orders": (200, body)}) as (url, _):
        frame = client(url).orders("e1")
    assert frame["buyer_uri"].tolist() == ["/example/person/p1/", "/example/person/p2/"]
    assert frame["buyer"].tolist() == ["/example/organisation/o1/", "/example/person/p2/"]
    totals = crmkit.child(frame, "order_totals")
    assert totals["buyer_uri"].tolist() == ["/example/person/p1/"] * 2
    assert totals[["booking_uri", "currency", "total"]].values.tolist() == [
        ["/example/booking/e1/", "gbp", 3.5],
        ["/example/booking/e1/", "chf", 9.0],
    ]
    assert not [column for column in frame if "gbp" in column]
    counts = crmkit.included(frame)["counts"]
    assert counts[["number_of_orders", "number_of_unpaid_orders"]].values.tolist() == [[2, 1]]
    assert crmkit.receipt(frame).complete is True


def test_an_order_and_the_orders_of_an_example_open_by_currency():
    for name in ("orders", "order"):
        example = example_of(name)
        totals = crmkit.child(fetched(example), "order_totals")
        order = example["body"] if name == "order" else next(iter(example["body"]["buyers"].values()))
        assert_holds(totals, [{"currency": currency, **sums} for currency, sums in order["order_total"].items()])
        assert str(totals["total"].dtype) == "float64"


def test_answers_to_questions_open_at_every_level():
    example = example_of("order_questions")
    frame = fetched(example)
    response = example["body"]["responses"][0]["response"]
    assert_holds(crmkit.child(frame, "response.simple"), response["simple"])
    sections = crmkit.child(frame, "response.sections")
    assert_holds(sections, [{key: value for key, value in one.items() if key != "questions"} for one in response["sections"]])
    questions = crmkit.child(sections, "questions")
    assert_holds(questions, response["sections"][0]["questions"])
    assert questions[["response_uri", "section_position"]].values.tolist() == [[PERSON, 0]]


def test_the_fields_of_a_segment_open():
    example = example_of("segment_config")
    assert_holds(crmkit.child(fetched(example), "mapping.fields"), example["body"]["mapping"]["fields"])


def test_what_the_callers_screen_may_do_is_left_out_by_default():
    for name in ("events", "memberships", "segments", "segment_config", "tasks", "invoice"):
        frame = fetched(example_of(name))
        assert not [column for column in frame if column.startswith(("user_interface", "config."))], name
        assert crmkit.receipt(frame).unknown_fields == ()


def test_signatures_never_enter_a_frame_or_a_receipt():
    body = {
        "invoice_uri": "/example/invoice/i1/",
        "signature": "planted-secret",
        "signed_invoice_uri": "/example/invoice/i1/planted-secret/",
        "links": [{"rel": "pdf", "href": "https://files.example.org/i1/planted-secret", "filename": "i1.pdf", "prompt": "PDF"}],
    }
    with serving({"/invoices/v2/example/order/i1/planted-secret": (200, body)}) as (url, _):
        frame = client(url).signed_invoice("order", "i1", "planted-secret")
        plain = client(url).signed_invoice("order", ["i1"], ["planted-secret"], sensitive=True)
    for one in (frame, plain):
        shown = one.to_csv() + crmkit.child(one, "links").to_csv() + str(crmkit.receipt(one).to_dict())
        assert "planted-secret" not in shown
        assert one["signed_invoice_uri"].tolist() == ["/example/invoice/i1/"]
        assert crmkit.child(one, "links")["href"].tolist() == ["https://files.example.org/i1/[removed by crmkit]"]
    assert len(crmkit.cache.about("/example/invoice/i1/")) == 1
    assert crmkit.cache.about("planted-secret").empty


def test_a_signature_is_not_told_where_one_of_several_invoices_is_missing():
    known = {"/invoices/v2/example/order/i1/planted-secret": (200, {"invoice_uri": "/example/invoice/i1/"})}
    with serving(known) as (url, _):
        frame = client(url).signed_invoice("order", ["i1", "i2"], "planted-secret", allow_partial=True)
        with pytest.raises(IncompleteFetch) as caught:
            client(url).signed_invoice("order", ["i1", "i2"], ["planted-secret"])
    problems = crmkit.receipt(frame).problems
    assert any("uid='i2'" in line for line in problems)
    assert "planted-secret" not in f"{problems}{caught.value}{caught.value.receipt}"


def test_a_short_signature_is_not_cut_out_of_other_words():
    assert example_of("invoice")["body"]["invoice_uri"] == PERSON
    body = {"signature": UID[:5], "invoice_uri": PERSON, "links": [{"href": f"https://files.example.org/{UID}?s={UID[:5]}"}]}
    with serving({"/invoices/v2/example/invoice/i1": (200, body)}) as (url, _):
        frame = client(url).invoice("invoice", "i1")
    assert frame["invoice_uri"].tolist() == [PERSON]
    assert crmkit.child(frame, "links")["href"].tolist() == [f"https://files.example.org/{UID}?s=[removed by crmkit]"]


def test_every_operation_of_the_sheet_is_a_row_and_none_starts_a_job():
    lines = (HERE / "operations" / "sheepcrm.txt").read_text(encoding="utf-8").split("# left out")
    wanted = {tuple(line.split("\t")[:2]) for line in lines[0].splitlines() if line}
    frame = client().endpoints()
    assert set(zip(frame["method"], frame["path"], strict=True)) == wanted
    assert len(frame) == 48
    assert not frame["path"].str.contains("/pdf|/xlsx|mailchimp").any()


def parameters():
    lines = (HERE / "operations" / "sheepcrm_params.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line)


PLAIN = {"flag": True, "integer": 3, "day": "2026-01-02"}
PLACES = {"person_uri": PERSON, "contact_uri": PERSON, "uid": UID, "euid": "e1", "resource_type": "person", "signature": "s1"}


@pytest.mark.parametrize("row", SheepCRM.rows().values(), ids=lambda row: row.name)
def test_every_parameter_is_one_the_sheet_names(row):
    values = {param.name: param.choices[0] if param.choices else PLAIN.get(param.kind, "x") for param in row.params}
    with serving({}) as (url, log):
        sheep = client(url)
        fetcher = getattr(sheep, row.name)
        places = [param.choices[0] if param.choices else PLACES[param.name] for param in row.own_slots(sheep.slots)]
        with pytest.raises(CrmkitError):
            fetcher(*places, **values)
    sent = {name for _, _, query, _, _ in log for name, _ in query}
    assert sent == set(filter(None, parameters().get(row.path, "").split(",")))
    assert all(method == "GET" and headers["Authorization"] == "Bearer sheep-test-key" for method, _, _, headers, _ in log)


def test_lists_in_the_query_repeat_the_name():
    with serving({}) as (url, log), pytest.raises(CrmkitError):
        client(url).orders_export_meta("e1", fieldset=["core", "mailing"])
    assert log[0][2] == [("fieldset", "core"), ("fieldset", "mailing")]
    with pytest.raises(ParameterError, match="fieldset"):
        client().orders_export_meta("e1", fieldset="attendance")


def test_a_uri_goes_into_the_path_whole():
    body = {"contact_uri": PERSON, "count": 0, "memberships": []}
    with serving({f"/api/v2{PERSON}membership/all": (200, body)}) as (url, log):
        frame = client(url).memberships([PERSON])
    assert log[0][1] == f"/api/v2/example/person/{UID}/membership/all"
    assert frame.columns[0] == "person_uri"


@pytest.mark.parametrize("uri", [UID, "/example/person/7", "example/person/7/", "/example/../7/", "/a/b/c/d/"])
def test_anything_but_a_whole_uri_is_refused(uri):
    with pytest.raises(ParameterError, match="whole URI"):
        client().memberships(uri)


def test_a_path_parameter_as_a_list_labels_the_lines():
    sessions = {"sessions": [{"uri": "/example/session/1/", "uid": "s1"}], "booking_uri": "/example/booking/b/"}
    answers = {f"/events/v2/example/booking/{uid}/attendance": (200, sessions) for uid in ("e1", "e2")}
    with serving(answers) as (url, _):
        frame = client(url).attendance(["e1", "e2"])
    assert frame.columns[0] == "booking_uid"
    assert frame["booking_uid"].tolist() == ["e1", "e2"]
    assert frame["uid"].tolist() == ["s1", "s1"]


@pytest.mark.parametrize("found", [{"uri": "/example/journal/1/"}, [{"uri": "/example/journal/1/"}]])
@pytest.mark.parametrize("envelope", ["notification", "notifications"])
def test_notifications_are_one_object_or_a_list_in_either_envelope(envelope, found):
    """Trap 6."""
    with serving({"/notifications/v2/example": (200, {envelope: found})}) as (url, _):
        assert client(url).notifications()["uri"].tolist() == ["/example/journal/1/"]


def test_no_notifications_are_an_empty_typed_frame():
    with serving({"/notifications/v2/example": (200, {"notification": None})}) as (url, _):
        empty = client(url).notifications()
    assert empty.empty
    assert dict(empty.dtypes) == dict(fetched(example_of("notifications")).dtypes)


def test_money_is_text_in_ticket_types_and_a_number_elsewhere():
    """Traps 10 and 11: numbers from both, the text kept, precise."""
    types = {"available_tickets": [{"uri": "/example/ticket/1/", "amount": "12.30", "number_of_attendees_per_ticket": "2.50"}]}
    sold = {"tickets": [{"uri": "/example/ticket/1/", "amount": 12.3}, {"uri": "/example/ticket/2/", "amount": "4.50"}]}
    paths = {
        "/events/v2/example/booking/e/available_tickets": (200, types),
        "/events/v2/example/booking/e/tickets/all": (200, sold),
    }
    with serving(paths) as (url, _):
        priced, tickets = client(url).ticket_types("e"), client(url).tickets("e")
    assert (priced["amount"].iloc[0], priced["amount.raw"].iloc[0]) == (12.3, "12.30")
    assert (priced["number_of_attendees_per_ticket"].iloc[0], priced["number_of_attendees_per_ticket.raw"].iloc[0]) == (
        2.5,
        "2.50",
    )
    assert priced["booking_uid"].tolist() == ["e"]
    assert tickets["amount"].tolist() == [12.3, 4.5]


def test_times_stay_without_a_zone_and_odd_ones_stay_as_text():
    """Trap 12, and section 4.7: dates of memberships are declared as mere texts."""
    body = {
        "contact_uri": PERSON,
        "count": 2,
        "memberships": [
            {"uri": "/example/member/1/", "start_date": "2026-09-01T00:00:00", "end_date": "2027-08-31", "legacy": 7},
            {"uri": "/example/member/2/", "start_date": "next spring", "payment_date": "2026-08-30T09:15:00.250000"},
        ],
    }
    with serving({f"/api/v2{PERSON}membership/all": (200, body)}) as (url, _):
        frame = client(url).memberships(PERSON)
    assert str(frame["start_date"].dtype) == "datetime64[us]"
    assert frame["start_date"].tolist() == [pd.Timestamp("2026-09-01"), pd.NaT]
    assert frame["start_date.raw"].tolist()[1] == "next spring"
    assert frame["payment_date"].iloc[1] == pd.Timestamp("2026-08-30 09:15:00.250")
    assert crmkit.receipt(frame).rejected_values == {"start_date": 1}
    assert crmkit.receipt(frame).unknown_fields == ("legacy",)


def test_ids_are_text_also_where_digits_come():
    """Trap 29."""
    with serving({"/segments/v2/example": (200, {"segments": [{"uri": "/example/segment/1/", "legacy_uid": 1234567890}]})}) as (
        url,
        _,
    ):
        assert client(url).segments(limit=1)["legacy_uid"].tolist() == ["1234567890"]


def test_a_whole_event_may_have_fields_that_no_document_names():
    """Trap 17, and dicts keyed by data never become columns."""
    body = {"uri": "/example/booking/1/", "resource_type": "booking", "ticket_types": {"/example/ticket/1/": {"name": "Adult"}}}
    with serving({"/events/v2/example/booking/1": (200, body)}) as (url, _):
        frame = client(url).event("1")
    assert frame["resource_type"].tolist() == ["booking"]
    assert frame["ticket_types"].tolist() == [body["ticket_types"]]
    assert crmkit.receipt(frame).unknown_fields == ("resource_type",)


def test_a_record_of_unknown_shape_is_kept_whole():
    """One record stays one line, also when it holds a single list of objects."""
    body = {"uri": PERSON, "name": {"first": "Ada"}, "addresses": [{"town": "Ghent"}, {"town": "Lier"}]}
    paths = {f"/api/v2{PERSON}summary": (200, body), "/search/v2/example/person": (200, body)}
    with serving(paths) as (url, _):
        for frame in (client(url).contact_summary(PERSON), client(url).search_person(email="ada@example.org")):
            assert len(frame) == 1
            assert frame["name.first"].tolist() == ["Ada"]
            assert frame["addresses"].tolist() == [body["addresses"]]


@pytest.mark.parametrize(
    "body", [[{"uri": "/u/1/"}], {"records": [{"uri": "/u/1/"}], "tags": ["x"], "more": []}, {"page": [{"uri": "/u/1/"}]}]
)
def test_segment_records_come_as_a_list_or_under_any_name(body):
    def page(query):
        return 200, body if dict(query)["page"] == "1" else {"records": [], "tags": []}

    with serving({"/segments/v2/example/segment/s/all": page}) as (url, _):
        frame = client(url).segment_records("s", verbose=True)
    assert frame["uri"].tolist() == ["/u/1/"]
    assert frame["segment_uid"].tolist() == ["s"]


@pytest.mark.parametrize("body", [{"people": [{"a": 1}], "places": [{"b": 2}]}, {"state": "broken"}, "text"])
def test_segment_records_without_a_single_list_raise_and_name_the_keys(body):
    with serving({"/segments/v2/example/segment/s/all": (200, body)}) as (url, _), pytest.raises(ShapeError) as caught:
        client(url).segment_records("s")
    assert all(key in str(caught.value) for key in (body if isinstance(body, dict) else ()))


def test_a_lookup_is_a_bare_list():
    """Traps 7, 23 and 24."""
    frame = fetched(example_of("segment_lookup"))
    assert frame["segment_uid"].tolist() == [UID]
    assert is_table(example_of("segment_lookup")["body"])


def test_a_picture_is_a_frame_of_one_line():
    with serving({f"/api/v2/example/person/{UID}/avatar": (200, b"\x89PNG\r\n")}, {"Content-Type": "image/png"}) as (url, log):
        sheep = client(url)
        frame = sheep.avatar("person", UID)
        assert frame["image"].tolist() == [b"\x89PNG\r\n"]
        assert frame["content_type"].tolist() == ["image/png"]
        assert sheep.avatar("person", UID)["image"].tolist() == [b"\x89PNG\r\n"]
    assert len(log) == 1


def test_a_picture_elsewhere_is_fetched_without_the_key():
    with serving({"/pictures/1.png": (200, b"\x89PNG!")}, {"Content-Type": "image/png"}) as (elsewhere, seen):
        answers = {f"/api/v2/example/person/{UID}/avatar": (302, b"")}
        with serving(answers, {"Location": f"{elsewhere}/pictures/1.png"}) as (url, _):
            frame = client(url).avatar("person", UID)
    assert frame["image"].tolist() == [b"\x89PNG!"]
    assert "Authorization" not in seen[0][3]


def test_what_is_no_picture_is_said_so():
    with (
        serving({f"/api/v2/example/person/{UID}/avatar": (200, {"error": "x"})}) as (url, _),
        pytest.raises(ShapeError, match="picture"),
    ):
        client(url).avatar("person", UID)


def test_the_bucket_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("SHEEPCRM_API_KEY", "k")
    monkeypatch.setenv("SHEEPCRM_BUCKET", "my flock")
    with serving({"/search/v2/my flock": (200, {"results": []})}) as (url, log):
        assert SheepCRM.from_env(base_url=url, pace=None).search(q="a b").empty
    assert log[0][1:3] == ("/search/v2/my flock", [("q", "a b")])
