"""Makes the small ONNX files that the tests and benchmarks of serving use.

Made with Python 3.11.7, onnx 1.23.2, numpy 2.4.6:
    python -m venv /tmp/models && /tmp/models/bin/pip install onnx==1.23.2 numpy==2.4.6
    /tmp/models/bin/python test/support/models/make_models.py
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

HERE = Path(__file__).parent
FLOAT, INT64, STRING = TensorProto.FLOAT, TensorProto.INT64, TensorProto.STRING


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name, array):
    return numpy_helper.from_array(array, name)


def write(name, nodes, inputs, outputs, constants=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(constants))
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, producer_name="lockstep-tests", opset_imports=opsets)
    model.ir_version = 8
    checker.check_model(model)
    save(model, HERE / f"{name}.onnx")


def adder(name, extra):
    """sum = a + b + extra: two releases of one model that give different answers."""
    write(
        name,
        [helper.make_node("Add", ["a", "b"], ["ab"]), helper.make_node("Add", ["ab", "extra"], ["sum"])],
        [value("a", FLOAT, ["N", 1]), value("b", FLOAT, ["N", 1])],
        [value("sum", FLOAT, ["N", 1])],
        [constant("extra", np.array([[extra]], np.float32))],
    )


def classifier():
    """The shape every served model has: one tensor per column in, label and probabilities out."""
    write(
        "classifier",
        [
            helper.make_node(
                "LabelEncoder", ["job"], ["job_score"], domain="ai.onnx.ml",
                keys_strings=["clerk", "engineer"], values_floats=[-1.0, 1.0], default_float=0.0,
            ),
            helper.make_node("Cast", ["hours"], ["hours_f"], to=FLOAT),
            helper.make_node("Concat", ["age", "hours_f", "job_score"], ["x"], axis=1),
            helper.make_node("MatMul", ["x", "w"], ["z0"]),
            helper.make_node("Add", ["z0", "b"], ["z"]),
            helper.make_node("Softmax", ["z"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
        ],
        [value("age", FLOAT, [None, 1]), value("hours", INT64, [None, 1]), value("job", STRING, [None, 1])],
        [value("label", INT64, [None]), value("probabilities", FLOAT, [None, 2])],
        [
            constant("w", np.array([[0, 0.02], [0, 0.01], [0, 0.9]], np.float32)),
            constant("b", np.array([0, -1.1], np.float32)),
        ],
    )


def labeller():
    """A string in, a string out."""
    write(
        "labeller",
        [
            helper.make_node(
                "LabelEncoder", ["colour"], ["mood"], domain="ai.onnx.ml",
                keys_strings=["red", "blue"], values_strings=["warm", "cold"], default_string="unknown",
            )
        ],
        [value("colour", STRING, [None, 1])],
        [value("mood", STRING, [None, 1])],
    )


def picky():
    """Raises while running when an index is outside the table of four: Gather out of bounds."""
    write(
        "picky",
        [helper.make_node("Gather", ["table", "index"], ["value"], axis=0)],
        [value("index", INT64, [None, 1])],
        [value("value", FLOAT, [None, 1])],
        [constant("table", np.array([10, 20, 30, 40], np.float32))],
    )


def reducer():
    """Its output has one row whatever goes in, so its requests must never share a batch."""
    write(
        "reducer",
        [helper.make_node("ReduceSum", ["x", "axes"], ["total"], keepdims=1)],
        [value("x", FLOAT, [None, 1])],
        [value("total", FLOAT, [1, 1])],
        [constant("axes", np.array([0], np.int64))],
    )


def wide():
    """1 x 30 floats: the benchmark's model."""
    weights = np.linspace(-0.5, 0.5, 60, dtype=np.float32).reshape(30, 2)
    write(
        "wide",
        [helper.make_node("MatMul", ["x", "w"], ["z"]), helper.make_node("Softmax", ["z"], ["probabilities"], axis=1)],
        [value("x", FLOAT, [None, 30])],
        [value("probabilities", FLOAT, [None, 2])],
        [constant("w", weights)],
    )


