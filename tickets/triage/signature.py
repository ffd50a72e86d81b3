"""Where the signature of a text begins. Who writes says nothing about what is broken: an IT department has
lamps, too."""

import re

# How letters end, in the languages of the seeds. After the first ones a name may follow on the same line.
FORMAL = (
    r"(?:with )?(?:(?:my |our )?(?:kind|best|warm)(?:est)? )?(?:regards|wishes)",
    r"yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?",
    r"(?:mit )?(?:freundlich|best|herzlich|schön|lieb|viel)e[nr]? gr(?:ü|u|ue)(?:ß|ss)en?|mfg|lg|vg",
    r"(?:bien )?cordialement|(?:meilleures |sincères )?salutations(?: distinguées)?",
    r"(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|atentamente",
    r"(?:cordiali |distinti |cari )?saluti",
    r"(?:com os melhores )?cumprimentos|atenciosamente|(?:um )?abraço",
    r"(?:met )?(?:vriendelijke|hartelijke|vele) groet(?:en|jes)?|groet(?:en|jes)?|mvg|hoogachtend",
)
THANKS = (
    r"(?:many |best )?thanks(?: in advance| a lot)?|thank you(?: very much| in advance)?|cheers",
    r"(?:vielen |besten |herzlichen )?dank(?: im voraus)?",
    r"merci(?: d['’]avance)?|(?:muchas )?gracias|(?:molte |mille )?grazie(?: in anticipo)?",
    r"(?:muito )?obrigad[oa](?: desde já)?|(?:alvast )?bedankt|dank (?:je|u)(?: wel)?",
)
NAME = r"(?:[ \t]*,(?:[ \t]+[^\s,.!?]+\.?){1,4})"
CLOSING = re.compile(rf"(?:--|(?:{'|'.join(FORMAL)}){NAME}?|{'|'.join(THANKS)})[ \t]*[,.!]?", re.IGNORECASE)
POSTSCRIPT = re.compile(r"p\.? ?s\b", re.IGNORECASE)
MAX_LINES = 10
MAX_LINE_LENGTH = 120
MAX_WORDS = 8  # words of a line with a name, an office or a number


def find_signature(text: str) -> int:
    """The position of the first closing that only a signature follows; the text's length if there is none."""
    signature_start, position = len(text), len(text)
    for whole in reversed(text.splitlines(keepends=True)[-MAX_LINES:]):
        position -= len(whole)
        line = whole.strip()
        if len(line) > MAX_LINE_LENGTH:
            break
        if CLOSING.fullmatch(line):
            signature_start = position
        elif belongs_to_report(line):
            break
    return signature_start


def belongs_to_report(line: str) -> bool:
    """Whether a line belongs to the report: a sentence, many words, a postscript."""
    is_sentence = line.endswith((".", "!", "?"))
    return is_sentence or len(line.split()) > MAX_WORDS or bool(POSTSCRIPT.match(line))
