"""Writes the MLflow model folder `model/` that the tests serve.

Made with Python 3.11.7, mlflow-skinny 3.17.2, onnx 1.23.2:
    python -m venv /tmp/mlflow && /tmp/mlflow/bin/pip install mlflow-skinny==3.17.2 onnx==1.23.2 onnxruntime pandas
    /tmp/mlflow/bin/python test/golden/mlflow/make_model.py
"""

import pathlib
import shutil

import mlflow.onnx
import onnx

here = pathlib.Path(__file__).parent
target = here / "model"
shutil.rmtree(target, ignore_errors=True)
model = onnx.load(here.parent.parent / "support" / "models" / "classifier.onnx")
mlflow.onnx.save_model(model, target)
