"""Random numbers by address: a stream name, a replication (or world) and the k-th use.

The counter-based generator Philox4x32-10 gives the same number for the same address on any engine,
chunk, worker and machine; adding a city or an activity moves nobody else's numbers.
Inverse distribution functions stand in `formulas`; `structure` says which streams there are.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

from kla_sim.arrays import FloatArray, IntArray, StreamArray
from kla_sim.engine.code_cache import njit
from kla_sim.engine.formulas import quantile

_LOW_WORD = np.uint64(0xFFFFFFFF)
_WORD_BITS = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LARGEST = 1.0 - 2.0**-53  # the last of 2**53 values would round to 1


def stream(name: str) -> np.uint64:
    """Return the 64-bit number of a stream: blake2b of its UTF-8 name, first byte lowest."""
    return np.uint64(int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little"))


@njit(forceinline=True)
def philox(
    c0: np.uint64, c1: np.uint64, c2: np.uint64, c3: np.uint64, k0: np.uint64, k1: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the four 32-bit words of Philox4x32-10, each held in 64 bits.

    References
    ----------
    Salmon, J. K. et al. (2011). Parallel random numbers: as easy as 1, 2, 3. SC '11.
    doi:10.1145/2063384.2063405
    """
    for _ in range(10):
        p0 = _MULTIPLIER_0 * c0
        p1 = _MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (
            (p1 >> _WORD_BITS) ^ c1 ^ k0,
            p1 & _LOW_WORD,
            (p0 >> _WORD_BITS) ^ c3 ^ k1,
            p0 & _LOW_WORD,
        )
        k0 = (k0 + _WEYL_0) & _LOW_WORD
        k1 = (k1 + _WEYL_1) & _LOW_WORD
    return c0, c1, c2, c3


@njit(forceinline=True)
def _variate(seed: np.uint64, stream_number: np.uint64, index: int, use: int) -> float:
    w0, w1, _, _ = philox(
        stream_number & _LOW_WORD,
        stream_number >> _WORD_BITS,
        np.uint64(index),
        np.uint64(use),
        seed & _LOW_WORD,
        seed >> _WORD_BITS,
    )
    high = float(w0 >> np.uint64(5))
    low = float(w1 >> np.uint64(6))
    return min((high * 67108864.0 + low + 0.5) * 2.0**-53, _LARGEST)


@njit()
def uniform(seed: np.uint64, stream_number: np.uint64, index: int, use: int) -> float:
    """Return the variate of an address, strictly between 0 and 1.

    Parameters
    ----------
    seed : key of the generator, 64 bits.
    stream_number : see `stream`.
    index : replication or world number, below 2**32.
    use : k-th use of the stream, counted from 0.
    """
    return _variate(seed, stream_number, index, use)


@njit()
def fill_uniforms(
    variates: FloatArray,
    seed: np.uint64,
    streams: StreamArray,
    index: int,
    use: int,
) -> None:
    """Write one variate of every stream, at the same replication and use.

    The loop runs several streams at once in the processor: seven times as fast as one by one.

    Parameters
    ----------
    variates : (n,) receives values strictly between 0 and 1.
    streams : (n,) stream numbers.
    """
    for place in range(streams.shape[0]):
        variates[place] = _variate(seed, streams[place], index, use)


@njit()
def uniforms(seed: np.uint64, streams: StreamArray, index: int, use: int) -> FloatArray:
    """Return one variate of every stream, at the same replication and use.

    Parameters
    ----------
    streams : (n,) stream numbers.

    Returns
    -------
    (n,) variates strictly between 0 and 1
    """
    variates = np.empty(streams.shape[0], np.float64)
    fill_uniforms(variates, seed, streams, index, use)
    return variates


@njit()
def sample(
    seed: np.uint64,
    streams: StreamArray,
    kinds: IntArray,
    rows: FloatArray,
    tables: FloatArray,
    index: int,
    use: int,
) -> FloatArray:
    """Return one value per activity, from the distribution of its kind.

    Parameters
    ----------
    streams : (n_activities,) stream numbers.
    kinds : (n_activities,) which row each activity draws from.
    rows : (n_kinds, 5) distributions, see `formulas.quantile`.
    tables : (n_tables, PERT_CELLS + 1) quantile tables.

    Returns
    -------
    (n_activities,) values in the unit of the rows
    """
    values = np.empty(streams.shape[0], np.float64)
    for place in range(streams.shape[0]):
        values[place] = quantile(
            rows[kinds[place]], uniform(seed, streams[place], index, use), tables
        )
    return values
