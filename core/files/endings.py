"""The endings of files' names: what they promise, and which nobody may send."""

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
# What runs when somebody opens it, in a browser or on a desk: nobody takes it from anybody.
DANGEROUS_ENDINGS = frozenset(_RUNNING.split())
# Before the last ending they are there to be overlooked; `example.com.pdf` is not meant.
_DISGUISED = frozenset(_DISGUISING.split())
KB, MB = 1024, 1024 * 1024


def ending_of(name: str) -> str:
    """Return the ending of a file's name in small letters, empty without one."""
    before, dot, ending = name.rpartition(".")
    return ending.lower() if dot and before else ""


def hides_ending(name: str) -> bool:
    """Tell whether an ending that runs stands before the last one: `invoice.exe.pdf`."""
    _first, *between = name.lower().split(".")[:-1] or [""]
    return any(part.strip() in _DISGUISED for part in between)


def size_text(size: int) -> str:
    """Return a size in words that all languages share."""
    for unit, name in ((MB, "MB"), (KB, "KB")):
        if size >= unit:
            whole, tenth = divmod(size * 10 // unit, 10)
            return f"{whole:,}.{tenth} {name}" if tenth else f"{whole:,} {name}"
    return f"{size:,} B"
