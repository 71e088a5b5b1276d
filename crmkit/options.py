"""What the crmkit command takes: its commands, their words and options, and the help that explains them."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from pathlib import Path

COMMANDS = ("demo", "fetch", "plan", "list", "cache", "report")
EXAMPLES = """examples:
  crmkit demo                     the bundled club: tables here, and a page
  crmkit list peepl               what can be fetched
  crmkit plan peepl contacts      calls and minutes, before they are spent
  crmkit fetch peepl contacts -o contacts.csv
  crmkit report run club.ipynb --bundle club.crmkit.zip -o club.html
  crmkit fetch peepl attendance 7404 status=A status=N --demo -o signups.csv

Without --demo a system is asked with the credentials of the environment;
crmkit list names the variables.
"""
FETCH_HELP = """ARGS are the path parameters in order, then filters as name=value. A repeated name is a list
(status=A status=N), a dict is name.key=value. crmkit list CRM shows what each endpoint takes."""
REPORT_HELP = """The notebook runs from top to bottom without a network, on a bundle of pseudonyms. Nothing is written
where a cell fails, a receipt is incomplete, or an output holds a person, a key, a script or a folder of this machine."""


def systems() -> list[str]:
    """The systems there are, by the names that the command line takes: one module each; those with a _ in it are parts."""
    return sorted(each.stem for each in Path(__file__).with_name("crms").glob("*.py") if "_" not in each.stem)


def parser() -> ArgumentParser:
    """The parser of the whole command line; run names what a line asks for, parser is that of its command."""
    whole = ArgumentParser(
        "crmkit",
        description="Complete, typed tables from Peepl, Beeple, sheepCRM, MissionHub and OnePageCRM.",
        epilog=EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _demo_parser(commands.add_parser("demo", help="the whole job on the bundled organisation: no key, no network"))
    _fetch_parser(commands.add_parser("fetch", help="one table into a file", description=FETCH_HELP))
    _plan_parser(commands.add_parser("plan", help="what a fetch would cost, before it is made", description=FETCH_HELP))
    listing = commands.add_parser("list", help="the systems, or the tables of one system")
    listing.add_argument("crm", nargs="?", metavar="CRM", help=f"{', '.join(systems())}; none: all of them, with their variables")
    listing.set_defaults(run="list", parser=listing)
    _cache_parser(commands.add_parser("cache", help="what is kept on this machine"))
    _report_parser(
        commands.add_parser("report", help="a notebook run on a bundle, checked, as one page", description=REPORT_HELP)
    )
    return whole


def _demo_parser(parser: ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="same seed, same organisation (default 1)")
    parser.add_argument(
        "--people", type=_people, default=500, metavar="N", help="size of the population, up to 50000 (default 500)"
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("crmkit-report.html"), metavar="FILE", help="the report (default %(default)s)"
    )
    parser.add_argument("--serve", action="store_true", help="only serve the demo until Ctrl-C, for programs of your own")
    parser.add_argument("--port-file", type=Path, metavar="FILE", help="with --serve: write URLs and credentials as JSON")
    parser.set_defaults(run="demo", parser=parser)


def _call_parser(parser: ArgumentParser) -> None:
    parser.add_argument("crm", metavar="CRM", help=", ".join(systems()))
    parser.add_argument("endpoint", metavar="ENDPOINT", help="a table of that system, as crmkit list CRM names it")
    parser.add_argument("words", nargs="*", default=[], metavar="ARGS", help="path parameters, then filters as name=value")
    parser.add_argument("--limit", type=_count, metavar="N", help="stop after N records: a sample")
    parser.add_argument("--refresh", action="store_true", help="ask the server again, replace what the cache holds")
    parser.add_argument("--demo", action="store_true", help="ask the bundled demo instead of the real system")


def _fetch_parser(parser: ArgumentParser) -> None:
    _call_parser(parser)
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="ends with .csv, .parquet, .xlsx or .json"
    )
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    parser.add_argument("--allow-partial", action="store_true", help="also write a table that is known to be incomplete")
    parser.add_argument("--sensitive", action="store_true", help="with the columns that are left out as very personal")
    parser.add_argument("--raw-formulas", action="store_true", help="leave texts that a spreadsheet would run as formulas")
    parser.set_defaults(run="fetch", parser=parser)


def _plan_parser(parser: ArgumentParser) -> None:
    _call_parser(parser)
    parser.add_argument("--no-probe", action="store_true", help="do not ask the first page to learn the total")
    parser.set_defaults(run="plan", parser=parser)


def _cache_parser(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for name, words, explained in (
        ("info", "", "what it holds, per account and endpoint"),
        ("clear", "crm", "delete all pages, or those of one system"),
        ("about", "text", "which pages hold a text, such as a name or a mail address"),
        ("forget", "text", "erase every page that holds a text"),
        ("path", "", "the folder it is in"),
    ):
        action = actions.add_parser(name, help=explained, description=f"{explained.capitalize()}.")
        if words:
            action.add_argument(words, metavar=words.upper(), nargs="?" if words == "crm" else None)
        action.set_defaults(run="cache", action=name, parser=action)


def _report_parser(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    run = actions.add_parser("run", help="run a notebook on a bundle and write the page", description=REPORT_HELP)
    run.add_argument("notebook", type=Path, metavar="NOTEBOOK", help="an .ipynb file")
    run.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="ends with .html; numbers.json goes beside it"
    )
    run.add_argument("--max-age", type=_count, metavar="DAYS", help="refuse answers older than this")
    run.add_argument("--date", metavar="DAY", help="a day to print on the report, such as 2024-06-15; also for --max-age")
    run.add_argument(
        "--against",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="tables or lists of people that must not appear, beside those in the cache (.csv, .parquet, .json, .txt)",
    )
    verify = actions.add_parser("verify", help="run a report again and compare its numbers")
    verify.add_argument("notebook", type=Path, metavar="NOTEBOOK|REPORT", help="an .html that report run wrote, or its notebook")
    verify.add_argument("--numbers", type=Path, metavar="FILE", help="for a notebook: the earlier numbers (default: beside it)")
    for one in (run, verify):
        one.add_argument("--bundle", type=Path, required=True, metavar="FILE", help="a file of crmkit.share.bundle()")
        one.add_argument(
            "-p", action="append", default=[], dest="parameters", metavar="NAME=VALUE", help="set a parameter of the notebook"
        )
        one.add_argument(
            "--allow", action="append", default=[], metavar="TEXT", help="a name or mail address that the report shows on purpose"
        )
        one.add_argument("--demo", action="store_true", help="the notebook may also start the bundled demo, on loopback")
        one.set_defaults(run="report", action="run" if one is run else "verify", parser=one)


def _people(text: str) -> int:
    if not text.isdecimal() or int(text) > 50_000:
        raise ArgumentTypeError("a whole number from 0 to 50000 is wanted")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("a whole number from 1 on is wanted")
    return int(text)
