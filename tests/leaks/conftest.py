from tests.journeys.conftest import shop, visit

__all__ = ["shop", "visit"]
