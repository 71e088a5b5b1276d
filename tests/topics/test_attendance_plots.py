"""crmkit.attendance: pictures say what they show, leave no trace, and mark what is incomplete."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from crmkit import attendance
from crmkit.errors import ParameterError
from crmkit.receipts import Receipt, attach
from crmkit.topics.attendance.neutral import ORDER, STOCK, TICKET

from .attendance_accounts import ANSWER, EVENT, GROUP, answers, events, frame, groups

MARKUP = "<img src=x onerror=alert(1)> $x^2$"


def world(count):
    """Some events with lists, tickets, stock and orders."""
    if not count:
        shapes = {"answers": ANSWER, "groups": GROUP, "tickets": TICKET, "stock": STOCK, "orders": ORDER, "events": EVENT}
        return {name: frame([], shape) for name, shape in shapes.items()}
    starts = pd.date_range("2022-10-03 18:00", periods=count, freq="97D")
    some = events(*((f"e{place}", at, {"name": MARKUP, "capacity": 10.0}) for place, at in enumerate(starts)))
    product = {"product_id": "k", "product": MARKUP, "currency": "gbp"}
    ids = [{"event_id": f"e{place}", "buyer_id": "b", **product} for place in range(count)]
    return {
        "events": some,
        "answers": answers(**{f"e{place}": "cccnaddio" * 2 for place in range(count)}),
        "groups": groups(*(("g", f"p{number}", None, None) for number in range(9))).assign(group=MARKUP).astype(GROUP),
        "tickets": frame([{**one, "quantity": 2, "amount": 20} for one in ids], TICKET),
        "stock": frame([{**one, "total": 5, "allocated": 2, "reserved": 1, "available": 2} for one in ids], STOCK),
        "orders": frame([{**one, "total": 20, "paid": 15, "outstanding": 5, "fully_paid": False} for one in ids], ORDER),
    }


@cache
def pictures(count):
    """Every picture with the table it draws, of a world of so many events."""
    data = world(count)
    pair = data["events"], data["answers"]
    persons = attendance.by_person(*pair, today="2024-06-15")
    return {
        attendance.plot_rates: attendance.by_weekday(*pair),
        attendance.plot_answers: attendance.by_kind(*pair),
        attendance.plot_over_time: attendance.over_time(*pair),
        attendance.plot_weekday_and_hour: attendance.by_weekday_and_hour(*pair),
        attendance.plot_events: attendance.by_event(*pair),
        attendance.plot_group_change: attendance.group_change(attendance.by_group(*pair, data["groups"], by="season")),
        attendance.plot_habits: attendance.habits(persons),
        attendance.plot_people: persons,
        attendance.plot_capacity: attendance.capacity(*pair),
        attendance.plot_sold: attendance.sold(data["events"], data["tickets"]),
        attendance.plot_stock: attendance.stock_use(data["events"], data["stock"]),
        attendance.plot_payments: attendance.payments(data["events"], data["tickets"], data["orders"]),
    }


def drawn(ax):
    """The texts of a picture, after it has really been drawn."""
    FigureCanvasAgg(ax.figure).draw()
    texts = [ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel(), *(text.get_text() for text in ax.texts)]
    return texts + [tick.get_text() for tick in (*ax.get_xticklabels(), *ax.get_yticklabels())]


@pytest.mark.parametrize("count", [0, 1, 6])
def test_every_picture_has_a_title_and_n_and_touches_no_style(count):
    style = dict(mpl.rcParams)
    for plot, table in pictures(count).items():
        texts = drawn(plot(table))
        assert texts[0], plot.__name__
        if texts[1]:
            assert re.search(r"\d", texts[1]), (plot.__name__, texts[1])
        else:
            assert any(text.startswith(("no", "nobody", "nothing")) for text in texts[2:]), plot.__name__
        mine = Figure().add_subplot()
        assert plot(table, ax=mine) is mine
    assert dict(mpl.rcParams) == style


def test_every_rate_can_be_drawn():
    data = world(6)
    pair = data["events"], data["answers"]
    tables = (
        (attendance.plot_rates, attendance.by_group(*pair, data["groups"], by="season")),
        (attendance.plot_over_time, attendance.over_time(*pair, every="season")),
        (attendance.plot_over_time, attendance.over_time(*pair, every="week")),
        (attendance.plot_events, attendance.by_event(*pair)),
        (attendance.plot_weekday_and_hour, attendance.by_weekday_and_hour(*pair)),
    )
    for rate in ("response_rate", "yes_share_of_answers", "yes_share_of_invited", "turnout", "no_show_rate"):
        for plot, table in tables:
            assert drawn(plot(table, rate=rate))[0]
    with pytest.raises(ParameterError, match="turnout"):
        attendance.plot_rates(attendance.rates(*pair), rate="luck")


def test_a_gap_in_the_months_is_not_drawn_over():
    some = events(*((f"e{place}", day, {}) for place, day in enumerate(("2024-01-05", "2024-02-05", "2024-05-05"))))
    ax = attendance.plot_over_time(attendance.over_time(some, answers(e0="ad", e1="ad", e2="ad")))
    heights = ax.lines[0].get_ydata()
    assert pd.isna(heights).tolist() == [False, False, True, True, False]


def test_names_are_text_and_never_markup():
    for plot, table in pictures(6).items():
        if {"name", "group", "product"} & set(table.columns):
            assert any("<img" in text for text in drawn(plot(table))), plot.__name__


def test_an_incomplete_table_is_marked():
    table = attendance.by_weekday(world(3)["events"], world(3)["answers"])
    partial = attach(table, Receipt("Peepl", "attendance", complete=False))
    assert any("INCOMPLETE" in text for text in drawn(attendance.plot_rates(partial)))
    whole = attach(pd.DataFrame(table), Receipt("Peepl", "attendance", complete=True))
    assert not any("INCOMPLETE" in text for text in drawn(attendance.plot_rates(whole)))


def test_another_table_is_refused_by_name():
    with pytest.raises(ParameterError, match="by_person"):
        attendance.plot_people(world(1)["events"])


def test_a_table_of_something_else_is_no_course_of_time_and_no_week():
    """By weekday it was drawn along an axis of January days, without by along one of counts."""
    pair = world(6)["events"], world(6)["answers"]
    for by in (None, "weekday", ["kind", "month"]):
        with pytest.raises(ParameterError, match=r"what over_time\(\) returns"):
            attendance.plot_over_time(attendance.rates(*pair, by=by))
    monthly = attendance.over_time(*pair)
    with pytest.raises(ParameterError, match=r"what over_time\(\) returns"):
        attendance.plot_over_time(pd.concat([monthly, monthly], ignore_index=True))
    weekly = attendance.by_weekday_and_hour(*pair)
    with pytest.raises(ParameterError, match=r"what by_weekday_and_hour\(\) returns"):
        attendance.plot_weekday_and_hour(pd.concat([weekly, weekly], ignore_index=True))


def test_a_share_of_three_in_ten_stands_right_of_thirty_per_cent():
    """Shares stand in bars from one tenth up to the next; of 30, 60 and 70 per cent the edge was a hair too high."""
    persons = pd.DataFrame({"invited": 10, "yes_share_of_invited": np.arange(11) / 10, "lapsed": False})
    heights = [bar.get_height() for bar in attendance.plot_people(persons).patches]
    assert heights == [1] * 9 + [2]


def test_payments_are_drawn_in_a_currency_that_there_is():
    """Asked for GBP, as its own title writes it, the picture said that nothing was charged."""
    data = world(3)
    table = attendance.payments(data["events"], data["tickets"], data["orders"])
    word = str(table["currency"].iloc[0])
    assert drawn(attendance.plot_payments(table, currency=word.swapcase())) == drawn(attendance.plot_payments(table))
    with pytest.raises(ParameterError, match=f"nothing was charged in 'xyz'.*there are {word}"):
        attendance.plot_payments(table, currency="xyz")


def test_the_topic_is_imported_without_matplotlib():
    code = "import crmkit, sys; crmkit.attendance.rates; assert not {'matplotlib', 'ipywidgets'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
