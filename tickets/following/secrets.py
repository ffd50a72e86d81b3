"""The secrets of links: 160 bits, made of the browser's token and a nonce. Only a digest is stored."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

SECRET_BYTES = 20


def derive_secret(browser_token: str, nonce: str) -> str:
    """The secret of a link, for the address. Only the browser has the token that it takes."""
    key = hmac.new(browser_token.encode(), f"secret link {nonce}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(key[:SECRET_BYTES]).decode().rstrip("=")


def digest_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
