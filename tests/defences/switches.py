"""Every defence that tests can switch off; docs/defences.md lists the same."""

from tests.defences import (
    access,
    codes,
    devices,
    headers,
    mailed,
    pages,
    passkeys,
    passwords,
    requests,
    sessions,
    signatures,
    telling,
    traces,
)

DEFENCES = (
    *sessions.DEFENCES,
    *devices.DEFENCES,
    *requests.DEFENCES,
    *signatures.DEFENCES,
    *access.DEFENCES,
    *passwords.DEFENCES,
    *mailed.DEFENCES,
    *telling.DEFENCES,
    *codes.DEFENCES,
    *passkeys.DEFENCES,
    *headers.DEFENCES,
    *pages.DEFENCES,
    *traces.DEFENCES,
)
