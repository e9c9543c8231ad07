"""Compilation by numba, its machine code kept until any source of the engine changes.

numba keeps a function's code until the file of that function changes, but not when a file changes
whose functions were compiled into it: after an upgrade an old kernel would go on with old formulas.
So the code is kept in a folder named by the digest of all sources that may be compiled in.
Where no folder can be written, functions are compiled anew in each process. While another process
makes the code, functions that are called from Python can run as they are written instead.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.runtime.nrt import rtsys

_settings: Any = numba.config
_PACKAGE = Path(__file__).resolve().parents[1]
_COMPILED_FROM = ("engine", "domain")
"""Packages whose functions and constants end up in machine code."""

_KEPT = 8
"""Folders that stay, the newest: other versions may be in use beside this one."""

_is_code_awaited: Callable[[], bool] = bool
"""Whether the code is being made elsewhere; False until somebody says otherwise."""

Function = TypeVar("Function", bound=Callable[..., object])


def _digest_sources() -> str:
    digest = blake2b(digest_size=8)
    for name in _COMPILED_FROM:
        for path in sorted((_PACKAGE / name).rglob("*.py")):
            digest.update(f"{path.relative_to(_PACKAGE)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _places() -> Iterator[Path]:
    """Yield where code may be kept, the best place first."""
    if _settings.CACHE_DIR:
        yield Path(_settings.CACHE_DIR)
    yield _PACKAGE / "engine" / "__pycache__"
    with suppress(RuntimeError):  # no home
        default = os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
        yield Path(os.environ.get("XDG_CACHE_HOME") or default) / "kla_sim"


def _find_folder() -> Path | None:
    """Return the folder of this version's code, made if need be; None = nothing can be written."""
    with suppress(OSError):  # sources that cannot be read cannot be told apart
        name = f"kla_sim-{_digest_sources()}"
        for place in _places():
            folder = place / name
            is_new = not folder.is_dir()
            try:
                folder.mkdir(parents=True, exist_ok=True)
                tempfile.TemporaryFile(dir=folder).close()
            except OSError:
                continue
            if is_new:
                _drop_oldest(place)
            return folder
    return None


def _drop_oldest(place: Path) -> None:
    with suppress(OSError):
        folders = sorted(place.glob("kla_sim-*"), key=lambda folder: -folder.stat().st_mtime)
        for folder in folders[_KEPT:]:
            shutil.rmtree(folder, ignore_errors=True)


_FOLDER = None if _settings.DISABLE_JIT else _find_folder()


def is_kept(function: str) -> bool:
    """Return whether a function's code has been kept, so that its first call need not compile."""
    if _FOLDER is None:
        return bool(_settings.DISABLE_JIT)
    return any(_FOLDER.glob(f"*/*.{function}-*.nbi"))


def has_place() -> bool:
    """Return whether code can be kept, so that another process can make it."""
    return _FOLDER is not None


@contextmanager
def code_awaited(is_awaited: Callable[[], bool]) -> Iterator[None]:
    """Run functions as they are written, in Python, while their code is made elsewhere.

    The results are the same to the bit: numba calls the mathematical functions that Python calls,
    and neither fuses nor reorders what is written. Only with Intel's vector library it does not;
    functions are then compiled as ever.

    Parameters
    ----------
    is_awaited : asked at each call of a function that has no code yet.
    """
    global _is_code_awaited  # noqa: PLW0603  the dispatchers of a process are global as well
    before = _is_code_awaited
    _is_code_awaited = bool if _settings.USING_SVML else is_awaited
    try:
        yield
    finally:
        _is_code_awaited = before


def _interpret_while_awaited(dispatcher: Any) -> None:
    """Let a function without code run as it is written while its code is awaited.

    `_compile_for_args` is what numba calls for arguments that it has no code for; it returns what
    is then called. Should a later numba not ask for it, functions are compiled as ever.
    """
    compile_for = dispatcher._compile_for_args

    def compile_or_interpret(*arguments: Any, **named: Any) -> Any:
        return dispatcher.py_func if _is_code_awaited() else compile_for(*arguments, **named)

    dispatcher._compile_for_args = compile_or_interpret


