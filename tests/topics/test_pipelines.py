"""crmkit.pipelines: the definitions of the OnePageCRM sheet, section 5, on accounts small enough to work out by hand."""

from __future__ import annotations

import math
from datetime import date

import pandas as pd
import pytest

import crmkit
from crmkit import pipelines
from crmkit.errors import ParameterError

from .pipelines_account import EVENTS, SALES, TODAY, WORK, A, Account, B, C, D, deal, deals_of, loaded

NAN = pytest.approx(math.nan, nan_ok=True)


def only(table: pd.DataFrame) -> dict:
    """The one line of a table."""
    assert len(table) == 1
    return table.iloc[0].to_dict()


class TestWorkedExample:
    """As printed in the sheet: today 2024-06-01, one sales pipeline, deals A to D."""

    def test_a_is_weighted_and_overdue_by_a_day(self):
        data = loaded(A, B, C, D)
        one = data["deals"].set_index("deal_id").loc["a"]
        assert (one["total_amount"], one["weighted_amount"], one["weighted_total"]) == (1200, 50, 300)
        late = only(pipelines.overdue(data["deals"]))
        assert (late["deal_id"], late["days_overdue"]) == ("a", 1)
        month = only(pipelines.forecast(data["deals"]))
        assert month["month"] == pd.Timestamp("2024-05-01")
        assert (month["deals"], month["overdue"], month["weighted_total"], month["weighted_amount"]) == (1, 1, 300, 50)

    def test_what_was_won(self):
        deals = deals_of(A, B, C, D)
        size = only(pipelines.deal_size(deals))
        assert (size["total"], size["average"], size["average_without_zeros"], size["zero_value"]) == (500, 250, 500, 1)
        rate = only(pipelines.win_rate(deals))
        assert (rate["rate"], rate["value_rate"]) == (pytest.approx(2 / 3), 0.5)
        cycle = only(pipelines.cycle_length(deals))
        assert (cycle["measured"], cycle["mean_days"], cycle["median_days"]) == (2, 15, 15)

    def test_velocity(self):
        speed = only(pipelines.velocity(deals_of(A, B, C, D)))
        assert speed["velocity"] == pytest.approx(11.11, abs=0.005)
        assert pd.isna(speed["reason"])

    def test_with_a_alone_every_rate_average_and_the_velocity_is_nan(self):
        data = loaded(A)
        deals = data["deals"]
        rate, size, cycle, speed = map(
            only,
            (pipelines.win_rate(deals), pipelines.deal_size(deals), pipelines.cycle_length(deals), pipelines.velocity(deals)),
        )
        assert [rate[name] for name in ("rate", "rate_low", "rate_high", "value_rate", "value_rate_low")] == [NAN] * 5
        assert [size["average"], size["average_without_zeros"], cycle["mean_days"], cycle["median_days"]] == [NAN] * 4
        assert (speed["velocity"], speed["reason"]) == (NAN, "no deal was won or lost in the window")
        assert (rate["closed"], rate["value_won"], size["won"], cycle["deals"], speed["pending"]) == (0, 0.0, 0, 0, 1)
        assert only(pipelines.forecast(deals))["weighted_total"] == 300


