"""Artifacts as an attacker makes them, and harmless ones beside them, for the static scan: security.json.

Nothing here is ever unpickled: the dangerous ones are written instruction by instruction, and none of their commands does
more than `echo`. Harmless ones are saved by the libraries themselves.

    python make_security_samples.py
"""

import base64
import gzip
import io
import json
import os
import pickle
import struct
import sys
import tarfile
import zipfile
import zlib

import joblib
import numpy as np
import sklearn
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

samples = []


def add(name, file, data, rules=(), subjects=(), unread=False):
    samples.append(
        dict(
            name=name,
            file=file,
            bytes=base64.b64encode(data).decode(),
            rules=sorted(rules),
            subjects=sorted(subjects),
            unread=unread,
        )
    )


def short(text):
    data = text.encode()
    return b"\x8c" + bytes([len(data)]) + data


def call(text=b"echo hi"):
    return b"X" + struct.pack("<I", len(text)) + text + b"\x85R."


IMPORT = ["pickle.import"]
UNKNOWN = ["pickle.unknown_import"]

# protocols
add("protocol 0: os.system as text", "a.pkl", b"cos\nsystem\n(S'echo hi'\ntR.", IMPORT, ["os.system"])
add("protocol 0: posix.system", "a.pkl", b"cposix\nsystem\n(S'echo hi'\ntR.", IMPORT, ["posix.system"])
add("protocol 1: binary string", "a.pkl", b"cos\nsystem\nq\x00(U\x07echo hitR.", IMPORT, ["os.system"])
add("protocol 2: GLOBAL", "a.pkl", b"\x80\x02cos\nsystem\n" + call(), IMPORT, ["os.system"])
add("protocol 2: builtins under the old name", "a.pkl", b"\x80\x02c__builtin__\neval\n" + call(b"1"), IMPORT, ["builtins.eval"])
add("protocol 3: builtins.exec", "a.pkl", b"\x80\x03cbuiltins\nexec\n" + call(b"1"), IMPORT, ["builtins.exec"])
add("protocol 4: STACK_GLOBAL", "a.pkl", b"\x80\x04" + short("os") + short("system") + b"\x93" + call(), IMPORT, ["os.system"])
add("protocol 5: STACK_GLOBAL in a frame", "a.pkl", b"\x80\x05\x95\x20\0\0\0\0\0\0\0" + short("os") + short("system") + b"\x93" + call(), IMPORT, ["os.system"])
# getting around block-lists
add("importlib", "a.pkl", b"\x80\x04cimportlib\nimport_module\n" + call(b"os"), IMPORT, ["importlib.import_module"])
add("marshal", "a.pkl", b"\x80\x04cmarshal\nloads\n" + call(b"x"), IMPORT, ["marshal.loads"])
add("pkgutil.resolve_name", "a.pkl", b"\x80\x04cpkgutil\nresolve_name\n" + call(b"os:system"), IMPORT, ["pkgutil.resolve_name"])
add("types.CodeType", "a.pkl", b"\x80\x04ctypes\nCodeType\n)R.", IMPORT, ["types.CodeType"])
add("runpy", "a.pkl", b"\x80\x04crunpy\n_run_code\n" + call(b"x"), IMPORT, ["runpy._run_code"])
add("numpy's own exec", "a.pkl", b"\x80\x04cnumpy.testing._private.utils\nrunstring\n" + call(b"x"), IMPORT, ["numpy.testing._private.utils.runstring"])
add("torch loads another", "a.pkl", b"\x80\x04ctorch.storage\n_load_from_bytes\nB\x01\0\0\0x\x85R.", IMPORT, ["torch.storage._load_from_bytes"])
add("timeit", "a.pkl", b"\x80\x04ctimeit\ntimeit\n" + call(b"x"), IMPORT, ["timeit.timeit"])
add("a module nobody knows", "a.pkl", b"\x80\x04ceverything.fine\nTotally\n)R.", UNKNOWN, ["everything.fine.Totally"])
add("a dotted name through an allowed module", "a.pkl", b"\x80\x04" + short("sklearn.linear_model") + short("os.system") + b"\x93" + call(), UNKNOWN, ["sklearn.linear_model.os.system"])
add("a function of an allowed package", "a.pkl", b"\x80\x04csklearn.datasets\nfetch_openml\n)R.", UNKNOWN, ["sklearn.datasets.fetch_openml"])
add("numpy.load of an allowed package", "a.pkl", b"\x80\x04cnumpy\nload\n" + call(b"x"), IMPORT, ["numpy.load"])
# memo tricks
memo = b"\x80\x04" + short("os") + b"\x94" + b"0" + short("system") + b"\x94" + b"0" + b"h\x00h\x01\x93" + call()
add("names from the memo, by MEMOIZE", "a.pkl", memo, IMPORT, ["os.system"])
add("names from the memo, by BINPUT out of order", "a.pkl", b"\x80\x04" + short("system") + b"q\x37" + b"0" + short("os") + b"r\0\x01\0\0" + b"0" + b"j\0\x01\0\0h\x37\x93" + call(), IMPORT, ["os.system"])
add("a memo place overwritten", "a.pkl", b"\x80\x04" + short("math") + b"q\x00" + b"0" + short("os") + b"q\x00" + b"0" + b"h\x00" + short("system") + b"\x93" + call(), IMPORT, ["os.system"])
add("the name under a duplicate and a pop", "a.pkl", b"\x80\x04" + short("os") + short("system") + b"20\x93" + call(), IMPORT, ["os.system"])
add("harmless names between the real ones", "a.pkl", b"\x80\x04" + short("os") + short("collections") + b"0" + short("system") + short("OrderedDict") + b"0\x93" + call(), IMPORT, ["os.system"])
add("names under a mark", "a.pkl", b"\x80\x04" + short("os") + b"(" + short("x") + short("y") + b"1" + short("system") + b"\x93" + call(), IMPORT, ["os.system"])
add("escapes in a protocol 0 string", "a.pkl", b"S'\\x6fs'\nS'sys\\164em'\n\x93(S'echo hi'\ntR.", IMPORT, ["os.system"])
add("unicode escapes", "a.pkl", b"V\\u006fs\nVs\\u0079stem\n\x93(S'echo hi'\ntR.", IMPORT, ["os.system"])
add("the name comes out of a call", "a.pkl", b"\x80\x04cbuiltins\nstr\n" + short("os") + b"\x85R" + short("system") + b"\x93" + call(), ["pickle.hidden_import"])
# other instructions
add("INST", "a.pkl", b"(S'echo hi'\nios\nsystem\n.", IMPORT, ["os.system"])
add("OBJ", "a.pkl", b"(cos\nsystem\nS'echo hi'\no.", IMPORT, ["os.system"])
add("NEWOBJ", "a.pkl", b"\x80\x02csubprocess\nPopen\n" + short("true") + b"\x85\x81.", IMPORT, ["subprocess.Popen"])
add("NEWOBJ_EX", "a.pkl", b"\x80\x04csubprocess\nPopen\n" + short("true") + b"\x85}\x92.", IMPORT, ["subprocess.Popen"])
add("EXT1", "a.pkl", b"\x80\x02\x82\x01)R.", ["pickle.extension"])
add("EXT4", "a.pkl", b"\x80\x02\x84\x01\x00\x00\x00)R.", ["pickle.extension"])
add("BUILD on a class", "a.pkl", b"\x80\x04ccollections\nOrderedDict\n}" + short("move_to_end") + b"Nsb.", ["pickle.changes_import"], ["collections.OrderedDict"])
add("calls the result of a call", "a.pkl", b"\x80\x04cfunctools\npartial\ncbuiltins\nlist\n\x85R)R.", ["pickle.calls_result"], ["calls_result"])
add("danger, then garbage instead of an end", "a.pkl", b"\x80\x04cos\nsystem\n" + call()[:-1] + b"\xff\xff", IMPORT, ["os.system"], unread=True)
add("a second pickle after the first", "a.pkl", b"\x80\x02}." + b"\x80\x02cos\nsystem\n" + call(), IMPORT, ["os.system"])
inner = b"\x80\x02cos\nsystem\n" + call()
add("a pickle in the bytes of a pickle", "a.pkl", b"\x80\x04C" + bytes([len(inner)]) + inner + b".", IMPORT, ["os.system"])
add("a protocol 0 pickle in the bytes of a pickle", "a.pkl", b"\x80\x04C\x1ccos\nsystem\n(S'echo hi'\ntR.....".ljust(33, b".") + b".", IMPORT, ["os.system"])
deep = inner
for _ in range(3):
    deep = b"\x80\x04B" + struct.pack("<I", len(deep)) + deep + b"."
