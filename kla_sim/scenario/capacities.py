"""Posts that change over time and begin after the start: what holds until their first day.

A variant that writes `capacity: [{from: 2024-01-01, posts: 6}]` or `{2024: 6}` over the number 3
means three until then. So what was written below is put before the new steps; an exception of a
city (`per_city`) has the pool's `capacity` below it. Where nothing is, `checks` refuses the plan.
Called by `loading`, on trees, so that a resolved file says all of it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from kla_sim.scenario.nodes import Entry, Mapping, Scalar, Sequence, Tree, child_of, node_at
from kla_sim.scenario.quantities import Date, Year
from kla_sim.scenario.syntax import Place

Keys = tuple[str, ...]

_DATE: TypeAdapter[dt.date] = TypeAdapter(Date)
_YEAR: TypeAdapter[int] = TypeAdapter(Year)


class _Step(NamedTuple):
    """From a day on, so many posts, as they were written."""

    day: dt.date
    posts: Scalar


_Steps = list[_Step]


def with_earlier_posts(tree: Mapping, layers: list[Mapping]) -> Mapping:
    """Return a merged tree in which capacities that begin late say what holds before.

    Parameters
    ----------
    layers : the trees that were merged, the one that all others are laid over first.
    """
    start = _read(_DATE, child_of(tree, "start"))
    resources = child_of(tree, "resources")
    if start is None or not isinstance(resources, Mapping):
        return tree
    for name, entry in resources.entries.items():
        path = ("resources", name)
        pool = _steps_over(layers, (*path, "capacity"), None)
        tree = _completed(tree, (*path, "capacity"), pool, start)
        cities = child_of(entry.value, "per_city")
        for city in cities.entries if isinstance(cities, Mapping) else ():
            own = (*path, "per_city", city)
            tree = _completed(tree, own, _steps_over(layers, own, pool), start)
    return tree


def _read(reader: TypeAdapter[Any], node: Tree | None) -> Any:
    """Return what a plain value says; None if it is missing or wrong, which the model will say."""
    if not isinstance(node, Scalar):
        return None
    try:
        return reader.validate_python(node.value())
    except ValidationError:
        return None


def _steps_over(layers: list[Mapping], path: Keys, below: _Steps | None) -> _Steps | None:
    """Return the steps that hold after all layers; None where they cannot be known."""
    held = below
    before_years, years = below, dict[str, Tree]()
    for layer in layers:
        node, is_removed = _look_up(layer, path)
        if is_removed:
            held, before_years, years = below, below, {}
        if node is None:
            continue
        if isinstance(node, Mapping):
            # year by year over the years of the layer below, as all mappings merge
            before_years = before_years if years else held
            years |= {key: entry.value for key, entry in node.entries.items()}
            written = _steps_of(Mapping({k: Entry(k, node.place, v) for k, v in years.items()},
                                        node.place))  # fmt: skip
            held = _joined(before_years, written)
        else:
            years = {}
            held = _joined(held, _steps_of(node))
    return held


def _look_up(layer: Mapping, path: Keys) -> tuple[Tree | None, bool]:
    """Return what a layer writes at a path, and whether it takes away what stood there."""
    node: Tree = layer
    for key in path:
        below = child_of(node, key)
        if below is None:
            return None, False
        if isinstance(below, Scalar) and below.is_null:
            return None, True
        node = below
    return node, False


def _joined(below: _Steps | None, written: _Steps | None) -> _Steps | None:
    """Put before the steps of one layer what held until their first day."""
    if written is None or not written:
        return written
    first = min(step.day for step in written)
    return [*(step for step in below or [] if step.day < first), *written]


def _steps_of(node: Tree) -> _Steps | None:
    """Return the steps of a capacity as written; a plain number has held for ever."""
    if isinstance(node, Scalar):
        return [_Step(dt.date.min, node)]
    if isinstance(node, Sequence):
        pairs = [(_read(_DATE, child_of(item, "from")), child_of(item, "posts"))
                 for item in node.items]  # fmt: skip
    else:
        years = [(_read(_YEAR, Scalar(key, False, node.place)), entry.value)
                 for key, entry in node.entries.items()
                 if not (isinstance(entry.value, Scalar) and entry.value.is_null)]  # fmt: skip
        pairs = [(year and dt.date(year, 1, 1), posts) for year, posts in years]
    steps = [
        _Step(day, posts) for day, posts in pairs if day is not None and isinstance(posts, Scalar)
    ]
    return steps if len(steps) == len(pairs) else None


def _completed(tree: Mapping, path: Keys, steps: _Steps | None, start: dt.date) -> Mapping:
    """Write the steps before the first one written, where that one comes after the start."""
    node = node_at(tree, path)
    written = None if node is None or isinstance(node, Scalar) else _steps_of(node)
    if not written or steps is None:
        return tree
    first = min(step.day for step in written)
    earlier = sorted((step for step in steps if step.day < first), key=lambda step: step.day)
    begun = [step for step in earlier if step.day <= start]
    if first <= start or not begun:
        return tree
    # from 1 January, as years are written: the same plan in either form is the same scenario
    first_steps = [begun[-1]._replace(day=dt.date(start.year, 1, 1))]
    first_steps += [step for step in earlier if step.day > start]
    assert node is not None
    replaced = _replaced(tree, path, _with_steps(node, first_steps))
    assert isinstance(replaced, Mapping)
    return replaced


def _with_steps(node: Tree, steps: _Steps) -> Tree:
    place = node.place
    if isinstance(node, Mapping) and all(
        (step.day.month, step.day.day) == (1, 1) for step in steps
    ):
        years = {str(step.day.year): step.posts for step in steps}
        entries = {year: Entry(year, place, posts) for year, posts in years.items()}
        return Mapping({**entries, **node.entries}, place)
    if isinstance(node, Mapping):
        steps = [*steps, *(_steps_of(node) or [])]
    items: list[Tree] = [_written_step(step, place) for step in steps]
    return Sequence([*items, *(node.items if isinstance(node, Sequence) else [])], place)


def _written_step(step: _Step, place: Place) -> Mapping:
    day = Scalar(step.day.isoformat(), True, place)
    entries = {"from": Entry("from", place, day), "posts": Entry("posts", place, step.posts)}
    return Mapping(entries, place)


def _replaced(tree: Tree, path: Keys, value: Tree) -> Tree:
    if not path:
        return value
    assert isinstance(tree, Mapping)
    entry = tree.entries[path[0]]
    below = entry._replace(value=_replaced(entry.value, path[1:], value))
    return Mapping({**tree.entries, path[0]: below}, tree.place)