class TestDeals:
    def test_missing_months_are_one_and_total_amount_is_kept_as_given(self):
        deals = deals_of(
            deal("A", months=0), deal("B", months=None), deal("C", months=2, total_amount=200.01), deal("D", amount=None)
        )
        assert deals["months"].tolist() == [1, 1, 2, 1]
        assert deals["total_amount"].tolist() == [100, 100, 200.01, 0]
        assert ["no_months" in found for found in deals["oddities"]] == [True, True, False, False]
        assert ["total_differs" in found for found in deals["oddities"]] == [False, False, True, False]

    def test_a_difference_of_half_a_cent_is_none(self):
        assert not any("total_differs" in found for found in deals_of(deal("A", total_amount=100.005))["oddities"])

    def test_margins_are_per_month_and_the_total_is_ours(self):
        one = only(deals_of(deal("A", amount=100, cost=130, months=3)))
        assert (one["margin"], one["total_margin"], one["total_cost"]) == (-30, -90, 390)

    @pytest.mark.parametrize("stage", [0, 100, -5, None])
    def test_a_stage_that_is_no_chance_weighs_nothing_and_is_counted(self, stage):
        data = loaded(deal("A", stage=stage), deal("B", stage=40))
        assert data["deals"]["chance"].tolist() == [NAN, 0.4]
        assert pipelines.forecast(data["deals"])[["deals", "no_chance"]].to_numpy().tolist() == [[2, 1]]
        assert pipelines.forecast(data["deals"])["weighted_total"].sum() == 40
        assert "stage_invalid" in data["deals"]["oddities"].iloc[0]

    def test_stages_are_joined_within_their_pipeline(self):
        deals = deals_of(deal("A", stage=25), deal("B", stage=25, pipeline_id="p2"), deal("C", stage=40, pipeline_id="p2"))
        assert deals["label"].tolist() == ["Talk", "Idea", pd.NA]
        assert deals["oddities"].tolist()[2] == ["stage_removed", "no_expected_date"]

    def test_without_a_pipeline_the_default_one_counts(self):
        one = only(deals_of(deal("A", pipeline_id=None, sales_pipeline_id=None)))
        assert (one["pipeline"], one["sales_pipeline"], one["label"]) == ("Sales", "Sales", "Talk")

    def test_a_status_unknown_is_other_and_in_no_measure(self):
        data = loaded(deal("A", "paused", close_date="2024-05-05"), deal("B", None))
        assert data["deals"]["state"].tolist() == ["other", "other"]
        assert only(pipelines.win_rate(data["deals"]))["closed"] == 0
        assert pipelines.funnel(data["deals"], data["stages"])["deals"].sum() == 0
        assert pipelines.forecast(data["deals"]).empty

    def test_status_decides_not_the_date(self):
        one = only(deals_of(deal("A", close_date="2024-04-15")))
        assert (one["state"], one["chance"]) == ("pending", 0.25)
        assert "pending_with_close_date" in one["oddities"]

    def test_it_began_on_its_date_or_on_the_day_it_was_made_in_the_accounts_zone(self):
        deals = deals_of(deal("A"), deal("B", date=None))
        assert deals["opened"].tolist() == [pd.Timestamp("2024-03-01"), pd.Timestamp("2024-03-03")]
        assert deals["created"].tolist() == [pd.Timestamp("2024-03-03")] * 2

    def test_items_that_do_not_add_up_are_reported(self):
        items = [{"id": "i", "amount": 60.0}, {"id": "j", "amount": 40.0}]
        deals = deals_of(
            deal("A", has_deal_items=True, deal_items=items),
            deal("B", has_deal_items=True, deal_items=items[:1]),
            deal("C", deal_items=items[:1]),
        )
        assert ["items_differ" in found for found in deals["oddities"]] == [False, True, False]

    def test_stage_in_sales_of_a_deal_in_delivery_comes_from_its_history(self):
        before = deal("A", "won", pipeline_id="p3", stage=50, previous_pipeline_stages={"p1": 90, "p2": 25})
        assert deals_of(before, deal("B", stage=40), deal("C", "lost"))["sales_stage"].tolist() == [90, 40, pd.NA]

    def test_last_stage_is_used_where_it_is_sent(self):
        assert deals_of(deal("A", "lost", last_stage=75))["sales_stage"].tolist() == [75]

    def test_oddities_lists_every_kind(self):
        table = pipelines.oddities(deals_of(deal("A", months=0), deal("B", expected_close_date="2024-07-01")))
        found = table.set_index("oddity")
        assert found["deals"].to_dict() == {name: name in ("no_months", "no_expected_date") for name in found.index}
        assert found.loc["no_months", "deal_ids"] == ["a"]