def _read_code_as_it_is(cache: Any) -> None:
    """Let kept code be read without loading what numba compiles with, a quarter of a second.

    numba loads it before it looks for kept code; code that is ready needs the counting of
    references alone, and whatever is compiled after all loads the rest itself.
    """

    def read(signature: Any, context: Any) -> Any:
        rtsys.initialize(context)
        with cache._guard_against_spurious_io_errors():
            return cache._load_overload(signature, context)

    cache.load_overload = read


def _widen_whole_numbers(dispatcher: Any) -> None:
    """Let one code serve all whole numbers, small or known beforehand, that compiled code passes.

    numba would compile a function anew for a 0, for a 1 and for each width.
    """
    template_for = dispatcher.get_call_template
    narrow = types.integer_domain - {types.int64, types.uint64}

    def widened(literal: Any) -> Any:
        kind: Any = types.unliteral(literal)
        return types.int64 if kind in narrow else kind

    def template_for_wide(arguments: Any, named: Any) -> Any:
        return template_for(
            tuple(map(widened, arguments)), {name: widened(kind) for name, kind in named.items()}
        )

    dispatcher.get_call_template = template_for_wide


def njit(
    *,
    forceinline: bool = False,
    nogil: bool = False,
    counts_references: bool = True,
    is_long: bool = False,
) -> Callable[[Function], Function]:
    """Compile a function at its first call, as `numba.njit` does, and keep its code.

    A division by zero gives inf or nan instead of an exception: every exception that might leave a
    function keeps numba from dropping the counting of references around it, in hot loops too.

    Parameters
    ----------
    forceinline : put the code where it is called.
    nogil : let other threads of Python run meanwhile.
    counts_references : whether the function counts references to the arrays it touches. Without, a
        function that is handed many arrays is several times as fast, but it must make no array.
    is_long : so many steps a call that Python never runs it as it is written; see `code_awaited`.
    """
    return _compile(
        is_interpreted=not is_long,
        counts_references=counts_references,
        forceinline=forceinline,
        nogil=nogil,
    )


def inner(*, forceinline: bool = False) -> Callable[[Function], Function]:
    """Compile a function that only compiled code calls and that makes no array.

    It counts no references, has no doors for Python and C, and becomes machine code only as a part
    of what calls it, with which it is kept.
    """
    return _compile(
        is_interpreted=False,
        counts_references=False,
        pipeline_class=_PieceCompiler,
        cache=False,
        forceinline=forceinline,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
    )


class _Piece(JITCodeLibrary):
    """The code of a function inside others: not optimised and not made ready to run by itself.

    Otherwise every function would be, and with each of them once more all that it calls.
    """

    def _optimize_functions(self, module: Any) -> None:
        """Leave the function as it is; whatever it becomes a part of is optimised as a whole."""
        module.data_layout = self._codegen._data_layout

    def finalize(self) -> None:
        """Put what the function calls beside it."""
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """Return 0: nobody calls it from outside."""
        if not self._finalized:
            self.finalize()
        return 0

    @property
    def codegen(self) -> Any:
        """Who is told the environment of the function: nobody, it has none that runs."""
        return self

    def set_env(self, name: str, environment: object) -> None:
        """Set nothing."""


class _PieceCompiler(CompilerBase):
    """Compiles a function as numba does, into a piece."""

    def define_pipelines(self) -> list[Any]:
        """Return numba's own steps."""
        state, new_piece = self.state, cast("Any", _Piece)
        state.library = new_piece(state.targetctx.codegen(), state.func_id.func_qualname)
        return [DefaultPassBuilder.define_nopython_pipeline(state)]


def _compile(
    *, is_interpreted: bool, counts_references: bool, cache: bool = True, **options: Any
) -> Callable[[Function], Function]:
    def decorate(function: Function) -> Function:
        usual = _settings.CACHE_DIR
        _settings.CACHE_DIR = str(_FOLDER or "")
        # private to numba, whose version pyproject.toml therefore bounds
        switch = {} if counts_references else {"_nrt": False}
        try:
            numba_njit: Any = numba.njit
            compiled: Any = numba_njit(
                cache=cache and _FOLDER is not None, error_model="numpy", **switch, **options
            )(function)
        finally:
            _settings.CACHE_DIR = usual
        if not _settings.DISABLE_JIT:
            if cache and _FOLDER is not None:
                _read_code_as_it_is(compiled._cache)
            _widen_whole_numbers(compiled)
            if is_interpreted:
                _interpret_while_awaited(compiled)
        return cast("Function", compiled)

    return decorate