def columns20():
    """Twenty columns of one float each: the benchmark of scoring a holdout."""
    columns = [f"c{i:02d}" for i in range(20)]
    weights = np.linspace(-0.1, 0.1, 40, dtype=np.float32).reshape(20, 2)
    write(
        "columns20",
        [
            helper.make_node("Concat", columns, ["x"], axis=1),
            helper.make_node("MatMul", ["x", "w"], ["z"]),
            helper.make_node("Softmax", ["z"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
        ],
        [value(name, FLOAT, [None, 1]) for name in columns],
        [value("label", INT64, [None]), value("probabilities", FLOAT, [None, 2])],
        [constant("w", weights)],
    )


def regressor():
    """price = 3 rooms + 0.05 area + 10, under a name that says nothing about scores."""
    write(
        "regressor",
        [
            helper.make_node("Concat", ["rooms", "area"], ["x"], axis=1),
            helper.make_node("MatMul", ["x", "w"], ["z"]),
            helper.make_node("Add", ["z", "b"], ["price"]),
        ],
        [value("rooms", FLOAT, [None, 1]), value("area", FLOAT, [None, 1])],
        [value("price", FLOAT, [None, 1])],
        [constant("w", np.array([[3], [0.05]], np.float32)), constant("b", np.array([10], np.float32))],
    )


def species():
    """Three classes with names: the label is text, the probabilities are in the order cat, dog, horse."""
    write(
        "species",
        [
            helper.make_node("Concat", ["weight", "height"], ["x"], axis=1),
            helper.make_node("MatMul", ["x", "w"], ["z0"]),
            helper.make_node("Add", ["z0", "b"], ["z"]),
            helper.make_node("Softmax", ["z"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["probabilities"], ["index"], axis=1, keepdims=0),
            helper.make_node(
                "LabelEncoder", ["index"], ["label"], domain="ai.onnx.ml",
                keys_int64s=[0, 1, 2], values_strings=["cat", "dog", "horse"], default_string="?",
            ),
        ],
        [value("weight", FLOAT, [None, 1]), value("height", FLOAT, [None, 1])],
        [value("label", STRING, [None]), value("probabilities", FLOAT, [None, 3])],
        [
            constant("w", np.array([[-0.4, 0.0, 0.4], [-2.0, 0.0, 2.0]], np.float32)),
            constant("b", np.array([6.1, 2.0, -9.8], np.float32)),
        ],
    )


def classifier_with_city():
    """The classifier after a change its callers would notice: one input more, and hours as a float."""
    write(
        "classifier-with-city",
        [
            helper.make_node(
                "LabelEncoder", ["job"], ["job_score"], domain="ai.onnx.ml",
                keys_strings=["clerk", "engineer"], values_floats=[-1.0, 1.0], default_float=0.0,
            ),
            helper.make_node(
                "LabelEncoder", ["city"], ["city_score"], domain="ai.onnx.ml",
                keys_strings=["ulm"], values_floats=[0.1], default_float=0.0,
            ),
            helper.make_node("Concat", ["age", "hours", "job_score", "city_score"], ["x"], axis=1),
            helper.make_node("MatMul", ["x", "w"], ["z0"]),
            helper.make_node("Add", ["z0", "b"], ["z"]),
            helper.make_node("Softmax", ["z"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
        ],
        [
            value("age", FLOAT, [None, 1]), value("hours", FLOAT, [None, 1]),
            value("job", STRING, [None, 1]), value("city", STRING, [None, 1]),
        ],
        [value("label", INT64, [None]), value("probabilities", FLOAT, [None, 2])],
        [
            constant("w", np.array([[0, 0.02], [0, 0.01], [0, 0.9], [0, 1]], np.float32)),
            constant("b", np.array([0, -1.1], np.float32)),
        ],
    )


def slow():
    """The classifier's inputs, and some milliseconds of multiplying nothing; its weights are made while it loads."""
    big = 1200
    steps = [helper.make_node("ConstantOfShape", ["square"], ["weights"])]
    wide = ["wide0"]
    for step in range(6):
        wide.append(f"wide{step + 1}")
        steps.append(helper.make_node("MatMul", [wide[step], "weights"], [wide[-1]]))
    write(
        "slow",
        [
            helper.make_node("Cast", ["hours"], ["hours_f"], to=FLOAT),
            helper.make_node("Concat", ["age", "hours_f"], ["x"], axis=1),
            helper.make_node("MatMul", ["x", "w"], ["z"]),
            helper.make_node("MatMul", ["z", "spread"], ["wide0"]),
            *steps,
            helper.make_node("ReduceSum", [wide[-1], "axes"], ["nothing"], keepdims=1),
            helper.make_node("Add", ["z", "nothing"], ["z1"]),
            helper.make_node("Softmax", ["z1"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
        ],
        [value("age", FLOAT, [None, 1]), value("hours", INT64, [None, 1]), value("job", STRING, [None, 1])],
        [value("label", INT64, [None]), value("probabilities", FLOAT, [None, 2])],
        [
            constant("w", np.array([[0, 0.02], [0, 0.01]], np.float32)),
            constant("square", np.array([big, big], np.int64)),
            constant("spread", np.ones((2, big), np.float32)),
            constant("axes", np.array([1], np.int64)),
        ],
    )


def moody():
    """The classifier's inputs with a little noise of its own: it never answers the same twice."""
    write(
        "moody",
        [
            helper.make_node("Cast", ["hours"], ["hours_f"], to=FLOAT),
            helper.make_node("Concat", ["age", "hours_f"], ["x"], axis=1),
            helper.make_node("MatMul", ["x", "w"], ["z0"]),
            helper.make_node("RandomNormalLike", ["z0"], ["mood"], scale=0.1),
            helper.make_node("Add", ["z0", "mood"], ["z"]),
            helper.make_node("Softmax", ["z"], ["probabilities"], axis=1),
            helper.make_node("ArgMax", ["probabilities"], ["label"], axis=1, keepdims=0),
        ],
        [value("age", FLOAT, [None, 1]), value("hours", INT64, [None, 1]), value("job", STRING, [None, 1])],
        [value("label", INT64, [None]), value("probabilities", FLOAT, [None, 2])],
        [constant("w", np.array([[0, 0.02], [0, 0.01]], np.float32))],
    )


adder("adder", 0.0)
adder("adder-plus-ten", 10.0)
classifier()
labeller()
picky()
reducer()
wide()
columns20()
regressor()
species()
classifier_with_city()
slow()
moody()
