"""Draws admin pages: an admin template inside the shell."""

from typing import Any

from flask import render_template

from core.admin.shell import build_shell


def render_admin(template: str, **context: Any) -> str:
    """Render an admin template (it extends `admin/base.html`) for the signed-in staff account."""
    return render_template(template, shell=build_shell(), **context)


def render_admin_fragment(template: str, **context: Any) -> str:
    """Render a part of an admin page, without the shell, for a partial update."""
    return render_template(template, **context)
