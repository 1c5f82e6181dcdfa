"""One accent in, seven colours out, for light and dark pages, whose contrasts are computed.

Contrast is WCAG 2.2's; `GROUNDS` are the two that static/grants.css puts text on. What the accent
is, the commune chooses: nothing is refused, `brand-text` is as near to it as can be read.
"""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls
from functools import lru_cache
from hashlib import sha256

DEFAULT = "#0b6b64"
BLACK, WHITE = "#000000", "#ffffff"
READABLE = 4.8  # over the 4.5 of WCAG AA, as colours are rounded
# Page and panel, where text is mixed towards, and how much of the accent tints a panel.
GROUNDS = {"light": ("#f5f4f1", "#ffffff"), "dark": ("#14181d", "#1c2128")}
_END = {"light": BLACK, "dark": WHITE}
INKS = {"light": "#1a2230", "dark": "#e8eaed"}  # its --text
_TINT = {"light": 0.11, "dark": 0.14}

RGB = tuple[int, ...]


def _rgb(colour: str) -> RGB:
    return tuple(bytes.fromhex(colour[1:]))


def mix(one: str, other: str, part: float) -> str:
    """`part` (0 to 1) of `one`, the rest of `other`."""
    pairs = zip(_rgb(one), _rgb(other), strict=True)
    return "#" + bytes(round(a * part + b * (1 - part)) for a, b in pairs).hex()


def _luminance(colour: str) -> float:
    shares = [value / 255 for value in _rgb(colour)]
    red, green, blue = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 (none) to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _lighter(colour: str, _white: str, part: float) -> str:
    """The same hue, as pure: mixed with white, a dark accent would be grey on a dark page."""
    hue, light, purity = rgb_to_hls(*(value / 255 for value in _rgb(colour)))
    return "#" + bytes(round(v * 255) for v in hls_to_rgb(hue, 1 - (1 - light) * part, purity)).hex()


def _until(colour: str, end: str, grounds: tuple[str, ...], ratio: float) -> str:
    """As little towards `end` as gives the contrast on all `grounds`."""
    towards = _lighter if end == WHITE else mix
    tried = (towards(colour, end, 1 - step / 100) for step in range(101))
    return next((each for each in tried if min(contrast(each, g) for g in grounds) >= ratio), end)


@lru_cache(64)
def tokens(accent: str, scheme: str = "light") -> dict[str, str]:
    """`brand` is the accent itself, with `brand-on` as what is read on it; `brand-text` (links,
    buttons, bars) is read on page, panel and `brand-soft`, its own tint; `brand-mid` is an area, and
    `brand-line` one that the ink is read on."""
    grounds, end = GROUNDS[scheme], _END[scheme]
    soft = mix(accent, grounds[1], _TINT[scheme])
    text = _until(accent, end, (*grounds, soft), READABLE)
    return {
        "brand": accent,
        "brand-on": max(WHITE, BLACK, key=lambda colour: contrast(colour, accent)),
        "brand-text": text,
        "brand-deep": mix(text, end, 0.68),
        "brand-soft": soft,
        "brand-line": _until(mix(text, grounds[1], 0.34), grounds[1], (INKS[scheme],), READABLE),
        "brand-mid": _until(mix(text, grounds[1], 0.66), end, grounds[1:], 3.0),
    }


def _block(accent: str, scheme: str) -> str:
    return "; ".join(f"--{name}: {colour}" for name, colour in tokens(accent, scheme).items())


@lru_cache(64)
def style_sheet(accent: str) -> str:
    dark = f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_block(accent, 'dark')} }} }}"
    return f":root {{ {_block(accent, 'light')} }}\n{dark}\n"


def version(accent: str) -> str:
    """Stands in the style sheet's address, which browsers then keep for a year."""
    return sha256(style_sheet(accent).encode()).hexdigest()[:12]


def preview(accent: str) -> str:
    """A style sheet in which parts of one page stand in each scheme."""
    return "".join(
        f".preview-{scheme} {{ {_block(accent, scheme)}; --panel: {panel}; --ink-on: {_END[scheme]} }}\n"
        for scheme, (_, panel) in GROUNDS.items()
    )
