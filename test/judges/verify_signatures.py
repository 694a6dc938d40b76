"""Tools that know nothing of Lockstep read what it signed about a release.

model_signing (OpenSSF) verifies the model's bundle and refuses a model with one changed byte; securesystemslib verifies
every DSSE envelope; in-toto's own classes read the statements, the test results and the provenance. The other way round,
Lockstep reads a bundle that model_signing made.

Usage: verify_signatures.py PROJECT RELEASE   (with lockstep's node on PATH; LOCKSTEP is the path of bin/lockstep.js)
"""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

project, release = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
lockstep = os.environ["LOCKSTEP"]
root = pathlib.Path(__file__).resolve().parents[2]


def ask(*words: str) -> str:
    done = subprocess.run(
        ["node", lockstep, *words], cwd=project, check=True, capture_output=True, text=True
    )
    return done.stdout


def model_signing(*words: str) -> subprocess.CompletedProcess:
    tool = [sys.executable, "-m", "model_signing"]
    return subprocess.run([*tool, *words], capture_output=True, text=True, check=False)


def said(sentence: str) -> None:
    print(f"ok  {sentence}", flush=True)


work = pathlib.Path(tempfile.mkdtemp(prefix="lockstep-judge-"))
ask("release", "attestations", release, "--out", str(work / "signed"))
ask("keys", "export", "--model", "--out", str(work / "model.pem"))
artifact = json.loads(ask("releases", release, "--json"))["manifest"]["artifact"]

# The model's folder as a pulled package has it.
digest = artifact["digest"].removeprefix("sha256:")
model = work / "income" / artifact["path"]
model.parent.mkdir(parents=True)
shutil.copy(project / ".lockstep/objects/sha256" / digest[:2] / digest[2:], model)
model.chmod(0o644)

signature = work / "signed/model-signature.json"
check = ["verify", "key", str(work / "income"), "--signature", str(signature)]
check += ["--public_key", str(work / "model.pem")]
done = model_signing(*check)
assert done.returncode == 0, done.stdout + done.stderr
said("model_signing verifies the model")

bytes_ = bytearray(model.read_bytes())
bytes_[len(bytes_) // 2] ^= 1
model.write_bytes(bytes_)
done = model_signing(*check)
assert done.returncode != 0, "one changed byte went unnoticed"
said(f"and refuses it with one changed byte: {(done.stdout + done.stderr).strip().splitlines()[-1]}")
bytes_[len(bytes_) // 2] ^= 1
model.write_bytes(bytes_)

(work / "income" / "stranger.bin").write_bytes(b"not signed")
assert model_signing(*check).returncode != 0, "an unsigned file went unnoticed"
(work / "income" / "stranger.bin").unlink()
said("and refuses a file that nobody signed")

# Every envelope, with the Ed25519 key.
key_pem = json.loads(ask("keys", "--json"))["keys"]
release_key = next(k for k in key_pem if (k["signs"] or "").startswith("releases"))
key = SSlibKey(
    release_key["keyId"],
    "ed25519",
    "ed25519",
    {"public": base64.b64decode("".join(release_key["publicKeyPem"].split("\n")[1:-2]))[-32:].hex()},
)
predicates = {
    "https://in-toto.io/attestation/test-result/v0.1": test_result_pb2.TestResult,
    "https://slsa.dev/provenance/v1": provenance_pb2.Provenance,
}
for name in ["envelope", "provenance", "test-results", "gates"]:
    envelope = Envelope.from_dict(json.loads((work / f"signed/{name}.json").read_text()))
    assert key.keyid in envelope.verify([key], 1)
    statement = json_format.Parse(envelope.payload, statement_pb2.Statement())
    assert statement.type == "https://in-toto.io/Statement/v1"
    assert statement.subject[0].digest["sha256"] == digest, name
    predicate = json.loads(envelope.payload)["predicate"]
    if statement.predicate_type in predicates:
        # Unknown fields would be an error here.
        json_format.ParseDict(predicate, predicates[statement.predicate_type]())
    said(f"{name}: signed, an in-toto statement about the model, {statement.predicate_type}")

# The other way round: a bundle of theirs.
subprocess.run(
    ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", work / "their.key"],
    check=True,
    capture_output=True,
)
subprocess.run(
    ["openssl", "pkey", "-in", work / "their.key", "-pubout", "-out", work / "their.pem"], check=True
)
done = model_signing(
    *["sign", "key", str(work / "income"), "--signature", str(work / "their.sig")],
    *["--private_key", str(work / "their.key")],
)
assert done.returncode == 0, done.stdout + done.stderr
script = f"""
import {{ readFileSync }} from 'node:fs'
const {{ verifyModelSignature }} = await import('{root}/src/release/attest/verify-model-signature.ts')
const {{ trustedKeyFrom }} = await import('{root}/src/release/signing.ts')
const bytes = readFileSync('{work}/their.sig')
const key = trustedKeyFrom(readFileSync('{work}/their.pem', 'utf8'), 'their key')
console.log(JSON.stringify(verifyModelSignature(bytes, [key]), (name, value) => name === 'statement' ? undefined : value))
"""
read = json.loads(
    subprocess.run(
        ["node", "--input-type=module", "-e", script], check=True, capture_output=True, text=True
    ).stdout
)
assert read.get("files") == [{"path": artifact["path"], "algorithm": "sha256", "digest": digest}], read
said("Lockstep verifies a bundle that model_signing made")
shutil.rmtree(work)
