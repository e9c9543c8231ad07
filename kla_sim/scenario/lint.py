def lint_loaded(loaded): return []
