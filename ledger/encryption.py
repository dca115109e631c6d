"""Encryption with AES-256-GCM, and the keys derived from LEDGER_KEY."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.errors import WrongKey

NONCE = 12  # bytes, drawn at random for each message


class Cipher:
    """AES-256-GCM under one key. `context` names the place of a message, so that no message can
    be moved to another place unnoticed."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def encrypt(self, plaintext: bytes, context: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._aead.encrypt(nonce, plaintext, context.encode())

    def decrypt(self, message: bytes, context: str) -> bytes:
        """Raises `WrongKey`, also where the message was changed."""
        try:
            return self._aead.decrypt(message[:NONCE], message[NONCE:], context.encode())
        except InvalidTag:
            raise WrongKey from None


class Keyring:
    """What LEDGER_KEY opens: the clients' keys, their look-up, the spool."""

    def __init__(self, master: bytes) -> None:
        def derived(purpose: bytes) -> bytes:
            return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master)

        self._wrapping = Cipher(derived(b"ledger: wrap client keys"))
        self._lookup = derived(b"ledger: look up clients")
        self.spool = Cipher(derived(b"ledger: spool"))

    def lookup(self, client: str) -> str:
        """A keyed hash of a client's id: not to be guessed without the key."""
        content = client.encode("utf-8", "surrogatepass")
        return hmac.new(self._lookup, content, hashlib.sha256).hexdigest()

    def new_client_key(self, key_id: str) -> tuple[Cipher, bytes]:
        """A random key, ready for use and in its wrapped form."""
        key = os.urandom(32)
        return Cipher(key), self._wrapping.encrypt(key, key_id)

    def unwrap(self, wrapped: bytes, key_id: str) -> Cipher:
        """Raises `WrongKey`."""
        return Cipher(self._wrapping.decrypt(wrapped, key_id))
