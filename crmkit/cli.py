"""The crmkit command: demo, fetch, plan, list and cache.

Exit status: 0 done; 1 a system refused, failed or gave an incomplete table; 2 a wrong command line, a missing credential or a file that
cannot be written; 130 stopped with Ctrl-C. Every error is one sentence on stderr.
What a command needs is imported when it runs, so that --help answers at once.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from crmkit.errors import ConfigError, CrmkitError, IncompleteFetch, ParameterError

if TYPE_CHECKING:
    from crmkit.client import Client

STOPPED = 130
COMMANDS = ("demo", "fetch", "plan", "list", "cache")
CREDENTIAL = re.compile(r"-{0,2}(token|api[-_]?key|access[-_]?token|password|secret|bearer)(=|$)|--?key(=|$)", re.IGNORECASE)
EXAMPLES = """examples:
  crmkit demo                     the bundled club: tables here, and a page
  crmkit list peepl               what can be fetched
  crmkit plan peepl contacts      calls and minutes, before they are spent
  crmkit fetch peepl contacts -o contacts.csv
  crmkit fetch peepl attendance 7404 status=A status=N --demo -o signups.csv

Without --demo a system is asked with the credentials of the environment;
crmkit list names the variables.
"""
FETCH_HELP = """ARGS are the path parameters in order, then filters as name=value. A repeated name is a list
(status=A status=N), a dict is name.key=value. crmkit list CRM shows what each endpoint takes."""


class UsageError(Exception):
    """The command line names something that does not exist."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (default: that of the process) and return its exit status."""
    with warnings.catch_warnings():
        warnings.showwarning = _say_warning
        parser = _parser()
        try:
            options = _options(parser, argv)
            return int(options.run(options) or 0)
        except (UsageError, ParameterError, ConfigError) as error:
            return _say(str(error), 2)
        except IncompleteFetch as error:
            print(repr(error.receipt), file=sys.stderr)
            return _say(f"{error.what} Nothing was written. Next: run it again, or accept it with --allow-partial.", 1)
        except CrmkitError as error:
            return _say(str(error), 1)
        except BrokenPipeError:
            # The reader (head, less) has seen enough; keep the interpreter from complaining while it closes.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except OSError as error:
            return _say(f"{error.strerror or type(error).__name__}: {error.filename or 'a file or the network'}", 1)
        except KeyboardInterrupt:
            return _say("stopped. Pages that were read are kept; the same command goes on from there.", STOPPED)


def _options(parser: ArgumentParser, argv: Sequence[str] | None) -> Namespace:
    """The parsed line. argparse leaves words that stand behind an option: they belong to the arguments of a fetch."""
    words = sys.argv[1:] if argv is None else argv
    if any(CREDENTIAL.match(word) for word in words):
        raise UsageError(
            "a credential is not typed on the command line: the shell's history keeps it. "
            "Set it in the environment; crmkit list names the variables."
        )
    if not words:
        parser.print_help(sys.stderr)
        raise UsageError("say what to do: one of the commands above.")
    if words[0] not in COMMANDS and not words[0].startswith("-"):
        raise UsageError(f"there is no command {words[0]!r}.{_near(words[0], COMMANDS)}")
    options, rest = parser.parse_known_args(words)
    for word in rest:
        if word.startswith("-"):
            known = [text for action in options.parser._actions for text in action.option_strings]
            raise UsageError(f"crmkit {words[0]} has no option {word}.{_near(word.partition('=')[0], known)}")
        if not hasattr(options, "words"):
            raise UsageError(f"crmkit {words[0]} takes no {word!r}.")
    if rest:
        options.words += rest
    return options


def _say(sentence: str, status: int) -> int:
    print(f"crmkit: {sentence}", file=sys.stderr)
    return status


def _say_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    print(f"crmkit: {message}", file=sys.stderr)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        "crmkit",
        description="Complete, typed tables from Peepl, Beeple, sheepCRM, MissionHub and OnePageCRM.",
        epilog=EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _demo_parser(commands.add_parser("demo", help="the whole job on the bundled organisation: no key, no network"))
    _fetch_parser(commands.add_parser("fetch", help="one table into a file", description=FETCH_HELP))
    _plan_parser(commands.add_parser("plan", help="what a fetch would cost, before it is made", description=FETCH_HELP))
    listing = commands.add_parser("list", help="the systems, or the tables of one system")
    listing.add_argument("crm", nargs="?", metavar="CRM", help=f"{', '.join(systems())}; none: all of them, with their variables")
    listing.set_defaults(run=_list, parser=listing)
    _cache_parser(commands.add_parser("cache", help="what is kept on this machine"))
    return parser


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
    parser.set_defaults(run=_demo, parser=parser)


def _call_parser(parser: ArgumentParser) -> None:
    parser.add_argument("crm", metavar="CRM", help=", ".join(systems()))
    parser.add_argument("endpoint", metavar="ENDPOINT", help="a table of that system, as crmkit list CRM names it")
    parser.add_argument("words", nargs="*", metavar="ARGS", help="path parameters, then filters as name=value")
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
    parser.set_defaults(run=_fetch, parser=parser)


def _plan_parser(parser: ArgumentParser) -> None:
    _call_parser(parser)
    parser.add_argument("--no-probe", action="store_true", help="do not ask the first page to learn the total")
    parser.set_defaults(run=_plan, parser=parser)


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
        action.set_defaults(run=_cache, action=name, parser=action)


