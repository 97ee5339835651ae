"""A site with the plugin enabled and three tiers."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.db import transaction
from plugins.member_tiers import services
from plugins.member_tiers.models import Tier

# Test modules are imported by path; this lets them import the kit beside them.
sys.path.insert(0, str(Path(__file__).parent))


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
