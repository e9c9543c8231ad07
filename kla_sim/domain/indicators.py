"""The 24 indicators of a Kota Layak Anak in their six groups.

The names follow the ministry's list as recalled in docs/sources.md; the official weights are not
public, so every indicator carries the same points unless a scenario says otherwise (assumption).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

Group = Literal[
    "institutions",
    "civil_rights",
    "family_care",
    "health_welfare",
    "education_culture",
    "special_protection",
]

GROUPS: tuple[Group, ...] = get_args(Group)
"""Kelembagaan and clusters I to V; a group's place here is its number in every array."""

POINTS_IN_ALL = 1000.0


class Indicator(NamedTuple):
    """One indicator: its Indonesian name and the group it belongs to."""

    name: str
    group: Group


INDICATORS: dict[str, Indicator] = {
    "policy": Indicator("Perda atau kebijakan KLA", "institutions"),
    "task_force": Indicator("KLA terlembaga", "institutions"),
    "society": Indicator("Peran masyarakat, dunia usaha dan media", "institutions"),
    "birth_certificates": Indicator("Akta kelahiran", "civil_rights"),
    "information": Indicator("Informasi layak anak", "civil_rights"),
    "participation": Indicator("Partisipasi anak", "civil_rights"),
    "child_marriage": Indicator("Pencegahan perkawinan anak", "family_care"),
    "parenting_advice": Indicator("Lembaga konsultasi pengasuhan (Puspaga)", "family_care"),
    "early_childhood": Indicator("PAUD holistik integratif", "family_care"),
    "alternative_care": Indicator("Standardisasi pengasuhan alternatif", "family_care"),
    "public_space": Indicator("Infrastruktur ramah anak di ruang publik (RBRA)", "family_care"),
    "births_in_facilities": Indicator("Persalinan di fasilitas kesehatan", "health_welfare"),
    "nutrition": Indicator("Status gizi balita", "health_welfare"),
    "infant_feeding": Indicator("Pemberian makan bayi dan anak", "health_welfare"),
    "health_services": Indicator("Fasilitas kesehatan ramah anak", "health_welfare"),
    "water_sanitation": Indicator("Air minum dan sanitasi", "health_welfare"),
    "smoke_free": Indicator("Kawasan tanpa rokok", "health_welfare"),
    "schooling": Indicator("Wajib belajar 12 tahun", "education_culture"),
    "child_friendly_schools": Indicator("Satuan pendidikan ramah anak", "education_culture"),
    "creativity_centres": Indicator("Pusat kreativitas anak", "education_culture"),
    "violence": Indicator("Korban kekerasan dan eksploitasi", "special_protection"),
    "emergencies": Indicator("Korban pornografi dan situasi darurat", "special_protection"),
    "disability": Indicator("Anak penyandang disabilitas dan minoritas", "special_protection"),
    "justice": Indicator("Anak berhadapan dengan hukum dan stigma", "special_protection"),
}


def points_by_group(
    points: dict[str, float] | None = None, groups: dict[str, Group] | None = None
) -> dict[Group, float]:
    """Return the maximum points of each group; they add up to 1000.

    Parameters
    ----------
    points : points of single indicators; None = the same for all.
    groups : the group of each indicator; None = the ministry's 24.
    """
    of_group = groups or {key: indicator.group for key, indicator in INDICATORS.items()}
    of_indicator = points or dict.fromkeys(of_group, POINTS_IN_ALL / len(of_group))
    return {
        group: sum(of_indicator[key] for key, member in of_group.items() if member == group)
        for group in GROUPS
    }
