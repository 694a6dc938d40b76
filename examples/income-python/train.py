#!/usr/bin/env python3
"""Train the income model with scikit-learn and export it as ONNX with its preprocessing inside.

How Lockstep calls it: as the command of the step `train`, with the step's work
folder as current folder. Lockstep has put the step's inputs there, and expects
its output there:

    train.py        in   this file
    train.parquet   in   rows to learn from, with the label
    params.yaml     in   the parameters, under the key `train`
    model.onnx      out  the model

    train:
      run: python train.py --data train.parquet --out model.onnx
      environment: {python: requirements.txt}
      inputs: [train.py, train.parquet]
      params: [params.yaml:train]
      outputs: [model.onnx]

By hand:

    pip install -r requirements.txt
    python train.py --data ../income/data/1994.parquet --out model.onnx

The model has one input tensor per column, shape [N,1]: float32 for numbers,
string for categories. Its outputs are `label` (int64, [N]) and `probabilities`
(float32, [N,2]). A category never seen in training counts as all zeros.

It prints what it learnt from, and no scores: Lockstep computes those from
recorded predictions of the packaged model, never on the training script's word.
"""

import argparse
import pathlib
import sys
import time

import pandas as pd
import yaml
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

# What onnxruntime-node 1.30 reads.
OPSETS = {"": 17, "ai.onnx.ml": 3}


def main():
    args = arguments()
    started = time.monotonic()
    params = read_params(args.params)
    frame = read(args.data, params)
    print(f"training on {len(frame)} rows of {args.data}", flush=True)
    model = build(params)
    columns = [*params["numbers"], *params["categories"]]
    model.fit(frame[columns], frame[params["label"]])
    print(f"fitted in {time.monotonic() - started:.1f} s", flush=True)
    args.out.write_bytes(export(model, params))
    print(f"wrote {args.out} ({args.out.stat().st_size} bytes)")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, default="train.parquet")
    parser.add_argument("--params", type=pathlib.Path, default="params.yaml")
    parser.add_argument("--out", type=pathlib.Path, default="model.onnx")
    return parser.parse_args()


def read_params(path):
    try:
        return yaml.safe_load(path.read_text())["train"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        sys.exit(f"{path} must be YAML with the key `train`: {error!r}")


def read(path, params):
    wanted = [params["label"], *params["numbers"], *params["categories"]]
    try:
        frame = pd.read_parquet(path)
    except Exception as error:
        sys.exit(f"{path} cannot be read as Parquet: {error}")
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        sys.exit(f"{path} has no column {', '.join(missing)}; it has {', '.join(frame.columns)}")
    # What the served model gets is float32: learn from the same.
    return frame.astype({name: "float32" for name in params["numbers"]})


def build(params):
    encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype="float32")
    return Pipeline(
        [
            (
                "columns",
                ColumnTransformer(
                    [
                        ("numbers", "passthrough", params["numbers"]),
                        ("categories", encode, params["categories"]),
                    ]
                ),
            ),
            (
                "trees",
                HistGradientBoostingClassifier(
                    max_iter=params["max_iter"],
                    learning_rate=params["learning_rate"],
                    max_leaf_nodes=params["max_leaf_nodes"],
                    min_samples_leaf=params["min_samples_leaf"],
                    early_stopping=False,
                    random_state=params["seed"],
                ),
            ),
        ]
    )


def export(model, params):
    inputs = [(name, FloatTensorType([None, 1])) for name in params["numbers"]]
    inputs += [(name, StringTensorType([None, 1])) for name in params["categories"]]
    onnx = to_onnx(
        model,
        initial_types=inputs,
        options={id(model): {"zipmap": False}},
        target_opset=OPSETS,
        name="income",
    )
    renames = dict(zip([out.name for out in onnx.graph.output], ["label", "probabilities"]))
    for node in onnx.graph.node:
        for index, name in enumerate(node.output):
            node.output[index] = renames.get(name, name)
        for index, name in enumerate(node.input):
            node.input[index] = renames.get(name, name)
    for out in onnx.graph.output:
        out.name = renames[out.name]
    return onnx.SerializeToString()


if __name__ == "__main__":
    main()
