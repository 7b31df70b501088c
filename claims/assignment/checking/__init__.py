"""The blind evidence check: who brought none of a claim's evidence judges it by that; a difference goes back once.

After AVeriTeC (Schlichtkrull, Guo and Vlachos, NeurIPS 2023): a second annotator gives a verdict by the questions and
answers alone, and a claim whose verdicts differ is returned for more evidence and checked once more.
"""
