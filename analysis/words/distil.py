"""How `vectors.npz` was made: what a sentence transformer knows of words, as numbers of words.

python -m analysis.words.distil MODEL TEXTS… [--wordnet FOLDER] [--kept FILE.npz] -o vectors.npz

MODEL is a folder with `model.safetensors` and `vocab.txt` of MiniLM-L6-v2; TEXTS are files of
sentences, one a line. The model reads each word by itself and each sentence whole; words' vectors
are then moved, from where the model puts each by itself, so that the mean of a sentence's words
comes as near as it can to what the model makes of the sentence (ridge regression, by conjugate
gradients). It takes an hour, needs nothing but numpy and scipy, and is run when vectors are made
anew, never by the service. --kept keeps what the model made of the sentences for the next run.
"""

import argparse
import json
import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import erf

from analysis.vectors import Bags, Vectors, bags, parts

LAYERS, HEADS, READ = 6, 12, 128
OPENS, CLOSES, UNKNOWN = 101, 102, 100
DIMENSIONS = 256
RARE = 1e-3
"""How rare a word is that counts half; of `Vectors.telling` (Arora, Liang and Ma 2017)."""

NEAR = 0.05
"""How strongly a word is held to where the model puts it by itself."""

STEPS = 60

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


class MiniLM:
    """The teacher: BERT with six layers and the mean of all places, in numpy."""

    def __init__(self, folder: Path) -> None:
        raw = (folder / "model.safetensors").read_bytes()
        size = struct.unpack("<Q", raw[:8])[0]
        self.weights: dict[str, Floats] = {}
        for name, about in json.loads(raw[8 : 8 + size]).items():
            if name != "__metadata__" and about["dtype"] == "F32":
                start, end = (8 + size + offset for offset in about["data_offsets"])
                flat = np.frombuffer(raw[start:end], dtype=np.float32)
                self.weights[name] = flat.reshape(about["shape"])
        self.vocabulary = (folder / "vocab.txt").read_text("utf-8").split("\n")
        self.place = {word: k for k, word in enumerate(self.vocabulary)}

    def pieces(self, sentence: str) -> list[int]:
        """A sentence as numbers of pieces of words, as BERT cuts it."""
        apart = unicodedata.normalize("NFD", sentence.lower())
        bare = "".join(c for c in apart if unicodedata.category(c) != "Mn")
        found = [OPENS]
        for word in re.findall(r"\w+|[^\w\s]", bare.replace("_", " _ ")):
            start, parts = 0, []
            while start < len(word):
                mark = "##" if start else ""
                ends = range(len(word), start, -1)
                end = next((e for e in ends if mark + word[start:e] in self.place), None)
                if end is None:
                    parts = [UNKNOWN]
                    break
                parts.append(self.place[mark + word[start:end]])
                start = end
            found += parts
        return [*found[: READ - 1], CLOSES]

    def read(self, pieces: Sequence[list[int]], most: int = 8192) -> Floats:
        """(texts, 384): the mean of what the last layer makes of each text's pieces."""
        order = sorted(range(len(pieces)), key=lambda k: len(pieces[k]))
        out = np.zeros((len(pieces), 384), dtype=np.float32)
        start = 0
        while start < len(order):
            length = len(pieces[order[start]])
            end = start
            while end < len(order) and len(pieces[order[end]]) == length:
                if (end - start) * length >= most:
                    break
                end += 1
            here = order[start:end]
            out[here] = self._layers(np.array([pieces[k] for k in here])).mean(axis=1)
            start = end
        return out

    def _layers(self, ids: NDArray[np.int64]) -> Floats:
        weights, (texts, length) = self.weights, ids.shape
        held = weights["embeddings.word_embeddings.weight"][ids]
        held = held + weights["embeddings.position_embeddings.weight"][:length]
        held = self._normal(
            held + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm"
        )
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}."
            query, key, value = (
                self._dense(held, f"{name}attention.self.{part}")
                .reshape(texts, length, HEADS, -1)
                .transpose(0, 2, 1, 3)
                for part in ("query", "key", "value")
            )
            heed = query @ key.transpose(0, 1, 3, 2) / np.sqrt(query.shape[-1])
            heed = np.exp(heed - heed.max(axis=-1, keepdims=True))
            heed /= heed.sum(axis=-1, keepdims=True)
            seen = (heed @ value).transpose(0, 2, 1, 3).reshape(texts, length, -1)
            seen = self._dense(seen, f"{name}attention.output.dense")
            held = self._normal(held + seen, f"{name}attention.output.LayerNorm")
            wide = self._dense(held, f"{name}intermediate.dense")
            wide = (wide * 0.5 * (1 + erf(wide / np.sqrt(2)))).astype(np.float32)
            held = self._normal(
                held + self._dense(wide, f"{name}output.dense"), f"{name}output.LayerNorm"
            )
        return held

    def _dense(self, held: Floats, name: str) -> Floats:
        flat = held.reshape(-1, held.shape[-1]) @ self.weights[f"{name}.weight"].T
        dense: Floats = (flat + self.weights[f"{name}.bias"]).reshape(*held.shape[:2], -1)
        return dense

    def _normal(self, held: Floats, name: str) -> Floats:
        apart = held - held.mean(axis=-1, keepdims=True)
        spread = np.sqrt((apart * apart).mean(axis=-1, keepdims=True) + 1e-12)
        scaled: Floats = apart / spread * self.weights[f"{name}.weight"]
        return scaled + self.weights[f"{name}.bias"]


