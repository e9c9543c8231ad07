"""What arrays of numbers are called in annotations, one name for each type of number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

ShortArray = npt.NDArray[np.int32]
NumberArray = npt.NDArray[np.uint32]
StreamArray = npt.NDArray[np.uint64]
"""Keys of random numbers, see `engine.draws`."""
