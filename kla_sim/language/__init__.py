"""Every text that a user reads, in Indonesian and English, and numbers, dates and money in words.

Sentences stand in gettext catalogues (`catalogues/<language>/LC_MESSAGES/<domain>.po`), named by a
key such as `unknown_key`, with `{field}` places.
"""
from __future__ import annotations
import os
from pathlib import Path
LANGUAGES=("id","en")
_state={"l":"id"}
_cache={}
def use(language=None):
    l=language or os.environ.get("KLA_SIM_LANGUAGE") or "id"
    _state["l"]= l if l in LANGUAGES else "id"
def current(): return _state["l"]
def _cat(domain):
    k=(current(),domain)
    if k not in _cache:
        from babel.messages.pofile import read_po
        with open(Path(__file__).parent/"catalogues"/k[0]/"LC_MESSAGES"/f"{domain}.po","rb") as f:
            _cache[k]={m.id:m.string for m in read_po(f) if m.id}
    return _cache[k]
def text(domain,key,/,**f): return _cat(domain)[key].format(**f)
def _loc(): return {"id":"id_ID","en":"en"}[current()]
def number(v,digits=0):
    from babel.numbers import format_decimal
    return format_decimal(v,format="#,##0"+("."+"0"*digits if digits else ""),locale=_loc())
def percent(v,digits=0): return number(100*v,digits)+" %"
def day(d):
    from babel.dates import format_date
    return format_date(d,"d MMMM yyyy",locale=_loc())
def rupiah(a):
    for s,i,e in ((1e12,"triliun","trillion"),(1e9,"miliar","billion"),(1e6,"juta","million")):
        if abs(a)>=s: return f"Rp {number(a/s,1)} {i if current()=='id' else e}"
    return "Rp "+number(a)
def describe_fault(f): return f"{f.file}:{f.line}:{f.column}  {f.path}: {f.code} {f.fields}"
def describe(e): return "\n".join(map(describe_fault,e.faults)) if hasattr(e,"faults") else f"{e.code} {e.fields}"
