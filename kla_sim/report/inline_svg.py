"""An SVG as a part of an HTML document: ids of its own, no style for others, short numbers.

matplotlib writes an SVG as a file of its own: a style sheet for every element, the same ids in each
drawing, six decimals, and circles as eight curves. Called by `document`.
"""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

from markupsafe import Markup

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_NUMBER = re.compile(r"-?\d*\.\d+(?:e-?\d+)?")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_CIRCLE = re.compile(r"M ([-\d. ]+?)((?: C(?: [-\d.]+){6}){8}) z")
_FONTS = "'DejaVu Sans', Verdana, Arial, sans-serif"
_NOT_INLINE = ("metadata", "style")
"""What a drawing holds of its maker and for every element of a page."""

_DECIMALS = 2


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
    known = _referred(root)
    for element in root.iter():
        _shorten(element, known, prefix, hatches)
    size = root.get("viewBox", "")
    text = root.attrib
    text.clear()
    text.update({"viewBox": size, "role": "img", "aria-label": alt})
    text.update({"stroke-linejoin": "round", "stroke-linecap": "butt"})
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
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


def _referred(root: ET.Element) -> set[str]:
    """Return the ids that something in the drawing refers to."""
    found = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == f"{{{_XLINK}}}href":
                found.add(value.removeprefix("#"))
            found.update(_REFERENCE.findall(value))
    return found


def _shorten(element: ET.Element, known: set[str], prefix: str, hatches: set[str]) -> None:
    def own(named: str) -> str:
        return f"hatch-{named}" if named in hatches else f"{prefix}{named}"

    named = element.attrib.pop("id", "")
    for name, value in element.attrib.items():
        new = _REFERENCE.sub(lambda found: f"url(#{own(found[1])})", value)
        if name == f"{{{_XLINK}}}href":
            new = f"#{own(value.removeprefix('#'))}"
        elif name == "d":
            new = _path(value)
        elif name == "style":
            new = _style(new)
        elif name != "fill":
            new = _NUMBER.sub(_rounded, new)
        element.set(name, new)
    if named in known:
        element.set("id", own(named))


def _style(style: str) -> str:
    short = style.replace("'DejaVu Sans'", _FONTS).replace(": ", ":").replace("; ", ";")
    return _NUMBER.sub(_rounded, short)


def _path(path: str) -> str:
    """Write a path on one line, its circles as two arcs."""
    line = " ".join(path.split())
    return _NUMBER.sub(_rounded, _CIRCLE.sub(_arcs, line))


def _arcs(match: re.Match[str]) -> str:
    """Return eight curves as two arcs where they are a circle, else as they are."""
    x, y = map(float, match[1].split())
    ends = [tuple(map(float, curve.split()[-2:])) for curve in match[2].split(" C ")[1:]]
    (x4, y4), radius = ends[3], math.dist((x, y), ends[3]) / 2
    centre = ((x + x4) / 2, (y + y4) / 2)
    if any(abs(math.dist(centre, end) - radius) > 0.06 * radius for end in ends):
        return match[0]
    dx, dy = x4 - x, y4 - y
    arc = f"a {radius:.6f} {radius:.6f} 0 1 1 "
    return f"M {x:.6f} {y:.6f} {arc}{dx:.6f} {dy:.6f} {arc}{-dx:.6f} {-dy:.6f} z"


def _rounded(match: re.Match[str]) -> str:
    """Return a number with so few decimals that nobody sees the difference."""
    return f"{float(match[0]):.{_DECIMALS}f}".rstrip("0").rstrip(".") or "0"
