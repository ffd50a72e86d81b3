"""Evaluates the shipped model: `python -m tickets.triage.evaluate`, for developers; plain Python."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean, quantiles
from unicodedata import combining, normalize

from tickets.triage import corpus
from tickets.triage.model import SHIPPED, Model, load_shipped_model
from tickets.triage.predict import Verdict, classify
from tickets.triage.reference_set import (
    OTHER_SETS,
    SETS,
    ReferenceText,
    measure,
    read_other_languages,
    read_reference_texts,
    read_set,
)

SEEDS = range(5)  # seeds of the random generator that misspells and greets
SUREST_SHARE = 0.8

# Greetings that are in no training file; `{}` stands for the ticket.
GREETINGS = {
    "en": (
        "Good morning dear staff, I hope this reaches you. {} I would be glad if you came back. Rita",
        "Hi there! {} Cheers and have a lovely week, Tom",
        "Dear colleagues, sorry to bother you once more. {} Many thanks for your patience, Dr. Amy Wood",
    ),
    "de": (
        "Guten Morgen allerseits, ich hoffe, das erreicht Sie. {} Über Nachricht würde ich mich freuen. R.",
        "Hallöchen! {} Danke euch und ein schönes Wochenende, Tom",
        "Liebes Team, entschuldigt die erneute Störung. {} Herzlichen Dank für die Geduld, Amelie Wald",
    ),
    "fr": (
        "Bonjour à toutes, j'espère que ceci vous parvient. {} Je serais heureuse de vous lire. Rita",
        "Coucou ! {} Merci d'avance et bonne semaine, Tom",
        "Chers collègues, pardon de vous déranger encore. {} Mille mercis pour votre patience, Amélie Bois",
    ),
    "es": (
        "Buenos días a todos, espero que esto les llegue bien. {} Me alegraría tener noticias. Suya, Rita",
        "¡Hola! {} Gracias y feliz semana, Tom",
        "Estimados compañeros, perdonen la molestia. {} Mil gracias por su paciencia, Amelia Bosque",
    ),
    "it": (
        "Buongiorno a tutti, spero che questo vi arrivi. {} Sarei felice di avere notizie. Vostra Rita",
        "Ciao! {} Grazie mille e buona settimana, Tom",
        "Cari colleghi, scusate ancora il disturbo. {} Grazie infinite per la pazienza, Amelia Bosco",
    ),
    "pt": (
        "Bom dia a todos, espero que esta mensagem vos encontre bem. {} Ficaria feliz com notícias. Rita",
        "Oi, gente! {} Valeu e boa semana, Tom",
        "Caros colegas, desculpem incomodar outra vez. {} Muito obrigada pela paciência, Amélia Bosque",
    ),
    "nl": (
        "Goedemorgen allemaal, ik hoop dat dit jullie bereikt. {} Ik hoor graag van u. Groeten, Rita",
        "Hoi! {} Dank je wel en een fijne week, Tom",
        "Beste collega's, sorry dat ik weer stoor. {} Hartelijk dank voor het geduld, Amelia Bos",
    ),
}

# Of people whose office has nothing to do with what they report.
SIGNATURES = (
    "Best regards,\nAmy Wood\nIT Services, Network Operations\nServer Building, Room 12\nTel. 5512",
    "Mit freundlichen Grüßen\nTom Wald\nGebäudemanagement, Heizung und Lüftung\nTel. 5513",
    "Cordialement,\nRita Bois\nRestauration universitaire\nBâtiment C",
    "Met vriendelijke groet,\nTom Bos\nIT-dienst, netwerkbeheer",
    "Atenciosamente,\nRita Bosque\nManutenção predial\nRamal 5514",
)

Perturbation = Callable[[ReferenceText, random.Random], str]


def add_greeting(row: ReferenceText, rng: random.Random) -> str:
    return rng.choice(GREETINGS[row.language]).format(row.text)


def add_typos(row: ReferenceText, rng: random.Random) -> str:
    return corpus.misspell(row.text, rng)


def capitalise(row: ReferenceText, rng: random.Random) -> str:
    return row.text.upper()


def drop_accents(row: ReferenceText, rng: random.Random) -> str:
    return "".join(filter(lambda char: not combining(char), normalize("NFKD", row.text)))


def add_signature(row: ReferenceText, rng: random.Random) -> str:
    return f"{row.text}\n\n{rng.choice(SIGNATURES)}"


PERTURBATIONS: dict[str, Perturbation] = {
    "greeting": add_greeting,
    "typing errors": add_typos,
    "capitals": capitalise,
    "lost accents": drop_accents,
    "signature": add_signature,
}


def predict_all(rows: Sequence[ReferenceText], model: Model) -> list[Verdict]:
    return [classify(row.text, model) for row in rows]


def count_right(rows: Sequence[ReferenceText], verdicts: Sequence[Verdict]) -> int:
    return sum(row.category == verdict.category for row, verdict in zip(rows, verdicts, strict=True))


def find_accuracy(rows: Sequence[ReferenceText], verdicts: Sequence[Verdict]) -> float:
    return count_right(rows, verdicts) / len(rows)


def find_loss(rows: Sequence[ReferenceText], model: Model, perturb: Perturbation) -> float:
    """Points of accuracy lost if every text is changed, mean over the seeds."""
    right = count_right(rows, predict_all(rows, model)) * len(SEEDS)
    for rng in map(random.Random, SEEDS):
        copies = [row._replace(text=perturb(row, rng)) for row in rows]
        right -= count_right(copies, predict_all(copies, model))
    return 100 * right / (len(rows) * len(SEEDS))


def find_macro_f1(rows: Sequence[ReferenceText], verdicts: Sequence[Verdict]) -> float:
    """The mean over the categories of 2 * right / (actual + predicted)."""
    truth, found = [row.category for row in rows], [verdict.category for verdict in verdicts]
    right = [true for true, filed in zip(truth, found, strict=True) if true == filed]
    names = sorted({*truth, *found})
    return fmean(2 * right.count(name) / (truth.count(name) + found.count(name)) for name in names)


def find_accuracy_of_surest(rows: Sequence[ReferenceText], verdicts: Sequence[Verdict]) -> float:
    ranked = sorted(zip(rows, verdicts, strict=True), key=lambda pair: -pair[1].confidence)
    surest = ranked[: round(SUREST_SHARE * len(ranked))]
    return find_accuracy([row for row, _ in surest], [verdict for _, verdict in surest])


def find_p95(rows: Sequence[ReferenceText], model: Model) -> float:
    """Milliseconds of CPU time per ticket: 19 of 20 are faster."""
    spent = []
    for row in rows:
        started = time.process_time()
        classify(row.text, model)
        spent.append(1000 * (time.process_time() - started))
    return quantiles(spent, n=20)[-1]


def find_import_seconds() -> float:
    """CPU seconds of a new process for the package and its model, best of three."""
    code = (
        "import time; start = time.process_time(); import tickets.triage; "
        "tickets.triage.load_shipped_model(); print(time.process_time() - start)"
    )
    return min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(3))


def list_set_figures(rows: Sequence[ReferenceText], model: Model) -> Iterable[tuple[str, str]]:
    """The figures of one set as lines of name and value."""
    verdicts = predict_all(rows, model)
    yield f"accuracy of {len(rows)}", f"{find_accuracy(rows, verdicts):.3f}"
    yield "macro-F1", f"{find_macro_f1(rows, verdicts):.3f}"
    for field in ("category", "language", "hard"):
        for value in sorted({getattr(row, field) for row in rows}):
            part = [pair for pair in zip(rows, verdicts, strict=True) if getattr(pair[0], field) == value]
            yield f"  {field} {value}", f"{find_accuracy(*map(list, zip(*part, strict=True))):.3f}"
    yield "calibration error", f"{measure(rows, model)['calibration_error']:.3f}"
    sure = [pair for pair in zip(rows, verdicts, strict=True) if not pair[1].needs_review]
    yield "category unsure", f"{1 - len(sure) / len(rows):.3f}"
    yield "  accuracy of the rest", f"{find_accuracy(*map(list, zip(*sure, strict=True))):.3f}"
    yield "accuracy of the most confident 80 %", f"{find_accuracy_of_surest(rows, verdicts):.3f}"


def list_model_figures(rows: Sequence[ReferenceText], model: Model) -> Iterable[tuple[str, str]]:
    """What is measured once, as lines of name and value."""
    foreign = [classify(text, model).needs_review for text in read_other_languages()]
    yield "other languages: category unsure", f"{fmean(foreign):.3f}"
    for name, perturb in PERTURBATIONS.items():
        yield f"points lost by {name}", f"{find_loss(rows, model, perturb):.2f}"
    yield "p95 of one ticket, ms", f"{find_p95(rows, model):.2f}"
    yield "import and model, s", f"{find_import_seconds():.3f}"
    yield "weight file, bytes", str(SHIPPED.stat().st_size)
    yield "words, character n-grams", f"{len(model.words.weights)}, {len(model.grams.weights)}"


def main() -> None:
    model = load_shipped_model()
    for name in (*SETS, *OTHER_SETS):
        print(f"Set {name}")
        print_figures(list_set_figures(read_set(name), model))
    print("All but the authors'")
    print_figures(list_set_figures(read_reference_texts(), model))
    print_figures(list_model_figures(read_reference_texts(), model))


def print_figures(figures: Iterable[tuple[str, str]]) -> None:
    for name, value in figures:
        print(f"{name:<38}{value}")


if __name__ == "__main__":
    main()
