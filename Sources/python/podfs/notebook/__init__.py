"""The extension of IPython: every cell a commit, and ``%podfs`` to look at them and go back.

    %load_ext podfs
    %podfs help

IPython is imported by nobody here: it hands over its shell, and that is all that is used.
"""
