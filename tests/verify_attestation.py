#!/usr/bin/env python3
"""Verifies an attestation of a hitl snapshot by docs/attestations.md alone: the standard library, git and ssh-keygen, and
nothing of hitl.

Usage: verify_attestation.py REPOSITORY ENVELOPE [SIGNER ALLOWED_SIGNERS]

Checks that the envelope's signature is one of its payload (DSSE's pre-authentication encoding, namespace
`hitl-attestation`) by the key it names, and that the snapshot and the lock that the statement is about are those of the
repository's HEAD. With an allowed-signers file, also that the key is SIGNER's. Prints `attested NAME, signed by KEY` and
exits 0; or every mismatch and exits 1.
"""

import base64
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

PAYLOAD_TYPE = "application/vnd.in-toto+json"
NAMESPACE = "hitl-attestation"


def pae(payload):
    """Returns the bytes that are signed."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def keygen(arguments, message, signature):
    """Runs ssh-keygen over a signature, and returns whether it is good and what was said."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "signature"
        path.write_bytes(signature)
        command = ["ssh-keygen", "-Y", *arguments, "-n", NAMESPACE, "-s", str(path)]
        done = subprocess.run(command, input=message, capture_output=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin:/usr/local/bin"})
        return done.returncode == 0, done.stdout.decode()


def signature_faults(envelope, payload, signer):
    if envelope.get("payloadType") != PAYLOAD_TYPE:
        yield f"payloadType is {envelope.get('payloadType')!r}"
    if not envelope.get("signatures"):
        yield "there is no signature"
    for one in envelope.get("signatures", []):
        signature = base64.b64decode(one["sig"], validate=True)
        good, said = keygen(["check-novalidate"], pae(payload), signature)
        if not good:
            yield "the signature is none of this payload"
        elif one["keyid"] not in said.split():
            yield f"the signature is by another key than {one['keyid']}"
        if signer:
            good, _ = keygen(["verify", "-I", signer[0], "-f", signer[1]], pae(payload), signature)
            if not good:
                yield f"it is not signed by {signer[0]}"


def subject_faults(repository, statement):
    if statement.get("_type") != "https://in-toto.io/Statement/v1":
        yield f"_type is {statement.get('_type')!r}"
    if statement.get("predicateType") != "urn:hitl:snapshot:1":
        yield f"predicateType is {statement.get('predicateType')!r}"
    snapshot, lock = statement["subject"]
    path = f"snapshots/{snapshot['name']}.yaml"
    if lock["name"] != path:
        yield f"the lock is {lock['name']}, not {path}"
    shown = subprocess.run(["git", "-C", repository, "cat-file", "blob", f"HEAD:{path}"], capture_output=True)
    if shown.returncode != 0:
        yield f"{path} is not there"
        return
    text = shown.stdout
    if hashlib.sha256(text).hexdigest() != lock["digest"]["sha256"]:
        yield f"{path} has another SHA-256"
    digest = re.search(rb'^digest: "([0-9a-f]{64})"$', text, re.M)
    if not digest or digest[1].decode() != snapshot["digest"]["sha256"]:
        yield f"{path} has another digest"
    body, _, last = text.rstrip(b"\n").rpartition(b"\n")
    if last != b'lock_sha256: "%s"' % hashlib.sha256(body + b"\n").hexdigest().encode():
        yield f"{path} is damaged"


def main(repository, path, *signer):
    envelope = json.loads(pathlib.Path(path).read_text())
    payload = base64.b64decode(envelope["payload"], validate=True)
    statement = json.loads(payload)
    faults = [*signature_faults(envelope, payload, signer), *subject_faults(repository, statement)]
    for fault in faults:
        print(fault)
    if not faults:
        print(f"attested {statement['subject'][0]['name']}, signed by {envelope['signatures'][0]['keyid']}")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) not in (3, 5):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
