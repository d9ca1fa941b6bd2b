"""The arrays the components pass around."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
"""Vectors, scores and probabilities; each function says their shape."""
Integers = NDArray[np.int64]
"""Numbers of classes or of rows."""
Bytes = NDArray[np.int8]
"""Vectors in whole numbers of 8 bits."""
