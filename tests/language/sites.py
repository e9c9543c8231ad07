"""Reads from the sources which sentence is asked for where, and with which fields.

Functions are walked path by path with what is known of their variables: texts, the keys of dicts,
tuples of these, and which way a condition went. So `code, fields = ...` in one branch and
`fields["key"] = ...` in another come out as what can really meet. A function that hands its
parameter `code` on is one more that asks. Where a code or its fields cannot be read from the
source, the site says so and the test fails: the code is then to be written more plainly.
"""

import ast
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ERRORS = (
    "UsageError",
    "StoreError",
    "SimulationError",
    "IncompleteError",
    "StoppedError",
    "FullError",
)
_MOST_PATHS = 4_000


@dataclass(frozen=True)
class Keys:
    """A dict of which the keys are known."""

    names: frozenset = frozenset()


@dataclass(frozen=True)
class PassedOn:
    """The code or the fields of an error that exists already."""

    owner: str


@dataclass(frozen=True)
class Start:
    """A text of which only the beginning is known."""

    text: str


@dataclass(frozen=True)
class Asker:
    """How something that asks for a sentence is called.

    Attributes
    ----------
    domain : the catalogue; faults are told from `faults` and `lint`.
    code_at, fields_at : places of the code, and of a dict of fields if there is one.
    named : keywords that are no fields.
    adds : fields that it adds by itself.
    """

    domain: str
    code_at: int = 0
    fields_at: int | None = None
    named: frozenset = frozenset()
    adds: frozenset = frozenset()
    takes_keywords: bool = True
    is_method: bool = False


class Site(NamedTuple):
    """One place that asks for a sentence; None stands for what cannot be read."""

    where: str
    function: str
    domain: str
    code: str | Start | None
    fields: frozenset | None


_ONLY_DICT = frozenset({"of_key", "or_at", "path", "file", "line", "column"})
_ASKERS = {
    **{name: Asker("errors") for name in ERRORS},
    "Fault": Asker("faults", 0, 5, _ONLY_DICT, takes_keywords=False),
    "Problem": Asker("faults", 0, 2, _ONLY_DICT, frozenset({"value"}), takes_keywords=False),
    "PydanticCustomError": Asker("faults", 0, 2, adds=frozenset({"value"}), takes_keywords=False),
}


@dataclass
class _Module:
    """A module as it is written, and what in it asks for sentences."""

    path: Path
    tree: ast.Module
    functions: dict
    constants: dict
    imported: dict
    everywhere: dict
    askers: dict = field(default_factory=dict)
    sites: list = field(default_factory=list)

    def asker(self, node) -> Asker | None:
        """Return how something called by a name, or as a method, asks."""
        name = _name(node)
        if isinstance(node, ast.Name):
            home, there = self.imported.get(name, (self.path.stem, name))
            of_module = self.everywhere.get(home, self).askers
            return self.askers.get(name) or of_module.get(there) or _ASKERS.get(there)
        known = self.askers.get(name) or _ASKERS.get(name)
        methods = (module.askers.get(name) for module in self.everywhere.values())
        return known or next((one for one in methods if one and one.is_method), None)


def read_sites(package: Path) -> list[Site]:
    """Return all sites of a package."""
    modules = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        modules[name] = _read(path, modules)
    is_changed = True
    while is_changed:
        is_changed = False
        for module in modules.values():
            own = _own_askers(module)
            is_changed |= any(module.askers.get(name) != asker for name, asker in own.items())
            module.askers |= own
    for module in modules.values():
        top = ast.parse("def top(): pass").body[0]
        top.name, top.body = "", module.tree.body
        everywhere = (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef))
        for function in (top, *everywhere):
            walk = _Walk(module, function)
            if walk.calls:
                walk.run()
    return sorted({site for module in modules.values() for site in module.sites}, key=str)


def _read(path: Path, everywhere: dict) -> _Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for below in node.body:
                if isinstance(below, ast.FunctionDef) and below.name == "__init__":
                    functions[node.name] = below
        if isinstance(node, ast.FunctionDef) and node.name != "__init__":
            functions[node.name] = node
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    module = _Module(path, tree, functions, {}, imported, everywhere)
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Tuple() | ast.Dict() as value):
                module.constants[name] = value
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(
                    func=ast.Name(id="partial"), args=[_, ast.Constant(value=str() as domain)]
                ),
            ):
                module.askers[name] = Asker(f"text {domain}")
    return module