class TestLoad:
    def test_frames_and_names(self):
        data = loaded(A, deal("B", owner_id="u2", contact_id="c2"))
        assert list(data) == ["deals", "stages", "pipelines", "owners", "contacts", "account"]
        assert data["deals"]["owner"].tolist() == ["Ann Maes", "Bob Smit"]
        assert data["deals"]["source"].tolist() == ["Website", "Advert"]
        assert data["stages"]["stage"].tolist() == [25, 40, 75, 90, 25, 50, 90]
        assert only(data["account"])["currency"] == "EUR"

    def test_the_day_is_that_of_the_newest_answer_in_the_accounts_zone(self):
        assert only(loaded(A, today=None)["account"])["today"] == pd.Timestamp("2024-06-01")
        assert only(loaded(A, today=None, zone="America/Los_Angeles")["account"])["today"] == pd.Timestamp("2024-05-31")

    def test_an_unknown_zone_is_utc_with_a_warning(self):
        with pytest.warns(UserWarning, match="'london' is unknown"):
            data = loaded(deal("A", date=None), zone="london")
        assert only(data["deals"])["opened"] == pd.Timestamp("2024-03-02")

    def test_without_sources_contacts_are_not_read(self):
        account = Account([A])
        data = pipelines.load(account, sources=False, today=TODAY, allow_partial=True)
        assert "contacts" not in dict(account.asked)
        assert dict(account.asked)["deals"] == {"include_history": True, "refresh": False, "allow_partial": True}
        assert data["deals"]["source"].isna().all()
        assert data["contacts"].empty

    def test_an_incomplete_fetch_marks_every_table(self):
        data = loaded(A, B, incomplete=["contacts"])
        proof = crmkit.receipt(pipelines.win_rate(data["deals"], by="source"))
        assert proof.complete is False
        assert proof.problems == ("contacts: 3 records are missing",)
        assert "INCOMPLETE" in repr(pipelines.funnel(data["deals"], data["stages"]))
        assert crmkit.receipt(data["stages"]).complete is True

    def test_another_crm_has_no_deals(self):
        with pytest.raises(ParameterError, match="OnePageCRM"):
            pipelines.load(object())

    def test_no_deals_give_typed_tables(self):
        full, none = loaded(A, B, C, D), loaded()
        for name, frame in none.items():
            assert frame.dtypes.equals(full[name].dtypes), name
        for table in (pipelines.overdue, pipelines.forecast, pipelines.multi_month, pipelines.reasons):
            assert table(none["deals"]).dtypes.equals(table(full["deals"]).dtypes), table
            assert table(none["deals"]).empty
        for table in (pipelines.win_rate, pipelines.deal_size, pipelines.cycle_length, pipelines.velocity, pipelines.breakdown):
            assert table(none["deals"], by="owner").dtypes.equals(table(full["deals"], by="owner").dtypes), table
            assert table(none["deals"], by="owner").empty
        assert pipelines.funnel(none["deals"], none["stages"])["deals"].tolist() == [0] * 5
        assert pipelines.funnel(none["deals"], none["stages"])["share"].isna().all()


