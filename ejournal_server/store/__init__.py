"""Where the school's truth lives: records as JSON, the numbered log, the tree. The only place with SQL besides facts.

The same tables stand in an SQLCipher file with one writer and in PostgreSQL; every key begins with the school, so that
one database can hold the schools of a region.
"""
