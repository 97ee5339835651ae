"""A bare Flask log-in: one Argon2 hash with the parameters that Kaiin uses, and that is all."""

import os

from argon2 import PasswordHasher
from flask import Flask, redirect, request

app = Flask("hash")
hasher = PasswordHasher()
STORED = hasher.hash(os.environ["BENCH_PASSWORD"])


@app.post("/")
def log_in():
    hasher.verify(STORED, request.form["password"])
    return redirect("/account")