class TestOpen:
    def test_funnel_lists_every_stage_and_strangers_in_their_place(self):
        data = loaded(deal("A"), deal("B", stage=33), deal("C", stage=None), deal("D", stage=90), deal("E", "won", stage=90))
        table = pipelines.funnel(data["deals"], data["stages"], pipelines="Sales")
        assert table["stage"].tolist() == [25, 33, 40, 75, 90, pd.NA]
        assert table["deals"].tolist() == [1, 1, 0, 0, 1, 1]
        assert table["declared"].tolist() == [True, False, True, True, True, False]
        assert table["weighted_total"].tolist() == [25, 33, 0, 0, 90, 0]
        assert table["share"].sum() == 1

    def test_delivery_is_kept_apart(self):
        won = deal("A", "won", pipeline_id="p3", stage=50, close_date="2024-05-01")
        back = deal("B", pipeline_id="p3", stage=90, expected_close_date="2024-07-01")
        data = loaded(won, back, deal("C", expected_close_date="2024-07-05"))
        deals, stages = data["deals"], data["stages"]
        assert pipelines.funnel(deals, stages)["deals"].sum() == 1
        month = only(pipelines.forecast(deals))
        assert (month["deals"], month["in_delivery"], month["weighted_total"]) == (1, 1, 25)
        assert pipelines.delivery(deals, stages)[["stage", "deals", "pending", "won"]].to_numpy().tolist() == [
            [50, 1, 0, 1],
            [90, 1, 1, 0],
        ]
        speed = only(pipelines.velocity(deals))
        assert (speed["pending"], speed["in_delivery"]) == (1, 1)
        assert deals["weighted_total"].tolist() == [NAN, NAN, 25]
        assert only(pipelines.win_rate(deals, by="pipeline"))["sales_pipeline"] == "Sales"

    def test_a_delivery_pipeline_is_never_among_those_that_sell(self):
        named = {"pipeline_id": "p3", "close_date": "2024-05-01"}
        data = loaded(
            deal("A", "won", **named, sales_pipeline_id=None),
            deal("B", "won", **named, sales_pipeline_id=None, previous_pipeline_stages={"p2": 75}),
            deal("C", "won", **named, sales_pipeline_id=None, previous_pipeline_stages={"p1": 90, "p2": 75}),
            deal("D", "lost", **named, sales_pipeline_id="p3"),
        )
        assert data["deals"]["sales_pipeline_id"].tolist() == [pd.NA, "p2", pd.NA, pd.NA]
        assert data["deals"]["oddities"].tolist() == [["no_sales_pipeline"]] * 3 + [[]]
        for table in (pipelines.win_rate, pipelines.deal_size, pipelines.cycle_length, pipelines.velocity, pipelines.breakdown):
            found = table(data["deals"], by="pipeline")
            assert "Work" not in found["sales_pipeline"].dropna().tolist()
        rates = pipelines.win_rate(data["deals"], by="pipeline")
        assert rates["closed"].tolist() == [1, 3]
        assert rates["sales_pipeline_id"].tolist() == ["p2", pd.NA]

    def test_a_pipeline_without_a_type_sells(self):
        data = loaded(deal("A", pipeline_id="p3", stage=50), pipelines=[{**WORK, "type": ""}])
        assert (only(data["pipelines"])["kind"], only(data["deals"])["state"]) == ("sales", "pending")

    def test_forecast_keeps_empty_months_and_deals_without_a_day(self):
        days = ["2024-05-31", "2024-08-01", None]
        deals = deals_of(*(deal(name, expected_close_date=day) for name, day in zip("ABC", days, strict=True)))
        table = pipelines.forecast(deals)
        assert table["month"].dt.strftime("%m").tolist() == ["05", "06", "07", "08", NAN]
        assert table["deals"].tolist() == [1, 0, 0, 1, 1]
        assert table["overdue"].tolist() == [1, 0, 0, 0, 0]
        assert pipelines.forecast(deals, start="2024-06-01")["deals"].tolist() == [1, 1]
        assert pipelines.forecast(deals, by="owner")["owner"].tolist() == ["Ann Maes"] * 3

    def test_expected_today_is_not_overdue(self):
        deals = deals_of(*(deal(str(day), expected_close_date=f"2024-05-{day}") for day in (29, 30, 31)))
        assert pipelines.overdue(deals, today=date(2024, 5, 30))["days_overdue"].tolist() == [1]
        assert pipelines.overdue(deals, today="2024-06-01")["deal_id"].tolist() == ["29", "30", "31"]

    def test_months_are_grouped_by_state(self):
        table = pipelines.multi_month(deals_of(deal("A"), deal("B", months=6), deal("C", months=6), deal("D", "won", months=12)))
        assert table[["state", "months", "multi_month", "deals", "total_amount"]].to_numpy().tolist() == [
            ["pending", 1, False, 1, 100],
            ["pending", 6, True, 2, 1200],
            ["won", 12, True, 1, 1200],
        ]
        assert table["share"].tolist() == [pytest.approx(1 / 13), pytest.approx(12 / 13), 1]
        assert table["weighted_total"].tolist() == [25, 300, 0]


