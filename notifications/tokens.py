"""The signed parts of addresses in mails, and what the secret links in them are made of."""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.core.signing import Signer, TimestampSigner
from django.utils.crypto import salted_hmac

CONFIRMING = timedelta(days=3)
confirmations = TimestampSigner(salt="confirm an address", sep=".")
endings = Signer(salt="unsubscribe an address", sep=".")


def sign_confirmation(pk: UUID) -> str:
    return confirmations.sign(pk.hex)


def read_confirmation(token: str) -> UUID:
    """The subscription's key. Raises BadSignature, SignatureExpired."""
    return UUID(confirmations.unsign(token, max_age=CONFIRMING))


def sign_ending(pk: UUID) -> str:
    """It never expires: an old mail also has it."""
    return endings.sign(pk.hex)


def read_ending(token: str) -> UUID:
    """The subscription's key. Raises BadSignature."""
    return UUID(endings.unsign(token))


def site_token() -> str:
    """Stands for a browser's token in the secret links of mails: with SECRET_KEY the server makes them again,
    and no row holds them."""
    return salted_hmac("secret links in mails", "site", algorithm="sha256").hexdigest()


def holder_of(pk: UUID) -> str:
    """Stands for the digest of a browser in the secret link of a subscription."""
    return hashlib.sha256(f"subscription {pk}".encode()).hexdigest()
