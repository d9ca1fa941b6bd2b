"""The Universal Sentence Encoder with the library's weights and sums, in an order that takes less.

With the few tokens of a message a product of matrices spends much of its time on arranging the weights: less where they
stand transposed and on its left. And the parts of a message are cut out of the whole, so that most of their tokens have
the same neighbours as there; so have many in the examples of a training. What a token becomes depends on four on each
side, and is worked out once.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from bot.engine.arrays import Floats, Integers

ORDERS = ((2, 0), (3, 1), (5, 2))
"""Of each branch of the network: over how many tokens a window goes, and how many of them are before its own."""
REACH = 2
"""Tokens that the widest window has on each side; two layers of windows reach twice as far."""
BRANCH = 256
"""Features of a branch."""
WORDS = 4096
"""Words of which the tokens are kept."""
TOGETHER = 64
"""Texts that are encoded together, to bound memory; more gains nothing."""


class Tokenizer(Protocol):
    """The library's."""

    def encode(self, texts: str, out_type: type[int], add_bos: bool, add_eos: bool) -> list[int]:
        """The numbers of a text's tokens."""


class Model(Protocol):
    """The library's model, with its weights by the names that it gives them."""

    sp: Tokenizer
    table: Integers
    scale: Floats
    lo: Floats
    proj_W: Floats  # noqa: N815 - the library's name
    proj_b: Floats
    ln_g_all: Floats
    ln_b_all: Floats
    ln_g: Floats
    ln_b: Floats
    w1: Sequence[Floats]
    b1: Sequence[Floats]
    w2: Sequence[Floats]
    b2: Sequence[Floats]
    cnn_W: Floats  # noqa: N815 - the library's name
    cnn_b: Floats
    d0: Floats
    d1: Floats
    d2: Floats
    d3: Floats
    p1: Floats
    p3: Floats
    eps: float


class SentenceEncoder:
    """Encodes as the library's `encode` does. It takes the model over: its weights stand transposed from then on."""

    def __init__(self, model: Model) -> None:
        self._model = model
        for name in ("proj_W", "cnn_W", "d0", "d1", "d2", "d3", "p1", "p3"):
            setattr(model, name, _transposed(getattr(model, name)))
        model.w1, model.w2 = [_transposed(w) for w in model.w1], [_transposed(w) for w in model.w2]
        encode = functools.partial(model.sp.encode, out_type=int)
        self._begin, *_, self._end = encode("", add_bos=True, add_eos=True)
        # No token crosses a space.
        self._tokens = functools.lru_cache(WORDS)(functools.partial(encode, add_bos=False, add_eos=False))

    def encode(self, texts: Sequence[str]) -> Floats:
        """The texts' vectors, of length 1: float32 of shape (texts, 512)."""
        groups = [self._encode(texts[at : at + TOGETHER]) for at in range(0, len(texts), TOGETHER)]
        return np.concatenate(groups)

    def _encode(self, texts: Sequence[str]) -> Floats:
        read = [self._read(text) for text in texts]
        lengths = np.array([len(tokens) for tokens in read])
        starts = np.cumsum(lengths) - lengths
        # Between texts, and around them, stands what is no token: -1.
        apart = [-1] * 2 * REACH
        line = np.array([*apart, *itertools.chain.from_iterable([*tokens, *apart] for tokens in read)])
        around = np.lib.stride_tricks.sliding_window_view(line, 4 * REACH + 1)[line[2 * REACH : -2 * REACH] >= 0]
        different, which = np.unique(around, axis=0, return_inverse=True)
        features = self._features(different)[which]
        return self._sentences(np.add.reduceat(features, starts, axis=0), lengths[:, None].astype(np.float32))

    def _read(self, text: str) -> list[int]:
        inner = [token for word in text.split() or [""] for token in self._tokens(word)]
        return [self._begin, *inner, self._end]

    def _features(self, around: Integers) -> Floats:
        """What becomes of tokens, given with four neighbours on each side: shapes (tokens, 9) and (tokens, 1280)."""
        model = self._model
        windows = np.lib.stride_tricks.sliding_window_view(around, 2 * REACH + 1, axis=1)
        near, of_near = np.unique(windows.reshape(-1, 2 * REACH + 1), axis=0, return_inverse=True)
        tokens, of_token = np.unique(near, return_inverse=True)
        embedded = self._embedded(tokens)
        projected = _product(embedded, model.proj_W) + model.proj_b
        _normalize(projected, model.ln_g_all, model.ln_b_all, model.eps)
        projected[tokens < 0] = 0
        first = _convolved(projected, of_token.reshape(near.shape), model.w1, model.b1)
        first[near[:, REACH] < 0] = 0
        second = _convolved(first, of_near.reshape(windows.shape[:2]), model.w2, model.b2)
        own = embedded[np.searchsorted(tokens, around[:, 2 * REACH])]
        found: Floats = np.concatenate([own, second], axis=1)
        _normalize(found, model.ln_g, model.ln_b, model.eps)
        return found

    def _embedded(self, tokens: Integers) -> Floats:
        """The tokens' own vectors, which the library keeps in 8 bits: shape (tokens, 512)."""
        model = self._model
        chunk = tokens % len(model.scale)
        found: Floats = model.table[tokens] * model.scale[chunk, None] + model.lo[chunk, None]
        return found

    def _sentences(self, sums: Floats, lengths: Floats) -> Floats:
        """The texts' vectors from the sums over their tokens: shapes (texts, 1280) and (texts, 512)."""
        model = self._model
        mean = (_product(sums, model.cnn_W) + lengths * model.cnn_b) / np.sqrt(lengths)
        wide = np.maximum(_product(mean, model.d0), 0)
        narrow = np.maximum(_product(mean, model.p1) + _product(wide, model.d1), 0)
        last = np.maximum(_product(narrow, model.d2), 0)
        found = np.tanh(_product(narrow, model.p3) + _product(last, model.d3))
        units: Floats = found / np.linalg.norm(found, axis=1, keepdims=True)
        return units


def _convolved(below: Floats, windows: Integers, weights: Sequence[Floats], biases: Sequence[Floats]) -> Floats:
    """A layer of windows over the rows below, added to the rows themselves: shape (windows, 768).

    Args:
        below: the rows, with the branches one beside the other.
        windows: the numbers of five rows each.
        weights: of each branch, transposed.
        biases: of each branch.
    """
    found = np.empty((len(windows), below.shape[1]), dtype=np.float32)
    for at, (tokens, before) in enumerate(ORDERS):
        branch = slice(at * BRANCH, (at + 1) * BRANCH)
        rows = below[:, branch]
        read = rows[windows[:, REACH - before : REACH - before + tokens]].reshape(len(windows), -1)
        found[:, branch] = np.maximum(_product(read, weights[at]) + biases[at], 0) + rows[windows[:, REACH]]
    return found


def _product(rows: Floats, transposed: Floats) -> Floats:
    """The rows by the weights, which stand transposed."""
    found: Floats = (transposed @ rows.T).T
    return found


def _normalize(rows: Floats, scale: Floats, shift: Floats, epsilon: float) -> None:
    """Each row to a mean of 0 and a variance of 1, then scaled and shifted; in place."""
    rows -= rows.mean(axis=1, keepdims=True)
    rows /= np.sqrt(np.einsum("ij,ij->i", rows, rows)[:, None] / rows.shape[1] + epsilon)
    rows *= scale
    rows += shift


def _transposed(weights: Floats) -> Floats:
    return np.ascontiguousarray(weights.T)
