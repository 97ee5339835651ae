"""The condition builder: a form over the condition language, with groups in groups.

A screen shows it with the macro `builder` of `admin/conditions/_builder.html`, and reads it with
`read_tree(request.form, fields)`. Each button sends the form; with HTMX only the builder changes.
"""

from core.admin.condition_builder.forms import acted, read_tree
from core.admin.condition_builder.tree import Group, Hidden, Line, condition_of, tree_of
from core.admin.condition_builder.views import BuilderView, build_view

__all__ = [
    "BuilderView",
    "Group",
    "Hidden",
    "Line",
    "acted",
    "build_view",
    "condition_of",
    "read_tree",
    "tree_of",
]