class TestClosed:
    def test_a_window_holds_both_its_ends_and_leaves_undated_deals_out(self):
        days = ["2024-04-01", "2024-04-30", "2024-05-01", None]
        deals = deals_of(*(deal(name, "won", close_date=day) for name, day in zip("ABCD", days, strict=True)))
        rate = only(pipelines.win_rate(deals, start="2024-04-01", end="2024-04-30"))
        assert (rate["won"], rate["undated"]) == (2, 1)
        rate = only(pipelines.win_rate(deals))
        assert (rate["won"], rate["undated"]) == (4, 1)
        months = pipelines.win_rate(deals, by="month")
        assert months["won"].tolist() == [2, 1, 1]
        assert months["month"].isna().tolist() == [False, False, True]

    def test_worthless_deals_have_a_rate_by_count_only(self):
        rate = only(pipelines.win_rate(deals_of(deal("A", "won", amount=0), deal("B", "lost", amount=0))))
        assert (rate["rate"], rate["value_rate"], rate["value_rate_low"]) == (0.5, NAN, NAN)

    def test_negative_margins_have_no_interval(self):
        deals = deals_of(deal("A", "won", amount=10, cost=30), deal("B", "lost", amount=50))
        rate = only(pipelines.win_rate(deals, value="total_margin"))
        assert (rate["value_won"], rate["value_lost"], rate["value_rate_low"]) == (-20, 50, NAN)

    def test_intervals_are_wilsons(self):
        """8 of 10: 0.49 to 0.943; equal values say as much as counts, unequal ones less."""
        equal = [deal(f"W{number}", "won" if number < 8 else "lost") for number in range(10)]
        rate = only(pipelines.win_rate(deals_of(*equal)))
        assert (rate["rate_low"], rate["rate_high"]) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
        assert (rate["value_rate_low"], rate["value_rate_high"]) == (
            pytest.approx(rate["rate_low"]),
            pytest.approx(rate["rate_high"]),
        )
        rate = only(pipelines.win_rate(deals_of(*equal, deal("L", "lost", amount=1000))))
        assert rate["value_rate_high"] - rate["value_rate_low"] > rate["rate_high"] - rate["rate_low"]

    def test_small_groups_are_marked(self):
        deals = deals_of(*(deal(f"A{number}", "won") for number in range(3)), deal("B", "won", owner_id="u2"))
        assert pipelines.win_rate(deals, by="owner", min_n=3)["small"].tolist() == [False, True]

    def test_cycles_that_are_no_cycles_are_counted(self):
        deals = deals_of(
            deal("A", "won", close_date="2024-03-01"),
            deal("B", "won", close_date="2024-02-20"),
            deal("C", "won", close_date=None),
            deal("D", "lost", close_date="2024-03-31"),
            deal("E", close_date="2024-03-31"),
        )
        won = only(pipelines.cycle_length(deals))
        assert (won["deals"], won["measured"], won["negative_cycles"], won["missing_cycles"]) == (3, 1, 1, 1)
        assert won["mean_days"] == 0
        assert only(pipelines.cycle_length(deals, outcome="lost"))["mean_days"] == 30
        assert only(pipelines.cycle_length(deals, outcome="both"))["mean_days"] == 15
        assert only(pipelines.cycle_length(deals, outcome="lost", since="created_at"))["mean_days"] == 28
        with pytest.raises(ParameterError, match="outcome"):
            pipelines.cycle_length(deals, outcome="open")

    def test_reasons_with_and_without_names(self):
        lost = [deal(name, "lost", reason_lost_id=reason) for name, reason in zip("ABCD", ("r1", "r2", "r2", None), strict=True)]
        table = pipelines.reasons(deals_of(*lost, B), names={"r2": "Too dear"})
        assert table["reason_id"].tolist() == ["r2", "r1", pd.NA]
        assert table["reason"].tolist() == ["Too dear", pd.NA, pd.NA]
        assert table["lost"].tolist() == [2, 1, 1]
        assert table["share"].tolist() == [0.5, 0.25, 0.25]

    @pytest.mark.parametrize(
        ("deals", "reason"),
        [
            ([deal("A", "won", close_date="2023-06-01")], "no deal was won or lost in the window"),
            ([deal("A", "lost", close_date="2024-06-01")], "no deal was won in the window"),
            ([deal("A", "won", close_date="2024-02-01")], "no won deal of the window has a cycle length"),
            ([deal("A", "won", close_date="2024-03-01")], "won deals took 0 days on average"),
        ],
    )
    def test_velocity_says_why_there_is_none(self, deals, reason):
        speed = only(pipelines.velocity(deals_of(*deals)))
        assert (speed["velocity"], speed["reason"]) == (NAN, reason)

    def test_the_window_of_velocity_is_so_many_days_with_today(self):
        deals = deals_of(*(deal(day, "won", close_date=day) for day in ("2024-05-22", "2024-05-23", "2024-06-01", "2024-06-02")))
        assert only(pipelines.velocity(deals, days=10))["won"] == 2

    def test_breakdown_puts_open_and_closed_side_by_side(self):
        deals = deals_of(A, B, C, D, deal("E", owner_id=None), deal("F", "lost", owner_id="u2", close_date="2024-05-01"))
        table = pipelines.breakdown(deals, by="owner")
        assert table["owner"].tolist() == ["Ann Maes", "Bob Smit", pd.NA]
        assert table[["pending", "overdue", "won", "lost"]].to_numpy().tolist() == [[1, 1, 2, 1], [0, 0, 0, 1], [1, 0, 0, 0]]
        assert table["rate"].tolist() == [pytest.approx(2 / 3), 0, NAN]
        assert (table["share_won"].tolist(), table["share_pending"].sum()) == ([1, 0, 0], 1)
        assert table["mean_days"].tolist() == [15, NAN, NAN]