def wordnet(folder: Path) -> Iterator[str]:
    """The examples and the explained words of WordNet's data files."""
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{part}").read_text("utf-8").splitlines():
            if line.startswith("  "):
                continue
            head, _, gloss = line.partition("|")
            told, *examples = re.split(r'; (?=")', gloss.strip())
            yield from (e for example in examples if len(e := example.strip('"; ')) > 12)
            fields = head.split()
            words = [fields[4 + 2 * k].replace("_", " ") for k in range(int(fields[3], 16))]
            if part != "noun" or not words[0][0].isupper():
                named = re.sub(r"\((?:a|p|ip)\)", "", ", ".join(words[:3]))
                yield f"{named}: {told.strip()}"


def main() -> None:
    """Make the vectors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("texts", type=Path, nargs="*")
    parser.add_argument("--wordnet", type=Path)
    parser.add_argument("--kept", type=Path)
    parser.add_argument("-o", "--out", type=Path, required=True)
    given = parser.parse_args()
    teacher = MiniLM(given.model)
    lines = [line for path in given.texts for line in path.read_text("utf-8").split("\n")]
    lines += list(wordnet(given.wordnet)) if given.wordnet else []
    sentences = list(dict.fromkeys(line for line in lines if line.strip()))
    if given.kept and given.kept.exists():
        kept = np.load(given.kept, allow_pickle=False)["made"]
    else:
        kept = teacher.read([teacher.pieces(sentence) for sentence in sentences])
        kept /= np.linalg.norm(kept, axis=1, keepdims=True)
        if given.kept:
            np.savez(given.kept, made=kept)
    words, vectors, telling = _distilled(teacher, sentences, kept)
    scale = np.abs(vectors).max(axis=1) / 127
    np.savez_compressed(
        given.out,
        words=np.frombuffer("\n".join(words).encode(), dtype=np.uint8),
        vectors=np.round(vectors / np.maximum(scale, 1e-9)[:, None]).astype(np.int8),
        scale=scale.astype(np.float16),
        telling=telling.astype(np.float16),
    )


def _distilled(
    teacher: MiniLM, sentences: list[str], made: Floats
) -> tuple[list[str], Floats, Floats]:
    """Words, their vectors, and how telling each is."""
    plain = [w for w in teacher.vocabulary if re.fullmatch(r"[a-z0-9à-ÿ]+", w)]
    endings = [w for w in teacher.vocabulary if re.fullmatch(r"##[a-z0-9]+", w)]
    counted: Counter[str] = Counter()
    found = bags(sentences)
    counted.update({found.words[k]: int(n) for k, n in enumerate(np.bincount(found.codes))})
    more = sorted(w for w, n in counted.items() if n >= 4 and w.isascii() and w not in set(plain))
    words = [*plain, *more, *endings]
    alone = [teacher.pieces(w) for w in (*plain, *more)]
    alone += [[OPENS, teacher.place[w], CLOSES] for w in endings]
    start = teacher.read(alone).astype(np.float64)
    # The vocabulary comes roughly in the order of frequency: Zipf's law says how rare a word is.
    rank = {word: k for k, word in enumerate(w for w in plain if len(w) > 1 or w in "ai")}
    rarity = np.array([1 / (rank.get(w, 30_000) + 3) / np.log(len(rank)) for w in words])
    telling = RARE / (RARE + rarity)
    telling[len(words) - len(endings) :] = 0.97
    known = Vectors(
        {w: k for k, w in enumerate(words)}, start.astype(np.float32), telling.astype(np.float32)
    )
    table = _table(found, known)
    moved = _moved(table, start - start.mean(axis=0), made - made.mean(axis=0))
    moved -= moved.mean(axis=0)
    _, _, axes = np.linalg.svd(moved, full_matrices=False)
    return words, (moved @ axes[:DIMENSIONS].T).astype(np.float32), telling.astype(np.float32)


def _table(found: Bags, known: Vectors) -> csr_array:
    """(sentences, words): each word's part in its sentence; rows add up to 1."""
    made = [parts(known, word) for word in found.words]
    sizes = np.array([len(p) for p in made])[found.codes]
    rows = np.repeat(found.owner, sizes)
    columns = np.array([k for code in found.codes for k in made[code]], dtype=np.int64)
    values = known.telling[columns].astype(np.float64)
    total = np.bincount(rows, weights=values, minlength=len(found))
    shape = (len(found), len(known.place))
    return csr_array((values / np.maximum(total[rows], 1e-9), (rows, columns)), shape=shape)


def _moved(table: csr_array, start: Doubles, made: Doubles) -> Doubles:
    """The vectors nearest to `start` whose means over sentences are nearest to `made`."""
    first = table @ start
    start = start * ((made * first).sum() / (first * first).sum())
    left = table.T @ (made - table @ start)
    moved, step, size = np.zeros_like(start), left.copy(), (left * left).sum(axis=0)
    for _ in range(STEPS):
        across = table.T @ (table @ step) + NEAR * step
        far = size / np.maximum((step * across).sum(axis=0), 1e-12)
        moved, left = moved + far * step, left - far * across
        smaller = (left * left).sum(axis=0)
        step = left + smaller / np.maximum(size, 1e-12) * step
        size = smaller
    nearest: Doubles = start + moved
    return nearest


if __name__ == "__main__":
    main()
