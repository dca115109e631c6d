"""Encryption with AES-256-GCM, and the keys derived from LEDGER_KEY."""

import hashlib
import hmac
import os
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ledger.errors import WrongKey

NONCE = 12  # bytes, drawn at random for each message


class Cipher:
    """AES-256-GCM under the first of some keys; messages under the others can be read. `context`
    names the place of a message, so that no message can be moved to another place unnoticed."""

    def __init__(self, *keys: bytes) -> None:
        self._aeads = [AESGCM(key) for key in keys]

    def encrypt(self, plaintext: bytes, context: str) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + self._aeads[0].encrypt(nonce, plaintext, context.encode())

    def decrypt(self, message: bytes, context: str) -> bytes:
        """Raises `WrongKey`, also where the message was changed."""
        for aead in self._aeads:
            with suppress(InvalidTag):
                return aead.decrypt(message[:NONCE], message[NONCE:], context.encode())
        raise WrongKey


class Keyring:
    """What LEDGER_KEY opens: the clients' keys, their look-up, the spool; of LEDGER_OLD_KEYS, what
    was written under one of them."""

    def __init__(self, *masters: bytes) -> None:
        def derived(purpose: bytes) -> list[bytes]:
            return [
                HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(master)
                for master in masters
            ]

        self._wrapping = Cipher(*derived(b"ledger: wrap client keys"))
        self._lookup = derived(b"ledger: look up clients")
        self.spool = Cipher(*derived(b"ledger: spool"))

    def lookups(self, client: str) -> list[str]:
        """Keyed hashes of a client's id, the present one first: not to be guessed without keys."""
        content = client.encode("utf-8", "surrogatepass")
        return [hmac.new(key, content, hashlib.sha256).hexdigest() for key in self._lookup]

    def wrap_again(self, wrapped: bytes, key_id: str) -> bytes:
        """The same key, wrapped under LEDGER_KEY. Raises `WrongKey`."""
        return self._wrapping.encrypt(self._wrapping.decrypt(wrapped, key_id), key_id)

    def new_client_key(self, key_id: str) -> tuple[Cipher, bytes]:
        """A random key, ready for use and in its wrapped form."""
        key = os.urandom(32)
        return Cipher(key), self._wrapping.encrypt(key, key_id)

    def unwrap(self, wrapped: bytes, key_id: str) -> Cipher:
        """Raises `WrongKey`."""
        return Cipher(self._wrapping.decrypt(wrapped, key_id))
