"""An SVG as a part of an HTML document: ids of its own, no style for others, short numbers.

matplotlib writes an SVG as a file of its own: a style sheet for every element, the same ids in each
drawing, six decimals, circles as eight curves, and the look of a mark at each mark. Called by
`document`.
"""

from __future__ import annotations

import math
import re
from functools import partial
from itertools import groupby
from xml.etree import ElementTree as ET

from markupsafe import Markup

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_CIRCLE = re.compile(r"M ([-\d. ]+?)((?: C(?: [-\d.]+){6}){8}) z")
_REPEATED = re.compile(r"( L [-\d.]+ [-\d.]+)\1+(?= )")
_COMMAND = re.compile(r" ?([MLCQaz]) ?")
_FONTS = "'DejaVu Sans', Verdana, Arial, sans-serif"
_NOT_INLINE = ("metadata", "style")
"""What a drawing holds of its maker and for every element of a page."""


def inline_svg(svg: bytes, prefix: str, alt: str, hatches: set[str]) -> Markup:
    """Return a drawing as one element of an HTML document.

    Parameters
    ----------
    svg : as `drawing.to_svg` returns it; never what somebody else has written.
    prefix : begins each id, so that two drawings in one document do not share any.
    alt : what is read aloud in its place.
    hatches : ids of the hatches that the document holds already, to which those of the drawing are
        added; matplotlib names them by what they look like, so that one serves every drawing.
    """
    root = ET.fromstring(svg)
    _drop(root, hatches)
    known = {named: f"{prefix}{place}" for place, named in enumerate(sorted(_referred(root)))}
    of_hatches = {id(part) for hatch in root.iter(f"{{{_SVG}}}pattern") for part in hatch.iter()}
    for element in root.iter():
        _shorten(element, known, hatches, 2 if id(element) in of_hatches else 1)
    _unwrap(root)
    for element in list(root.iter()):
        _gather_marks(element)
    size = root.get("viewBox", "")
    text = root.attrib
    text.clear()
    text.update({"viewBox": size, "role": "img", "aria-label": alt})
    text.update({"stroke-linejoin": "round", "stroke-linecap": "butt", "font-family": _FONTS})
    ET.register_namespace("", _SVG)
    return Markup(ET.tostring(root, encoding="unicode"))


def _drop(root: ET.Element, hatches: set[str]) -> None:
    """Take away what is said of the maker, style for the whole page, hatches that are there."""
    for parent in list(root.iter()):
        for child in list(parent):
            kind, named = child.tag.removeprefix(f"{{{_SVG}}}"), child.get("id", "")
            if kind in _NOT_INLINE or (kind == "pattern" and named in hatches):
                parent.remove(child)
            elif kind == "pattern":
                hatches.add(named)
        if parent.text and not parent.text.strip():
            parent.text = None
        parent.tail = None


def _unwrap(element: ET.Element) -> None:
    """Put what stands in groups that say nothing in their place."""
    children: list[ET.Element] = []
    for child in list(element):
        _unwrap(child)
        is_bare = child.tag == f"{{{_SVG}}}g" and not child.attrib and not child.text
        children += list(child) if is_bare else [child]
    element[:] = children


def _gather_marks(parent: ET.Element) -> None:
    """Put marks that follow each other and look alike into one group that says how they look."""
    children: list[ET.Element] = []
    for style, alike in groupby(list(parent), _style_of_mark):
        marks = list(alike)
        if style is None or len(marks) == 1:
            children += marks
            continue
        group = ET.Element(f"{{{_SVG}}}g", {"style": style})
        for mark in marks:
            del mark.attrib["style"]
        group.extend(marks)
        children.append(group)
    parent[:] = children


def _style_of_mark(element: ET.Element) -> str | None:
    return element.get("style") if element.tag == f"{{{_SVG}}}use" else None


def _referred(root: ET.Element) -> set[str]:
    """Return the ids that something in the drawing refers to."""
    found = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == f"{{{_XLINK}}}href":
                found.add(value.removeprefix("#"))
            found.update(_REFERENCE.findall(value))
    return found


def _shorten(element: ET.Element, known: dict[str, str], hatches: set[str], decimals: int) -> None:
    def own(named: str) -> str:
        return f"hatch-{named}" if named in hatches else known[named]

    named = element.attrib.pop("id", "")
    linked = element.attrib.pop(f"{{{_XLINK}}}href", "")
    for name, value in element.attrib.items():
        new = _REFERENCE.sub(lambda found: f"url(#{own(found[1])})", value)
        if name == "d":
            new = _path(value, decimals)
        elif name == "style":
            new = _style(new)
        elif name != "fill":
            new = _NUMBER.sub(partial(_rounded, decimals=2), new)
        element.set(name, new)
    if linked:
        element.set("href", f"#{own(linked.removeprefix('#'))}")
    if named in known:
        element.set("id", own(named))


def _style(style: str) -> str:
    short = style.replace(": ", ":").replace("; ", ";").replace("font-family:'DejaVu Sans';", "")
    return _NUMBER.sub(partial(_rounded, decimals=2), short)


def _path(path: str, decimals: int) -> str:
    """Write a path on one line, its circles as two arcs, no point twice in a row."""
    line = _CIRCLE.sub(_arcs, " ".join(path.split()))
    line = _NUMBER.sub(partial(_rounded, decimals=decimals), line)
    return _COMMAND.sub(r"\1", _REPEATED.sub(r"\1", line))


def _arcs(match: re.Match[str]) -> str:
    """Return eight curves as two arcs where their ends lie on a circle, else as they are."""
    ends = [tuple(map(float, curve.split()[-2:])) for curve in match[2].split(" C ")[1:]]
    x, y = (sum(values) / len(ends) for values in zip(*ends, strict=True))
    radius = sum(math.dist((x, y), end) for end in ends) / len(ends)
    if any(abs(math.dist((x, y), end) - radius) > 0.06 * radius for end in ends):
        return match[0]
    (x0, y0), (x1, y1) = ends[0], ends[1]
    turn = int((x0 - x) * (y1 - y) > (x1 - x) * (y0 - y))
    arc = f"a {radius:.6f} {radius:.6f} 0 1 {turn} "
    return f"M {x - radius:.6f} {y:.6f} {arc}{2 * radius:.6f} 0 {arc}{-2 * radius:.6f} 0 z"


def _rounded(match: re.Match[str], decimals: int) -> str:
    """Return a number with so few decimals that nobody sees the difference."""
    shown = f"{float(match[0]):.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if shown in {"", "-0"} else shown