def _own_askers(module: _Module) -> dict:
    """Return the functions of a module that hand their own parameter `code` on."""
    found = {}
    for name, function in module.functions.items():
        given = [entry.arg for entry in (*function.args.posonlyargs, *function.args.args)]
        parameters = [entry for entry in given if entry != "self"]
        if name in _ASKERS or "code" not in parameters:
            continue
        for call in ast.walk(function):
            asker = module.asker(call.func) if isinstance(call, ast.Call) else None
            if asker is None or not _is_code_handed_on(call, asker):
                continue
            only = {entry.arg for entry in function.args.kwonlyargs}
            rest = function.args.kwarg
            start = {name: Keys() for name in ("fields", getattr(rest, "arg", ""))}
            walk = _Walk(module, function)
            adds = {
                names
                for state in walk.states_at(call, start)
                for names in walk.fields_of(call, asker, state)
            }
            if adds and None not in adds:
                found[name] = Asker(
                    asker.domain,
                    parameters.index("code"),
                    parameters.index("fields") if "fields" in parameters else None,
                    frozenset(only | set(parameters)),
                    frozenset.intersection(*adds) | asker.adds,
                    rest is not None,
                    "self" in given,
                )
    return found


def _is_code_handed_on(call, asker) -> bool:
    place = asker.code_at
    return len(call.args) > place and _name(call.args[place]) == "code"


