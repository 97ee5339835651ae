"""Which files a question takes: groups that owners choose from, and what no form ever takes."""

from collections.abc import Iterable, Mapping
from typing import Any

from core.api import _l

GROUPS: Mapping[str, tuple[str, ...]] = {
    "images": ("jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "avif", "bmp", "tif", "tiff"),
    "pdf": ("pdf",),
    "documents": ("doc", "docx", "odt", "rtf", "txt", "jtd"),
    "spreadsheets": ("xls", "xlsx", "ods", "csv"),
    "presentations": ("ppt", "pptx", "odp"),
    "audio": ("mp3", "m4a", "wav", "ogg"),
    "video": ("mp4", "m4v", "mov", "webm", "avi", "mpg", "mpeg", "wmv"),
    "archives": ("zip", "7z", "gz", "lzh"),
}
USUAL_GROUPS = ("images", "pdf", "documents", "spreadsheets", "presentations")
GROUP_TITLES: Mapping[str, Any] = {
    "images": _l("Pictures (JPG, PNG, HEIC …)"),
    "pdf": _l("PDF"),
    "documents": _l("Documents (Word, text …)"),
    "spreadsheets": _l("Spreadsheets (Excel, CSV …)"),
    "presentations": _l("Presentations (PowerPoint …)"),
    "audio": _l("Sound (MP3, WAV …)"),
    "video": _l("Video (MP4, MOV …)"),
    "archives": _l("Packed files (ZIP …). What is inside is not looked at."),
}
_RUNNING = """
    html htm xhtml xht shtml mhtml mht svg svgz xml xsl xslt js mjs cjs jse ts css hta htc swf jar class
    wasm php php3 php4 php5 php7 php8 phtml phar pht asp aspx ashx asa cer cfm cgi pl pm py pyc pyw rb lua
    jsp jspx exe com scr pif bat cmd msi msp mst dll ocx sys cpl drv vb vbs vbe ws wsf wsh wsc sct ps1
    psm1 psd1 ps1xml lnk url website scf inf reg rgs job gadget application appref-ms settingcontent-ms
    msc chm hlp library-ms sh bash zsh csh ksh command run bin elf so dylib app dmg pkg deb rpm apk ipa
    appimage iso img vhd vhdx docm dotm xlsm xltm xlam xll pptm potm ppam ppsm sldm one onepkg mdb accdb
    mde ade adp slk iqy htaccess htpasswd desktop workflow scpt applescript action
"""
_DISGUISING = """
    html htm xhtml svg js vbs wsf hta jar php php3 php4 php5 php7 php8 phtml phar asp aspx jsp cgi exe scr
    pif bat cmd msi dll ps1 lnk sh
"""
# What runs when somebody opens it, in a browser or on a desk: no form takes it, whatever its owner wrote.
DANGEROUS = frozenset(_RUNNING.split())
# Before the last ending they are there to be overlooked; `example.com.pdf` is not meant.
_DISGUISED = frozenset(_DISGUISING.split())
KB, MB = 1024, 1024 * 1024


def extensions_of(groups: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """Return the endings of names that a question takes; with nothing chosen, the usual ones."""
    chosen = [ending for group in groups for ending in GROUPS.get(group, ())]
    own = [ending for ending in more if ending not in DANGEROUS]
    if not chosen and not own:
        chosen = [ending for group in USUAL_GROUPS for ending in GROUPS[group]]
    return tuple(dict.fromkeys([*chosen, *own]))


def ending_of(name: str) -> str:
    """Return the ending of a file's name in small letters, empty without one."""
    before, dot, ending = name.rpartition(".")
    return ending.lower() if dot and before else ""


def hides_ending(name: str) -> bool:
    """Tell whether an ending that runs stands before the last one: `invoice.exe.pdf`."""
    _first, *between = name.lower().split(".")[:-1] or [""]
    return any(part.strip() in _DISGUISED for part in between)


def size_text(size: int) -> str:
    """Return a size in words that all languages share; `static/schema.js` writes the same."""
    for unit, name in ((MB, "MB"), (KB, "KB")):
        if size >= unit:
            whole, tenth = divmod(size * 10 // unit, 10)
            return f"{whole:,}.{tenth} {name}" if tenth else f"{whole:,} {name}"
    return f"{size:,} B"
