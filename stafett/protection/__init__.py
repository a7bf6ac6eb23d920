"""Protected addresses: who raises and eases the grade, who may read where the child is."""
