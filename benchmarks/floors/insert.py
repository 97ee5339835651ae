"""A bare Flask form: the answers go into one table by one durable insert, and that is all."""

import datetime as dt
import os

from flask import Flask, redirect, request
from sqlalchemy import Text, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Submission(Base):
    __tablename__ = "submission"
    id: Mapped[int] = mapped_column(primary_key=True)
    answers: Mapped[str] = mapped_column(Text)
    received_at: Mapped[dt.datetime]


app = Flask("insert")
engine = create_engine(
    f"sqlite:///{os.environ['BENCH_DATABASE']}", connect_args={"timeout": 30, "check_same_thread": False}
)


@event.listens_for(engine, "connect")
def _durable(connection, _record):
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


@app.post("/")
def submit():
    with Session(engine) as session:
        session.add(Submission(answers=str(request.form.to_dict()), received_at=dt.datetime.now(dt.UTC)))
        session.commit()
    return redirect("/thanks", 303)


Base.metadata.create_all(engine)
