"""Flask extension objects. Objects only: they are configured in `core.app`."""

from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy

from core.db_base import Base
from core.security.login_manager import SessionTableLoginManager

db: SQLAlchemy = SQLAlchemy(model_class=Base, disable_autonaming=True)
login_manager = SessionTableLoginManager()
babel = Babel()
