"""`kaiin demo`: a site to look around in, and files to try imports with."""

import sys
from typing import BinaryIO

import click


@click.group(invoke_without_command=True)
@click.option("--serve", "then_serve", is_flag=True, help="Serve the demo site afterwards.")
@click.pass_context
def demo(context: click.Context, then_serve: bool) -> None:
    """Fill an empty site with a lively Japanese demo, once; print how to log in."""
    from core.demo.command import run_demo

    if context.invoked_subcommand is None:
        sys.exit(run_demo(then_serve=then_serve))


@demo.command("csv")
@click.argument("file", type=click.File("wb"))
@click.option("--rows", type=click.IntRange(1, 5_000_000), default=1_000, show_default=True)
@click.option("--seed", type=int, default=2026, show_default=True, help="The same seed gives the same rows.")
@click.option(
    "--encoding",
    type=click.Choice(["utf-8", "utf-8-sig", "cp932", "utf-16"]),
    default="utf-8-sig",
    show_default=True,
)
def demo_csv(file: BinaryIO, rows: int, seed: int, encoding: str) -> None:
    """Write made-up customers, untidy as in real life, to FILE: something to try imports with."""
    from core.demo.dirty_file import write_file

    write_file(file, rows, seed=seed, encoding=encoding)