add("three pickles deep", "a.pkl", deep, IMPORT, ["os.system"])
# broken or not what it says
add("cut short", "a.pkl", b"\x80\x04\x8c", unread=True)
add("protocol 9", "a.pkl", b"\x80\x09N.", unread=True)
add("a pickle called safetensors", "model.safetensors", inner, ["format.mismatch", "pickle.import"], ["os.system"])
add("a pickle called onnx", "model.onnx", inner, ["format.mismatch", "pickle.import"], ["os.system"])
add("a text pickle called yaml", "params.yaml", b"cos\nsystem\n(S'echo hi'\ntR.", IMPORT, ["os.system"])
add("bytes of no format", "model.bin", bytes([0xC3, 0x28, 0, 1, 2, 3] * 8), unread=True)
# compressed, numpy, joblib
add("joblib with zlib", "a.joblib", zlib.compress(inner), IMPORT, ["os.system"])
add("joblib with gzip", "a.joblib.gz", gzip.compress(inner, mtime=0), IMPORT, ["os.system"])
add("joblib with bz2", "a.joblib", b"BZh91AY&SY" + bytes(20), unread=True)


def npy(content, descr="|O"):
    header = ("{'descr': '%s', 'fortran_order': False, 'shape': (1,), }" % descr).encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


