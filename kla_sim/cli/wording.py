"""Typer's own words in the language spoken: headings of help, `default`, and wrong usage.

Typer words these in English only and offers no catalogue, so that help pages are laid out here and
its errors become the program's own. Called by `cli.main` and `cli.app`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from typer import TyperException
from typer.core import TyperCommand, TyperGroup, TyperOption

from kla_sim.errors import UsageError
from kla_sim.language import text

_ = partial(text, "answers")

_LONGEST_NAME, _LONGEST_PATH = 255, 4_000
"""Bytes that common file systems allow in one part of a path, and in a path with what is below."""
_LONGEST_SHOWN = 60


class Command(TyperCommand):
    """A command whose help is in the language spoken, and which keeps the folders it writes."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that shows how the command is written."""
        _write_usage(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write what the command takes."""
        _write_parameters(self, ctx, formatter)

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """Return --help, described."""
        return _described(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words, none of which may hold a NUL.

        Raises
        ------
        UsageError : one of them does.
        """
        for word in args:
            if "\0" in word:
                raise UsageError("word_with_nul", value=word.replace("\0", "\N{SYMBOL FOR NULL}"))
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command, once no text or path that it was given is refused.

        A folder that it has begun to write stays its own until it ends.

        Raises
        ------
        UsageError : one of them cannot be written, or is no path.
        """
        for param in self.params:
            given = ctx.params.get(param.name or "")
            for value in given if isinstance(given, list | tuple) else (given,):
                _check_text(value, _name(param))
        from kla_sim.store import locks_kept

        with locks_kept():
            return super().invoke(ctx)


class Group(TyperGroup):
    """All commands, whose overview is in the language spoken."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that shows how a command is written."""
        _write_usage(self, ctx, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options and the commands, each with a line of its own."""
        _write_parameters(self, ctx, formatter)
        with formatter.section(_("usage_commands")):
            formatter.write_dl([(name, one.help or "") for name, one in self.commands.items()])

    def get_help_option(self, ctx: Any) -> TyperOption | None:
        """Return --help, described."""
        return _described(super().get_help_option(ctx))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the words; without any, show what there is and end as wrong usage does."""
        if not args:
            print(ctx.get_help(), file=sys.stderr)
            sys.exit(UsageError.exit_code)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that is named, or say which ones there are."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.commands, n=1)
            known = ", ".join(self.commands)
            if near:
                raise UsageError("unknown_command_near", value=args[0], near=near[0])
            raise UsageError("unknown_command", value=args[0], known=known)
        return super().resolve_command(ctx, args)


@contextmanager
def own_words() -> Iterator[None]:
    """Raise what Typer finds wrong with a command line as the program's own error.

    Raises
    ------
    UsageError : a command, an argument or an option is wrong.
    """
    try:
        yield
    except TyperException as error:
        raise _in_own_words(error) from error


def _check_text(value: Any, name: str) -> None:
    """Refuse text that no file can hold, and paths that no file system takes."""
    if not isinstance(value, str | Path):
        return
    given = str(value)
    shown = given.encode("utf-8", "replace").decode()[:_LONGEST_SHOWN]
    if any("\ud800" <= sign <= "\udfff" for sign in given):  # bytes that are not UTF-8
        raise UsageError("word_not_utf8", name=name, value=shown)
    if not isinstance(value, Path):
        return
    longest = max(len(part.encode()) for part in ("", *value.parts))
    if longest > _LONGEST_NAME or len(given.encode()) > _LONGEST_PATH:
        most = _LONGEST_NAME if longest > _LONGEST_NAME else _LONGEST_PATH
        raise UsageError("path_too_long", name=name, value=f"{shown}...", most=most)


def _in_own_words(error: TyperException) -> UsageError:
    """Return a usage error by what it tells: its kinds have no public names."""
    fields = vars(error)
    ctx = fields.get("ctx")
    command = ctx.command_path if ctx else "python -m kla_sim"
    match fields:
        case {"option_name": name, "possibilities": near} if near:
            known = ", ".join(sorted(near))
            return UsageError("unknown_option_near", value=name, known=known, command=command)
        case {"option_name": name, "possibilities": _}:
            return UsageError("unknown_option", value=name, command=command)
        case {"option_name": name}:
            return UsageError("option_misused", value=name, command=command)
        case {"param": param, "param_type": _} if param is not None:
            return UsageError("argument_missing", name=_name(param), command=command)
        case {"param": param} if param is not None:
            name, kind = _name(param), _expected(param, ctx)
            return UsageError("value_refused", name=name, kind=kind, command=command)
    return UsageError("words_refused", command=command)


def _name(param: Any) -> str:
    """Return a parameter as it is written: its longest option, or its place in the usage line."""
    return str(max(param.opts, key=len) if isinstance(param, TyperOption) else param.metavar)


def _expected(param: Any, ctx: Any) -> str:
    """Return what a parameter takes: its choices, or a number with its range."""
    kind = param.display_type(ctx).strip("<>")
    if param.type_descriptor.is_choice:
        return str(kind.replace("|", ", "))
    least = "" if param.min is None else f" >= {param.min}"
    return _("usage_number") + least


def _write_usage(command: Command | Group, ctx: Any, formatter: Any) -> None:
    pieces = " ".join(command.collect_usage_pieces(ctx))
    formatter.write_usage(ctx.command_path, pieces, prefix=f"{_('usage_title')}: ")


def _write_parameters(command: Command | Group, ctx: Any, formatter: Any) -> None:
    for kind in ("argument", "option"):
        rows = [
            (row[0], _translated(row[1]))
            for param in command.get_params(ctx)
            if param.param_type_name == kind and (row := param.get_help_record(ctx))
        ]
        if rows:
            with formatter.section(_(f"usage_{kind}s")):
                formatter.write_dl(rows)


def _translated(description: str) -> str:
    """Return a description with what Typer appends to it in the language spoken."""
    return description.replace("[default: ", f"[{_('usage_default')}: ").replace(
        "[required]", f"[{_('usage_required')}]"
    )


def _described(option: TyperOption | None) -> TyperOption | None:
    if option is not None:
        option.help = _("opt_help")
    return option