def _people(text: str) -> int:
    if not text.isdecimal() or int(text) > 50_000:
        raise ArgumentTypeError("a whole number from 0 to 50000 is wanted")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("a whole number from 1 on is wanted")
    return int(text)


def systems() -> list[str]:
    """The systems there are, by the names that the command line takes: one module each; those with a _ in it are parts."""
    return sorted(each.stem for each in Path(__file__).with_name("crms").glob("*.py") if "_" not in each.stem)


def client_class(name: str) -> type[Client]:
    """The client of a system; UsageError where there is no such system."""
    if name.lower() not in systems():
        raise UsageError(f"there is no system {name!r}.{_near(name.lower(), systems())}")
    module = import_module(f"crmkit.crms.{name.lower()}")
    classes: list[type[Client]] = [
        one
        for one in vars(module).values()
        if isinstance(one, type) and one.__module__ == module.__name__ and str(getattr(one, "crm", "")).lower() == name.lower()
    ]
    return classes[0]


def _near(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f" Did you mean {near[0]}?" if near else f" There are {', '.join(known)}." if len(known) < 10 else ""


def _call(options: Namespace) -> tuple[Any, list[Any], dict[str, Any]]:
    """The fetcher that a command line names, and its arguments."""
    from crmkit.arguments import arguments

    chosen = client_class(options.crm)
    if options.endpoint not in chosen.rows():
        near = _near(options.endpoint, [*chosen.rows()])
        raise UsageError(f"{chosen.crm} has no {options.endpoint!r}.{near} crmkit list {options.crm} shows what it has.")
    client = _demo_client(options.crm) if options.demo else _account(chosen)
    row = chosen.rows()[options.endpoint]
    args, kwargs = arguments(row, client.slots, options.words)
    if options.limit:
        kwargs["limit"] = options.limit
    for name in ("refresh", "allow_partial", "sensitive"):
        if getattr(options, name, False):
            kwargs[name] = True
    return getattr(client, options.endpoint), args, kwargs


def _demo_client(crm: str) -> Client:
    from crmkit import demo

    connected: Client = getattr(demo, crm.lower())()
    return connected


def _account(chosen: type[Client]) -> Client:
    """The client of the environment's credentials."""
    try:
        return chosen.from_env()
    except ConfigError as error:
        if "is not set" in error.what:
            error.hint = "set it in this shell (crmkit list names all variables), or try the command on the demo with --demo."
        raise


def _fetch(options: Namespace) -> None:
    from crmkit import exports, receipt

    exports.checked(options.output, force=options.force)
    fetcher, args, kwargs = _call(options)
    frame = fetcher(*args, **kwargs)
    exports.write(frame, options.output, raw_formulas=options.raw_formulas, force=options.force)
    print(repr(receipt(frame)), file=sys.stderr)
    print(f"Wrote {len(frame):,} records to {options.output}.", file=sys.stderr)


def _plan(options: Namespace) -> None:
    fetcher, args, kwargs = _call(options)
    print(fetcher.plan(*args, **kwargs, probe=not options.no_probe))


def _list(options: Namespace) -> None:
    from crmkit.report.terminal import lined_up

    if options.crm is None:
        lines = [(name, client_class(name).__name__, _variables(client_class(name))) for name in systems()]
        print(lined_up(("CRM", "in Python", "environment variables"), lines, (False,) * 3, width=_columns()))
        return
    chosen = client_class(options.crm)
    filled = {one.name: "" for one in chosen.credentials}
    lines = [(name, _takes(row, filled), row.doc) for name, row in chosen.rows().items()]
    print(lined_up(("ENDPOINT", "ARGS", "gives"), lines, (False,) * 3, width=_columns()))


def _columns() -> int:
    """As wide as the terminal; without one, for a program that reads the lines, nothing is cut."""
    return get_terminal_size().columns if sys.stdout.isatty() else 10_000


def _variables(chosen: type[Client]) -> str:
    names = [(one.name, one.required) for one in chosen.credentials]
    names.append(("base_url", chosen.default_base_url is None))
    prefix = chosen.crm.upper()
    return ", ".join(f"{prefix}_{name.upper()}" + ("" if required else " (optional)") for name, required in names)


def _takes(row: Any, filled: dict[str, str]) -> str:
    named = [*row.params, *(param for variant in row.variants for param in variant.params)]
    return " ".join([*(param.name.upper() for param in row.own_slots(filled)), *(f"{param.name}=" for param in named)])


def _cache(options: Namespace) -> None:
    from crmkit import cache

    actions: dict[str, Callable[[], Any]] = {
        "path": lambda: cache.folder(),
        "info": lambda: _shown(cache.info(), "The cache is empty."),
        "clear": lambda: f"Deleted {cache.clear(options.crm and options.crm.lower()):,} pages.",
        "about": lambda: _shown(cache.about(options.text), "No page holds this text."),
        "forget": lambda: f"Erased {cache.forget(options.text):,} pages that held this text, and the lists they belong to.",
    }
    if getattr(options, "crm", None):
        client_class(options.crm)
    print(actions[options.action]())


def _shown(frame: Any, empty: str) -> str:
    from crmkit.report.parts import Table
    from crmkit.report.terminal import lined_up

    shown = Table("", frame)
    return lined_up(shown.heads, shown.cells, shown.right, width=_columns()) if len(frame) else empty


def _demo(options: Namespace) -> None:
    from crmkit.report import run

    if options.serve:
        run.serve(options.seed, options.people, options.port_file)
    elif options.port_file:
        raise UsageError("--port-file goes with --serve.")
    else:
        run.report(options.seed, options.people, options.output)