class TestChoosing:
    def test_by_id_or_name(self):
        deals = deals_of(A, B, C, D, deal("E", owner_id="u2", contact_id="c2", pipeline_id="p2", sales_pipeline_id="p2"))
        for filters in (
            {"owners": "u2"},
            {"owners": ["Bob Smit"]},
            {"sources": "Advert"},
            {"pipelines": "Events"},
            {"pipelines": ["p2"]},
        ):
            assert pipelines.choose(deals, **filters)["deal_id"].tolist() == ["e"]
        assert pipelines.choose(deals, states=["won", "lost"])["deal_id"].tolist() == ["b", "c", "d"]
        with pytest.raises(ParameterError, match=r"states is no 'open'.* pending, won, lost, in delivery, other"):
            pipelines.choose(deals, states=["won", "open"])
        assert pipelines.choose(deals, owners="nobody").dtypes.equals(deals.dtypes)

    def test_a_slip_in_a_filter_is_refused_and_a_word_of_which_nothing_happened_is_not(self):
        deals = deals_of(A, deal("E", owner_id="u2", contact_id="c2", pipeline_id="p2", sales_pipeline_id="p2"))
        for filters, said in (
            ({"pipelines": "Event"}, r"no pipeline 'Event'. Next: did you mean 'Events'"),
            ({"pipelines": ["Sales", "events"]}, r"no pipeline 'events'. Next: did you mean 'Events'"),
            ({"sources": "Advret"}, r"no lead source 'Advret'. Next: did you mean 'Advert'"),
            ({"currency": "eur"}, r"no currency 'eur'. Next: did you mean 'EUR'"),
            ({"currency": "EIR"}, r"no currency 'EIR'. Next: did you mean 'EUR'"),
            ({"owners": "Bob Smith"}, r"no owner of that name, but one .* Next: deals\['owner'\].unique\(\) lists them"),
        ):
            for table in (pipelines.choose, pipelines.overdue, lambda one, **more: pipelines.moved(one, one, **more)):
                with pytest.raises(ParameterError, match=said) as caught:
                    table(deals, **filters)
                assert "Bob Smit" not in str(caught.value)
        for filters in ({"pipelines": "Fairs"}, {"pipelines": "p3"}, {"sources": "Radio"}, {"currency": "USD"}, {"owners": "u3"}):
            assert pipelines.choose(deals, **filters).empty
            assert pipelines.overdue(deals, **filters).empty
        assert len(pipelines.moved(deals_of(deal("A")), deals_of(deal("A", owner_id="u2")), owners="Bob Smit")) == 1

    def test_a_pipeline_without_deals_or_that_only_has_a_like_number_is_no_slip(self):
        numbered = [{**SALES, "name": "Sales 1"}, {**EVENTS, "name": "Sales 2"}, {**WORK, "name": "Sales 11"}]
        data = loaded(A, pipelines=numbered)
        assert pipelines.choose(data["deals"], pipelines="Sales 2").empty
        data = loaded(A)
        assert pipelines.funnel(data["deals"], data["stages"], pipelines="Events")["deals"].sum() == 0
        with pytest.raises(ParameterError, match="did you mean 'Events'"):
            pipelines.funnel(data["deals"], data["stages"], pipelines="Evnts")

    def test_every_table_takes_the_filters(self):
        deals = deals_of(A, B, deal("E", owner_id="u2", expected_close_date="2024-07-01"))
        assert pipelines.overdue(deals, owners="Bob Smit").empty
        assert only(pipelines.forecast(deals, owners="Bob Smit"))["deals"] == 1
        assert only(pipelines.win_rate(deals=deals, owners=["Bob Smit"], by=None))["closed"] == 0
        with pytest.raises(TypeError):
            pipelines.win_rate(deals, owner="Bob Smit")

    def test_a_wrong_word_is_named(self):
        deals = deals_of(A)
        for table, words in (
            (pipelines.win_rate, {"by": "colour"}),
            (pipelines.win_rate, {"value": "profit"}),
            (pipelines.velocity, {"by": "month"}),
            (pipelines.overdue, {"today": "soon"}),
        ):
            with pytest.raises(ParameterError):
                table(deals, **words)

    def test_without_a_receipt_the_day_has_to_be_given(self):
        deals = deals_of(A)
        deals.attrs = {}
        with pytest.raises(ParameterError, match="today"):
            pipelines.overdue(deals)
        assert len(pipelines.overdue(deals, today=TODAY)) == 1

    def test_currencies_are_never_added(self):
        euro, dollar = loaded(A, B), loaded(deal("X", "won", close_date="2024-04-01"), currency="USD")
        both = pipelines.together(euro, dollar)
        deals = both["deals"]
        assert crmkit.receipt(deals).complete is True
        tables = (
            pipelines.win_rate,
            pipelines.deal_size,
            pipelines.reasons,
            pipelines.velocity,
            pipelines.breakdown,
            pipelines.multi_month,
        )
        for table in tables:
            with pytest.raises(ParameterError, match="EUR, USD"):
                table(deals)
        assert only(pipelines.deal_size(deals, currency="USD"))["total"] == 100
        converted = pipelines.convert(deals, "EUR", {"USD": 0.9})
        assert only(pipelines.deal_size(converted))[["total", "currency"][0]] == 590
        with pytest.raises(ParameterError, match="USD"):
            pipelines.convert(deals, "EUR", {"GBP": 1.2})
        # A missing rate would take deals out of every sum without a word.
        for rates in ({"USD": float("nan")}, {"USD": 0}, {"USD": -0.9}, {"USD": float("inf")}, {"USD": 0.9, "EUR": 2}):
            with pytest.raises(ParameterError, match=r"the rate of (USD|EUR) cannot be"):
                pipelines.convert(deals, "EUR", rates)
        assert pipelines.convert(deals, "EUR", {"USD": 0.9, "EUR": 1})["currency"].eq("EUR").all()

    def test_an_unknown_currency_is_not_added_to_a_known_one(self):
        deals = pipelines.together(loaded(A, B), loaded(B, currency=None))["deals"]
        with pytest.raises(ParameterError, match="no currency"):
            pipelines.win_rate(deals)


def test_a_deal_in_delivery_that_has_no_status_is_there_all_the_same():
    data = loaded(
        deal("X", status=None, pipeline_id="p3", stage=50), deal("Y", "won", pipeline_id="p3", stage=50), pipelines=(WORK,)
    )
    line = pipelines.delivery(data["deals"], data["stages"]).iloc[0]
    assert line[["deals", "pending", "won"]].tolist() == [2, 0, 1]
    assert data["deals"]["state"].tolist() == ["other", "won"]
