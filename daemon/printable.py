"""Printable text: what a person did not type, as it may stand on a terminal and in the log.

Names of files, labels of media and what other programs answer are text from strangers. A control character in it
could move the cursor, ring a bell or forge a line of the log.
"""


def printable(value: object) -> str:
    """A value as one line of text that cannot move the cursor, ring a bell or turn the reading direction."""
    text = str(value)
    return text if text.isprintable() else " ".join(blanked(text).replace("\n", " ").split())


def blanked(text: str) -> str:
    """The text as long as it was, in lines as it was, with a blank for every other character that is not printed."""
    return text if text.isprintable() else "".join(one if _is_shown(one) else " " for one in text)


def escaped(text: str, keep: str = "") -> str:
    """The text with the code of each character in its place that is not printed, but for those to `keep`."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in keep else one.encode("unicode_escape").decode() for one in text
    )


def _is_shown(one: str) -> bool:
    """Whether it is a line's end, is printed, or stands for a byte of a name that is no text, and costs a question mark."""
    return one == "\n" or one.isprintable() or "\ud800" <= one <= "\udfff"
