"""The right to work at the privacy desk."""

from core.i18n import _l
from core.security.permissions import Permission

HANDLE = "privacy.handle"

CORE_PERMISSIONS = [
    Permission(
        HANDLE,
        _l("Answer privacy requests"),
        _l("See and answer requests for disclosure, correction, stop of use and erasure."),
    ),
]
