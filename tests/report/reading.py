"""Reads a report as a reader's program would: headings, tables, commands, ids and addresses."""

from html.parser import HTMLParser

_VOID = {"meta", "link", "br", "img", "hr", "input"}


class Reading(HTMLParser):
    """What an HTML document holds.

    Attributes
    ----------
    tables : by their captions, rows of texts, the heading row first.
    headings : levels with their texts, in order.
    ids, targets : every id, and what refers to one.
    loads : addresses that a browser would fetch.
    """

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tables, self.headings, self.commands = {}, [], []
        self.ids, self.targets, self.loads, self.alts = [], [], [], []
        self.tags, self.paragraphs = set(), []
        self._open, self._text, self._rows, self._caption = [], "", [], ""
        self.feed(document)
        assert self._open == [], self._open

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.add(tag)
        if tag not in _VOID:
            self._open.append(tag)
        self.ids += [values["id"]] if "id" in values else []
        for name, value in attrs:
            if name in {"src", "srcset", "data", "action", "poster", "background", "ping"}:
                self.loads.append(value)
            if name in {"href", "xlink:href"}:
                (self.targets if value.startswith("#") else self.loads).append(value.lstrip("#"))
            if value and "url(#" in value:
                self.targets += [part.split(")")[0] for part in value.split("url(#")[1:]]
        if tag == "svg":
            self.alts.append(values.get("aria-label", ""))
        if tag == "tr":
            self._rows.append([])
        if tag in {"th", "td", "caption", "h1", "h2", "h3", "h4", "code", "p", "li", "dd", "dt"}:
            self._text = ""

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag):
        assert self._open.pop() == tag
        words = " ".join(self._text.replace("\u00a0", " ").split())
        if tag in {"th", "td"}:
            self._rows[-1].append(words)
        elif tag == "caption":
            self._caption = words
        elif tag == "table":
            self.tables[self._caption] = self._rows
            self._rows = []
        elif tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append((int(tag[1]), words))
        elif tag == "code":
            self.commands.append(self._text)
        elif tag in {"p", "li", "dd", "dt"}:
            self.paragraphs.append(words)

    def handle_data(self, data):
        self._text += data

    def table(self, begins):
        """Return the table whose caption begins so."""
        return next(rows for caption, rows in self.tables.items() if caption.startswith(begins))
