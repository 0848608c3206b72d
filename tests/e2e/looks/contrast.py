"""Contrasts that axe leaves open, told by the pixels: of words that stand on a picture, or on what a stylesheet draws."""

import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.async_api import Page

Colour = Sequence[float]

NO_WORDS = """
*, *::before, *::after, *::placeholder {
  color: transparent !important;
  -webkit-text-fill-color: transparent !important;
  pointer-events: auto !important;
  transition: none !important;
}
"""
"""What has the page show the ground of its words alone."""

HIDE = """css => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  document.adoptedStyleSheets.push(sheet)
}"""

WORDS = """targets => targets.flatMap((target) => {
  const element = document.querySelector(target)
  if (!element || element.closest(':disabled, [aria-disabled="true"]')) return []
  if (element instanceof SVGTextElement) return []  // somebody has drawn it there, in a colour of their own, and it has a rim
  const style = getComputedStyle(element)
  const size = parseFloat(style.fontSize)
  let [opacity, from, to] = [Number(style.opacity), 0, innerWidth]
  for (let one = element.parentElement; one; one = one.parentElement) {
    const { opacity: share, overflowX } = getComputedStyle(one)
    opacity *= Number(share)
    if (overflowX === 'visible') continue  // else what would be wider is cut off, as by the dots at the end of a line
    const { left, right } = one.getBoundingClientRect()
    ;[from, to] = [Math.max(from, Math.floor(left)), Math.min(to, Math.ceil(right))]
  }
  const range = document.createRange()
  range.selectNodeContents(element)
  const boxes = [...range.getClientRects()]
    .map(({ left, top, right, bottom }) => [left, top, right, bottom].map(Math.round))
    .filter(([left, top, right, bottom]) => left >= from && top >= 0 && right <= to && bottom <= innerHeight)
    .filter(([left, top, right, bottom]) => right > left && bottom > top)
  return [{ target, text: element.textContent, color: style.color, opacity, boxes,
    isLarge: size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) }]
})"""
"""Where these words stand in the window, and how they are drawn; before they are hidden."""

SEEN = """words => words.map(({ target, boxes }) => {
  const element = document.querySelector(target)
  return boxes.filter(([left, top, right, bottom]) => [top + 1, (top + bottom) / 2, bottom - 1].every((y) => {
    const upper = document.elementFromPoint((left + right) / 2, y)
    return upper && (element.contains(upper) || upper.contains(element))
  }))
})"""
"""Which of these boxes nothing lies over."""


async def too_faint(page: Page, undecided: Sequence[Mapping[str, Any]]) -> list[str]:
    """Of the nodes that axe could not decide about, those whose words are too little lighter or darker than their ground."""
    glyphs = {one["target"][0] for one in undecided if "non-text" in str(one["any"])}
    words = await page.evaluate(WORDS, [one["target"][0] for one in undecided])
    if not words:
        return []
    await page.evaluate(HIDE, NO_WORDS)
    boxes = await page.evaluate(SEEN, words)
    image = Image.open(BytesIO(await page.screenshot(animations="disabled"))).convert("RGB")
    await page.evaluate("document.adoptedStyleSheets.pop()")
    least = [3.0 if word["isLarge"] or word["target"] in glyphs else 4.5 for word in words]
    ratios = [
        (word, wanted, _contrast(word, image.crop(box)))
        for word, wanted, seen in zip(words, least, boxes, strict=True)
        for box in seen
    ]
    return [
        f"contrast of {ratio:.2f}, not {wanted}: {word['text']!r}, {word['target']}"
        for word, wanted, ratio in ratios
        if ratio < wanted
    ]


OUTLIERS = 0.05
"""The share of a ground that may be worse: edges that are drawn softly, and grain."""


def _contrast(word: Mapping[str, Any], ground: Image.Image) -> float:
    """How much lighter or darker words are than nearly all of their ground."""
    *colour, alpha = _parts(word["color"])
    colours = ground.getcolors(ground.width * ground.height) or []
    ratios = sorted((_ratio(colour, alpha * word["opacity"], pixel), count) for count, pixel in colours)  # type: ignore[arg-type]
    passed, total = 0, ground.width * ground.height
    for ratio, count in ratios:
        passed += count
        if passed > OUTLIERS * total:
            return ratio
    return ratios[-1][0]


def _parts(css: str) -> list[float]:
    """`rgb(1, 2, 3)` as three numbers up to 255 and how opaque it is; `color(srgb …)` likewise."""
    numbers = [float(one) for one in re.findall(r"[\d.]+", css.partition("(")[2])]
    numbers = [*numbers, 1.0] if len(numbers) == 3 else numbers
    return [*(255 * one for one in numbers[:3]), numbers[3]] if "srgb" in css else numbers


def _ratio(colour: Colour, opacity: float, ground: Colour) -> float:
    seen = [opacity * one + (1 - opacity) * below for one, below in zip(colour, ground, strict=True)]
    lighter, darker = sorted((_luminance(seen), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    """Of sRGB, as WCAG 2 has it."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: Colour) -> Iterator[float]:
    for part in colour:
        share = part / 255
        yield share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
