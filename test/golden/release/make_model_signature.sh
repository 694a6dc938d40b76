#!/bin/sh
# A bundle as OpenSSF's own tool makes it, for reading without the tool: model_signing 1.1.1 (PyPI), OpenSSL 3.
# Usage: make_model_signature.sh OUT.json (with model_signing on PATH)
set -eu
work=$(mktemp -d)
mkdir -p "$work/income/data"
printf 'onnx bytes of a small model' >"$work/income/model.onnx"
printf 'flavors: {}\n' >"$work/income/data/MLmodel"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$work/key.pem" 2>/dev/null
openssl pkey -in "$work/key.pem" -pubout -out "$work/key.pub.pem"
model_signing sign key "$work/income" --signature "$work/model.sig" --private_key "$work/key.pem"
python3 - "$work" "$1" <<'PY'
import json, pathlib, sys
work, out = map(pathlib.Path, sys.argv[1:])
read = lambda name: (work / name).read_text()
golden = {"madeBy": "model_signing 1.1.1", "bundle": read("model.sig"), "publicKeyPem": read("key.pub.pem")}
out.write_text(json.dumps(golden, indent=2) + "\n")
PY
rm -r "$work"
