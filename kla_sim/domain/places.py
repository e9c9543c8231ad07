"""Names of provinces, cities and regencies as they are compared: spellings that mean the same.

Called by the readers of tables (`record`, `awards`) and where a region of a table is looked for
among the cities of a forecast (`experiment.trail`).
"""

from __future__ import annotations

import re

from kla_sim.domain.tables import fold

PROVINCES = (
    "Aceh", "Sumatera Utara", "Sumatera Barat", "Riau", "Jambi", "Sumatera Selatan", "Bengkulu",
    "Lampung", "Kepulauan Bangka Belitung", "Kepulauan Riau", "DKI Jakarta", "Jawa Barat",
    "Jawa Tengah", "DI Yogyakarta", "Jawa Timur", "Banten", "Bali", "Nusa Tenggara Barat",
    "Nusa Tenggara Timur", "Kalimantan Barat", "Kalimantan Tengah", "Kalimantan Selatan",
    "Kalimantan Timur", "Kalimantan Utara", "Sulawesi Utara", "Sulawesi Tengah",
    "Sulawesi Selatan", "Sulawesi Tenggara", "Gorontalo", "Sulawesi Barat", "Maluku",
    "Maluku Utara", "Papua", "Papua Barat", "Papua Selatan", "Papua Tengah", "Papua Pegunungan",
    "Papua Barat Daya",
)  # fmt: skip
"""The 38 provinces since 2022."""

_LONG_FORMS = (
    (re.compile(r"^(kabupaten|kab\.?) (administrasi|administratif|adm\.?) "), "kab. adm. "),
    (re.compile(r"^(kabupaten|kab\.?) "), "kab. "),
    (re.compile(r"^kota (administrasi|administratif|adm\.?) "), "kota adm. "),
)
_KINDS = re.compile(r"^(kota|kab\.)( adm\.)? ")
_LONG_PROVINCES = (
    (re.compile(r"^(provinsi|prov\.?) "), ""),
    (re.compile(r"^(daerah khusus ibukota|daerah khusus|d\.k\.i\.?|dkj) jakarta$"), "dki jakarta"),
    (re.compile(r"^(daerah istimewa|d\.i\.?|d\. i\.) yogyakarta$"), "di yogyakarta"),
)
_PROVINCE_OF = {fold(name): name for name in PROVINCES}


def fold_place(name: str) -> str:
    """Return a city or regency as names are compared: `KABUPATEN  Bogor` is `kab. bogor`."""
    folded = fold(name)
    for form, short in _LONG_FORMS:
        if form.match(folded):
            return form.sub(short, folded)
    return folded


def bare_place(name: str) -> str:
    """Return a folded name without what says that it is a city or a regency."""
    return _KINDS.sub("", fold_place(name))


def has_kind(name: str) -> bool:
    """Return whether a name says that it is a city (kota) or a regency (kabupaten)."""
    return bool(_KINDS.match(fold_place(name)))


def is_kota(name: str) -> bool:
    """Return whether a name is that of a city (kota)."""
    return fold_place(name).startswith("kota ")


def known_province(name: str) -> str | None:
    """Return the province that a name means, in its usual spelling; None if there is none."""
    folded = fold(name)
    for form, short in _LONG_PROVINCES:
        folded = form.sub(short, folded)
    return _PROVINCE_OF.get(folded)
