"""The crmkit command: demo, fetch, plan, list, cache and report.

Exit status: 0 done; 1 a system refused, failed or gave an incomplete table; 2 a wrong command line, a missing credential or a file that
cannot be written; 130 stopped with Ctrl-C. Every error is one sentence on stderr.
What a command needs is imported when it runs, so that --help answers at once.
"""

from __future__ import annotations

import os
import re
import sys
import warnings
from argparse import ArgumentParser, Namespace
from ast import literal_eval
from collections.abc import Callable, Sequence
from datetime import date
from difflib import get_close_matches
from importlib import import_module
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from crmkit.errors import ConfigError, CrmkitError, IncompleteFetch, ParameterError
from crmkit.options import COMMANDS, parser, systems

if TYPE_CHECKING:
    from pathlib import Path

    from crmkit.client import Client

STOPPED = 130
CREDENTIAL = re.compile(r"-{0,2}(token|api[-_]?key|access[-_]?token|password|secret|bearer)(=|$)|--?key(=|$)", re.IGNORECASE)


class UsageError(Exception):
    """The command line names something that does not exist."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (default: that of the process) and return its exit status."""
    with warnings.catch_warnings():
        warnings.showwarning = _say_warning
        whole = parser()
        try:
            options = _options(whole, argv)
            return int(_command(options.run)(options) or 0)
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


def _options(whole: ArgumentParser, argv: Sequence[str] | None) -> Namespace:
    """The parsed line. argparse leaves words that stand behind an option: they belong to the arguments of a fetch."""
    words = sys.argv[1:] if argv is None else argv
    if any(CREDENTIAL.match(word) for word in words):
        raise UsageError(
            "a credential is not typed on the command line: the shell's history keeps it. "
            "Set it in the environment; crmkit list names the variables."
        )
    if not words:
        whole.print_help(sys.stderr)
        raise UsageError("say what to do: one of the commands above.")
    if words[0] not in COMMANDS and not words[0].startswith("-"):
        raise UsageError(f"there is no command {words[0]!r}.{_near(words[0], COMMANDS)}")
    options, rest = whole.parse_known_args(words)
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
        "forget": lambda: (
            f"Erased {cache.forget(options.text):,} pages and journalled writes that held this text, and the lists the pages belong to."
        ),
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


def _report(options: Namespace) -> None:
    from crmkit import gate

    given = dict(_parameter(one) for one in options.parameters)
    if options.action == "verify":
        numbers = gate.verify(
            options.notebook, options.bundle, numbers=options.numbers, parameters=given, allow=options.allow, demo=options.demo
        )
        print(f"The same numbers: {_numbers(numbers)}.", file=sys.stderr)
        return
    passed = gate.run(
        options.notebook,
        options.bundle,
        options.output,
        parameters=given,
        known=_against(options.against),
        allow=options.allow,
        max_age=options.max_age,
        day=_day(options.date),
        demo=options.demo,
    )
    print(f"Passed: {_numbers(passed.numbers)}. Wrote {options.output} and numbers.json beside it.", file=sys.stderr)


def _numbers(numbers: dict[str, Any]) -> str:
    return f"{len(numbers['stated']):,} stated, {sum(len(one) for one in numbers['printed'].values()):,} printed"


def _against(paths: Sequence[Path]) -> list[list[str]]:
    from crmkit.gate.identifiers import of_files

    return [list(of_files(paths))]


def _parameter(text: str) -> tuple[str, Any]:
    """name=value; a value that is written like a Python number, text or flag is one, anything else is text."""
    name, equals, value = text.partition("=")
    if not equals or not name.isidentifier():
        raise UsageError(f"-p takes name=value, not {name!r}.")
    try:
        return name, literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError("--date takes a day such as 2024-06-15.") from None


def _command(name: str) -> Callable[[Namespace], Any]:
    """What carries out a command, by the name that the parser gives it."""
    commands: dict[str, Callable[[Namespace], Any]] = {
        "demo": _demo,
        "fetch": _fetch,
        "plan": _plan,
        "list": _list,
        "cache": _cache,
        "report": _report,
    }
    return commands[name]