class _Walk:
    """All paths through one function."""

    def __init__(self, module, function) -> None:
        self.module = module
        self.function = function
        self.at = None
        self.seen = []
        self.conditions = Counter(
            f"? {ast.unparse(node.test)}"
            for node in ast.walk(function)
            if isinstance(node, ast.If | ast.IfExp)
        )
        self.calls = [
            node
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and self._asker(node) is not None
        ]
        self.names = self._relevant_names()

    def run(self) -> None:
        self._block(self.function.body, [{}])

    def states_at(self, call, start) -> list:
        """Return what may be known of the variables where a call stands."""
        self.at, self.seen = call, []
        self._block(self.function.body, [start])
        return self.seen

    def _asker(self, call):
        if _name(call.func) in ("text", "_sentence"):
            by_name = isinstance(call.func, ast.Name)
            if len(call.args) < 2 or not (by_name or _name(call.func.value) in _LANGUAGE):
                return None
            domain = getattr(call.args[0], "value", None)
            if not isinstance(domain, str):
                return None
            if _name(call.func) == "_sentence":
                return Asker(domain, 1, 2, takes_keywords=False)
            return Asker(f"text {domain}", 1)
        return self.module.asker(call.func)

    def _relevant_names(self) -> set:
        """Return the variables that codes and fields come from; no others are followed."""
        names = {name for call in self.calls for name in _names(call)}
        assigned = [node for node in ast.walk(self.function) if isinstance(node, ast.Assign)]
        while True:
            more = {
                name
                for node in assigned
                if any(_names(target) & names for target in node.targets)
                for name in _names(node.value)
            }
            if more <= names:
                return names
            names |= more

    def _block(self, body, states):
        for statement in body:
            states = _distinct(
                after for state in states for after in self._statement(statement, state)
            )
            assert len(states) < _MOST_PATHS, f"{self.module.path}: {self.function.name}"
        return states

    def _statement(self, node, state):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return [state]
            case ast.ClassDef():
                self._block(node.body, [{}])
                return [state]
            case ast.If(test=test, body=body, orelse=orelse):
                self._look(test, state)
                return [
                    end
                    for goes, branch in ((True, body), (False, orelse))
                    for way in self._decided(test, state, goes)
                    for end in self._block(branch, [way])
                ]
            case ast.For(iter=head, body=body) | ast.While(test=head, body=body):
                self._look(head, state)
                once = self._block(body, self._entered(node, state))
                return self._block(node.orelse, [state, *once])
            case ast.With(items=items, body=body):
                for item in items:
                    self._look(item.context_expr, state)
                return self._block(body, [state])
            case ast.Try(body=body, handlers=handlers):
                ends = self._block(node.orelse, self._block(body, [state]))
                for handler in handlers:
                    ends += self._block(handler.body, [state])
                return self._block(node.finalbody, ends)
            case ast.Match(subject=subject, cases=cases):
                self._look(subject, state)
                ends = [state]
                for case in cases:
                    if case.guard is not None:
                        self._look(case.guard, state)
                    ends += self._block(case.body, [state])
                return ends
        self._look(node, state)
        match node:
            case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
                return []
            case (
                ast.Assign(targets=[target], value=value)
                | ast.AnnAssign(target=target, value=value)
            ) if value is not None and _names(target) & self.names:
                return [_bound(way, target, known) for known, way in self._values(value, state)]
        return [state]

    def _entered(self, loop, state):
        """Return the states in which a loop's body may begin: with each entry written out."""
        if isinstance(loop, ast.While):
            return [state]
        outside = _without(state, loop.target)
        entries = self._entries_of(loop.iter)
        if entries is None or not _names(loop.target) & self.names:
            return [outside]
        return [
            _bound(way, loop.target, known)
            for entry in entries
            for known, way in self._values(entry, outside)
        ]

    def _entries_of(self, head):
        """Return the entries over which a loop goes, where they are written out."""
        match head:
            case ast.Tuple(elts=entries) | ast.List(elts=entries):
                return entries
            case ast.Name(id=name) if isinstance(self.module.constants.get(name), ast.Tuple):
                return self.module.constants[name].elts
            case ast.Call(func=ast.Name(id="zip"), args=rows):
                written = [self._entries_of(row) for row in rows]
                n = max((len(entries) for entries in written if entries is not None), default=0)
                unknown = [ast.Constant(None)] * n
                columns = [unknown if entries is None else entries for entries in written]
                return [ast.Tuple(list(row)) for row in zip(*columns, strict=True)] if n else None
        return None

    def _look(self, node, state) -> None:
        """Note the sites inside an expression or simple statement."""
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                if part is self.at:
                    self.seen.append(state)
                elif self.at is None and (asker := self._asker(part)) is not None:
                    self._note(part, asker, state)

    def _note(self, call, asker, state) -> None:
        written = call.args[asker.code_at] if len(call.args) > asker.code_at else None
        if written is None or self._is_own_code(call, asker):
            return
        where = f"{self.module.path.name}:{call.lineno}"
        for code, way in self._values(written, state):
            for fields in self.fields_of(call, asker, way):
                if isinstance(code, PassedOn) and fields is not None and code in fields:
                    continue  # an error handed on with all that it has
                known = fields
                if known is not None:
                    is_plain = all(isinstance(name, str) for name in known)
                    known = known | asker.adds if is_plain else None
                shown = code if isinstance(code, str | Start) else None
                self.module.sites.append(
                    Site(where, self.function.name, asker.domain, shown, known)
                )

    def _is_own_code(self, call, asker) -> bool:
        """Return whether a function hands on the code that it was given itself."""
        names = [name for name, node in self.module.functions.items() if node is self.function]
        is_asker = any(name in self.module.askers for name in names)
        return is_asker and _is_code_handed_on(call, asker)

    def fields_of(self, call, asker, state):
        """Return the names of the fields that a call may give; None where they cannot be read."""
        parts = []
        for word in call.keywords:
            if word.arg == "fields" or word.arg is None:
                parts.append([known for known, _ in self._values(word.value, state)])
            elif word.arg == "elsewhere":  # the fault itself, told instead of what names it
                parts.append([PassedOn(ast.unparse(word.value))])
            elif asker.takes_keywords and word.arg not in asker.named:
                parts.append([Keys(frozenset({word.arg}))])
        if asker.fields_at is not None and len(call.args) > asker.fields_at:
            parts.append([known for known, _ in self._values(call.args[asker.fields_at], state)])
        return _joined(parts)

    def _decided(self, test, state, goes):
        """Return the state in which a condition went one way, unless it went the other before."""
        key = f"? {ast.unparse(test)}"
        if self.conditions[key] < 2:
            return [state]
        return [{**state, key: goes}] if state.get(key, goes) is goes else []

    def _values(self, node, state):
        """Return what an expression may be, each with the state in which it is that."""
        match node:
            case ast.Constant(value=str() as value):
                return [(value, state)]
            case ast.Name(id=name):
                return [(state.get(name), state)]
            case ast.Attribute(attr="code" | "fields", value=owner):
                return [(PassedOn(ast.unparse(owner)), state)]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return [
                    found
                    for goes, branch in ((True, body), (False, orelse))
                    for way in self._decided(test, state, goes)
                    for found in self._values(branch, way)
                ]
            case ast.Tuple(elts=parts):
                combined = [((), state)]
                for part in parts:
                    combined = [
                        ((*known, value), after)
                        for known, way in combined
                        for value, after in self._values(part, way)
                    ]
                return combined
            case ast.Dict(keys=keys, values=values):
                return [
                    (None if names is None else Keys(names), state)
                    for names in _joined(self._entries(keys, values, state))
                ]
            case ast.Subscript(value=ast.Dict(values=values)):
                return [found for value in values for found in self._values(value, state)]
            case ast.JoinedStr(values=[ast.Constant(value=start), *_]):
                return [(Start(start), state)]
            case ast.Call(func=func, args=args):
                return self._returned(_name(func), args, state)
        return [(None, state)]

    def _entries(self, keys, values, state):
        for key, value in zip(keys, values, strict=True):
            if isinstance(key, ast.Constant):
                yield [Keys(frozenset({key.value}))]
            elif key is None:
                yield [known for known, _ in self._values(value, state)]
            else:
                yield [None]

    def _returned(self, name, args, state):
        """Return what a function may return: one of the same module, or `unknown_name`."""
        if name == "unknown_name":
            return [
                (value, way)
                for code, way in self._values(args[0], state)
                for value in (
                    (f"{code}_near", Keys(frozenset({"nearest"}))),
                    (code, Keys(frozenset({"allowed"}))),
                    (f"{code}_none", Keys()),
                )
                if isinstance(code, str)
            ] or [(None, state)]
        function = self.module.functions.get(name)
        if function is None or function is self.function:
            return [(None, state)]
        inner = _Returns(self.module, function)
        inner.run()
        return [(value, state) for value in inner.found] or [(None, state)]