add("an array of objects", "a.npy", npy(inner), IMPORT, ["os.system"])
add("an array of objects, harmless", "a.npy", npy(pickle.dumps([None], protocol=4)))
model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
buffer = io.BytesIO()
joblib.dump(model, buffer)
saved = buffer.getvalue()
add("a harmless joblib", "a.joblib", saved)
at = saved.index(struct.pack("<d", float(model.coef_[0][0])))
pad = next(length for length in range(17) if saved[at - length - 1] == length)
# joblib skips as many bytes as the letter c counts; plain pickle takes it for GLOBAL.
poisoned = saved[: at - pad - 1] + b"c" + b"os\nsystem\n(S'echo hi'\ntR.".ljust(99) + saved[at:]
add("a joblib array that plain pickle would run", "a.joblib", poisoned, IMPORT, ["os.system"])
tail = saved[: saved.rindex(b".")] + b"0cos\nsystem\n(S'echo hi'\ntR."
add("danger after the arrays of a joblib", "a.joblib", tail, IMPORT, ["os.system"])
for protocol in range(6):
    pipe = make_pipeline(StandardScaler(), GradientBoostingClassifier(n_estimators=2, random_state=0))
    pipe.fit(np.arange(8.0).reshape(-1, 1), [0, 1] * 4)
    add(f"a harmless pipeline, protocol {protocol}", "a.pkl", pickle.dumps(pipe, protocol=protocol))
buffer = io.BytesIO()
joblib.dump(pipe, buffer, compress=3)
add("a harmless pipeline, joblib with zlib", "a.joblib", buffer.getvalue())

# archives


