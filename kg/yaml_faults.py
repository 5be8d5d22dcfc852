"""What is wrong with a text that is no YAML, in the words of those who write it, where they would mend it.

A parser says at which sign it could go on no further, which is often on the line after the mistake. What it says is looked up here,
together with the lines around; what is not known is told in its own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ruamel.yaml.error import MarkedYAMLError

from kg.errors import counted

_GLUED: Final = re.compile(r"\s*(?:- +)*(?P<key>[a-z][\w-]*):(?=[^\s/])(?P<value>.*)")
_ENTRY: Final = re.compile(r"\s*(?:- +)*[\w.-]+\s*:(?:\s|$)")
_LOOKS_BLANK: Final = re.compile(r"(?<=[:-])[\u00a0\u2000-\u200a\u202f\u3000]")
_UNCLOSED: Final = "a quote is opened here and not closed; write the closing quote"
_ANNOUNCED: Final = "a value that begins with | or > announces lines of text below; put the text in quotes"
_NO_ESCAPE: Final = "a \\ in double quotes begins an escape, and this is none; write \\\\ for a backslash, or use single quotes"
_QUOTE_IT: Final = "put the text in quotes"
_NO_COLON: Final = 'the line has no colon; write "key: value", or a key and a colon above its keys'


@dataclass(frozen=True)
class Fault:
    """What to say, and where; lines and columns count from 0."""

    line: int
    column: int
    said: str


def fault_of(text: str, error: MarkedYAMLError) -> Fault:
    """The mistake that a parser stumbled over."""
    mark, begun = error.problem_mark or error.context_mark, error.context_mark or error.problem_mark
    problem, context = str(error.problem), str(error.context)
    if mark is None or begun is None:
        return Fault(0, 0, f"{context} {problem}")
    source = _Source(re.split(r"\r\n|\n|\r", text), mark.line, mark.column, begun.line, begun.column)
    if "quoted scalar" in context and "end of stream" in problem:
        return Fault(begun.line, begun.column, _UNCLOSED)
    for pattern, explain in _KNOWN:
        if pattern.search(problem) and (fault := explain(source)):
            return fault
    said = " ".join(part for part in (error.context, error.problem) if part)
    return Fault(mark.line, mark.column, f"{said}; check indentation, quotes and colons")


@dataclass(frozen=True)
class _Source:
    """The lines of a text, where the parser stopped, and where what it was reading had begun."""

    lines: list[str]
    line: int
    column: int
    begun_line: int
    begun_column: int

    @property
    def here(self) -> str:
        return self.lines[self.line] if self.line < len(self.lines) else ""

    def above(self) -> int | None:
        """The last line above that says something."""
        numbers = range(min(self.line, len(self.lines)) - 1, -1, -1)
        return next((number for number in numbers if _says_something(self.lines[number])), None)

    def at(self, said: str) -> Fault:
        return Fault(self.line, self.column, said)


def _no_token(source: _Source) -> Fault:
    sign = source.here[source.column : source.column + 1]
    if sign != "\t":
        return source.at(f"a value cannot begin with {sign}, which YAML keeps for itself; put the value in quotes")
    if source.here[: source.column].strip():
        return source.at("a tab stands here, where YAML takes blanks only; write a blank instead, or put the text in quotes")
    return source.at("the line is indented with a tab; indent with blanks, two for each level")


def _no_colon(source: _Source) -> Fault:
    return _unfinished(source.lines[source.begun_line], source.begun_line, source.begun_column)


def _unfinished(line: str, number: int, column: int) -> Fault:
    """What keeps a line from being a key with a value, or an item of a list."""
    if glued := _GLUED.match(line):
        said = f'the colon wants a blank behind it; write "{glued["key"]}: {glued["value"].strip()}"'
        return Fault(number, glued.end("key"), said)
    if odd := _LOOKS_BLANK.search(line):
        return Fault(number, odd.start(), f"U+{ord(odd[0]):04X}, which only looks like a blank, stands here; write a blank instead")
    if re.match(r"\s*-[A-Za-z0-9]", line):
        return Fault(number, column, "the - of a list wants a blank behind it")
    return Fault(number, column, _NO_COLON)


def _no_value_here(source: _Source) -> Fault | None:
    """A colon where none can be: in a text, or behind what would be a key if it did not go on with the line above."""
    entry = _ENTRY.match(source.here)
    if not entry or source.here.rfind(":", 0, entry.end()) != source.column:
        return source.at(f"a text without quotes cannot have a colon with a blank behind it; {_QUOTE_IT}")
    above = source.above()
    if above is None:
        return None
    start = _indent(source.lines[above])
    if not _ENTRY.match(source.lines[above]):
        return _unfinished(source.lines[above], above, start)
    deeper = _indent(source.here) - start
    if deeper > 1:
        said = f"the line above has a value already, so no keys can stand below it; indent this one by {start}, or take the value away"
        return Fault(source.line, start + deeper, said)
    return _indentation(source) if deeper else None


def _says_something(line: str) -> bool:
    return line.strip(" \t")[:1] not in ("", "#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _indentation(source: _Source) -> Fault:
    """A line that stands at no level of those that are open above it."""
    here = _indent(source.here)
    levels: list[int] = []
    for line in reversed(source.lines[: source.line]):
        if _says_something(line) and (not levels or _indent(line) < levels[-1]):
            levels.append(_indent(line))
    if here in levels:
        return source.at("a key stands among the items of the list above; begin it with -, or indent it like the key of the list")
    near = sorted(levels, key=lambda level: (abs(level - here), level))[:2]
    said = f"the line is indented by {counted(here, 'blank')}, unlike the lines above; indent it by {' or '.join(map(str, near))}"
    return Fault(source.line, here, f"{said}, as what it belongs to")


def _comment(source: _Source, number: int) -> Fault | None:
    """A comment that ends what goes on in the next line, or takes away the bracket that would end it."""
    sign = re.search(r"\S[ \t]+#", source.lines[number])
    said = f"what follows # is a comment and ends the text before; {_QUOTE_IT}"
    return Fault(number, sign.end() - 1, said) if sign else None


def _more_text(source: _Source) -> Fault | None:
    """A text where none can be: behind a quote or a bracket, or on a line below a comment that cut a text short."""
    before = source.here[: source.column].rstrip()
    if not before:
        above = source.above()
        if above is not None and (comment := _comment(source, above)):
            return comment
        return source.at("the text belongs to no key; indent it more than the key that it goes on with")
    sign = before[-1]
    if sign in "\"'":
        if before.count(sign) % 2:
            for number in range(source.line - 1, -1, -1):
                if source.lines[number].count(sign) % 2:
                    return Fault(number, source.lines[number].rindex(sign), _UNCLOSED)
        other = 'inside of double quotes write \\" for a quote' if sign == '"' else "inside of single quotes write '' for an apostrophe"
        return source.at(f"there is more text behind the closing quote; put all of it in quotes ({other})")
    if sign in "]}":
        return source.at(f"there is more text behind {sign}; a text that begins with a bracket wants quotes around it")
    return None


def _in_brackets(source: _Source) -> Fault:
    """A bracket that is not closed, or two colons without a comma between."""
    opened = source.lines[source.begun_line][source.begun_column : source.begun_column + 1]
    found = source.here[source.column : source.column + 1]
    if source.line != source.begun_line or not found:
        if source.line > source.begun_line and (comment := _comment(source, source.begun_line)):
            return comment
        closing = {"[": "]", "{": "}"}.get(opened, "the closing bracket")
        return Fault(source.begun_line, source.begun_column, f"{opened} is opened here and not closed; write {closing} at its end")
    if found == ":":
        return source.at("a second colon stands here without a comma before; put a comma between entries, a text with a colon in quotes")
    return source.at(f"{found} stands here, where a comma or the end of {opened} should; see that brackets and quotes are paired")


def _reserved(source: _Source) -> Fault:
    sign = source.here[source.column : source.column + 1] if source.line == source.begun_line else ""
    return source.at(f"a value cannot begin with {sign or 'this sign'} and a blank; {_QUOTE_IT}, or begin a list on the next line")


_KNOWN: Final = tuple(
    (re.compile(pattern), explain)
    for pattern, explain in (
        ("cannot start any token", _no_token),
        ("could not find expected ':'", _no_colon),
        ("mapping values are not allowed", _no_value_here),
        ("but found '<(block mapping|block sequence) start>'|but found '[?-]'", _indentation),
        ("but found '<scalar>'", _more_text),
        ("expected ',' or '[]}]'", _in_brackets),
        ("expected a comment or a line break", lambda source: source.at(_ANNOUNCED)),
        ("(mapping keys|sequence entries) are not allowed", _reserved),
        ("unknown escape character", lambda source: source.at(_NO_ESCAPE)),
    )
)
