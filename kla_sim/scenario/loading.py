"""Reads a scenario file (stand-in until the full loader lands)."""
from __future__ import annotations
import hashlib, json
from pathlib import Path
from typing import NamedTuple, Any
from ruamel.yaml import YAML
import io
from kla_sim.scenario.model import Scenario
from kla_sim.scenario.shipped import shipped_scenario
class LoadedScenario(NamedTuple):
    scenario: Scenario
    mapping: dict
def _merge(a,b):
    out=dict(a)
    for k,v in b.items():
        if v is None: out.pop(k,None)
        elif isinstance(v,dict) and isinstance(out.get(k),dict): out[k]=_merge(out[k],v)
        else: out[k]=v
    return out
def _raw(path):
    d=YAML(typ="safe").load(Path(path).read_text(encoding="utf-8")); e=d.pop("extends",None)
    if e: d=_merge(_raw(shipped_scenario(e.split(":")[1]) if e.startswith("shipped:") else Path(path).parent/e),d)
    return d
def read_scenario(path,*,overrides=()):
    d=_raw(path)
    for o in overrides:
        p,_,v=o.partition("="); n=d
        for k in p.split(".")[:-1]: n=n.setdefault(k,{})
        n[p.split(".")[-1]]=YAML(typ="safe").load(v)
    return LoadedScenario(Scenario.model_validate(d),d)
def load_scenario(path,*,overrides=()): return read_scenario(path,overrides=overrides).scenario
def dump_scenario(loaded):
    b=io.StringIO(); YAML(typ="safe").dump(loaded.mapping,b); return b.getvalue()
def digest(s): return hashlib.sha256(s.model_dump_json().encode()).hexdigest()
def resolve(loaded): return []
