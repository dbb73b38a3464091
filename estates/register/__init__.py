"""Bringing in the register: an office's own table, read as it was really written, compared, and applied whole.

`files` and `workbook` read cells, `columns` finds the header, `table` makes rows of it, `cells` understands a cell;
`places`, `organisations`, `managements` and `staff` compare rows with the register and apply them; `work` runs all
that for a file, `store` keeps it, `exports` gives the same columns back.
"""
