"""An authenticator in software: makes keys and signs as a browser with a security key does."""

import hashlib
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftAuthenticator:
    """One key of one person; `tell_` attributes let tests lie."""

    def __init__(self, origin="http://localhost", rp_id="localhost"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.origin, self.rp_id = origin, rp_id
        self.count = 0
        self.is_verified = True
        self.handle = None

    def make(self, options):
        """Answer `navigator.credentials.create()`."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = encode_cbor(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        )
        length = len(self.credential_id).to_bytes(2, "big")
        data = self._data(ATTESTED) + bytes(16) + length + self.credential_id + public
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(
            clientDataJSON=client, attestationObject=attestation, transports=["internal", "hybrid"]
        )

    def sign(self, options):
        """Answer `navigator.credentials.get()`."""
        self.count += 1
        client = self._client("webauthn.get", options["challenge"])
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=client, authenticatorData=data, signature=signature, userHandle=self.handle
        )

    def _data(self, flags):
        flags |= PRESENT | (VERIFIED if self.is_verified else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client(self, kind, challenge):
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, **response):
        name = bytes_to_base64url(self.credential_id)
        said = {k: bytes_to_base64url(v) if isinstance(v, bytes) else v for k, v in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": said})
