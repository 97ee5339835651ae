"""What the owner does so that people can register."""

from typing import Any


def open_registration(owner: Any) -> None:
    """Open the registration, ask for the name, and give a text to agree to, as the owner does it."""
    owner.goto("/admin/settings/registration")
    owner.check("input[name=registration][value=open]")
    for name in ("family_name", "given_name"):
        owner.select_option(f"select[name=ask_{name}]", "required")
    owner.fill("textarea[name=terms_text]", "会員の方へのお約束")
    owner.click(".k-sticky-actions button")
    owner.wait_for_selector("text=保存しました")
