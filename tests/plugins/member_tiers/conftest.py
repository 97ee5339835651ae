"""A site with the plugin enabled and three tiers."""

from collections.abc import Callable
from typing import Any

import pytest

from core.db import transaction
from plugins.member_tiers import services
from plugins.member_tiers.models import Tier


@pytest.fixture
def tiers_on(app: Any, enable_plugins: Callable[..., None]) -> Any:
    """The plugin is enabled."""
    enable_plugins("member_tiers")
    return app


@pytest.fixture
def tiers(tiers_on: Any) -> dict[str, Tier]:
    """Three tiers: free < silver < gold."""
    made = {}
    for key, title in (("free", "一般"), ("silver", "シルバー"), ("gold", "ゴールド")):
        with transaction():
            made[key] = services.save_tier({"key": key, "title_ja": title, "title_en": key.title()})
    return made