class _Returns(_Walk):
    """What a function may return; it is walked for its own sake as well."""

    def __init__(self, module, function) -> None:
        super().__init__(module, function)
        self.found = []
        self.names = _names(function)

    def _statement(self, node, state):
        if isinstance(node, ast.Return) and node.value is not None:
            for value, _ in self._values(node.value, state):
                if value not in self.found:
                    self.found.append(value)
        return super()._statement(node, state)

    def _look(self, node, state) -> None:
        """Note nothing."""


_LANGUAGE = ("language", "spoken")


def _names(node) -> set:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _name(node) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def _distinct(states):
    return list({frozenset(state.items()): state for state in states}.values())


def _without(state, target):
    names = _names(target)
    return {
        name: value
        for name, value in state.items()
        if name not in names and not any(_mentions(name, one) for one in names)
    }


def _mentions(condition, name) -> bool:
    return condition.startswith("? ") and name in _names(ast.parse(condition[2:]))


def _bound(state, target, value):
    """Return the state after an assignment."""
    match target:
        case ast.Name(id=name):
            after = _without(state, target)
            return after if value is None else {**after, name: value}
        case ast.Tuple(elts=targets):
            values = value if isinstance(value, tuple) else (None,) * len(targets)
            for one, known in zip(targets, values, strict=True):
                state = _bound(state, one, known)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as key)):
            if isinstance(state.get(name), Keys):
                return {**state, name: Keys(state[name].names | {key})}
    return state


def _joined(parts):
    """Return all ways to put dicts together; None where one of them is unknown."""
    ways = [frozenset()]
    for part in parts:
        ways = [
            None
            if way is None or not isinstance(value, Keys | PassedOn)
            else way | (value.names if isinstance(value, Keys) else {value})
            for way in ways
            for value in part
        ]
    return ways
