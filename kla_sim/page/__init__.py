"""The local page: levers that move the odds, beside the text of the scenario that they write.

`serve` opens the port, `guard` lets nobody else in, `app` has the routes. What a route answers is a
stream of server-rendered pieces (`answers`), made by `odds`, `futures`, `saving` and `runs` and put
into words by `views`. What changes is one text: levers are read from it and written to it
(`levers`, `scenario.editing`). Called by the command `ui`; the extra `[page]` brings the libraries.
"""
