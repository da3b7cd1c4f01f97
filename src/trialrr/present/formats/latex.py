r"""A table as a piece of LaTeX, to be taken in by \input.

A `longtable` over as many pages as it needs, as wide as the line, with the rules of `booktabs`. The
document needs the packages longtable, booktabs and array, and for a wide table a landscape page.
"""

from trialrr.present.formats import plain, shares
from trialrr.present.kit.table import Table
from trialrr.present.results import SYNTHETIC_SHORT
from trialrr.present.words import numbers

_MEANS = {
    **{"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}"},
    **{sign: f"\\{sign}" for sign in "#$%&_"},
    **{"^": r"\textasciicircum{}", "|": r"\textbar{}", '"': "''", "`": r"\textasciigrave{}"},
    **{sign: f"{{{sign}}}" for sign in "[]*"},  # after a line's end they would be arguments of it
    **{"–": "--", "—": "---", "“": "``", "”": "''", "‘": "`", "’": "'", "…": r"\dots{}"},
    "\N{NO-BREAK SPACE}": "~",
}
_MATHS = {
    **{"<": "<", ">": ">", "−": "-", "∞": r"\infty", "≥": r"\geq", "≤": r"\leq", "≠": r"\neq"},
    **{"±": r"\pm", "×": r"\times", "÷": r"\div", "·": r"\cdot", "≈": r"\approx"},
    **{"→": r"\rightarrow", "√": r"\surd", "²": "^2", "³": "^3", "°": r"^\circ"},
    **{"α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "Δ": r"\Delta"},
    **{"ε": r"\epsilon", "θ": r"\theta", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "µ": r"\mu"},
    **{"ν": r"\nu", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "Σ": r"\Sigma", "τ": r"\tau"},
    **{"φ": r"\phi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega"},
}
SIGNS = _MEANS | {sign: f"${maths}$" for sign, maths in _MATHS.items()}
"""Character → how LaTeX writes it. Letters with accents stand for themselves, in UTF-8."""
_ESCAPED = str.maketrans(SIGNS)


def escape(text: str) -> str:
    """`text` as LaTeX prints it."""
    return plain(text).translate(_ESCAPED)


def render(table: Table) -> str:
    r"""The table with caption, label `tab:<id>`, headings on every page, and notes below it."""
    span = len(table.columns) - table.grouped
    kept = " ".join(
        rf">{{\raggedright\arraybackslash}}p{{\dimexpr{share:.6f}\linewidth-2\tabcolsep\relax}}"
        for share in shares(table)
    )
    headings = " & ".join(
        rf"\textbf{{{escape(column)}}}" if column else ""
        for column in table.columns[table.grouped :]
    )
    again = f"Continued. {SYNTHETIC_SHORT}." if table.synthetic else "Continued."
    lines = [
        f"% {plain(table.caption)}",
        r"% Needs \usepackage{longtable,booktabs,array}",
        r"\begingroup\footnotesize\setlength{\tabcolsep}{3pt}\setlength{\LTcapwidth}{\linewidth}",
        rf"\begin{{longtable}}{{{kept}}}",
        rf"\caption{{{escape(table.caption)}}}\label{{tab:{table.id}}}\\",
        *(r"\toprule", rf"{headings} \\", r"\midrule", r"\endfirsthead"),
        rf"\caption[]{{{again}}}\\",
        *(r"\toprule", rf"{headings} \\", r"\midrule", r"\endhead"),
        *(r"\bottomrule", r"\endfoot"),
    ]
    for place, (heading, rows) in enumerate(table.blocks()):
        lines += [r"\addlinespace"] if place else []
        if heading:
            wide = r"p{\dimexpr\linewidth-2\tabcolsep\relax}"
            bold = rf"\raggedright\bfseries {escape(heading)}"
            lines.append(rf"\multicolumn{{{span}}}{{{wide}}}{{{bold}}} \\*")
        for row in rows:
            cells = (escape(numbers.minus(cell.text)) if cell.span else "" for cell in row)
            inset = r"\leftskip1em\relax " if heading and row[0].span else ""
            lines.append(rf"{inset}{' & '.join(cells)} \\")
    lines.append(r"\end{longtable}")
    lines += [rf"{{\raggedright\noindent {escape(note)}\par}}" for note in table.notes]
    lines.append(r"\endgroup")
    return "".join(f"{line}\n" for line in lines)
