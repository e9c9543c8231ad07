"""Every text that a user reads, in Indonesian and English, and numbers, dates and money in words.

Sentences stand in gettext catalogues (`catalogues/<language>/LC_MESSAGES/<domain>.po`), named by a
key such as `unknown_key`, with `{field}` places. Domains: `faults` (scenario faults and errors),
`schema` (a sentence per key of the scenario), `answers` (results in words, the command line),
`figures` (labels of plots). Nothing above this layer holds a sentence.
"""
