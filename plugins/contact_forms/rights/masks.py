"""How personal data look to those who may not see them: as everywhere in Kaiin."""

from core.api import masks

REST = masks.REST
mask_digits = masks.mask_digits
mask_email = masks.mask_email
mask_name = masks.mask_name
mask_postal = masks.mask_postal
mask_rest = masks.mask_rest
mask_text = masks.mask_text