def zipped(members, compression=zipfile.ZIP_STORED, prepare=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = compression
            if prepare:
                prepare(info)
            archive.writestr(info, data)
    return out.getvalue()


storage = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0" + b"0X\x03\0\0\0cpuK\x01tQK\0K\x01\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR."
torch = [("archive/data.pkl", storage), ("archive/byteorder", b"little"), ("archive/data/0", b"\0\0\x80?"), ("archive/version", b"3\n")]
add("a harmless torch file", "model.pt", zipped(torch))
add("torch: data.pkl", "model.pt", zipped([("archive/data.pkl", inner), *torch[1:]]), IMPORT, ["os.system"])
add("torch: another member", "model.pt", zipped([*torch, ("archive/extra.pkl", inner)]), IMPORT, ["os.system"])
add("torch: danger in what looks like a tensor", "model.pt", zipped([*torch, ("archive/data/1", inner)]), IMPORT, ["os.system"])
add("torch: deflated", "model.pt", zipped([("archive/data.pkl", inner), *torch[1:]], zipfile.ZIP_DEFLATED), IMPORT, ["os.system"])
plain = zipped(torch)
renamed = plain.replace(b"archive/data.pkl", b"archive/data.txt", 1)
add("zip: another name before the member", "model.pt", renamed, ["archive.headers_differ"])
flagged = bytearray(zipped([("archive/data.pkl", inner), *torch[1:]]))
flagged[6] |= 1
add("zip: encrypted in one header only", "model.pt", bytes(flagged), ["archive.headers_differ", "pickle.import"], ["os.system"])
add("zip: a name that leads out", "a.zip", zipped([("../../etc/cron.d/x", b"x")]), ["archive.path"])
add("zip: an absolute name", "a.zip", zipped([("/etc/passwd", b"x")]), ["archive.path"])
add("zip: a symbolic link", "a.zip", zipped([("link", b"/etc/passwd")], prepare=lambda i: (setattr(i, "create_system", 3), setattr(i, "external_attr", 0o120777 << 16))), ["archive.link"])
import warnings

warnings.simplefilter("ignore")
add("zip: one name twice", "a.zip", zipped([("a.txt", b"x"), ("a.txt", b"y")]), ["archive.duplicate"])
add("zip: a bomb", "a.zip", zipped([("zeros.bin", bytes(20 << 20))], zipfile.ZIP_DEFLATED), ["archive.bomb"])
nested = inner
for level in range(3):
    nested = zipped([("inner.zip" if level else "a.pkl", nested)])
add("zip: three deep", "a.zip", nested, IMPORT, ["os.system"])
for level in range(9):
    nested = zipped([("inner.zip", nested)])
add("zip: too deep to look", "a.zip", nested, unread=True)
whole = zipped([("a.txt", b"text")])
hidden = zipped([("b.txt", b"text")])
local = hidden[: hidden.index(b"PK\x01\x02")]
directory = whole.index(b"PK\x01\x02")
tucked = bytearray(whole[:directory] + local + whole[directory:])
tucked[-6:-2] = struct.pack("<I", directory + len(local))
add("zip: a member the directory does not list", "a.zip", bytes(tucked), ["archive.hidden_member"])
add("zip: cut short", "a.zip", whole[:-10], unread=True)


def tarred(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data, link in members:
            info = tarfile.TarInfo(name)
            if link:
                info.type, info.linkname = tarfile.SYMTYPE, link
            info.size = 0 if link else len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue().rstrip(b"\0") + bytes(1024)


add("tar: a pickle inside", "a.tar", tarred([("m/weights.pkl", inner, None)]), IMPORT, ["os.system"])
add("tar: a link out", "a.tar", tarred([("m", b"", "/etc")]), ["archive.link"])
add("tar: a name that leads out", "a.tar", tarred([("../x.txt", b"x", None)]), ["archive.path"])
add("tar.gz", "a.tar.gz", gzip.compress(tarred([("m/weights.pkl", inner, None)]), mtime=0), IMPORT, ["os.system"])

# ONNX, safetensors, GGUF, Keras


def field(number, data):
    def varint(value):
        out = b""
        while value > 127:
            out += bytes([value & 127 | 128])
            value >>= 7
        return out + bytes([value])

    if isinstance(data, int):
        return varint(number << 3) + varint(data)
    if isinstance(data, str):
        data = data.encode()
    return varint(number << 3 | 2) + varint(len(data)) + data


def onnx(nodes=b"", initializers=b"", more=b""):
    return field(1, 8) + field(7, nodes + field(2, "g") + initializers) + field(8, field(2, 17)) + more


def node(op, domain=""):
    return field(1, field(1, "x") + field(2, "y") + field(4, op) + (field(7, domain) if domain else b""))


def external(location):
    entry = field(1, "location") + field(2, location)
    return field(5, field(1, 2) + field(2, 1) + field(8, "w") + field(13, entry) + field(14, 1))


add("onnx: harmless", "model.onnx", onnx(node("Relu")))
add("onnx: weights out of the folder", "model.onnx", onnx(node("Relu"), external("../../etc/passwd")), ["onnx.external_path"], ["../../etc/passwd"])
add("onnx: weights at an absolute path", "model.onnx", onnx(node("Relu"), external("/etc/passwd")), ["onnx.external_path"], ["/etc/passwd"])
add("onnx: weights in a file that is not there", "model.onnx", onnx(node("Relu"), external("weights.bin")), unread=True)
add("onnx: an operator of its own", "model.onnx", onnx(node("Mine", "com.example")), ["onnx.custom_operator"], ["com.example"])
add("onnx: built into the runtime", "model.onnx", onnx(node("FusedMatMul", "com.microsoft")))
add("onnx: loads a program", "model.onnx", onnx(node("EPContext", "com.microsoft")), ["onnx.custom_operator"], ["com.microsoft::EPContext"])
function = field(25, field(1, "Mine") + field(10, "com.example") + field(7, field(4, "Relu")))
add("onnx: a function of the model's own", "model.onnx", onnx(node("Mine", "com.example"), more=function))
override = field(25, field(1, "Relu") + field(10, "ai.onnx") + field(7, field(4, "Relu")))
add("onnx: a standard operator redefined", "model.onnx", onnx(node("Relu"), more=override), ["onnx.function_override"], ["ai.onnx::Relu"])
branch = field(5, field(1, "then_branch") + field(6, node("Mine", "com.example")))
add("onnx: hidden in a branch", "model.onnx", onnx(field(1, field(4, "If") + branch)), ["onnx.custom_operator"], ["com.example"])


def safetensors(header, data=b""):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


add("safetensors: harmless", "m.safetensors", safetensors({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, b"\0" * 4))
add("safetensors: bytes nobody describes", "m.safetensors", safetensors({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, b"\0" * 9), unread=True)
add("safetensors: past the end", "m.safetensors", safetensors({"w": {"dtype": "F32", "shape": [9], "data_offsets": [0, 36]}}, b"\0" * 4), unread=True)


def gguf(template):
    def text(value):
        return struct.pack("<Q", len(value)) + value

    return b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + text(b"tokenizer.chat_template") + struct.pack("<I", 8) + text(template)


add("gguf: harmless", "m.gguf", gguf(b"{{ messages[0].content }}"))
add("gguf: a template that leaves its sandbox", "m.gguf", gguf(b"{{ ().__class__.__base__.__subclasses__() }}"), ["gguf.template"], ["tokenizer.chat_template"])


def keras(layer):
    config = json.dumps({"module": "keras", "class_name": "Sequential", "config": {"layers": [layer]}}).encode()
    return zipped([("metadata.json", b"{}"), ("config.json", config), ("model.weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(8))])


add("keras: harmless", "m.keras", keras({"module": "keras.layers", "class_name": "Dense", "config": {"units": 1}}))
add("keras: Lambda", "m.keras", keras({"module": "keras.layers", "class_name": "Lambda", "config": {"function": {"class_name": "__lambda__", "config": {"code": "4wA="}}}}), ["keras.code"], ["Lambda", "__lambda__"])
add("keras: code by module", "m.keras", keras({"module": "os", "class_name": "function", "config": "system"}), ["keras.code"], ["os.system"])
add("keras: reads a file", "m.keras", keras({"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}), ["keras.file_access"], ["/etc/passwd"])
add("hdf5: Lambda", "m.h5", b"\x89HDF\r\n\x1a\n" + bytes(64) + json.dumps({"class_name": "Lambda"}).encode(), ["keras.code"], ["Lambda"])
saved_model = field(1, 1) + field(2, field(2, field(1, field(1, "n") + field(2, "WriteFile"))))
add("SavedModel: WriteFile", "saved_model.pb", saved_model, ["saved_model.operator"], ["WriteFile"])
in_function = field(1, 1) + field(2, field(2, field(2, field(1, field(3, field(2, "ReadFile"))))))
add("SavedModel: ReadFile in a function", "saved_model.pb", in_function, ["saved_model.operator"], ["ReadFile"])
add("XGBoost JSON", "m.json", b'{"learner": {"gradient_booster": {}}, "version": [2, 0, 0]}')
add("XGBoost UBJSON", "m.ubj", b"{L\0\0\0\0\0\0\0\x07versionl\0\0\0\x02}")

versions = dict(python=sys.version.split()[0], scikit_learn=sklearn.__version__, joblib=joblib.__version__, numpy=np.__version__)
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "security.json")
with open(path, "w") as out:
    json.dump(dict(versions=versions, samples=samples), out, indent=1)
    out.write("\n")
print(len(samples), "samples,", os.path.getsize(path), "bytes")
